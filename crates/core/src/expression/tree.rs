//! A condition as a tree of calls and names.

use cel::common::ast::{EntryExpr, Expr, IdedExpr};

/// What stands directly below.
pub(super) fn parts(expr: &mut Expr) -> Vec<&mut IdedExpr> {
    fn value(entry: &mut EntryExpr) -> Vec<&mut IdedExpr> {
        match entry {
            EntryExpr::StructField(field) => vec![&mut field.value],
            EntryExpr::MapEntry(entry) => vec![&mut entry.key, &mut entry.value],
        }
    }
    match expr {
        Expr::Unspecified | Expr::Literal(_) | Expr::Ident(_) => Vec::new(),
        Expr::Select(select) => vec![&mut select.operand],
        Expr::Call(call) => {
            let target = call.target.as_deref_mut();
            target.into_iter().chain(&mut call.args).collect()
        }
        Expr::List(list) => list.elements.iter_mut().collect(),
        Expr::Map(map) => map
            .entries
            .iter_mut()
            .flat_map(|entry| value(&mut entry.expr))
            .collect(),
        Expr::Struct(object) => object
            .entries
            .iter_mut()
            .flat_map(|entry| value(&mut entry.expr))
            .collect(),
        Expr::Comprehension(fold) => vec![
            &mut fold.iter_range,
            &mut fold.accu_init,
            &mut fold.loop_cond,
            &mut fold.loop_step,
            &mut fold.result,
        ],
    }
}
