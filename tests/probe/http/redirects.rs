//! Redirects as steps of one probe.

use probetop_core::sample::{FailureKind, Phase};
use probetop_probe::source::http::Settings;

use super::*;
use crate::support::raw_server::{OK, RawServer, answer as script, keeps_answering};

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
        assert_eq!(sent, ["accept-encoding: identity", "accept: a/b", &host]);
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

#[tokio::test]
async fn a_cookie_goes_with_the_request_that_its_answer_redirects_to() {
    let login = "HTTP/1.1 302 Found\r\nset-cookie: seen=1; path=/\r\nset-cookie: old=1; max-age=0\r\n\
                 location: /in\r\ncontent-length: 0\r\n\r\n";
    let server = RawServer::start(vec![[script(login), script(OK), script(OK)].concat()]).await;
    let settings = Settings {
        headers: headers(&[("cookie", "own=1")]),
        ..Settings::default()
    };
    let http = http(&server.url("/"), settings);
    assert_ok(&probe(&http).await);
    assert_ok(&probe(&http).await);
    let cookies = |request: &String| {
        lines(request)
            .find_map(|line| line.strip_prefix("cookie: "))
            .map(str::to_owned)
    };
    let sent: Vec<_> = server.seen().requests.iter().map(cookies).collect();
    let sent: Vec<_> = sent.iter().map(Option::as_deref).collect();
    // The next probe begins without.
    assert_eq!(sent, [Some("own=1"), Some("own=1; seen=1"), Some("own=1")]);
}

#[tokio::test]
async fn cookies_and_secrets_do_not_go_to_another_origin() {
    let elsewhere = RawServer::start(keeps_answering(OK)).await;
    let there = elsewhere.url("/x").replace("127.0.0.1", "localhost");
    let sets = format!("HTTP/1.1 307 x\r\nset-cookie: s=1; path=/\r\nlocation: {there}\r\ncontent-length: 0\r\n\r\n");
    let server = RawServer::start(keeps_answering(&sets)).await;
    let http = http(&server.url("/"), Settings::default());
    assert_ok(&probe(&http).await);
    let request = elsewhere.seen().requests.concat();
    assert!(!request.contains("cookie"), "{request}");
}

#[tokio::test]
async fn a_redirect_that_leads_nowhere_is_the_answer_of_whoever_expects_it() {
    let bare = "HTTP/1.1 302 Found\r\ncontent-length: 0\r\n\r\n";
    let server = RawServer::start(keeps_answering(bare)).await;
    let expecting = |condition: &str| Settings {
        expect: vec![condition.to_owned()],
        ..Settings::default()
    };
    let attempt = probe(&http(&server.url("/"), expecting("status == 302"))).await;
    assert_ok(&attempt);
    assert_eq!((answer(&attempt).status, answer(&attempt).redirects), (Some(302), 0));
    let attempt = probe(&http(&server.url("/"), expecting("status == 200"))).await;
    assert_failed(&attempt, FailureKind::Expect, None, "status == 200 (was 302)");
    for settings in [Settings::default(), expecting("headers['x'] == 'y'")] {
        let attempt = probe(&http(&server.url("/"), settings)).await;
        assert_failed(&attempt, FailureKind::Redirect, None, "302 without a location");
    }
}

#[tokio::test]
async fn a_redirect_to_where_only_this_machine_gets_is_refused() {
    let elsewhere = "http://169.254.169.254/latest/meta-data";
    let server = RawServer::start(keeps_answering(&to(elsewhere))).await;
    let attempt = probe(&http(&server.url("/"), Settings::default())).await;
    let message = "the redirect leads to 169.254.169.254, which only this machine or its own network can reach; \
                   allow it with redirects_may = [\"reach-local\"]";
    assert_failed(&attempt, FailureKind::Redirect, None, message);
    // Behind a proxy the names and addresses are all there is.
    let proxy = RawServer::start(keeps_answering(&to("http://localhost:9/"))).await;
    let settings = Settings {
        proxy: Some(proxy.url("/")),
        ..Settings::default()
    };
    let attempt = probe(&http("http://shop.example/", settings)).await;
    assert_eq!(failure(&attempt).kind, FailureKind::Redirect);
    let message = failure(&attempt).message.to_string();
    assert!(message.starts_with("the redirect leads to localhost, "), "{message}");
    assert_eq!(proxy.seen().requests.len(), 1);
}

#[tokio::test]
async fn a_body_is_not_handed_on_to_another_origin_unasked() {
    use probetop_probe::source::http::Permission;
    let elsewhere = RawServer::start(keeps_answering(OK)).await;
    let moved = format!(
        "HTTP/1.1 307 x\r\nlocation: {}\r\ncontent-length: 0\r\n\r\n",
        elsewhere.url("/x")
    );
    let server = RawServer::start(keeps_answering(&moved)).await;
    let posting = |redirects_may: Vec<Permission>| Settings {
        method: "POST".to_owned(),
        body: Some("s3cret".to_owned()),
        redirects_may,
        ..Settings::default()
    };
    let attempt = probe(&http(&server.url("/"), posting(vec![]))).await;
    assert_eq!(failure(&attempt).kind, FailureKind::Redirect);
    assert!(
        failure(&attempt).message.as_str().contains("forward-body"),
        "{attempt:?}"
    );
    assert!(elsewhere.seen().requests.is_empty());
    assert_ok(&probe(&http(&server.url("/"), posting(vec![Permission::ForwardBody]))).await);
    assert!(elsewhere.seen().requests.concat().contains("content-length: 6"));
}
