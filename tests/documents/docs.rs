//! What the documents say, held against the program: generated parts are current, what a reader copies works, and every
//! name that is mentioned exists.
//!
//! `UPDATE_DOCS=1 cargo test --test documents` writes the generated parts anew.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use clap::Parser as _;
use probetop::cli::Cli;
use probetop::config::{Config, Overrides, reference};
use probetop::export::{self, json};
use probetop_core::clock::Timestamp;
use probetop_core::sample::{FailureKind, Purpose};
use probetop_core::snapshot::{ComparisonQuery, HOST_FIGURES, Query, Side, Span, Stretch, StretchTarget};
use probetop_screen::ui::keys;
use serde_json::Value;

use crate::limits;
use crate::support::fixture_load;
use crate::support::fixture_snapshot;
use crate::support::waiting;

const README: &str = "README.md";
const ARCHITECTURE: &str = "ARCHITECTURE.md";
const CONTRIBUTING: &str = "CONTRIBUTING.md";
const CONFIGURATION: &str = "docs/configuration.md";
const SNAPSHOT: &str = "docs/snapshot.md";
const BASELINE: &str = "docs/baseline.md";
const THEMES: &str = "docs/themes.md";
const LIMITS: &str = "docs/limits.md";
const KEYS: &str = "docs/keys.md";
const FAILURES: &str = "docs/failures.md";
const LOAD_DOCUMENT: &str = "docs/load-document.md";

const DOCUMENTS: [&str; 20] = [
    README,
    ARCHITECTURE,
    CONTRIBUTING,
    CONFIGURATION,
    SNAPSHOT,
    BASELINE,
    THEMES,
    LIMITS,
    KEYS,
    FAILURES,
    LOAD_DOCUMENT,
    "docs/load.md",
    "docs/watch-a-load-test.md",
    "docs/find-the-spike.md",
    "docs/before-and-after.md",
    "docs/alerts.md",
    "docs/in-ci.md",
    "docs/over-ssh.md",
    "docs/cost.md",
    "docs/figures.md",
];

/// Where the source of each package is, in the order of the story.
const SOURCES: [&str; 5] = [
    "crates/core/src",
    "crates/engine/src",
    "crates/probe/src",
    "crates/screen/src",
    "src",
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Fails with every finding at once.
fn expect_none(rule: &str, findings: &[String]) {
    assert!(findings.is_empty(), "{rule}:\n  {}", findings.join("\n  "));
}

/// Holds what stands between `<!-- name -->` and `<!-- /name -->` against what the program says, or writes it.
fn check_generated(document: &str, name: &str, current: &str) {
    let text = read(document);
    let (begin, end) = (format!("<!-- {name} -->\n"), format!("<!-- /{name} -->"));
    let parts = text
        .split_once(&begin)
        .and_then(|(before, rest)| Some((before, rest.split_once(&end)?)));
    let Some((before, (written, after))) = parts else {
        panic!("{document} has no part {name}");
    };
    let current = format!("\n{}\n\n", current.trim_end());
    if written == current {
        return;
    }
    assert!(
        std::env::var_os("UPDATE_DOCS").is_some(),
        "{document}: {name} is out of date; UPDATE_DOCS=1 cargo test --test documents writes it anew"
    );
    fs::write(root().join(document), format!("{before}{begin}{current}{end}{after}")).unwrap();
}

/// The texts of all code blocks in `language`.
fn blocks(document: &str, language: &str) -> Vec<String> {
    let text = read(document);
    let fence = format!("```{language}\n");
    let opened = text.split(&fence).skip(1);
    opened
        .map(|rest| rest.split("```").next().unwrap_or_default().to_owned())
        .collect()
}

/// Everything in single backticks, outside code blocks.
fn quoted(text: &str) -> Vec<&str> {
    let outside = text.split("```").step_by(2);
    outside.flat_map(|part| part.split('`').skip(1).step_by(2)).collect()
}

fn failure_table() -> String {
    let mut table = String::from("| Kind | What to look at first |\n| --- | --- |\n");
    for kind in FailureKind::ALL {
        let _ = writeln!(table, "| `{}` | {} |", kind.name(), kind.remedy());
    }
    table
}

#[test]
fn the_tables_of_keys_settings_failures_and_limits_are_current() {
    check_generated(CONFIGURATION, "reference", &reference::markdown());
    check_generated(KEYS, "keys", &keys::table_markdown());
    check_generated(FAILURES, "failures", &failure_table());
    check_generated(LIMITS, "limits", &limits::tables(root(), &SOURCES));
}

#[test]
fn every_command_a_reader_copies_is_understood() {
    let mut findings = Vec::new();
    let mut seen = 0;
    for document in DOCUMENTS {
        for line in blocks(document, "console").iter().flat_map(|block| block.lines()) {
            let Some(typed) = line.strip_prefix("$ ") else { continue };
            for words in commands(typed).filter(|words| words[0] == "probetop") {
                seen += 1;
                if let Err(error) = Cli::try_parse_from(words) {
                    findings.push(format!("{document}: {line}: {error}"));
                }
            }
        }
    }
    assert!(seen >= 10, "only {seen} commands were found");
    expect_none("a command of the documents is refused", &findings);
}

/// The commands of a line of shell, as words. Variables set before a command, and where its output goes, are left out. What
/// stands in quotes is one word, whatever is in it; no command of ours has a quote within a word.
fn commands(line: &str) -> impl Iterator<Item = Vec<String>> {
    let line = line.split(" # ").next().unwrap_or_default();
    let mut commands = vec![Vec::new()];
    let mut is_redirected = false;
    for (index, part) in line.split('\'').enumerate() {
        if index % 2 == 1 {
            commands.last_mut().expect("there is one").push(part.to_owned());
            continue;
        }
        for (nth, piece) in part.split(['|', '&', ';']).enumerate() {
            if nth > 0 {
                commands.push(Vec::new());
                is_redirected = false;
            }
            let words = if is_redirected {
                ""
            } else {
                piece.split('>').next().unwrap_or_default()
            };
            is_redirected |= piece.contains('>');
            let words = words.split_whitespace().map(str::to_owned);
            commands.last_mut().expect("there is one").extend(words);
        }
    }
    let set = |word: &String| word.split_once('=').is_some_and(|(name, _)| is_variable(name));
    let bare = move |words: Vec<String>| words.into_iter().skip_while(set).collect::<Vec<_>>();
    commands.into_iter().map(bare).filter(|words| !words.is_empty())
}

fn is_variable(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_uppercase() || c == '_')
}

#[test]
fn every_configuration_a_reader_copies_loads() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("probetop.toml");
    let mut seen = 0;
    for document in DOCUMENTS {
        for block in blocks(document, "toml") {
            fs::write(&file, &block).unwrap();
            let overrides = Overrides {
                file: Some(file.clone()),
                ..Overrides::default()
            };
            let loaded = Config::load(&overrides, &|_name| Some("secret".to_owned()));
            let config = loaded.unwrap_or_else(|problems| panic!("{document}: {problems}\n{block}"));
            assert!(config.warnings.is_empty(), "{document}: {:?}\n{block}", config.warnings);
            seen += 1;
        }
    }
    assert!(seen >= 2, "only {seen} configurations were found");
}

#[test]
fn every_link_between_the_documents_leads_somewhere() {
    let mut findings = Vec::new();
    for document in DOCUMENTS {
        let text = read(document);
        let folder = root().join(document).parent().unwrap().to_owned();
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            if link.contains("://") {
                continue;
            }
            let (path, heading) = link.split_once('#').unwrap_or((link, ""));
            let path = if path.is_empty() {
                root().join(document)
            } else {
                folder.join(path)
            };
            let found = path.exists() && (heading.is_empty() || headings(&path).contains(heading));
            if !found {
                findings.push(format!("{document} links to {link}"));
            }
        }
    }
    expect_none("a link leads nowhere", &findings);
}

/// The headings of a document in the form in which links name them.
fn headings(path: &Path) -> BTreeSet<String> {
    let text = fs::read_to_string(path).unwrap();
    let titles = text.lines().filter(|line| line.starts_with('#'));
    titles
        .map(|line| line.trim_start_matches('#').trim().to_lowercase())
        .map(|title| {
            title
                .chars()
                .filter(|c| c.is_alphanumeric() || "- ".contains(*c))
                .collect::<String>()
        })
        .map(|title| title.replace(' ', "-"))
        .collect()
}

#[test]
fn every_document_is_looked_at() {
    let pages = fs::read_dir(root().join("docs"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name());
    let pages = pages.filter_map(|name| Some(format!("docs/{}", name.to_str()?)));
    let unknown = pages.filter(|page| page.ends_with(".md") && !DOCUMENTS.contains(&page.as_str()));
    expect_none(
        "a document is not among those that are checked",
        &unknown.collect::<Vec<_>>(),
    );
}

#[test]
fn every_room_is_in_the_architecture() {
    let text = read(ARCHITECTURE);
    let named: BTreeSet<_> = quoted(&text).into_iter().collect();
    let mut findings = Vec::new();
    for source in SOURCES {
        for entry in fs::read_dir(root().join(source)).unwrap() {
            let path = entry.unwrap().path();
            let room = path.file_stem().unwrap().to_str().unwrap().to_owned();
            if room != "lib"
                && !named.contains(room.as_str())
                && !named.contains(format!("{source}/{room}.rs").as_str())
            {
                findings.push(format!("{source}/{room}"));
            }
        }
    }
    expect_none("a room is not told of", &findings);
}

#[test]
fn every_file_the_documents_name_exists() {
    let mut findings = Vec::new();
    for document in [ARCHITECTURE, CONTRIBUTING] {
        for name in quoted(&read(document)).into_iter().filter(|name| is_path(name)) {
            let is_there = |folder: &str| root().join(folder).join(name).exists();
            if !is_there("") && !SOURCES.into_iter().any(is_there) {
                findings.push(format!("{document} names {name}"));
            }
        }
    }
    expect_none("a file is not there", &findings);
}

/// Paths of the repository, and none of the system, of headers or of URLs. Capitals stand for a name to be chosen.
fn is_path(text: &str) -> bool {
    let plain = text
        .chars()
        .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-/".contains(c));
    let file = [".rs", ".toml", ".snap"].iter().any(|end| text.ends_with(end));
    plain && !text.starts_with('/') && (file || text.contains('/')) && text != "probetop.toml"
}

#[test]
fn every_field_of_the_snapshot_document_is_described() {
    let folder = tempfile::tempdir().unwrap();
    let mut found = BTreeSet::new();
    collect("", &demo_document(folder.path()), &mut found);
    let mut fixed = BTreeSet::new();
    collect("", &fixture_document(), &mut fixed);
    found.extend(fixed.iter().cloned());
    let described = described_fields(SNAPSHOT);
    let findings: Vec<_> = found.difference(&described).cloned().collect();
    expect_none("docs/snapshot.md does not describe", &findings);
    // Of the fixture alone: what a run has depends on its machine.
    let findings: Vec<_> = described.difference(&fixed).cloned().collect();
    expect_none("docs/snapshot.md describes what no document has", &findings);
}

#[test]
fn every_field_of_the_baseline_document_is_described() {
    let mut found = BTreeSet::new();
    let mut host: [Vec<f32>; HOST_FIGURES.len()] = Default::default();
    host.fill(vec![1.0]);
    let written = export::baseline::write(&Stretch {
        side: Side {
            from: SystemTime::UNIX_EPOCH,
            length: Duration::from_secs(1),
            file: None,
        },
        step: Duration::from_secs(1),
        targets: vec![StretchTarget {
            id: None,
            name: "a".into(),
            url: "tcp://a.example:1".into(),
            kind: "tcp".into(),
            purpose: Purpose::default(),
            points: Arc::default(),
            spreads: Arc::default(),
            latency: [None; 3],
        }],
        host,
    });
    collect("", &serde_json::from_slice(&written).unwrap(), &mut found);
    let described = described_fields(BASELINE);
    let findings: Vec<_> = found.symmetric_difference(&described).cloned().collect();
    expect_none("docs/baseline.md and the document differ in", &findings);
}

#[test]
fn every_field_of_the_load_document_is_described() {
    let mut found = BTreeSet::new();
    let written = export::load::json::line(&fixture_load::report());
    collect("", &serde_json::from_slice(&written).unwrap(), &mut found);
    let described = described_fields(LOAD_DOCUMENT);
    let findings: Vec<_> = found.symmetric_difference(&described).cloned().collect();
    expect_none("docs/load-document.md and the document differ in", &findings);
}

/// What no run of some seconds comes to.
fn fixture_document() -> Value {
    let before = Some(Span {
        from: Timestamp::ZERO,
        to: Timestamp::from_secs(60),
    });
    let query = Query {
        comparison: Some(ComparisonQuery {
            before,
            ..ComparisonQuery::default()
        }),
        ..Query::default()
    };
    let snapshot = fixture_snapshot::with_marks(fixture_snapshot::answer(12, 3600, &query), 3600);
    serde_json::from_slice(&json::line(&snapshot)).unwrap()
}

/// What a real run on the demo, with failures and alerts, writes.
fn demo_document(folder: &Path) -> Value {
    let program = PathBuf::from(env!("CARGO_BIN_EXE_probetop"));
    let mut run = Command::new(program);
    run.args(["run", "--for", "8s", "--output", "json", "--fail-on", "never"])
        .args(["demo://", "nobody=tcp://127.0.0.1:1"])
        .current_dir(folder)
        .env("XDG_CONFIG_HOME", folder);
    let run = waiting::output(&mut run);
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    serde_json::from_slice(&run.stdout).unwrap()
}

/// Maps whose keys are data: one description stands for all of them.
const OPEN_MAPS: [&str; 7] = [
    "targets[].last.facts",
    "targets[].windows",
    "targets[].windows.*.failures",
    "targets[].windows.*.phases_us",
    "targets[].gauges",
    "whole.phases_us",
    "stages[].figures.phases_us",
];

/// Maps whose keys are data and whose values say nothing more.
const TALLIES: [&str; 2] = ["whole.statuses", "stages[].figures.statuses"];

fn collect(path: &str, value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(_) if TALLIES.contains(&path) => {}
        Value::Object(fields) => {
            for (name, field) in fields {
                let name = if OPEN_MAPS.contains(&path) { "*" } else { name };
                let inner = if path.is_empty() {
                    name.to_owned()
                } else {
                    format!("{path}.{name}")
                };
                collect(&inner, field, found);
                found.insert(inner);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(&format!("{path}[]"), item, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// A heading names a path, and the first column of the tables below it the fields there.
fn described_fields(document: &str) -> BTreeSet<String> {
    let mut described = BTreeSet::new();
    let mut paths: Vec<String> = Vec::new();
    for line in read(document).lines() {
        if line.starts_with('#') {
            paths = quoted(line).into_iter().map(str::to_owned).collect();
        } else if let Some(cell) = line.strip_prefix("| `").and_then(|row| row.split(" | ").next()) {
            for name in cell.split('`').step_by(2).filter(|name| !name.trim().is_empty()) {
                described.extend(paths.iter().map(|path| match path.as_str() {
                    "." => name.to_owned(),
                    path => format!("{path}.{name}"),
                }));
            }
        }
    }
    described
}
