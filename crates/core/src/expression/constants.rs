//! Calls that always come to the same: `duration('500ms')` is read once, when its condition is compiled, and not for each
//! row and each second that the condition is judged on.

use std::sync::Arc;

use cel::common::ast::{Expr, IdedExpr, LiteralValue};
use cel::common::value::{CowVal, Val};
use cel::{Context, Env};

use super::tree;

/// Functions that read what is written in a text.
const READERS: [&str; 2] = ["duration", "timestamp"];

/// Begins the names that stand in the condition in place of what was read; no condition can write one.
const PREFIX: &str = "@constant";

/// What was read, in the order in which it is named.
pub(super) struct Constants(Vec<Box<dyn Val>>);

impl Constants {
    /// Reads the constants of `root` and leaves their names in it. What cannot be read stays, and is an error when the
    /// condition is judged.
    pub(super) fn taken_from(root: &mut IdedExpr, environment: &Arc<Env>) -> Self {
        let mut constants = Self(Vec::new());
        let context = Context::with_env(Arc::clone(environment));
        let mut pending = vec![root];
        while let Some(node) = pending.pop() {
            if is_constant(&node.expr)
                && let Ok(value) = cel::Value::resolve(node, &context)
                && let Ok(value) = value.try_into()
            {
                node.expr = Expr::Ident(format!("{PREFIX}{}", constants.0.len()));
                constants.0.push(value);
            }
            pending.extend(tree::parts(&mut node.expr));
        }
        constants
    }

    /// `None`: `name` is not a constant.
    pub(super) fn get(&self, name: &str) -> Option<CowVal<'_, '_>> {
        let index: usize = name.strip_prefix(PREFIX)?.parse().ok()?;
        Some(CowVal::Borrowed(self.0.get(index)?.as_ref()))
    }
}

fn is_constant(expr: &Expr) -> bool {
    let Expr::Call(call) = expr else { return false };
    let is_text = |argument: &IdedExpr| matches!(argument.expr, Expr::Literal(LiteralValue::String(_)));
    call.target.is_none()
        && READERS.contains(&call.func_name.as_str())
        && call.args.len() == 1
        && call.args.iter().all(is_text)
}
