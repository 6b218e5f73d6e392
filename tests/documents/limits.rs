//! The page of limits, made of the constants themselves and of what is written above each.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// What the name of a limit has in it.
const SIGNS: [&str; 4] = ["LIMIT", "_PLACES", "_CAPACITY", "_KEPT"];

/// One named limit.
struct Limit {
    name: String,
    value: String,
    reason: String,
}

/// The table of each folder of `sources` in which there are limits, by file.
///
/// # Panics
/// A limit has no reason beside it.
pub fn tables(root: &Path, sources: &[&str]) -> String {
    let mut out = String::new();
    for source in sources {
        let mut files = Vec::new();
        collect(&root.join(source), &mut files);
        files.sort();
        write!(
            out,
            "\n## `{source}`\n\n| Limit | Value | In | Why |\n| --- | --- | --- | --- |\n"
        )
        .unwrap();
        for file in files {
            let shown = file.strip_prefix(root.join(source)).unwrap().to_str().unwrap();
            for Limit { name, value, reason } in limits(&fs::read_to_string(&file).unwrap()) {
                assert!(!reason.is_empty(), "{source}/{shown}: {name} has no reason beside it");
                writeln!(out, "| `{name}` | `{value}` | `{shown}` | {reason} |").unwrap();
            }
        }
    }
    out
}

/// The constants of a file outside its tests that are limits.
fn limits(text: &str) -> Vec<Limit> {
    let product = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
    let lines: Vec<_> = product.lines().map(str::trim).collect();
    let limit = |(at, line): (usize, &&str)| {
        let declared = line.split_once("const ")?.1;
        let (name, rest) = declared.split_once(": ")?;
        let (_, value) = rest.split_once(" = ")?;
        // One that opens a brace is a set of limits with names of their own.
        let is_limit = SIGNS.iter().any(|sign| name.contains(sign)) && value.ends_with(';');
        is_limit.then(|| Limit {
            name: name.to_owned(),
            value: value.trim_end_matches(';').to_owned(),
            reason: reason_above(&lines[..at]),
        })
    };
    lines.iter().enumerate().filter_map(limit).collect()
}

/// The comment that ends right here, as one line that a table can hold.
fn reason_above(lines: &[&str]) -> String {
    let comment: Vec<_> = lines.iter().rev().map_while(|line| line.strip_prefix("/// ")).collect();
    let words: Vec<_> = comment.into_iter().rev().collect();
    words
        .join(" ")
        .replace('|', "\\|")
        .replace("[`", "`")
        .replace("`]", "`")
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.is_dir() && name != "tests" {
            collect(&path, files);
        } else if name.ends_with(".rs") && !name.ends_with("tests.rs") {
            files.push(path);
        }
    }
}
