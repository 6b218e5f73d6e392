//! The rooms and who may know whom, read from the source itself. ARCHITECTURE.md tells why.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Each package, and where its source is. Which packages it knows is in its Cargo.toml.
const PACKAGES: [(&str, &str); 5] = [
    ("probetop_core", "crates/core/src"),
    ("probetop_engine", "crates/engine/src"),
    ("probetop_probe", "crates/probe/src"),
    ("probetop_screen", "crates/screen/src"),
    ("probetop", "src"),
];

/// Each room and the rooms it may name: those of its own package, and, in the package that knows all others, of any.
/// `run` and `command` see everyone.
const MAY_KNOW: [(&str, &[&str]); 28] = [
    ("clock", &[]),
    ("suggest", &[]),
    ("setting", &[]),
    ("sample", &["clock"]),
    ("redact", &["sample"]),
    ("expression", &["sample", "suggest"]),
    ("profile", &["setting"]),
    ("snapshot", &["clock", "profile", "sample"]),
    ("wire", &["clock", "expression", "sample", "setting", "snapshot"]),
    ("metric", &[]),
    ("judge", &[]),
    ("alert", &[]),
    ("monitor", &["alert", "judge", "metric"]),
    ("journal", &["alert", "judge", "monitor"]),
    ("history", &["journal", "monitor"]),
    ("file", &[]),
    ("program", &[]),
    ("handshake", &[]),
    ("worker", &[]),
    ("source", &["file", "handshake", "program", "worker"]),
    ("load", &["source", "worker"]),
    ("ui", &[]),
    (
        "notify",
        &[
            "clock",
            "file",
            "handshake",
            "program",
            "redact",
            "sample",
            "setting",
            "snapshot",
            "worker",
        ],
    ),
    ("export", &["clock", "profile", "sample", "setting", "snapshot"]),
    (
        "config",
        &[
            "alert", "export", "file", "judge", "notify", "redact", "sample", "setting", "snapshot", "source",
            "suggest", "ui",
        ],
    ),
    (
        "cli",
        &[
            "config", "judge", "load", "profile", "sample", "setting", "source", "suggest", "ui",
        ],
    ),
    ("run", EVERYONE),
    ("command", EVERYONE),
];

const EVERYONE: &[&str] = &["*"];

/// Where an outside library may be named: replacing it touches these files alone.
const HOMES: &[(&str, &[&str])] = &[
    ("clap", &["cli", "main.rs"]),
    ("clap_complete", &["cli"]),
    ("clap_mangen", &["cli"]),
    ("cel", &["expression"]),
    ("chrono", &["expression"]),
    ("regex", &["expression"]),
    ("hyper", &["source/http", "source/grpc", "source/demo"]),
    ("hyper_util", &["source/http", "source/grpc", "source/demo"]),
    ("http_body_util", &["source/http", "source/grpc", "source/demo"]),
    ("tokio_rustls", &["source/tls", "handshake.rs", "notify/tls.rs"]),
    ("flate2", &["source/http"]),
    ("brotli_decompressor", &["source/http"]),
    ("ruzstd", &["source/http"]),
    ("encoding_rs", &["source/http"]),
    ("x509_parser", &["source/tls"]),
    ("tokio_tungstenite", &["source/websocket"]),
    ("httparse", &["source/http/head", "source/http/http1"]),
    ("postgres_protocol", &["source/postgres"]),
    ("fallible_iterator", &["source/postgres"]),
    (
        "percent_encoding",
        &[
            "config",
            "source/http/credentials.rs",
            "source/http/session.rs",
            "source/login.rs",
            "source/endpoint.rs",
            "source/postgres",
            "source/process.rs",
            "source/zone.rs",
        ],
    ),
    ("futures_util", &["source/tls", "source/websocket"]),
    ("sysinfo", &["source/host"]),
    ("ratatui", &["ui"]),
    ("png", &["ui/picture"]),
    ("crossterm", &["ui/terminal", "ui/keys"]),
    ("signal_hook", &["run/signal.rs"]),
    ("strsim", &["suggest.rs"]),
    ("aho_corasick", &["redact"]),
    ("base64", &["redact", "notify/email", "source/http", "ui/terminal"]),
    ("csv", &["export/csv.rs"]),
    ("crc32fast", &["journal"]),
    ("foldhash", &["alert.rs"]),
    ("reqwest", &["notify/http.rs"]),
    ("lettre", &["notify/email"]),
    ("minijinja", &["notify/template.rs"]),
];

/// Rooms without I/O, threads and ambient time.
const PURE: [&str; 15] = [
    "profile",
    "sample",
    "wire",
    "metric",
    "judge",
    "alert",
    "monitor",
    "snapshot",
    "journal",
    "export",
    "ui/view",
    "ui/pane",
    "ui/widget",
    "ui/layout",
    "ui/column",
];

const IMPURE: [&str; 8] = [
    "std::fs",
    "std::net::TcpStream",
    "std::thread",
    "std::process",
    "std::io::stdout",
    "tokio::",
    "Instant::now",
    "SystemTime::now",
];

/// A source file: its package, its path below the package's `src`, and its text without tests and comments.
struct Module {
    package: &'static str,
    path: String,
    text: String,
    code: String,
}

impl Module {
    /// The first folder or file below `src`.
    fn room(&self) -> &str {
        self.path.split(['/', '.']).next().unwrap()
    }

    /// Whether this is `place` itself or below it; `ui/keys` stands for the file and the folder.
    fn is_in(&self, place: &str) -> bool {
        self.path == place
            || self
                .path
                .strip_prefix(place)
                .is_some_and(|rest| rest.starts_with(['/', '.']))
    }

    /// Whether `library` is named as the head of a path.
    fn names(&self, library: &str) -> bool {
        let head = format!("{library}::");
        self.code.match_indices(&head).any(|(at, _)| {
            let before = self.code[..at].chars().next_back();
            !before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':')
        })
    }
}

fn modules() -> Vec<Module> {
    let modules: Vec<_> = PACKAGES.into_iter().flat_map(modules_of).collect();
    assert!(modules.len() > 50, "the source was found");
    modules
}

fn modules_of((package, folder): (&'static str, &str)) -> Vec<Module> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut files = Vec::new();
    collect(&source, &mut files);
    let read = |file: PathBuf| {
        let text = fs::read_to_string(&file).unwrap();
        let path = file.strip_prefix(&source).unwrap().to_str().unwrap().to_owned();
        let is_tests = path.ends_with("tests.rs");
        let product = if is_tests {
            ""
        } else {
            text.split("#[cfg(test)]\nmod tests").next().unwrap()
        };
        let code = product
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"))
            .collect::<Vec<_>>()
            .join("\n");
        Module {
            package,
            path,
            text,
            code,
        }
    };
    files.into_iter().map(read).collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// Fails with every finding at once.
fn expect_none(rule: &str, findings: Vec<String>) {
    assert!(findings.is_empty(), "{rule}:\n  {}", findings.join("\n  "));
}

#[test]
fn rooms_know_only_whom_they_may() {
    let may_know: BTreeMap<_, _> = MAY_KNOW.into_iter().collect();
    let mut findings = Vec::new();
    for module in modules()
        .iter()
        .filter(|module| !["lib.rs", "main.rs"].contains(&module.path.as_str()))
    {
        let Some(allowed) = may_know.get(module.room()) else {
            findings.push(format!("{} is a room without a rule", module.path));
            continue;
        };
        let known: BTreeSet<_> = heads(module)
            .flat_map(|head| rooms_below(&module.code, &head))
            .collect();
        for other in known.into_iter().filter(|other| *other != module.room()) {
            if other.is_empty() {
                findings.push(format!(
                    "{} groups rooms in one `use`; name each on its own line",
                    module.path
                ));
            } else if *allowed != EVERYONE && !allowed.contains(&other) {
                findings.push(format!("{} names {other}", module.path));
            }
        }
    }
    expect_none("a room knows one it may not know", findings);
}

/// What a path begins with that leads to a room `module` is held to.
fn heads(module: &Module) -> impl Iterator<Item = String> {
    let knows_all = module.package == "probetop";
    let others = PACKAGES.into_iter().filter(move |_| knows_all);
    ["crate::".to_owned()]
        .into_iter()
        .chain(others.map(|(package, _)| format!("{package}::")))
}

fn rooms_below<'a>(code: &'a str, head: &str) -> Vec<&'a str> {
    let named = code.match_indices(head).map(|(at, _)| &code[at + head.len()..]);
    named
        .map(|rest| rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap())
        .collect()
}

#[test]
fn every_library_has_one_home() {
    let mut findings = Vec::new();
    for module in modules() {
        for (library, homes) in HOMES {
            if module.names(library) && !homes.iter().any(|home| module.is_in(home)) {
                findings.push(format!(
                    "{} names {library}, whose home is {}",
                    module.path,
                    homes.join(" and ")
                ));
            }
        }
    }
    expect_none("a library is named away from home", findings);
}

#[test]
fn only_the_registry_knows_which_kinds_of_probe_there_are() {
    let sources = modules().into_iter().filter(|module| module.is_in("source"));
    let findings = sources.filter(|module| {
        let names_a_row = module
            .code
            .replace("Self::KIND", "")
            .replace("S::KIND", "")
            .contains("::KIND");
        let is_declared = module.path == "source.rs";
        module.path != "source/registry.rs" && !is_declared && (names_a_row || module.code.contains("registry"))
    });
    expect_none(
        "a source names the row of a kind, or the registry",
        findings.map(|module| module.path).collect(),
    );
}

#[test]
fn pure_rooms_touch_nothing_outside() {
    let mut findings = Vec::new();
    for module in modules()
        .iter()
        .filter(|module| PURE.iter().any(|room| module.is_in(room)))
    {
        for impure in IMPURE {
            if module.code.contains(impure) {
                findings.push(format!("{} uses {impure}", module.path));
            }
        }
    }
    expect_none("a pure room reaches outside", findings);
}

#[test]
fn the_state_of_the_screen_never_asks_how_it_is_drawn() {
    let mut findings = Vec::new();
    for module in modules().iter().filter(|module| module.is_in("ui/view")) {
        for painter in ["ui::pane", "ui::layout", "ui::stage", "ui::screen"] {
            if module.code.contains(painter) {
                findings.push(format!("{} names {painter}", module.path));
            }
        }
    }
    expect_none("the view is given where everything stands", findings);
}

#[test]
fn every_module_says_what_it_is() {
    let findings = modules().into_iter().filter(|module| !module.text.starts_with("//! "));
    expect_none(
        "a module opens without `//!`",
        findings.map(|module| module.path).collect(),
    );
}

#[test]
fn only_the_clock_reads_the_time_and_only_main_exits() {
    let banned = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("clippy.toml")).unwrap();
    let calls = [
        "std::time::Instant::now",
        "std::time::SystemTime::now",
        "tokio::time::Instant::now",
        "std::process::exit",
    ];
    for call in calls {
        assert!(
            banned.contains(&format!("path = \"{call}\"")),
            "clippy.toml bans {call}"
        );
    }
    let lifted = modules()
        .into_iter()
        .filter(|module| module.code.contains("disallowed_methods"));
    let lifted: Vec<_> = lifted
        .map(|module| module.path)
        .filter(|path| path != "clock.rs")
        .collect();
    expect_none("the ban is lifted", lifted);
}

#[test]
fn nothing_is_unwrapped_or_left_undone() {
    let mut findings = Vec::new();
    for module in modules() {
        for sign in [".unwrap()", "TODO", "FIXME", "todo!(", "unimplemented!(", "dbg!("] {
            if module.code.contains(sign) {
                findings.push(format!("{} has {sign}", module.path));
            }
        }
    }
    expect_none("outside tests", findings);
}

#[test]
fn the_order_of_the_story_names_every_room() {
    let read = |(_, folder)| fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder).join("lib.rs"));
    let story: String = PACKAGES.into_iter().map(|package| read(package).unwrap()).collect();
    for (room, _) in MAY_KNOW {
        assert!(story.contains(&format!("pub mod {room};")), "a lib.rs declares {room}");
    }
}
