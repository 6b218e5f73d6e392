//! A real server: what nginx logged is what was sent.

use crate::support::nginx::{Nginx, Ports};
use crate::support::program::{Place, count};

#[test]
#[ignore = "needs nginx"]
fn nginx_logged_every_request_that_the_report_counts() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("access.log");
    let ports = Ports::<1>::claim();
    let port = ports.numbers[0];
    let servers = format!(
        "log_format status \"$status $request_method $uri\";
         server {{
             listen 127.0.0.1:{port}; access_log {} status; keepalive_requests 100000;
             location = /ok {{ return 200 ok; }}
         }}",
        log.display()
    );
    let _nginx = Nginx::start(folder, &servers, &[port]);
    let url = format!("http://127.0.0.1:{port}/ok");
    let ended = Place::new().run(&["load", "--rate", "500", "--for", "2s", "--output", "json", &url]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let document = ended.document();
    let logged = std::fs::read_to_string(&log).unwrap();
    let sent = logged.lines().filter(|line| *line == "200 GET /ok").count() as u64;
    assert_eq!(count(&document["whole"]["ok"]), sent);
    assert_eq!(count(&document["whole"]["offered"]), 1000);
}
