//! One file per subcommand.

pub mod run;
pub mod check;

use std::io::Write;

/// A line on standard error. That nobody reads it is no reason to end.
pub fn say(line: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}
