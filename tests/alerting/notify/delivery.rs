//! What leaves when all is well, and when the configuration changes on the way.

use std::collections::{BTreeMap, BTreeSet};

use probetop::notify::outbox::AT_ONCE_LIMIT;
use probetop_core::sample::ChannelState;
use probetop_core::snapshot::AnnouncementReason;

use super::{Notifying, announcement};
use crate::support::receiver::{Receiver, Reply, WELL};

fn webhook(url: &str, more: &str) -> String {
    format!("[[notify]]\nname = \"hooks\"\nkind = \"webhook\"\nurl = \"{url}\"\n{more}\n")
}

#[test]
fn a_webhook_gets_our_document_of_all_that_happened_at_once() {
    let receiver = Receiver::start(&[WELL]);
    let headers = "headers = { authorization = \"Bearer ${SECRET}\" }\nmethod = \"PUT\"";
    let mut notifying = Notifying::by(&webhook(&receiver.url("/hook?x=1"), headers));
    let [one, two] = [(1, AnnouncementReason::Firing), (2, AnnouncementReason::Resolved)]
        .map(|(id, occasion)| announcement(&notifying.clock, id, occasion));
    notifying.offer(vec![one, two]);
    let request = receiver.wait(1).remove(0);
    assert!(
        request.head.starts_with("PUT /hook?x=1 HTTP/1.1\r\n"),
        "{}",
        request.head
    );
    for header in [
        "content-type: application/json\r\n",
        "authorization: Bearer s3cret-of-the-environment\r\n",
        "user-agent: probetop/",
    ] {
        assert!(request.head.contains(header), "{}", request.head);
    }
    let document = request.json();
    assert_eq!(document["schema"], "probetop.notification/v1");
    assert_eq!(document["machine"], "monitor.example");
    assert_eq!(document["title"], "warning: alert 1 on checkout, and 1 more");
    assert_eq!(document["state"], "firing");
    assert_eq!(document["alerts"][0]["occasion"], "firing");
    assert_eq!(document["alerts"][0]["target"]["group"], "api");
    assert_eq!(document["alerts"][0]["resolved_at"], serde_json::Value::Null);
    assert_eq!(document["alerts"][1]["occasion"], "resolved");
    assert!(document["alerts"][1]["resolved_at"].is_string());
    let report = notifying.report_where("delivered", |report| report.delivered_total == 2);
    assert_eq!((report.state, report.waiting), (ChannelState::Delivering, 0));
}

#[test]
fn a_template_makes_the_body_people_want() {
    let receiver = Receiver::start(&[WELL]);
    let body = r#"body = '''
{"text": {{ title | tojson }}, "lines": [{% for alert in alerts %}{{ alert.reason | tojson }}{% if not loop.last %}, {% endif %}{% endfor %}]}'''"#;
    let mut notifying = Notifying::by(&webhook(&receiver.url("/"), body));
    notifying.announce(1, AnnouncementReason::Firing);
    let document = receiver.wait(1)[0].json();
    assert_eq!(document["text"], "warning: alert 1 on checkout");
    assert_eq!(document["lines"][0], "this is a \"test\": p95 612ms > 250ms");
}

#[test]
fn a_thousand_alerts_of_one_tick_all_arrive() {
    let receiver = Receiver::start(&[WELL]);
    let mut notifying = Notifying::by(&webhook(&receiver.url("/"), ""));
    let all = (0..1000).map(|id| announcement(&notifying.clock, id, AnnouncementReason::Firing));
    notifying.offer(all.collect());
    notifying.report_where("all delivered", |report| report.delivered_total == 1000);
    let documents: Vec<_> = receiver.wait(10).iter().map(|request| request.json()).collect();
    let told = documents
        .iter()
        .flat_map(|document| document["alerts"].as_array().unwrap().clone());
    let names: BTreeSet<_> = told.map(|alert| alert["name"].as_str().unwrap().to_owned()).collect();
    let expected: BTreeSet<_> = (0..1000).map(|id| format!("alert {id}")).collect();
    assert_eq!(
        names, expected,
        "each once, and no message overtakes another about the same alert"
    );
}

#[test]
fn a_slow_receiver_is_told_several_things_at_once_and_of_each_alert_in_order() {
    let receiver = Receiver::start(&[Reply::Late(50)]);
    let url = receiver.url("/v2/enqueue");
    let text = format!("[[notify]]\nname = \"call\"\nkind = \"pagerduty\"\nrouting_key = \"k\"\nurl = \"{url}\"");
    let mut notifying = Notifying::by(&text);
    let tell = |notifying: &mut Notifying, occasion| {
        let all = (0..200).map(|id| announcement(&notifying.clock, id, occasion));
        let all = all.collect();
        notifying.offer(all);
    };
    tell(&mut notifying, AnnouncementReason::Firing);
    receiver.wait(1);
    tell(&mut notifying, AnnouncementReason::Resolved);
    // One that waited still is told of its end alone.
    let report = notifying.report_where("all delivered", |report| report.waiting == 0);
    assert_eq!((report.dropped_total, report.failed_total), (0, 0));
    assert!(
        (2..=AT_ONCE_LIMIT).contains(&receiver.at_once()),
        "{}",
        receiver.at_once()
    );
    let mut told: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for request in receiver.wait(usize::try_from(report.delivered_total).unwrap()) {
        let event = request.json();
        let [key, action] = ["dedup_key", "event_action"].map(|key| event[key].as_str().unwrap().to_owned());
        told.entry(key).or_default().push(action);
    }
    assert_eq!(told.len(), 200);
    for (key, actions) in told {
        assert!(
            actions == ["trigger", "resolve"] || actions == ["resolve"],
            "{key}: {actions:?}"
        );
    }
}

/// Forty at a time are 25 rounds: a second and a quarter where each takes 50 ms.
#[test]
fn a_thousand_messages_take_25_rounds_of_a_receiver_and_a_thousand_ends_as_many_more() {
    let receiver = Receiver::start(&[Reply::Together(40)]);
    let url = receiver.url("/v2/enqueue");
    let text = format!("[[notify]]\nname = \"call\"\nkind = \"pagerduty\"\nrouting_key = \"k\"\nurl = \"{url}\"");
    let mut notifying = Notifying::by(&text);
    for (occasion, so_far) in [(AnnouncementReason::Firing, 1000), (AnnouncementReason::Resolved, 2000)] {
        let all = (0..1000).map(|id| announcement(&notifying.clock, id, occasion));
        let all = all.collect();
        notifying.offer(all);
        let report = notifying.report_where("all delivered", |report| report.delivered_total == so_far);
        assert_eq!((report.waiting, report.dropped_total, report.failed_total), (0, 0, 0));
    }
    let mut told: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for request in receiver.wait(2000) {
        let event = request.json();
        let [key, action] = ["dedup_key", "event_action"].map(|key| event[key].as_str().unwrap().to_owned());
        told.entry(key).or_default().push(action);
    }
    assert_eq!(told.len(), 1000);
    assert!(told.values().all(|actions| actions == &["trigger", "resolve"]));
    assert_eq!(receiver.count(), 2000, "nothing was tried twice");
}

#[test]
fn what_is_left_at_the_end_is_counted_channel_by_channel() {
    let (dead, well) = (Receiver::start(&[Reply::Silence]), Receiver::start(&[WELL]));
    let both = [("dead", dead.url("/")), ("well", well.url("/"))];
    let channel = |(name, url): (&str, String)| webhook(&url, "").replace("hooks", name);
    let mut notifying = Notifying::by(&both.map(channel).concat());
    (0..3).for_each(|id| notifying.announce(id, AnnouncementReason::Firing));
    let reports = notifying.dispatcher.finish();
    let figures: Vec<_> = reports
        .iter()
        .map(|report| (report.delivered_total, report.left_total, report.undelivered()))
        .collect();
    assert_eq!(figures, [(0, 3, 3), (3, 0, 0)]);
    assert_eq!(notifying.dispatcher.untold().count(), 3, "the next run can tell them");
}

#[test]
fn a_thousand_messages_of_one_tick_all_arrive() {
    let receiver = Receiver::start(&[WELL]);
    let url = receiver.url("/services/T0");
    let text = format!(
        "[[notify]]\nname = \"ops\"\nkind = \"slack\"\nurl = \"{url}\"\nat_most = {{ messages = 5000, per = \"1m\" }}"
    );
    let mut notifying = Notifying::by(&text);
    let all = (0..1000).map(|id| announcement(&notifying.clock, id, AnnouncementReason::Firing));
    notifying.offer(all.collect());
    let requests = receiver.wait(1000);
    let texts: BTreeSet<_> = requests
        .iter()
        .map(|request| request.json()["text"].to_string())
        .collect();
    let expected: BTreeSet<_> = (0..1000)
        .map(|id| format!("\"warning: alert {id} on checkout\""))
        .collect();
    assert_eq!(texts, expected);
    let report = notifying.report_where("all delivered", |report| report.delivered_total == 1000);
    assert_eq!((report.dropped_total, report.failed_total), (0, 0));
}

#[test]
fn pagerduty_gets_an_event_for_each_alert() {
    let receiver = Receiver::start(&[WELL]);
    let url = receiver.url("/v2/enqueue");
    let text =
        format!("[[notify]]\nname = \"call\"\nkind = \"pagerduty\"\nrouting_key = \"${{SECRET}}\"\nurl = \"{url}\"");
    let mut notifying = Notifying::by(&text);
    for (id, occasion) in [
        (1, AnnouncementReason::Firing),
        (2, AnnouncementReason::Firing),
        (1, AnnouncementReason::Resolved),
    ] {
        notifying.announce(id, occasion);
        notifying.report_where("delivered", |report| report.waiting == 0 && report.delivered_total > 0);
    }
    let events = receiver.wait(3);
    let events = events.iter().map(|event| {
        let event = event.json();
        assert_eq!(event["routing_key"], super::SECRET);
        (event["event_action"].clone(), event["dedup_key"].clone())
    });
    let expected = [("trigger", 1), ("trigger", 2), ("resolve", 1)].map(|(action, id)| {
        let key = format!("probetop/monitor.example/alert {id}/checkout");
        (action.into(), key.into())
    });
    assert_eq!(events.collect::<Vec<_>>(), expected);
}

#[test]
fn what_waits_at_the_end_leaves_before_it() {
    let receiver = Receiver::start(&[WELL]);
    let mut notifying = Notifying::by(&webhook(&receiver.url("/"), "gather = \"10m\""));
    notifying.announce(1, AnnouncementReason::Firing);
    notifying.announce(2, AnnouncementReason::Resolved);
    let reports = notifying.dispatcher.finish();
    assert_eq!(receiver.wait(1)[0].json()["alerts"].as_array().unwrap().len(), 2);
    assert_eq!((reports[0].delivered_total, reports[0].waiting), (2, 0));
}

#[test]
fn a_request_goes_through_the_proxy_that_is_named() {
    let proxy = Receiver::start(&[WELL]);
    let more = format!("proxy = \"{}\"", proxy.url(""));
    let mut notifying = Notifying::by(&webhook("http://hooks.invalid/x", &more));
    notifying.announce(1, AnnouncementReason::Firing);
    let head = proxy.wait(1).remove(0).head;
    assert!(head.starts_with("POST http://hooks.invalid/x HTTP/1.1\r\n"), "{head}");
}

#[test]
fn a_changed_channel_keeps_what_waits_and_one_that_stays_keeps_its_figures() {
    let (first, second) = (Receiver::start(&[WELL]), Receiver::start(&[WELL]));
    let mut notifying = Notifying::by(&webhook(&first.url("/"), ""));
    notifying.announce(1, AnnouncementReason::Firing);
    notifying.report_where("delivered", |report| report.delivered_total == 1);
    let slow = webhook(&first.url("/"), "gather = \"10m\"");
    notifying.follow(&slow);
    notifying.announce(2, AnnouncementReason::Firing);
    notifying.report_where("waits", |report| report.waiting == 1);
    notifying.follow(&slow);
    let report = notifying.report_where("as before", |_| true);
    assert_eq!((report.waiting, report.delivered_total), (1, 1));
    notifying.follow(&webhook(&second.url("/"), ""));
    assert_eq!(second.wait(1)[0].json()["alerts"][0]["name"], "alert 2");
    notifying.report_where("both", |report| report.delivered_total == 2);
    assert_eq!(first.count(), 1);
}

#[test]
fn a_channel_that_is_gone_still_sends_what_waits() {
    let receiver = Receiver::start(&[WELL]);
    let mut notifying = Notifying::by(&webhook(&receiver.url("/"), "gather = \"10m\""));
    notifying.announce(1, AnnouncementReason::Firing);
    notifying.follow("");
    receiver.wait(1);
    assert_eq!(notifying.dispatcher.reports().as_deref(), Some(&[][..]));
}
