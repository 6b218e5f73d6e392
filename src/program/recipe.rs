//! What settings say of a program beside its name, and what is wrong with that.

use std::collections::BTreeMap;
use std::path::Path;

use crate::setting::Finding;

/// What is wrong with the words in the list `key`, with `env` and with `directory`, and what to write instead.
pub fn findings(key: &str, words: &[String], env: &BTreeMap<String, String>, directory: Option<&Path>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (index, word) in words.iter().enumerate() {
        if word.contains('\0') {
            let message = "an argument has a NUL character; no program can be handed that";
            findings.push(Finding::new(key, message).item(index));
        }
    }
    for (name, value) in env {
        if name.is_empty() || name.contains(['=', '\0']) {
            let message = format!("{name:?} is no name of a variable; use letters, digits and _");
            findings.push(Finding::new(name, message).under("env"));
        } else if value.contains('\0') {
            let message = format!("the value of {name} has a NUL character; no program can be handed that");
            findings.push(Finding::new(name, message).under("env"));
        }
    }
    if let Some(directory) = directory.filter(|directory| !directory.is_absolute()) {
        let message = format!("directory {directory:?} depends on where probetop was started; write it from /");
        findings.push(Finding::new("directory", message));
    }
    findings
}

/// Why `program` was not started; a missing directory would read like a missing program.
pub fn not_started(program: &Path, directory: Option<&Path>, reason: &str) -> String {
    match directory.filter(|directory| !directory.is_dir()) {
        Some(directory) => format!("cannot start in {}: no such directory", directory.display()),
        None => format!("cannot start {}: {reason}", program.display()),
    }
}
