//! Flows against a server that wants a login first.

use std::collections::BTreeMap;
use std::time::Duration;

use probetop_core::sample::{Failure, FailureKind, Phase};
use probetop_probe::source::flow::{Flow, Settings, StepSettings};
use probetop_probe::source::{Attempt, Probe, Step, http};
use rustix::process::Signal;

use crate::support::attempt::clock;
use crate::support::program::{Place, count, target};
use crate::support::silence::with_room;
use crate::support::web::{TOKEN, Web};

fn pairs(list: &[(&str, &str)]) -> BTreeMap<String, String> {
    let pair = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    list.iter().map(pair).collect()
}

fn step(name: &str, url: String, request: http::Settings) -> StepSettings {
    StepSettings {
        name: name.to_owned(),
        url,
        capture: BTreeMap::new(),
        request,
    }
}

fn get(web: &Web, path: &str) -> StepSettings {
    step(path.trim_start_matches('/'), web.url(path), http::Settings::default())
}

fn login(web: &Web, capture: &[(&str, &str)]) -> StepSettings {
    let post = http::Settings {
        method: "POST".to_owned(),
        body: Some("{}".to_owned()),
        ..http::Settings::default()
    };
    StepSettings {
        capture: pairs(capture),
        ..step("login", web.url("/login"), post)
    }
}

fn with_headers(web: &Web, path: &str, headers: &[(&str, &str)]) -> StepSettings {
    let mut step = get(web, path);
    step.request.headers = pairs(headers);
    step
}

fn flow(steps: Vec<StepSettings>) -> Flow {
    Flow::try_new(clock(), &Settings { cookies: true, steps }, 1).unwrap()
}

async fn run_within(flow: &Flow, limit: Duration) -> Attempt {
    flow.probe(clock().now() + limit).await
}

async fn run(flow: &Flow) -> Attempt {
    // Enough for a machine that is busy with something else.
    run_within(flow, Duration::from_secs(20)).await
}

fn made(attempt: &Attempt, step: usize) -> &Attempt {
    match &attempt.steps[step] {
        Step::Made { attempt, .. } => attempt,
        Step::Skipped => panic!("step {step} was skipped"),
    }
}

/// How a flow of a login and `second` fails.
async fn failure_of(web: &Web, capture: &[(&str, &str)], second: StepSettings) -> Failure {
    let attempt = run(&flow(vec![login(web, capture), second])).await;
    attempt.outcome.failure().expect("it fails").clone()
}

#[tokio::test]
async fn what_the_first_step_gives_opens_the_second() {
    let web = Web::start();
    let captures = [
        "body.token",
        "headers['x-token']",
        "body['token']",
        "string(body.user.id) == '7' ? body.token : ''",
    ];
    for capture in captures {
        let orders = with_headers(&web, "/orders", &[("authorization", "Bearer {{token}}")]);
        let flow = flow(vec![login(&web, &[("token", capture)]), orders]);
        let attempt = run(&flow).await;
        assert!(attempt.outcome.is_ok(), "{capture}: {:?}", attempt.outcome);
        let together = made(&attempt, 0).latency.0 + made(&attempt, 1).latency.0;
        assert_eq!(attempt.latency.0, together);
        let second = made(&attempt, 1).answer.as_ref().unwrap();
        assert!(second.reused, "steps share the connection");
        let again = run(&flow).await;
        assert_eq!(again.phases.get(Phase::Connect), None, "and so do runs");
    }
}

#[tokio::test]
async fn cookies_go_along_with_redirects_too_and_end_with_the_run() {
    let web = Web::start();
    let wanted = |cookie: &str| {
        let mut step = get(&web, "/hop");
        step.request.expect = vec![format!("body == '{cookie}'")];
        step
    };
    let first = flow(vec![wanted("cookie: hop=1"), wanted("cookie: hop=1")]);
    for _ in 0..2 {
        let attempt = run(&first).await;
        assert!(attempt.outcome.is_ok(), "{:?}", attempt.outcome);
    }
    let mut own = wanted("cookie: mine=2; hop=1");
    own.request.headers = pairs(&[("cookie", "mine=2")]);
    assert!(run(&flow(vec![own])).await.outcome.is_ok());
    let steps = vec![wanted("")];
    let without = Flow::try_new(clock(), &Settings { cookies: false, steps }, 1).unwrap();
    assert!(run(&without).await.outcome.is_ok());
}

#[tokio::test]
async fn a_cookie_can_be_captured() {
    let web = Web::start();
    let mut echo = with_headers(&web, "/echo-cookie", &[("x-sid", "{{sid}}")]);
    echo.request.expect = vec!["body == 'cookie: sid=c00kie'".to_owned()];
    let attempt = run(&flow(vec![login(&web, &[("sid", "cookies.sid")]), echo])).await;
    assert!(attempt.outcome.is_ok(), "{:?}", attempt.outcome);
}

#[tokio::test]
async fn a_failed_step_names_itself_and_the_rest_are_skipped() {
    let web = Web::start();
    let attempt = run(&flow(vec![get(&web, "/ok"), get(&web, "/fail"), get(&web, "/ok")])).await;
    let failure = attempt.outcome.failure().unwrap();
    assert_eq!(failure.kind, FailureKind::Status);
    assert_eq!(failure.message.as_str(), "step fail: 500 Internal Server Error");
    assert!(made(&attempt, 0).outcome.is_ok());
    let own = made(&attempt, 1).outcome.failure().unwrap();
    assert_eq!(own.message.as_str(), "500 Internal Server Error");
    assert_eq!(attempt.steps[2], Step::Skipped);
}

#[tokio::test]
async fn what_cannot_be_captured_is_an_unmet_expectation_that_names_it() {
    let web = Web::start();
    let check = async |capture: &str, expected: &str| {
        let failure = failure_of(&web, &[("token", capture)], get(&web, "/ok")).await;
        assert_eq!(failure.kind, FailureKind::Expect);
        let expected = format!("step login: nothing to capture as token: {capture}: {expected}");
        assert_eq!(failure.message.as_str(), expected);
    };
    check("body.tokken", "there is no \"tokken\"").await;
    check("headers['x-other']", "there is no \"x-other\"").await;
    check("cookies.other", "there is no \"other\"").await;
    check("body.none", "is a null, neither a text nor a number").await;
    check("body.user", "is a map, neither a text nor a number").await;
    check("''", "is empty").await;
}

#[tokio::test]
async fn the_timeout_is_for_all_steps_together() {
    let web = Web::start();
    let flow = flow(vec![get(&web, "/ok"), get(&web, "/silent"), get(&web, "/ok")]);
    let is_late = |attempt: &Attempt, _| {
        let failure = attempt.outcome.failure();
        failure.is_some_and(|failure| failure.message.as_str().starts_with("step silent: "))
    };
    let (attempt, _) = with_room(async |limit| run_within(&flow, limit).await, is_late).await;
    let failure = attempt.outcome.failure().unwrap();
    assert_eq!(
        (failure.kind, failure.phase),
        (FailureKind::Timeout, Some(Phase::FirstByte))
    );
    let message = failure.message.as_str();
    assert!(message.starts_with("step silent: no answer within "), "{message}");
    // A busy machine starts late, and what is left is less.
    assert!(message.contains(", which was left of "), "{message}");
    assert_eq!(attempt.steps[2], Step::Skipped);
}

#[tokio::test]
async fn what_was_captured_is_never_said() {
    let web = Web::start();
    let echo = |path: &str| with_headers(&web, path, &[("x-given", "{{token}}")]);
    let mut judged = echo("/login?t={{token}}");
    judged.request.method = "POST".to_owned();
    judged.request.expect = vec!["body.token == 'other'".to_owned()];
    let mut own = login(&web, &[("token", "body.token")]);
    own.request.expect = vec!["body.token == 'other'".to_owned()];
    let encoded = echo("/echo?t={{token}}");
    for second in [echo("/echo"), encoded, judged, own] {
        let failure = failure_of(&web, &[("token", "body.token")], second).await;
        let message = failure.message.as_str();
        assert!(!message.contains(&TOKEN[..8]), "{message}");
        assert!(!message.contains("c00kie"), "{message}");
    }
    let capture = [("token", "body.token + '\\n'")];
    let failure = failure_of(&web, &capture, echo("/ok")).await;
    assert_eq!(failure.kind, FailureKind::Expect);
    assert_eq!(
        failure.message.as_str(),
        "step ok: not sent: the value of header x-given has a control character, such as a line break; remove it"
    );
}

fn config(web: &Web, orders: &str) -> String {
    format!(
        r#"
[[flow]]
name = "shop"
group = "api"
interval = "100ms"
timeout = "2s"
[[flow.step]]
name = "login"
url = "{login}"
method = "POST"
capture = {{ token = "body.token" }}
[[flow.step]]
name = "orders"
url = "{orders}"
headers = {{ authorization = "Bearer {{{{token}}}}" }}
[[flow.step]]
name = "end"
url = "{end}"
"#,
        login = web.url("/login"),
        orders = web.url(orders),
        end = web.url("/ok"),
    )
}

#[test]
fn each_step_is_a_row_that_a_reload_keeps() {
    let web = Web::start();
    let place = Place::new();
    place.write("probetop.toml", &config(&web, "/orders"));
    let run = place.start(&["run", "--output", "ndjson"]);
    let figure = |document: &_, name: &str, figure: &str| count(&target(document, name)["windows"]["run"][figure]);
    let before = run.document_where("the flow runs", |document| {
        figure(document, "shop/end", "attempts") >= 3
    });
    assert_eq!(target(&before, "shop")["kind"], "flow");
    assert_eq!(target(&before, "shop/login")["kind"], "http");
    assert_eq!(target(&before, "shop/login")["group"], "api");
    assert_eq!(figure(&before, "shop", "failed"), 0);
    assert_eq!(figure(&before, "shop/end", "skipped"), 0);

    place.write("probetop.toml", &config(&web, "/echo"));
    let after = run.document_where("the rest is skipped", |document| {
        figure(document, "shop/end", "skipped") >= 3
    });
    assert!(figure(&after, "shop/end", "attempts") >= 3, "history stays");
    assert_eq!(figure(&after, "shop/end", "failed"), 0, "skipped is not failed");
    assert!(figure(&after, "shop/orders", "failed") >= 3);
    assert_eq!(figure(&after, "shop/login", "failed"), 0);
    let said = target(&after, "shop")["last"]["error"]["message"].as_str().unwrap();
    assert!(said.starts_with("step orders: 500 GET /echo"), "{said}");
    assert!(!after.to_string().contains(TOKEN), "{after}");
    run.signal(Signal::TERM);
    run.wait();
}

#[test]
fn a_server_that_comes_back_is_found_again_and_no_descriptor_is_left_behind() {
    let web = Web::start();
    let place = Place::new();
    place.write("probetop.toml", &config(&web, "/orders"));
    let run = place.start(&["run", "--output", "ndjson"]);
    let figure = |document: &_, name: &str, figure: &str| count(&target(document, name)["windows"]["run"][figure]);
    run.document_where("the flow runs", |document| figure(document, "shop", "ok") >= 10);
    let descriptors = run.count_in_proc("fd");

    let address = web.address;
    drop(web);
    let down = run.document_where("the first step fails", |document| {
        figure(document, "shop", "failed") >= 5
    });
    assert!(figure(&down, "shop/orders", "skipped") + 1 >= figure(&down, "shop", "failed"));
    let _web = Web::start_at(address);
    let wanted = figure(&down, "shop", "ok") + 10;
    run.document_where("the flow runs again", |document| {
        figure(document, "shop", "ok") >= wanted
    });
    let now = run.count_in_proc("fd");
    assert!(now <= descriptors, "{now} descriptors after {descriptors}");
    run.signal(Signal::TERM);
    run.wait();
}
