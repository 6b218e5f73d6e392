//! From a target that fails to a receiver that is told: who hears what, and what keeps them from it.

use rustix::process::Signal;
use serde_json::Value;

use super::place;
use crate::support::program::{Place, Running, count, target, until};
use crate::support::receiver::{Receiver, Reply, WELL};
use crate::support::web::Web;

/// A channel that tells `receiver`, with every pause as short as it may be.
fn channel(receiver: &Receiver) -> String {
    let url = receiver.url("/hook");
    format!("[[notify]]\nname = \"hook\"\nkind = \"webhook\"\nurl = \"{url}\"\n")
}

/// A target called `a` that is critical as soon as a probe fails, and well as soon as none does in ten seconds.
const BRITTLE: &str = "errors = { critical = 0.01, window = \"10s\", clear_for = \"0s\" }\n";

/// What `receiver` was told, one line an alert: `firing errors a`.
fn told(receiver: &Receiver, messages: usize) -> Vec<String> {
    let requests = receiver.wait(messages);
    let documents: Vec<_> = requests.iter().map(|request| request.json()).collect();
    let alerts = documents
        .iter()
        .flat_map(|document| document["alerts"].as_array().unwrap());
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let line = |alert: &Value| ["occasion", "name", "subject"].map(|key| text(&alert[key])).join(" ");
    alerts.map(line).collect()
}

fn end(run: Running) -> i32 {
    run.signal(Signal::TERM);
    run.wait().code.unwrap()
}

fn alert<'a>(document: &'a Value, subject: &str) -> Option<&'a Value> {
    let mut alerts = document["alerts"].as_array().unwrap().iter();
    alerts.find(|alert| alert["target"] == subject)
}

fn turns(alert: &Value) -> Vec<&str> {
    let timeline = alert["timeline"].as_array().unwrap().iter();
    timeline.map(|entry| entry["turn"].as_str().unwrap()).collect()
}

#[test]
fn a_failure_is_told_when_it_fires_and_once_more_when_it_is_over() {
    let (web, receiver) = (Web::start(), Receiver::start(&[WELL]));
    let address = web.address;
    drop(web);
    let place = Place::new();
    place.write(
        "probetop.toml",
        &format!(
            "interval = \"100ms\"\n[[target]]\nname = \"a\"\nurl = \"http://{address}/ok\"\n{BRITTLE}{}",
            channel(&receiver)
        ),
    );
    let run = place.start(&["run", "--output", "ndjson"]);
    assert_eq!(told(&receiver, 1), ["firing errors a"]);
    let _web = Web::start_at(address);
    let lines = told(&receiver, 2);
    assert_eq!(lines, ["firing errors a", "resolved errors a"]);
    let over = run.document_where("it is over and that was told", |document| {
        let is_over = alert(document, "a").is_some_and(|alert| alert["state"] == "resolved");
        is_over && document["channels"][0]["delivered_total"] == 2
    });
    let alert = alert(&over, "a").unwrap();
    assert_eq!(turns(alert), ["pending", "fired", "announced", "resolved"]);
    assert_eq!(alert["hush"], Value::Null);
    assert_eq!(over["causes"], Value::Array(vec![]));
    end(run);
    assert_eq!(receiver.count(), 2);
}

#[test]
fn of_a_child_whose_parent_is_down_nobody_is_told() {
    let (web, receiver) = (Web::start(), Receiver::start(&[WELL]));
    let child = format!(
        "{BRITTLE}depends_on = [\"gateway\"]\n[[target]]\nname = \"gateway\"\nurl = \"{}\"\n{BRITTLE}",
        web.url("/fail"),
    );
    let place = place(&web, "/fail", &(child + &channel(&receiver)));
    let run = place.start(&["run", "--output", "ndjson"]);
    let document = run.document_where("both fire and one was told", |document| {
        let fires = |name| alert(document, name).is_some_and(|alert| alert["state"] == "firing");
        fires("a") && fires("gateway") && document["channels"][0]["delivered_total"] == 1
    });
    let suppression = &alert(&document, "a").unwrap()["hush"];
    assert_eq!(
        (&suppression["reason"], &suppression["name"]),
        (&"behind".into(), &"gateway".into())
    );
    let causes = document["causes"].as_array().unwrap();
    assert_eq!(causes.len(), 1, "one banner for both: {causes:?}");
    assert_eq!(causes[0]["alerts"].as_array().unwrap().len(), 2);
    for _ in 0..6 {
        run.document();
    }
    end(run);
    assert_eq!(told(&receiver, 1), ["firing errors gateway"]);
}

#[test]
fn maintenance_keeps_quiet_and_what_still_fires_at_its_end_is_told_then() {
    let (web, receiver) = (Web::start(), Receiver::start(&[WELL]));
    let now = clock();
    let [start, soon] = [now - 3600, now + 6].map(moment);
    let maintenance = format!("[[maintenance]]\nname = \"rack\"\nstart = {start}\nend = {soon}\n");
    let place = place(&web, "/fail", &format!("{BRITTLE}{maintenance}{}", channel(&receiver)));
    let run = place.start(&["run", "--output", "ndjson"]);
    let document = run.document_where("it fires", |document| {
        alert(document, "a").is_some_and(|alert| alert["state"] == "firing")
    });
    let suppression = &alert(&document, "a").unwrap()["hush"];
    assert_eq!(
        (&suppression["reason"], &suppression["name"]),
        (&"maintenance".into(), &"rack".into())
    );
    assert!(
        suppression["until"].as_str().unwrap().starts_with(&soon[..19]),
        "{suppression}"
    );
    assert_eq!(document["channels"][0]["delivered_total"], 0);
    assert_eq!(told(&receiver, 1), ["firing errors a"]);
    let document = run.document_where("nothing keeps it quiet", |document| {
        alert(document, "a").unwrap()["hush"] == Value::Null
    });
    let turns = turns(alert(&document, "a").unwrap());
    assert_eq!(turns, ["pending", "fired", "hushed", "heard", "announced"]);
    end(run);
}

#[test]
fn what_goes_on_is_told_again() {
    let (web, receiver) = (Web::start(), Receiver::start(&[WELL]));
    let remind = "[alerts]\nremind = { first = \"10s\", longest = \"10s\" }\n";
    let place = place(&web, "/fail", &format!("{BRITTLE}{}{remind}", channel(&receiver)));
    let run = place.start(&["run", "--output", "ndjson"]);
    assert_eq!(told(&receiver, 2), ["firing errors a", "reminder errors a"]);
    end(run);
}

#[test]
fn a_promise_that_is_broken_is_told_and_fails_the_run() {
    let (web, receiver) = (Web::start(), Receiver::start(&[WELL]));
    let promise = "[[objective]]\nname = \"fast\"\ngoal = \"95% under 1us\"\n";
    let place = place(&web, "/ok", &format!("{promise}{}", channel(&receiver)));
    let ended = place.run(&["run", "--for", "4s", "--output", "json"]);
    assert_eq!(ended.code, Some(3), "{}", ended.stderr);
    let lines = told(&receiver, 1);
    assert!(
        lines[0].starts_with("firing ") && lines[0].ends_with(" fast"),
        "{lines:?}"
    );
    assert_eq!(lines.len(), 1);
    let document = ended.document();
    assert_eq!(document["objectives"][0]["level"], "critical");
}

#[test]
fn across_a_restart_nothing_is_told_twice_and_the_end_once() {
    let (web, receiver) = (Web::start(), Receiver::start(&[WELL]));
    let address = web.address;
    let state = "[alerts]\nstate_file = \"alerts.json\"\n";
    let place = place(&web, "/ok", &format!("{BRITTLE}{}{state}", channel(&receiver)));
    drop(web);
    let start = || place.start(&["run", "--output", "ndjson"]);
    let run = start();
    let fired = &receiver.wait(1)[0].json()["alerts"][0];
    end(run);
    let run = start();
    let document = run.document_where("it is looked at again", |document| {
        count(&target(document, "a")["windows"]["run"]["failed"]) >= 15
    });
    let taken_over = alert(&document, "a").unwrap();
    assert_eq!(turns(taken_over), ["pending", "fired", "announced", "restored"]);
    assert_eq!(receiver.count(), 1);
    assert_eq!(document["causes"][0]["since"], taken_over["since"]);
    let _web = Web::start_at(address);
    assert_eq!(told(&receiver, 2), ["firing errors a", "resolved errors a"]);
    end(run);
    let requests = receiver.wait(2);
    assert_eq!(requests.len(), 2);
    let over = &requests[1].json()["alerts"][0];
    let began = [fired, over].map(|alert| alert["since"].as_str().unwrap()[..19].to_owned());
    assert_eq!(began[0], began[1], "the condition became true in the run before");
}

/// A target that fails, a receiver's address where nobody listens, and what is remembered.
fn lonely(more: &str) -> (Place, std::net::SocketAddr, Web) {
    let (web, receiver) = (Web::start(), Receiver::start(&[WELL]));
    let state = "[alerts]\nstate_file = \"alerts.json\"\n";
    let place = place(&web, "/fail", &format!("{BRITTLE}{}{more}{state}", channel(&receiver)));
    (place, receiver.address, web)
}

fn untold(place: &Place) -> Vec<String> {
    let saved = place.document("alerts.json");
    let untold = saved["untold"].as_array().unwrap().iter();
    untold
        .map(|word| {
            format!(
                "{} {}",
                word["channel"].as_str().unwrap(),
                word["occasion"].as_str().unwrap()
            )
        })
        .collect()
}

#[test]
fn what_nobody_heard_before_a_restart_is_told_after_it_and_only_then() {
    for ending in [Signal::TERM, Signal::KILL] {
        let (place, address, _web) = lonely("");
        let run = place.start(&["run", "--output", "ndjson", "--log-file", "log"]);
        let is_untold = |document: &Value| count(&document["channels"][0]["waiting"]) == 1;
        run.document_where("the receiver is not reached", is_untold);
        until("it is remembered", || {
            place.path("alerts.json").exists() && untold(&place) == ["hook firing"]
        });
        run.signal(ending);
        if ending == Signal::TERM {
            let ended = run.wait();
            let said = "probetop: notify hook: 1 of 1 announcements were not delivered (1 waited when the run ended); \
                        last error: 127.0.0.1 cannot be reached";
            assert!(ended.stderr.contains(said), "{}", ended.stderr);
            let last = ended.documents().pop().unwrap();
            assert_eq!(last["channels"][0]["undelivered_total"], 1);
            assert!(place.read("log").contains("1 of 1 announcements were not delivered"));
            assert_eq!(untold(&place), ["hook firing"]);
        } else {
            drop(run);
        }
        let saved = place.document("alerts.json");
        let receiver = Receiver::start_at(address, &[WELL]);
        let run = place.start(&["run", "--output", "ndjson"]);
        assert_eq!(told(&receiver, 1), ["firing errors a"]);
        let request = &receiver.wait(1)[0].json()["alerts"][0];
        for (heard, remembered) in [("since", "since"), ("told_at", "at")] {
            let [heard, remembered] =
                [&request[heard], &saved["untold"][0][remembered]].map(|at| at.as_str().unwrap()[..19].to_owned());
            assert!(
                heard <= remembered || heard[..17] == remembered[..17],
                "{heard} is not {remembered}"
            );
        }
        until("it is told and remembered so", || untold(&place).is_empty());
        end(run);
        let run = place.start(&["run", "--output", "ndjson"]);
        run.document_where("it is looked at again", |document| {
            count(&target(document, "a")["windows"]["run"]["failed"]) >= 15
        });
        end(run);
        assert_eq!(receiver.count(), 1, "once is enough");
    }
}

#[test]
fn an_end_that_nobody_heard_before_a_restart_is_told_after_it() {
    let (web, receiver) = (Web::start(), Receiver::start(&[WELL]));
    let address = receiver.address;
    let state = "[alerts]\nstate_file = \"alerts.json\"\n";
    let place = place(&web, "/ok", &format!("{BRITTLE}{}{state}", channel(&receiver)));
    let at = web.address;
    drop(web);
    let run = place.start(&["run", "--output", "ndjson"]);
    assert_eq!(told(&receiver, 1), ["firing errors a"]);
    until("its delivery is remembered", || {
        place.path("alerts.json").exists() && untold(&place).is_empty()
    });
    drop(receiver);
    let _web = Web::start_at(at);
    run.document_where("it is over", |document| {
        alert(document, "a").is_some_and(|alert| alert["state"] == "resolved")
    });
    end(run);
    assert_eq!(untold(&place), ["hook resolved"]);
    let receiver = Receiver::start_at(address, &[WELL]);
    let run = place.start(&["run", "--output", "ndjson"]);
    assert_eq!(told(&receiver, 1), ["resolved errors a"]);
    end(run);
}

#[test]
fn what_waited_for_a_channel_that_is_gone_is_said_to_be_lost() {
    let (place, _, _web) = lonely("");
    let run = place.start(&["run", "--output", "ndjson"]);
    run.document_where("the receiver is not reached", |document| {
        count(&document["channels"][0]["waiting"]) == 1
    });
    end(run);
    let config = place.read("probetop.toml");
    place.write("probetop.toml", &config.replace("\"hook\"", "\"other\""));
    let run = place.start(&["run", "--output", "none"]);
    run.wait_for_stderr("will not be delivered: 1 for hook", 1);
    end(run);
}

#[test]
fn a_receiver_that_is_slow_or_dead_holds_up_no_tick_and_not_the_end() {
    let check = |reply: Reply| {
        let (web, receiver) = (Web::start(), Receiver::start(&[reply]));
        let more = format!("{BRITTLE}{}timeout = \"30s\"\n", channel(&receiver));
        let place = place(&web, "/fail", &more);
        let run = place.start(&["run", "--for", "5s", "--output", "ndjson"]);
        receiver.wait(1);
        let ended = run.wait();
        assert_eq!(ended.code, Some(3), "{}", ended.stderr);
        let documents = ended.documents();
        let last = documents.last().unwrap();
        let uptime = last["uptime_s"].as_f64().unwrap();
        // The receiver is given up after 3 s at the end; a try has 30.
        assert!((5.0..25.0).contains(&uptime), "{reply:?}: {uptime}");
        let window = &target(last, "a")["windows"]["run"];
        let due = count(&window["attempts"]) + count(&window["overruns"]);
        assert!(due >= 40, "{reply:?}: {window}");
        assert_eq!(last["monitor"]["dropped_samples_total"], 0);
        // A tick that waited for the receiver would be 30 s late.
        let lag = count(&last["monitor"]["lag_us"]["p50"]);
        assert!(lag < 1_000_000, "{reply:?}: {lag} us");
        assert_eq!(last["channels"][0]["delivered_total"], 0, "{reply:?}");
    };
    check(Reply::Silence);
    check(Reply::Hangup);
}

#[test]
fn a_rule_that_changes_under_its_alert_is_the_same_alert() {
    let (web, receiver) = (Web::start(), Receiver::start(&[WELL]));
    let rule = |limit: &str, severity: &str| {
        format!(
            "[[alert]]\nname = \"busy\"\non = [\"a\"]\nwhen = \"rate > {limit}\"\nwindow = \"10s\"\n\
             clear_for = \"0s\"\nseverity = \"{severity}\"\n{}",
            channel(&receiver)
        )
    };
    let place = place(&web, "/ok", &rule("1.0", "warning"));
    let run = place.start(&["run", "--output", "ndjson"]);
    assert_eq!(told(&receiver, 1), ["firing busy a"]);
    let id = |document: &Value| alert(document, "a").unwrap()["id"].clone();
    let before = id(&run.document());

    let url = web.url("/ok");
    let change = |rule: String| {
        place.write(
            "probetop.toml",
            &format!("interval = \"100ms\"\n[[target]]\nname = \"a\"\nurl = \"{url}\"\n{rule}"),
        );
        run.signal(Signal::USR1);
    };
    change(rule("2.0", "critical"));
    let louder = run.document_where("it is critical", |document| {
        alert(document, "a").is_some_and(|alert| alert["severity"] == "critical")
    });
    assert_eq!(id(&louder), before);
    assert_eq!(
        told(&receiver, 2),
        ["firing busy a", "worsened busy a"],
        "what turned critical is news"
    );
    change(rule("1000.0", "critical"));
    assert_eq!(told(&receiver, 3)[2], "resolved busy a");
    end(run);
    assert_eq!(receiver.count(), 3);
}

/// Seconds since 1970.
#[allow(clippy::disallowed_methods, reason = "maintenance is by the wall clock")]
fn clock() -> u64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    now.unwrap().as_secs()
}

fn moment(seconds: u64) -> String {
    humantime::format_rfc3339_seconds(std::time::UNIX_EPOCH + std::time::Duration::from_secs(seconds)).to_string()
}
