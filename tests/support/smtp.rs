//! A real mail server (`smtp.py`, which is aiosmtpd) on a port of its own, stopped when dropped.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::waiting::finished;

/// Debian's Python, for which Debian's aiosmtpd is installed.
const PYTHON: &str = "/usr/bin/python3";

pub struct Smtp {
    process: Child,
    folder: TempDir,
    pub port: u16,
}

/// A mail that was accepted.
pub struct Mail {
    pub hello: String,
    pub encrypted: bool,
    pub login: Option<String>,
    pub from: String,
    pub to: Vec<String>,
    /// The lines of the head, those that go on joined.
    pub head: Vec<String>,
    pub body: String,
}

impl Smtp {
    /// Starts with `options`, which `smtp.py` explains.
    pub fn start(options: &Value) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/smtp.py");
        let mut process = Command::new(PYTHON)
            .arg(script)
            .arg(folder.path())
            .arg(options.to_string())
            .stdout(Stdio::piped())
            // It tells of every client that breaks off.
            .stderr(Stdio::null())
            .spawn()
            .expect("python3 starts");
        let stdout = process.stdout.take().unwrap();
        let line = finished("the mail server tells its port", move || {
            let mut line = String::new();
            BufReader::new(stdout).read_line(&mut line).unwrap();
            line
        });
        let port = line
            .trim()
            .parse()
            .expect("the server tells its port; is python3-aiosmtpd installed?");
        Self { process, folder, port }
    }

    /// Without encryption and without passwords.
    pub fn plain() -> Self {
        Self::start(&json!({ "tls": "none" }))
    }

    /// What was accepted so far, in order.
    pub fn mails(&self) -> Vec<Mail> {
        let read = |number: usize| std::fs::read_to_string(self.folder.path().join(format!("{number}.json"))).ok();
        (1..).map_while(read).map(|text| Mail::read(&text)).collect()
    }
}

impl Drop for Smtp {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Mail {
    fn read(text: &str) -> Self {
        let mail: Value = serde_json::from_str(text).unwrap();
        let text = |key: &str| mail[key].as_str().map(str::to_owned);
        let content = text("content").unwrap();
        let (head, body) = content.split_once("\r\n\r\n").unwrap();
        let joined = head.replace("\r\n ", " ");
        Self {
            hello: text("hello").unwrap(),
            encrypted: mail["encrypted"].as_bool().unwrap(),
            login: text("login"),
            from: text("from").unwrap(),
            to: mail["to"]
                .as_array()
                .unwrap()
                .iter()
                .map(|to| to.as_str().unwrap().to_owned())
                .collect(),
            head: joined.split("\r\n").map(str::to_owned).collect(),
            body: body.to_owned(),
        }
    }

    /// The value of the one header of this name.
    #[track_caller]
    pub fn header(&self, name: &str) -> &str {
        let start = format!("{name}: ");
        let mut values = self.head.iter().filter_map(|line| line.strip_prefix(&start));
        let value = values.next().unwrap_or_else(|| panic!("no {name} in {:#?}", self.head));
        assert_eq!(values.next(), None, "{name} stands there twice");
        value
    }
}
