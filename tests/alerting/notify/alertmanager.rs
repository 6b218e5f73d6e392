//! A real Alertmanager.

use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use probetop_core::snapshot::AnnouncementReason;
use serde_json::Value;
use tempfile::TempDir;

use super::{Notifying, PATIENCE, announcement};
use crate::support::nginx::Ports;
use crate::support::waiting::{output, until};

/// Killed when dropped.
struct Alertmanager {
    process: Child,
    port: u16,
    _folder: TempDir,
}

impl Alertmanager {
    fn start(port: u16) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let configuration = folder.path().join("alertmanager.yml");
        std::fs::write(
            &configuration,
            "route: { receiver: none }\nreceivers: [{ name: none }]\n",
        )
        .unwrap();
        let process = Command::new("prometheus-alertmanager")
            .arg(format!("--config.file={}", configuration.display()))
            .arg(format!("--storage.path={}", folder.path().display()))
            .arg(format!("--web.listen-address=127.0.0.1:{port}"))
            .arg("--cluster.listen-address=")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("prometheus-alertmanager is installed");
        let mut server = Self {
            process,
            port,
            _folder: folder,
        };
        until("alertmanager answers", || {
            assert_eq!(server.process.try_wait().unwrap(), None, "it runs");
            TcpStream::connect(("127.0.0.1", port)).is_ok()
        });
        server
    }

    /// Its alerts that are active, as it tells them.
    fn active(&self) -> Vec<Value> {
        let url = format!("http://127.0.0.1:{}/api/v2/alerts?active=true", self.port);
        let answer = output(Command::new("curl").args(["-s", &url]));
        let mut alerts: Vec<Value> = serde_json::from_slice(&answer.stdout).unwrap_or_default();
        alerts.sort_by_key(|alert| alert["labels"]["alertname"].to_string());
        alerts
    }

    #[track_caller]
    fn active_where(&self, what: &str, is_wanted: impl Fn(&[Value]) -> bool) -> Vec<Value> {
        let mut tries = PATIENCE.as_millis() / 20;
        loop {
            let active = self.active();
            if is_wanted(&active) {
                return active;
            }
            assert!(tries > 0, "{what}: {active:?}");
            tries -= 1;
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Alertmanager {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn channel(port: u16) -> String {
    format!(
        "[[notify]]\nname = \"am\"\nkind = \"alertmanager\"\nurl = \"http://127.0.0.1:{port}/\"\n\
         labels = {{ team = \"shop\" }}\nrenew = \"1s\""
    )
}

#[test]
#[ignore = "needs prometheus-alertmanager"]
fn an_alert_is_there_while_it_fires_and_gone_when_it_is_resolved() {
    let ports = Ports::<1>::claim();
    let server = Alertmanager::start(ports.numbers[0]);
    let mut notifying = Notifying::by(&channel(server.port));
    let both = [1, 2].map(|id| announcement(&notifying.clock, id, AnnouncementReason::Firing));
    notifying.offer(both.to_vec());
    let active = server.active_where("both are there", |active| active.len() == 2);
    let labels = &active[0]["labels"];
    let expected = [
        ("alertname", "alert 1"),
        ("severity", "warning"),
        ("target", "checkout"),
        ("group", "api"),
        ("instance", "monitor.example"),
        ("team", "shop"),
    ];
    for (name, value) in expected {
        assert_eq!(labels[name], value, "{labels}");
    }
    assert!(
        active[0]["annotations"]["summary"]
            .as_str()
            .unwrap()
            .contains("p95 612ms")
    );
    notifying.announce(1, AnnouncementReason::Resolved);
    let active = server.active_where("one is left", |active| active.len() == 1);
    assert_eq!(active[0]["labels"]["alertname"], "alert 2");
    let report = notifying.report_where("three told", |report| report.delivered_total == 3);
    assert_eq!(report.failed_total, 0);
}

#[test]
#[ignore = "needs prometheus-alertmanager"]
fn what_fires_outlives_its_end_and_a_restart_by_being_renewed() {
    let ports = Ports::<1>::claim();
    let server = Alertmanager::start(ports.numbers[0]);
    let mut notifying = Notifying::by(&channel(server.port));
    notifying.announce(1, AnnouncementReason::Firing);
    let ends = |active: &[Value]| active.first().map(|alert| alert["endsAt"].to_string());
    let first = ends(&server.active_where("it is there", |active| active.len() == 1));
    server.active_where("it is renewed", |active| active.len() == 1 && ends(active) != first);
    drop(server);
    let server = Alertmanager::start(ports.numbers[0]);
    server.active_where("it is told to the new one", |active| active.len() == 1);
    notifying.announce(1, AnnouncementReason::Resolved);
    server.active_where("it is gone", <[Value]>::is_empty);
}
