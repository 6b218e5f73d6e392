//! Where a condition looks inside a variable: `body.items[0].state`, `headers['x-cache']`.

use std::sync::Arc;

use cel::common::ast::{Expr, IdedExpr, LiteralValue, operators};

use super::Value;

/// A variable and the steps into it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Path {
    name: Arc<str>,
    root: String,
    steps: Vec<Step>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Field(String),
    Index(usize),
}

impl Path {
    /// The path that `expression` spells, if it is nothing but a path.
    pub(super) fn of(expression: &IdedExpr) -> Option<Self> {
        match &expression.expr {
            Expr::Ident(root) => Some(Self {
                name: root.as_str().into(),
                root: root.clone(),
                steps: Vec::new(),
            }),
            // `has(body.sku)` shows the field it asks about, where there is one.
            Expr::Select(select) => {
                let path = Self::of(&select.operand)?;
                Some(path.step(Step::Field(select.field.clone()), &format!(".{}", select.field)))
            }
            Expr::Call(call) if call.func_name == operators::INDEX => {
                let [operand, index] = call.args.as_slice() else {
                    return None;
                };
                let path = Self::of(operand)?;
                match &index.expr {
                    Expr::Literal(LiteralValue::String(key)) => {
                        let key = key.inner();
                        Some(path.step(Step::Field(key.to_owned()), &format!("['{key}']")))
                    }
                    Expr::Literal(LiteralValue::Int(index)) => {
                        let index = usize::try_from(*index.inner()).ok()?;
                        Some(path.step(Step::Index(index), &format!("[{index}]")))
                    }
                    _ => None,
                }
            }
            _ => None,
        }
    }

    fn step(mut self, step: Step, spelling: &str) -> Self {
        self.name = format!("{}{spelling}", self.name).into();
        self.steps.push(step);
        self
    }

    /// Whether `other` is this path or leads to something around it.
    pub(super) fn covers(&self, other: &Self) -> bool {
        self.root == other.root && self.steps.starts_with(&other.steps)
    }

    pub(super) fn name(&self) -> Arc<str> {
        Arc::clone(&self.name)
    }

    pub(super) fn root(&self) -> &str {
        &self.root
    }

    /// The value that the path leads to. `None`: there is nothing there.
    pub(super) fn follow(&self, root: &Value) -> Option<Value> {
        if self.steps.is_empty() {
            return Some(root.clone());
        }
        match root {
            Value::Json(document) => {
                let mut here = document.as_ref();
                for step in &self.steps {
                    here = match step {
                        Step::Field(name) => here.get(name)?,
                        Step::Index(index) => here.get(index)?,
                    };
                }
                Some(Value::Json(Arc::new(here.clone())))
            }
            Value::Map(map) => match self.steps.as_slice() {
                [Step::Field(key)] => Some(Value::Text(map.get(key)?.as_str().into())),
                _ => None,
            },
            Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::Text(_) | Value::Duration(_) => None,
        }
    }
}
