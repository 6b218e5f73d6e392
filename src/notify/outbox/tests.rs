//! What waits at a channel, second by second.

use std::time::SystemTime;

use probetop_core::sample::Severity;

use super::queue::QUEUE_LIMIT;
use super::*;
use crate::notify::message::Message;
use crate::notify::settings::AtMost;

const MACHINES: Reader = Reader::Machines { at_once: 100 };

fn pace() -> Pace {
    Pace {
        gather: Duration::from_millis(300),
        timeout: Duration::from_secs(10),
        give_up_after: Duration::from_secs(600),
        at_most: None,
    }
}

fn at(second: u64) -> Timestamp {
    Timestamp::from_secs(second)
}

fn told(id: u64, group: &str, occasion: AnnouncementReason) -> Announcement {
    let mut example = Message::example(at(0), SystemTime::UNIX_EPOCH);
    let mut announcement = example.announcements.remove(0);
    announcement.alert.id = AlertId(id);
    announcement.group = group.into();
    announcement.occasion = occasion;
    announcement
}

fn firing(id: u64, group: &str) -> Announcement {
    told(id, group, AnnouncementReason::Firing)
}

fn busy() -> Fault {
    Fault::Passing {
        message: "busy".into(),
        wait: None,
    }
}

/// An outbox with these in it since second 0.
fn outbox(reader: Reader, pace: Pace, announcements: impl IntoIterator<Item = Announcement>) -> Outbox {
    let mut outbox = Outbox::new(reader, pace, None, 1);
    for announcement in announcements {
        outbox.take(announcement, at(0));
    }
    outbox
}

/// What goes at `now`: the ids, and how many are left out. Nothing: it waits.
#[track_caller]
fn sends(outbox: &mut Outbox, now: Timestamp) -> (Vec<u64>, usize) {
    match outbox.next(now) {
        Next::Send(batch) => {
            let ids = batch.announcements.iter().map(|told| told.alert.id.0);
            (ids.collect(), batch.left_out)
        }
        Next::Wait(until) => {
            assert!(until > now, "it must not be asked for ever");
            (Vec::new(), 0)
        }
        Next::Nothing => (Vec::new(), 0),
    }
}

/// The newest message has come.
fn delivered(outbox: &mut Outbox, now: Timestamp) {
    outbox.delivered(outbox.queue.last_message(), now);
}

/// The newest message has not.
fn failed(outbox: &mut Outbox, fault: Fault, now: Timestamp) {
    outbox.failed(outbox.queue.last_message(), fault, now);
}

/// Tries and fails until it goes, and says when.
fn retried(outbox: &mut Outbox, mut now: Timestamp) -> Timestamp {
    loop {
        match outbox.next(now) {
            Next::Send(_) => return now,
            Next::Wait(until) => now = until,
            Next::Nothing => panic!("nothing waits"),
        }
    }
}

#[test]
fn alerts_of_one_cause_become_one_message_and_others_another() {
    let all = [
        firing(1, "gateway"),
        firing(2, "db"),
        firing(3, "gateway"),
        firing(4, "gateway"),
    ];
    let mut outbox = outbox(Reader::People, pace(), all);
    assert_eq!(outbox.next(at(0)), Next::Wait(Timestamp::from_millis(300)));
    assert_eq!(sends(&mut outbox, at(1)), (vec![1, 3, 4], 0));
    delivered(&mut outbox, at(1));
    assert_eq!(sends(&mut outbox, at(1)), (vec![2], 0));
    delivered(&mut outbox, at(1));
    assert_eq!(outbox.next(at(1)), Next::Nothing);
    assert_eq!(outbox.standing.delivered_total, 4);
}

#[test]
fn machines_get_everything_in_its_order() {
    let all = (0..250).map(|id| firing(id, if id % 2 == 0 { "even" } else { "odd" }));
    let mut outbox = outbox(MACHINES, pace(), all);
    for expected in [0..100, 100..200, 200..250] {
        assert_eq!(sends(&mut outbox, at(1)), (expected.collect(), 0));
        delivered(&mut outbox, at(1));
    }
    assert!(outbox.is_empty());
}

#[test]
fn people_read_the_worst_first_and_of_too_many_the_number() {
    let all = (0..25).map(|id| {
        let occasion = if id == 0 {
            AnnouncementReason::Resolved
        } else {
            AnnouncementReason::Firing
        };
        let mut announcement = told(id, "gateway", occasion);
        if id == 24 {
            announcement.alert.severity = Severity::Critical;
        }
        announcement
    });
    let mut outbox = outbox(Reader::People, pace(), all);
    assert_eq!(sends(&mut outbox, at(1)), (vec![24, 1, 2, 3, 4, 5, 6, 7, 8, 9], 15));
    delivered(&mut outbox, at(1));
    assert_eq!(outbox.standing.delivered_total, 25);
}

#[test]
fn of_an_alert_that_waits_only_the_newest_word_is_told() {
    let check = |first, second, expected| {
        let mut outbox = outbox(
            MACHINES,
            pace(),
            [told(1, "", first), firing(2, ""), told(1, "", second)],
        );
        let Next::Send(batch) = outbox.next(at(1)) else {
            panic!("it is time")
        };
        let occasions: Vec<_> = batch
            .announcements
            .iter()
            .map(|told| (told.alert.id.0, told.occasion))
            .collect();
        assert_eq!(occasions, [(1, expected), (2, AnnouncementReason::Firing)]);
    };
    check(
        AnnouncementReason::Firing,
        AnnouncementReason::Resolved,
        AnnouncementReason::Resolved,
    );
    check(
        AnnouncementReason::Firing,
        AnnouncementReason::Escalation(1),
        AnnouncementReason::Escalation(1),
    );
    check(
        AnnouncementReason::Reminder(1),
        AnnouncementReason::Reminder(2),
        AnnouncementReason::Reminder(1),
    );
    check(
        AnnouncementReason::Firing,
        AnnouncementReason::Reminder(1),
        AnnouncementReason::Firing,
    );
    let [info, warning] = [Severity::Info, Severity::Warning].map(|before| AnnouncementReason::Worsened { before });
    check(AnnouncementReason::Firing, warning, AnnouncementReason::Firing);
    check(info, warning, info);
    check(warning, AnnouncementReason::Reminder(1), warning);
    check(AnnouncementReason::Escalation(1), warning, warning);
    check(warning, AnnouncementReason::Resolved, AnnouncementReason::Resolved);
}

#[test]
fn a_resolve_that_comes_while_its_firing_is_sent_goes_after_it() {
    let mut outbox = outbox(MACHINES, pace(), [firing(1, "")]);
    assert_eq!(sends(&mut outbox, at(1)), (vec![1], 0));
    outbox.take(told(1, "", AnnouncementReason::Resolved), at(2));
    delivered(&mut outbox, at(2));
    assert_eq!(sends(&mut outbox, at(3)), (vec![1], 0));
    delivered(&mut outbox, at(3));
    assert!(outbox.is_empty());
}

#[test]
fn a_firing_that_failed_is_not_told_once_it_is_resolved() {
    let mut outbox = outbox(MACHINES, pace(), [firing(1, ""), firing(2, "")]);
    assert_eq!(sends(&mut outbox, at(1)), (vec![1, 2], 0));
    outbox.take(told(1, "", AnnouncementReason::Resolved), at(2));
    failed(&mut outbox, busy(), at(2));
    assert_eq!(outbox.waiting(), 2);
    let Next::Send(batch) = outbox.next(at(100)) else {
        panic!("it is time")
    };
    let occasions: Vec<_> = batch.announcements.iter().map(|told| told.occasion).collect();
    assert_eq!(occasions, [AnnouncementReason::Resolved, AnnouncementReason::Firing]);
}

#[test]
fn beyond_the_limit_all_that_waits_shares_the_last_message() {
    let at_most = Some(AtMost {
        messages: 3,
        per: Duration::from_secs(60),
    });
    let all = (0..8).map(|id| firing(id, &format!("cause {id}")));
    let mut outbox = outbox(Reader::People, Pace { at_most, ..pace() }, all);
    for expected in [vec![0], vec![1], (2..8).collect()] {
        assert_eq!(sends(&mut outbox, at(1)), (expected, 0));
        delivered(&mut outbox, at(1));
    }
    for id in 8..10 {
        outbox.take(firing(id, &format!("cause {id}")), at(2));
    }
    assert_eq!(sends(&mut outbox, at(3)), (vec![], 0));
    assert_eq!(retried(&mut outbox, at(3)).second(), 21);
    delivered(&mut outbox, at(21));
    assert_eq!(outbox.standing.delivered_total, 10);
}

#[test]
fn tries_are_made_ever_more_rarely_and_given_up_at_last() {
    let mut outbox = outbox(MACHINES, pace(), [firing(1, "")]);
    let (mut now, mut tries) = (at(0), 0);
    while !outbox.is_empty() {
        now = retried(&mut outbox, now);
        tries += 1;
        failed(&mut outbox, busy(), now);
        let given_up = outbox.is_empty();
        let expected = if given_up {
            ChannelState::Failing
        } else {
            ChannelState::Retrying
        };
        assert_eq!(outbox.standing.state, expected);
    }
    assert!((600..661).contains(&now.second()), "{now:?}");
    assert!((15..60).contains(&tries), "{tries}");
    assert_eq!(outbox.standing.failed_total, 1);
    assert_eq!(outbox.standing.error, Some((now, "busy".into())));
}

#[test]
fn a_receiver_that_asks_for_a_rest_gets_it() {
    let check = |asked: u64, second: u64| {
        let mut outbox = outbox(MACHINES, pace(), [firing(1, "")]);
        assert_eq!(sends(&mut outbox, at(1)).0, [1]);
        let fault = Fault::Passing {
            message: "busy".into(),
            wait: Some(Duration::from_secs(asked)),
        };
        failed(&mut outbox, fault, at(1));
        assert_eq!(retried(&mut outbox, at(1)).second(), second);
    };
    check(30, 31);
    check(1_000_000, 301);
}

#[test]
fn what_is_refused_for_good_is_not_tried_again() {
    let mut outbox = outbox(MACHINES, pace(), [firing(1, "")]);
    assert_eq!(sends(&mut outbox, at(1)).0, [1]);
    let message = Text::from("answers 404");
    failed(&mut outbox, Fault::Lasting { message }, at(1));
    assert_eq!(outbox.next(at(1)), Next::Nothing);
    assert_eq!(
        (outbox.standing.state, outbox.standing.failed_total),
        (ChannelState::Failing, 1)
    );
    outbox.take(firing(2, ""), at(2));
    assert_eq!(sends(&mut outbox, at(3)).0, [2]);
}

#[test]
fn while_it_fails_all_groups_share_one_message() {
    let all = (0..30).map(|id| firing(id, &format!("cause {id}")));
    let mut outbox = outbox(Reader::People, pace(), all);
    assert_eq!(sends(&mut outbox, at(1)), (vec![0], 0));
    failed(&mut outbox, busy(), at(1));
    assert_eq!(sends(&mut outbox, at(100)), ((0..10).collect(), 20));
    delivered(&mut outbox, at(100));
    assert!(outbox.is_empty());
}

#[test]
fn a_full_queue_drops_and_counts_but_never_a_resolve_while_there_is_anything_else() {
    let limit = QUEUE_LIMIT as u64;
    let mut outbox = outbox(MACHINES, pace(), (0..limit + 5).map(|id| firing(id, "")));
    assert_eq!((outbox.waiting(), outbox.standing.dropped_total), (QUEUE_LIMIT, 5));
    outbox.take(told(limit + 9, "", AnnouncementReason::Resolved), at(1));
    assert_eq!((outbox.waiting(), outbox.standing.dropped_total), (QUEUE_LIMIT, 6));
    assert_eq!(sends(&mut outbox, at(1)).0[0], 1, "the oldest made room");
    let resolves = (0..limit).map(|id| told(id, "", AnnouncementReason::Resolved));
    let mut full = outbox_of_resolves(resolves);
    full.take(told(limit, "", AnnouncementReason::Resolved), at(1));
    assert_eq!(full.standing.dropped_total, 1);
}

fn outbox_of_resolves(resolves: impl Iterator<Item = Announcement>) -> Outbox {
    outbox(MACHINES, pace(), resolves)
}

#[test]
fn what_still_fires_is_renewed_and_not_counted() {
    let mut outbox = Outbox::new(MACHINES, pace(), Some(Duration::from_secs(60)), 1);
    outbox.take(firing(1, ""), at(0));
    outbox.take(firing(2, ""), at(0));
    assert_eq!(sends(&mut outbox, at(1)).0, [1, 2]);
    delivered(&mut outbox, at(1));
    assert_eq!(outbox.next(at(2)), Next::Wait(at(61)));
    assert_eq!(sends(&mut outbox, at(61)).0, [] as [u64; 0], "they gather");
    assert_eq!(sends(&mut outbox, at(62)).0, [1, 2]);
    delivered(&mut outbox, at(62));
    outbox.take(told(1, "", AnnouncementReason::Resolved), at(63));
    assert_eq!(sends(&mut outbox, at(64)).0, [1]);
    delivered(&mut outbox, at(64));
    assert_eq!(sends(&mut outbox, at(121)).0, [] as [u64; 0]);
    assert_eq!(sends(&mut outbox, at(122)).0, [2]);
    delivered(&mut outbox, at(122));
    assert_eq!(outbox.standing.delivered_total, 3);
}

#[test]
fn what_is_over_is_renewed_no_more_though_its_resolve_is_lost() {
    let refused = || Fault::Lasting { message: "no".into() };
    let renewal = Some(Duration::from_secs(60));
    let mut outbox = Outbox::new(MACHINES, pace(), renewal, 1);
    outbox.take(firing(1, ""), at(0));
    assert_eq!(sends(&mut outbox, at(1)).0, [1]);
    delivered(&mut outbox, at(1));
    outbox.take(told(1, "", AnnouncementReason::Resolved), at(2));
    assert_eq!(sends(&mut outbox, at(3)).0, [1]);
    failed(&mut outbox, refused(), at(3));
    assert_eq!(outbox.next(at(1000)), Next::Nothing);

    outbox.take(firing(2, ""), at(1000));
    assert_eq!(sends(&mut outbox, at(1001)).0, [2]);
    outbox.take(told(2, "", AnnouncementReason::Resolved), at(1002));
    delivered(&mut outbox, at(1002));
    assert_eq!(sends(&mut outbox, at(1003)).0, [2]);
    failed(&mut outbox, refused(), at(1003));
    assert_eq!(
        outbox.next(at(2000)),
        Next::Nothing,
        "it ended while its beginning was on its way"
    );
}

#[test]
fn at_the_end_nothing_is_gathered_and_no_limit_holds() {
    let at_most = Some(AtMost {
        messages: 1,
        per: Duration::from_secs(60),
    });
    let all = (0..3).map(|id| firing(id, &format!("cause {id}")));
    let mut outbox = outbox(Reader::People, Pace { at_most, ..pace() }, all);
    outbox.close();
    assert_eq!(sends(&mut outbox, at(0)), (vec![0, 1, 2], 0));
}

#[test]
fn other_settings_keep_what_waits_and_try_it_at_once() {
    let mut outbox = outbox(MACHINES, pace(), [firing(1, "")]);
    assert_eq!(sends(&mut outbox, at(1)).0, [1]);
    let wait = Some(Duration::from_secs(300));
    let message = Text::from("busy");
    failed(&mut outbox, Fault::Passing { message, wait }, at(1));
    outbox.change(MACHINES, pace(), None);
    assert_eq!(sends(&mut outbox, at(2)).0, [1]);
}

#[test]
fn several_messages_are_on_their_way_at_once_and_never_two_about_one_alert() {
    let all = (0..1000).map(|id| firing(id, &format!("cause {id}")));
    let mut outbox = outbox(Reader::People, pace(), all);
    for id in 0..AT_ONCE_LIMIT as u64 {
        assert_eq!(sends(&mut outbox, at(1)).0, [id]);
    }
    assert_eq!(outbox.next(at(1)), Next::Nothing, "so many are enough");
    outbox.take(told(0, "cause 0", AnnouncementReason::Resolved), at(2));
    outbox.delivered(2, at(2));
    assert_eq!(sends(&mut outbox, at(3)).0, [AT_ONCE_LIMIT as u64]);
    assert_eq!(outbox.waiting(), 1000);

    let mut pair = self::outbox(MACHINES, pace(), [firing(1, ""), firing(2, "")]);
    assert_eq!(sends(&mut pair, at(1)).0, [1, 2]);
    pair.take(told(1, "", AnnouncementReason::Resolved), at(1));
    pair.take(firing(3, ""), at(2));
    assert_eq!(
        sends(&mut pair, at(3)).0,
        [3],
        "what became of alert 1 is not known yet"
    );
    assert_eq!(pair.next(at(4)), Next::Nothing);
    pair.failed(1, busy(), at(4));
    assert_eq!(pair.standing.state, ChannelState::Retrying);
    assert_eq!(
        sends(&mut pair, at(100)).0,
        [] as [u64; 0],
        "while it fails, one at a time tries it"
    );
    pair.delivered(2, at(100));
    assert_eq!(sends(&mut pair, at(100)).0, [1, 2]);
}

#[test]
fn what_was_on_its_way_together_has_failed_once() {
    let all = (0..48).map(|id| firing(id, &format!("cause {id}")));
    let mut outbox = outbox(Reader::People, pace(), all);
    for id in 0..48 {
        assert_eq!(sends(&mut outbox, at(1)).0, [id]);
    }
    for number in 1..=48 {
        outbox.failed(number, busy(), at(2));
    }
    let again = retried(&mut outbox, at(2));
    assert!(again <= at(2) + Duration::from_millis(500), "{again:?}");
    assert_eq!(outbox.waiting(), 48);
}

#[test]
fn what_waits_or_is_on_its_way_is_untold_and_a_renewal_is_no_news() {
    let mut outbox = Outbox::new(MACHINES, pace(), Some(Duration::from_secs(60)), 1);
    let untold = |outbox: &Outbox| outbox.untold().map(|told| told.alert.id.0).collect::<Vec<_>>();
    outbox.take(firing(1, ""), at(0));
    assert_eq!(sends(&mut outbox, at(1)).0, [1]);
    outbox.take(firing(2, ""), at(1));
    assert_eq!(untold(&outbox), [1, 2]);
    let revision = outbox.revision();
    outbox.delivered(1, at(1));
    assert_eq!(untold(&outbox), [2]);
    assert_ne!(outbox.revision(), revision);
    assert_eq!(sends(&mut outbox, at(2)).0, [2]);
    outbox.delivered(2, at(2));
    assert_eq!(sends(&mut outbox, at(62)).0, [] as [u64; 0], "they gather");
    assert_eq!((outbox.waiting(), untold(&outbox)), (2, vec![]));
}
