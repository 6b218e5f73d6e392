//! What settings say of a program beside its name, and what is wrong with that.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use probetop_core::setting::Finding;
use rustix::io::Errno;

use super::PATH;

/// The kernel itself reads no more of a script to find its interpreter (BINPRM_BUF_SIZE).
const FIRST_LINE_BYTES: u64 = 256;

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
            let message = format!("{name:?} is not a variable name; use letters, digits and _");
            findings.push(Finding::new(name, message).under("env"));
        } else if value.contains('\0') {
            let message = format!("the value of {name} has a NUL character; no program can be handed that");
            findings.push(Finding::new(name, message).under("env"));
        }
    }
    if let Some(directory) = directory.filter(|directory| !directory.is_absolute()) {
        let shown = directory.display().to_string();
        let message = format!("directory {shown:?} depends on where probetop was started; write it from /");
        findings.push(Finding::new("directory", message));
    }
    findings
}

/// Why `program` was not started. The system has one code for several reasons: what is missing may be the directory, the
/// program, or the interpreter that its first line names.
pub fn not_started(program: &Path, directory: Option<&Path>, error: &io::Error) -> String {
    if let Some(directory) = directory.filter(|directory| !directory.is_dir()) {
        return format!("cannot start in {}: no such directory", directory.display());
    }
    let shown = program.display();
    let why = match error.raw_os_error().map(Errno::from_raw_os_error) {
        Some(Errno::NOENT) => missing(program),
        Some(Errno::ACCESS) => forbidden(program),
        Some(Errno::NOEXEC) => {
            Some("it is neither a program for this machine nor a script that begins with #!".to_owned())
        }
        Some(_) | None => None,
    };
    format!("cannot start {shown}: {}", why.unwrap_or_else(|| words(error)))
}

/// The system's words without the code at their end.
fn words(error: &io::Error) -> String {
    let words = error.to_string();
    words.split(" (os error").next().unwrap_or_default().to_lowercase()
}

fn missing(program: &Path) -> Option<String> {
    if program.components().count() < 2 {
        return Some(format!("no such program in {PATH}"));
    }
    if !program.is_file() {
        return None;
    }
    let why = match interpreter(program) {
        Some(interpreter) if interpreter.ends_with('\r') => {
            format!("its first line has a Windows line ending, so the system looks for {interpreter:?}")
        }
        Some(interpreter) => format!("its first line asks for {interpreter:?}, which is not there"),
        None => "the loader it was built for is not there".to_owned(),
    };
    Some(why)
}

fn forbidden(program: &Path) -> Option<String> {
    let metadata = program.metadata().ok()?;
    if metadata.is_dir() {
        return Some("it is a directory".to_owned());
    }
    let nobody_may = metadata.permissions().mode() & 0o111 == 0;
    nobody_may.then(|| "it is not executable (chmod +x)".to_owned())
}

/// The interpreter in the first line of a script.
fn interpreter(program: &Path) -> Option<String> {
    let mut head = Vec::new();
    let file = File::open(program).ok()?;
    file.take(FIRST_LINE_BYTES).read_to_end(&mut head).ok()?;
    let line = head.strip_prefix(b"#!")?.split(|byte| *byte == b'\n').next()?;
    let line = String::from_utf8_lossy(line.trim_ascii_start()).into_owned();
    line.split([' ', '\t']).next().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn each_way_not_to_start_has_words_of_its_own() {
        let folder = tempfile::tempdir().unwrap();
        let check = |name: &str, content: Option<&str>, mode: u32, expected: &str| {
            let program = folder.path().join(name);
            if let Some(content) = content {
                fs::write(&program, content).unwrap();
                fs::set_permissions(&program, fs::Permissions::from_mode(mode)).unwrap();
            }
            let error = std::process::Command::new(&program).spawn().unwrap_err();
            let said = not_started(&program, None, &error);
            assert_eq!(said, format!("cannot start {}: {expected}", program.display()));
        };
        check("absent", None, 0, "no such file or directory");
        check("plain", Some("text"), 0o644, "it is not executable (chmod +x)");
        check(
            "elsewhere",
            Some("#! /no/such/shell -e\n"),
            0o755,
            "its first line asks for \"/no/such/shell\", which is not there",
        );
        let windows = "its first line has a Windows line ending, so the system looks for \"/bin/sh\\r\"";
        check("windows", Some("#!/bin/sh\r\necho\r\n"), 0o755, windows);
        fs::create_dir(folder.path().join("folder")).unwrap();
        check("folder", None, 0, "it is a directory");
        let name = Path::new("no-such-program");
        // As programs are started, and not by the path of whoever runs the tests, who may not look into all of it.
        let error = std::process::Command::new(name).env("PATH", PATH).spawn().unwrap_err();
        assert_eq!(
            not_started(name, None, &error),
            format!("cannot start no-such-program: no such program in {PATH}")
        );
        let full = io::Error::from_raw_os_error(Errno::MFILE.raw_os_error());
        assert_eq!(
            not_started(name, None, &full),
            "cannot start no-such-program: too many open files"
        );
        assert_eq!(
            not_started(name, Some(Path::new("/no/such")), &full),
            "cannot start in /no/such: no such directory"
        );
    }
}
