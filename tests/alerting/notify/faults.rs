//! Receivers that are slow, failing, refusing, then well.

use std::net::TcpListener;

use probetop_core::sample::ChannelState;
use probetop_core::snapshot::AnnouncementReason;

use super::Notifying;
use crate::support::receiver::{Receiver, Reply, WELL};

fn webhook(url: &str, more: &str) -> String {
    format!("[[notify]]\nname = \"hooks\"\nkind = \"webhook\"\nurl = \"{url}\"\ngather = \"0s\"\n{more}\n")
}

#[test]
fn a_receiver_that_fails_and_then_is_well_gets_everything_once() {
    let receiver = Receiver::start(&[
        Reply::Status("500 Internal Server Error\r\n"),
        Reply::Hangup,
        Reply::Status("429 Too Many Requests\r\nretry-after: 1\r\n"),
        WELL,
    ]);
    let mut notifying = Notifying::by(&webhook(&receiver.url("/"), ""));
    notifying.announce(1, AnnouncementReason::Firing);
    let report = notifying.report_where("an error", |report| report.error.is_some());
    assert_eq!((report.state, report.waiting), (ChannelState::Retrying, 1));
    assert_eq!(report.error.unwrap().1.as_str(), "127.0.0.1 answers 500: ok");
    notifying.announce(2, AnnouncementReason::Firing);
    let report = notifying.report_where("delivered", |report| report.delivered_total == 2);
    assert_eq!((report.state, report.waiting), (ChannelState::Delivering, 0));
    assert_eq!((report.failed_total, report.dropped_total), (0, 0));
    let requests = receiver.wait(4);
    assert_eq!(requests[0].json()["alerts"].as_array().unwrap().len(), 1);
    assert_eq!(requests[3].json()["alerts"].as_array().unwrap().len(), 2);
}

#[test]
fn a_receiver_that_does_not_answer_is_given_up_for_this_try() {
    let receiver = Receiver::start(&[Reply::Silence, WELL]);
    let mut notifying = Notifying::by(&webhook(&receiver.url("/"), "timeout = \"200ms\""));
    notifying.announce(1, AnnouncementReason::Firing);
    let report = notifying.report_where("an error", |report| report.error.is_some());
    assert_eq!(report.error.unwrap().1.as_str(), "not done within 200ms");
    notifying.report_where("delivered", |report| report.delivered_total == 1);
}

#[test]
fn nobody_there_is_said_and_waited_for() {
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut notifying = Notifying::by(&webhook(&format!("http://{address}/"), ""));
    notifying.announce(1, AnnouncementReason::Firing);
    let report = notifying.report_where("an error", |report| report.error.is_some());
    let error = report.error.unwrap().1;
    assert_eq!(
        error.as_str(),
        "127.0.0.1 cannot be reached: Connection refused (os error 111)"
    );
    let receiver = Receiver::start_at(address, &[WELL]);
    receiver.wait(1);
    notifying.report_where("delivered", |report| report.delivered_total == 1);
}

#[test]
fn what_is_refused_for_good_or_for_too_long_is_given_up() {
    let check = |reply, more: &str, tries, error: &str| {
        let receiver = Receiver::start(&[reply]);
        let mut notifying = Notifying::by(&webhook(&receiver.url("/"), more));
        notifying.announce(1, AnnouncementReason::Firing);
        let report = notifying.report_where("given up", |report| report.failed_total == 1);
        assert_eq!((report.state, report.waiting), (ChannelState::Failing, 0));
        assert_eq!(report.error.unwrap().1.as_str(), error);
        assert_eq!(receiver.count(), tries);
    };
    check(Reply::Status("404 Not Found\r\n"), "", 1, "127.0.0.1 answers 404: ok");
    check(
        Reply::Status("302 Found\r\nlocation: http://127.0.0.1:1/\r\n"),
        "",
        1,
        "127.0.0.1 answers 302: a redirect; write the URL that it leads to",
    );
    check(
        Reply::Status("503 Service Unavailable\r\n"),
        "give_up_after = \"0s\"",
        1,
        "127.0.0.1 answers 503: ok",
    );
}

#[test]
fn a_dead_receiver_holds_up_no_other_channel_and_no_end() {
    let (dead, well) = (Receiver::start(&[Reply::Silence]), Receiver::start(&[WELL]));
    let both = [("dead", dead.url("/")), ("well", well.url("/"))];
    let both = both
        .map(|(name, url)| webhook(&url, "").replace("hooks", name))
        .concat();
    let mut notifying = Notifying::by(&both);
    notifying.announce(1, AnnouncementReason::Firing);
    dead.wait(1);
    well.wait(1);
    notifying.announce(2, AnnouncementReason::Firing);
    well.wait(2);
    let reports = notifying.dispatcher.finish();
    let figures: Vec<_> = reports
        .iter()
        .map(|report| (report.delivered_total, report.waiting))
        .collect();
    assert_eq!(figures, [(0, 2), (2, 0)]);
}
