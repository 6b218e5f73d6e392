//! A real dnsmasq that knows one zone, on a port of its own, stopped when dropped.

use std::process::{Child, Command, Stdio};

use super::waiting::until;

pub struct Dnsmasq {
    process: Child,
}

impl Dnsmasq {
    /// Knows `records`, options such as `--host-record=a.test,192.0.2.1`. Returns when it answers.
    pub fn start(port: u16, records: &[&str]) -> Self {
        // In this mode it does not fork for each connection: a child would hold the port for a while after the end.
        let process = Command::new("dnsmasq")
            .arg("--no-daemon")
            .args([
                "--keep-in-foreground",
                "--no-resolv",
                "--no-hosts",
                "--conf-file=/dev/null",
            ])
            .args([
                "--bind-interfaces",
                "--listen-address=127.0.0.1",
                "--pid-file=",
                "--user=",
            ])
            .arg(format!("--port={port}"))
            .args(records)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("dnsmasq starts");
        let mut server = Self { process };
        until("dnsmasq answers", || {
            if let Some(status) = server.process.try_wait().unwrap() {
                panic!("dnsmasq ended with {status}");
            }
            std::net::TcpStream::connect(("127.0.0.1", port)).is_ok()
        });
        server
    }
}

impl Drop for Dnsmasq {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
