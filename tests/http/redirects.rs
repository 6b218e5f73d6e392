//! Redirects as steps of one probe.

use probetop::sample::{FailureKind, Phase};
use probetop::source::http::Settings;

use super::support::raw_server::{OK, RawServer, answer as script, keeps_answering};
use super::*;

fn to(location: &str) -> String {
    format!("HTTP/1.1 302 Found\r\nlocation: {location}\r\ncontent-length: 4\r\n\r\nhere")
}

fn lines(request: &str) -> impl Iterator<Item = &str> {
    request.lines().map(str::trim)
}

#[tokio::test]
async fn a_chain_is_followed_over_one_connection() {
    let steps = [script(to("/b")), script(to("c?x=1")), script(OK)].concat();
    let server = RawServer::start(vec![steps]).await;
    let attempt = probe(&http(&server.url("/a"), Settings::default())).await;
    assert_ok(&attempt);
    let seen = server.seen();
    let paths: Vec<_> = seen
        .requests
        .iter()
        .filter_map(|request| lines(request).next())
        .collect();
    assert_eq!(paths, ["GET /a HTTP/1.1", "GET /b HTTP/1.1", "GET /c?x=1 HTTP/1.1"]);
    assert_eq!(seen.connections, 1);
    let answer = answer(&attempt);
    assert_eq!((answer.redirects, answer.status, answer.body_bytes), (2, Some(200), 2));
    assert!(!answer.reused, "the connection is of this probe");
    assert_eq!(phases(&attempt), FRESH);
}

#[tokio::test]
async fn a_loop_ends_at_the_limit() {
    let server = RawServer::start(keeps_answering(&to("/again"))).await;
    let attempt = probe(&http(&server.url("/"), Settings::default())).await;
    let message = format!("more than 5 redirects, the last to {}", server.url("/again"));
    assert_failed(&attempt, FailureKind::Redirect, None, &message);
    assert_eq!(server.seen().requests.len(), 6);
}

#[tokio::test]
async fn a_limit_of_zero_takes_the_redirect_as_the_answer() {
    let server = RawServer::start(keeps_answering(&to("/b"))).await;
    let settings = Settings {
        redirects: 0,
        ..Settings::default()
    };
    let attempt = probe(&http(&server.url("/"), settings)).await;
    assert_ok(&attempt);
    assert_eq!(answer(&attempt).status, Some(302));
}

#[tokio::test]
async fn another_origin_gets_no_secrets_and_both_connections_are_kept() {
    let elsewhere = RawServer::start(keeps_answering(OK)).await;
    let server = RawServer::start(keeps_answering(&to(&elsewhere.url("/x")))).await;
    let settings = Settings {
        headers: headers(&[
            ("authorization", "Bearer t"),
            ("cookie", "c=1"),
            ("x-api-key", "k"),
            ("accept", "a/b"),
        ]),
        ..Settings::default()
    };
    let http = http(&server.url("/"), settings);
    let first = probe(&http).await;
    let second = probe(&http).await;
    assert_ok(&first);
    assert_eq!(phases(&first), FRESH);
    assert_eq!(phases(&second), WARM);
    assert!(answer(&second).reused);
    assert_eq!(answer(&second).address, Some(elsewhere.address));
    assert!(server.seen().requests[0].contains("authorization: Bearer t"));
    for request in elsewhere.seen().requests {
        let host = format!("host: {}", elsewhere.address);
        let mut sent: Vec<_> = lines(&request).skip(1).filter(|line| !line.is_empty()).collect();
        sent.retain(|line| !line.starts_with("user-agent: probetop/"));
        sent.sort_unstable();
        assert_eq!(sent, ["accept: a/b", &host]);
    }
    assert_eq!((server.seen().connections, elsewhere.seen().connections), (1, 1));
}

#[tokio::test]
async fn a_redirect_to_where_nobody_listens_is_refused_there() {
    // A port that was given back could be the next server's; nobody has served this one for decades.
    let address = "127.0.0.1:1";
    let server = RawServer::start(keeps_answering(&to(&format!("http://{address}/")))).await;
    let attempt = probe(&http(&server.url("/"), Settings::default())).await;
    let message = format!("connection refused by {address}");
    assert_failed(&attempt, FailureKind::Refused, Some(Phase::Connect), &message);
}

#[tokio::test]
async fn a_location_that_leads_nowhere_is_a_redirect_failure() {
    for (location, message) in [
        ("ftp://user:pw@h/", "302 to ftp://h/: ftp is not a scheme to follow"),
        ("http://", "302 to no URL: empty host"),
        ("mailto:a@b", "302 to mailto:a@b: mailto is not a scheme to follow"),
    ] {
        let server = RawServer::start(keeps_answering(&to(location))).await;
        let attempt = probe(&http(&server.url("/"), Settings::default())).await;
        assert_failed(&attempt, FailureKind::Redirect, None, message);
    }
}
