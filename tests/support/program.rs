//! Runs the real binary without a terminal: arguments in, documents, standard error and exit code out.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;

pub use super::waiting::{PATIENCE, until};

/// A place to run in: working directory, home and environment are empty.
pub struct Place {
    folder: TempDir,
    variables: Vec<(String, String)>,
}

impl Place {
    /// The machine is not watched: that it is busy with other tests would break a condition.
    pub fn new() -> Self {
        Self {
            folder: tempfile::tempdir().expect("a temporary directory"),
            variables: vec![("PROBETOP_NO_HOST".to_owned(), "1".to_owned())],
        }
    }

    pub fn with_host(mut self) -> Self {
        self.variables.clear();
        self
    }

    pub fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).expect("a file in a temporary directory");
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// Waits until the file is there, which is written atomically.
    pub fn wait_for_file(&self, name: &str) {
        let path = self.path(name);
        until(&format!("{name} is written"), || path.exists());
    }

    pub fn document(&self, name: &str) -> Value {
        serde_json::from_str(&self.read(name)).expect("a document")
    }

    /// The binary with `args`, to be started here.
    pub fn command(&self, args: &[&str]) -> Command {
        self.in_place(Command::new(env!("CARGO_BIN_EXE_probetop")), args)
    }

    /// A line of shell, in which `$PROBETOP` is the binary.
    pub fn shell(&self, line: &str) -> Command {
        let mut command = self.in_place(Command::new("sh"), &["-c", line]);
        command.env("PROBETOP", env!("CARGO_BIN_EXE_probetop"));
        command
    }

    fn in_place(&self, mut command: Command, args: &[&str]) -> Command {
        let folder = self.folder.path();
        command.args(args).current_dir(folder).env_clear().env("HOME", folder);
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Runs to the end.
    pub fn run(&self, args: &[&str]) -> Ended {
        Running::start(self.command(args)).wait()
    }

    pub fn start(&self, args: &[&str]) -> Running {
        Running::start(self.command(args))
    }
}

/// A program that runs. Dropping it kills it.
pub struct Running {
    pid: Pid,
    lines: Receiver<String>,
    errors: Arc<Errors>,
    status: Receiver<ExitStatus>,
    ended: bool,
}

/// How a program ended.
pub struct Ended {
    /// The exit code; `None` when a signal killed it.
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Ended {
    /// Standard output as one document.
    pub fn document(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}\n{}\n{}", self.stdout, self.stderr))
    }

    /// Standard output as one document a line.
    pub fn documents(&self) -> Vec<Value> {
        let document = |line| serde_json::from_str(line).expect("each line is a document");
        self.stdout.lines().map(document).collect()
    }
}

#[derive(Default)]
struct Errors {
    text: Mutex<String>,
    more: Condvar,
}

impl Running {
    pub fn start(mut command: Command) -> Self {
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn();
        let mut child = child.expect("the program starts");
        let stdout = child.stdout.take().expect("it is piped");
        let stderr = child.stderr.take().expect("it is piped");
        Self::follow(child, Some(stdout), stderr)
    }

    /// Started with a standard output that nobody reads, which is given back.
    pub fn start_unread(mut command: Command) -> (Self, ChildStdout) {
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn();
        let mut child = child.expect("the program starts");
        let stdout = child.stdout.take().expect("it is piped");
        let stderr = child.stderr.take().expect("it is piped");
        (Self::follow(child, None, stderr), stdout)
    }

    fn follow(mut child: Child, stdout: Option<ChildStdout>, stderr: ChildStderr) -> Self {
        let pid = Pid::from_child(&child);
        let (line, lines) = mpsc::channel();
        let errors = Arc::<Errors>::default();
        let told = Arc::clone(&errors);
        let reading = stdout.map(|stdout| thread::spawn(move || read_lines(stdout, &line)));
        let hearing = thread::spawn(move || told.read(stderr));
        let (exit, status) = mpsc::channel();
        thread::spawn(move || {
            let status = child.wait().expect("it is our child");
            if let Some(reading) = reading {
                let _ = reading.join();
            }
            let _ = hearing.join();
            let _ = exit.send(status);
        });
        Self {
            pid,
            lines,
            errors,
            status,
            ended: false,
        }
    }

    /// The next line on standard output.
    pub fn line(&self) -> String {
        self.lines
            .recv_timeout(PATIENCE)
            .unwrap_or_else(|error| panic!("no line: {error}\n{}", self.stderr()))
    }

    /// The next document on standard output.
    pub fn document(&self) -> Value {
        serde_json::from_str(&self.line()).expect("each line is a document")
    }

    /// The first document from here on that is as wanted.
    pub fn document_where(&self, what: &str, mut is_wanted: impl FnMut(&Value) -> bool) -> Value {
        for _ in 0..PATIENCE.as_secs() {
            let document = self.document();
            if is_wanted(&document) {
                return document;
            }
        }
        panic!("no document in which {what}\n{}", self.stderr())
    }

    /// Waits until standard error has `text`, `times` over.
    pub fn wait_for_stderr(&self, text: &str, times: usize) {
        let errors = self.errors.text.lock().expect("no reader panics");
        let missing = |errors: &mut String| errors.matches(text).count() < times;
        let (errors, waited) = self
            .errors
            .more
            .wait_timeout_while(errors, PATIENCE, missing)
            .expect("no reader panics");
        assert!(!waited.timed_out(), "{text:?} is not in {errors}");
    }

    pub fn stderr(&self) -> String {
        self.errors.text.lock().expect("no reader panics").clone()
    }

    pub fn pid(&self) -> Pid {
        self.pid
    }

    pub fn signal(&self, signal: Signal) {
        kill_process(self.pid, signal).expect("it runs");
    }

    /// How many entries `/proc/PID/NAME` has: open descriptors, threads.
    pub fn count_in_proc(&self, name: &str) -> usize {
        let folder = Path::new("/proc")
            .join(self.pid.as_raw_nonzero().to_string())
            .join(name);
        fs::read_dir(folder).expect("it runs").count()
    }

    pub fn wait(mut self) -> Ended {
        let status = self.status.recv_timeout(PATIENCE);
        self.ended = status.is_ok();
        let status = status.unwrap_or_else(|_| panic!("it does not end\n{}", self.stderr()));
        assert_eq!(status.signal(), None, "{}", self.stderr());
        let lines = self.lines.try_iter().map(|line| line + "\n");
        Ended {
            code: status.code(),
            stdout: lines.collect(),
            stderr: self.stderr(),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if !self.ended {
            let _ = kill_process(self.pid, Signal::KILL);
        }
    }
}

fn read_lines(stdout: ChildStdout, line: &mpsc::Sender<String>) {
    for text in BufReader::new(stdout).lines().map_while(Result::ok) {
        if line.send(text).is_err() {
            return;
        }
    }
}

impl Errors {
    fn read(&self, mut stderr: ChildStderr) {
        let mut bytes = [0; 4096];
        while let Ok(n @ 1..) = stderr.read(&mut bytes) {
            let text = String::from_utf8_lossy(&bytes[..n]);
            self.text.lock().expect("no reader panics").push_str(&text);
            self.more.notify_all();
        }
    }
}

/// The target of that name in a document.
pub fn target<'a>(document: &'a Value, name: &str) -> &'a Value {
    let targets = document["targets"].as_array().expect("a list of targets");
    let found = targets.iter().find(|target| target["name"] == name);
    found.unwrap_or_else(|| panic!("no target {name} in {document:#}"))
}

/// A whole figure of a document.
pub fn count(value: &Value) -> u64 {
    value.as_u64().unwrap_or_else(|| panic!("{value} is no count"))
}
