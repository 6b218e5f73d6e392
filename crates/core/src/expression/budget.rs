//! What judging a condition may cost: the data it loops over is chosen by a server.
//!
//! The library has no limit of its own. So every loop of a compiled condition (`all`, `exists`, `exists_one`, `map`,
//! `filter`) is given a step before each turn: a name of ours, which the library asks for like any variable, and which
//! there is only as long as the budget lasts. Without it the loop ends in an error, and so do those around it.

use std::sync::atomic::{AtomicU64, Ordering};

use cel::common::ast::{CallExpr, Expr, IdedExpr, LiteralValue, operators};

use super::Value;
use super::tree::parts;

/// Steps of any condition: a loop over what is written in it is short.
const STEPS_LEAST: u64 = 10_000;

/// A loop within a loop over a few hundred items, such as whether each has an id of its own.
const STEPS_LIMIT: u64 = 200_000;

/// Steps for each value of the data.
const STEPS_PER_VALUE: u64 = 200;

/// Bytes of text that cost as much as one value.
const VALUE_BYTES: u64 = 64;

/// Values that are copied or compared in the time of one step.
const VALUES_PER_STEP: u64 = 16;

/// One turn of a loop.
const STEP: &str = "@step";

/// One turn of a loop that may look at all of the data.
const WIDE_STEP: &str = "@wide_step";

/// Functions that take longer the longer what they are given is.
const LINEAR: [&str; 8] = [
    operators::IN,
    operators::ADD,
    "bytes",
    "contains",
    "endsWith",
    "matches",
    "startsWith",
    "string",
];

/// How many steps are left.
#[derive(Debug)]
pub(super) struct Budget {
    left: AtomicU64,
    wide_step: u64,
    pub steps: u64,
}

impl Budget {
    /// For a condition over `data`.
    pub(super) fn over<'a>(data: impl Iterator<Item = &'a Value>) -> Self {
        let values: u64 = data.map(values).sum();
        let steps = STEPS_LIMIT.min(STEPS_LEAST + values.saturating_mul(STEPS_PER_VALUE));
        Self {
            left: AtomicU64::new(steps),
            wide_step: 1 + values / VALUES_PER_STEP,
            steps,
        }
    }

    /// `None`: `name` is not a step. Otherwise whether there is one more.
    pub(super) fn take(&self, name: &str) -> Option<bool> {
        let cost = match name {
            STEP => 1,
            WIDE_STEP => self.wide_step,
            _ => return None,
        };
        let left = self.left.load(Ordering::Relaxed);
        self.left.store(left.saturating_sub(cost), Ordering::Relaxed);
        Some(left > 0)
    }

    pub(super) fn is_used_up(&self) -> bool {
        self.left.load(Ordering::Relaxed) == 0
    }
}

/// What `value` holds, in values.
fn values(value: &Value) -> u64 {
    match value {
        Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::Duration(_) => 1,
        Value::Text(text) => of_text(text),
        Value::Json(json) => of_json(json),
        Value::Map(map) => map.values().map(|text| 1 + of_text(text)).sum(),
    }
}

fn of_text(text: &str) -> u64 {
    1 + text.len() as u64 / VALUE_BYTES
}

fn of_json(json: &serde_json::Value) -> u64 {
    match json {
        serde_json::Value::String(text) => of_text(text),
        serde_json::Value::Array(items) => 1 + items.iter().map(of_json).sum::<u64>(),
        serde_json::Value::Object(entries) => {
            let entry = |(key, value): (&String, &serde_json::Value)| of_text(key) + of_json(value);
            1 + entries.iter().map(entry).sum::<u64>()
        }
        _one => 1,
    }
}

/// Puts a step before each turn of the loops in `root`; gives whether there are any.
pub(super) fn meter(root: &mut IdedExpr) -> bool {
    let mut meter = Meter::default();
    meter.visit(root);
    meter.loops > 0
}

#[derive(Default)]
struct Meter {
    loops: usize,
    /// Names that the loops around the current node have bound.
    scope: Vec<String>,
}

impl Meter {
    fn visit(&mut self, node: &mut IdedExpr) {
        match &mut node.expr {
            Expr::Comprehension(fold) => {
                self.loops += 1;
                self.visit(&mut fold.iter_range);
                self.visit(&mut fold.accu_init);
                let outer = self.scope.len();
                self.scope.extend([fold.iter_var.clone(), fold.accu_var.clone()]);
                self.scope.extend(fold.iter_var2.clone());
                // Where nothing ends a loop early it collects, or counts.
                let collects = matches!(fold.loop_cond.expr, Expr::Literal(_));
                let grows = matches!(fold.accu_init.expr, Expr::List(_));
                let step = self.step(&fold.loop_step, outer > 0, grows);
                self.visit(&mut fold.loop_cond);
                self.visit(&mut fold.loop_step);
                self.visit(&mut fold.result);
                self.scope.truncate(outer);
                if collects {
                    before_collecting(&mut fold.loop_step, step, &fold.accu_var);
                } else {
                    first(
                        &mut fold.loop_cond,
                        step,
                        Expr::Literal(LiteralValue::Boolean(false.into())),
                    );
                }
            }
            other => parts(other).into_iter().for_each(|part| self.visit(part)),
        }
    }

    /// What one turn costs. It may copy all of the data, or look through it, where it names a variable of the condition;
    /// within another loop, where it makes a list, or calls what takes its time.
    fn step(&self, turn: &IdedExpr, nested: bool, grows: bool) -> &'static str {
        let mut turn = turn.clone();
        // A loop further in binds its own names, and has a step of its own.
        let mut bound = self.scope.clone();
        let mut pending = vec![&mut turn];
        let mut is_wide = nested && grows;
        while let Some(node) = pending.pop() {
            is_wide |= match &node.expr {
                Expr::Ident(name) => !name.starts_with('@') && !bound.contains(name),
                Expr::Call(call) => nested && LINEAR.contains(&call.func_name.as_str()) && !counts(call),
                _ => false,
            };
            if let Expr::Comprehension(fold) = &node.expr {
                bound.push(fold.iter_var.clone());
            }
            pending.extend(parts(&mut node.expr));
        }
        if is_wide { WIDE_STEP } else { STEP }
    }
}

/// The step comes before what is collected: the library builds a list quickly only where it knows the form of the turn.
fn before_collecting(turn: &mut IdedExpr, step: &'static str, collected: &str) {
    match &mut turn.expr {
        Expr::Call(call) if call.func_name == operators::CONDITIONAL && call.args.len() == 3 => {
            first(
                &mut call.args[0],
                step,
                Expr::Literal(LiteralValue::Boolean(false.into())),
            );
        }
        _ => first(turn, step, Expr::Ident(collected.to_owned())),
    }
}

/// `node`, but a step before; `otherwise` never comes to be, since a step that there is not is an error.
fn first(node: &mut IdedExpr, step: &str, otherwise: Expr) {
    let id = node.id;
    let ided = |expr| IdedExpr { id, expr };
    let inner = std::mem::take(node);
    *node = ided(Expr::Call(CallExpr {
        func_name: operators::CONDITIONAL.to_owned(),
        target: None,
        args: vec![ided(Expr::Ident(step.to_owned())), inner, ided(otherwise)],
    }));
}

/// Whether the call adds one number to another, and not a text or a list.
fn counts(call: &CallExpr) -> bool {
    let is_number = |argument: &IdedExpr| {
        matches!(
            argument.expr,
            Expr::Literal(LiteralValue::Int(_) | LiteralValue::UInt(_) | LiteralValue::Double(_))
        )
    };
    call.func_name == operators::ADD && call.args.iter().any(is_number)
}
