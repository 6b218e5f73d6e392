//! Tests of what belongs to the whole process, such as its memory, descriptors and children, one after the other. Nothing
//! else runs beside them.

#[path = "../support/mod.rs"]
mod support;

mod exec_leaks;
mod neighbours;
mod orphans;

use std::sync::{Mutex, MutexGuard, PoisonError};

/// A test's turn, held for its whole length. One that failed in its turn does not keep the next from having its own.
fn turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}
