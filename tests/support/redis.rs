//! A real Redis in a temporary folder, stopped when dropped.

use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use super::nginx::Ports;
use super::waiting::until;

pub struct Redis {
    process: Option<Child>,
    pub folder: TempDir,
    pub port: u16,
    options: Vec<String>,
    _claim: Ports<1>,
}

impl Redis {
    /// Starts with the options that `options` gives for a folder and a port, such as `--maxclients`, `3`.
    pub fn start(options: impl FnOnce(&Path, u16) -> Vec<String>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let claim = Ports::claim();
        let port = claim.numbers[0];
        let options = options(folder.path(), port);
        let mut server = Self {
            process: None,
            folder,
            port,
            options,
            _claim: claim,
        };
        server.restart();
        server
    }

    /// With no options but a plain port.
    pub fn plain() -> Self {
        Self::start(|_, port| words(&format!("--port {port}")))
    }

    /// Starts the server on the same port.
    pub fn restart(&mut self) {
        let process = Command::new("redis-server")
            .args(["--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir"])
            .arg(self.folder.path())
            .args(&self.options)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("redis-server starts");
        self.process = Some(process);
        let port = self.port;
        let process = self.process.as_mut().expect("it was just started");
        until("redis-server answers", || {
            let ended = process.try_wait().unwrap();
            assert!(ended.is_none(), "redis-server ended with {ended:?}");
            TcpStream::connect(("127.0.0.1", port)).is_ok()
        });
    }

    pub fn kill(&mut self) {
        let Some(mut process) = self.process.take() else { return };
        let _ = process.kill();
        let _ = process.wait();
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        self.kill();
    }
}

pub fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}
