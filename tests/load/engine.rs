//! The workers against a server with a log, request by request: what they count is what was sent, and when.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use probetop_core::clock::{Clock, Timestamp};
use probetop_core::profile::{Amount, Arrivals, Model, Pause, Profile};
use probetop_core::sample::load::{LoadPart, LoadSecond};
use probetop_core::sample::slot::tally::Tally;
use probetop_core::sample::slot::{LAG, LATENCY, RESPONSE, SecondCounter, code};
use probetop_core::sample::{Micros, Outcome, Phases};
use probetop_core::snapshot::load::{Completeness, Reading};
use probetop_engine::judge::load::{LoadPlan, LoadRun};
use probetop_probe::load::{News, Order, Running};
use probetop_probe::source::http::{Http, Settings};
use probetop_probe::source::kind::Crowd;
use probetop_probe::source::{Attempt, Probe};
use url::Url;

use super::server::{Freeze, LoggedServer};

/// Longer than anything here takes, even on a machine that is busy with other things.
const TIMEOUT: Duration = Duration::from_secs(20);

/// What the caller of each request saw, in the order in which they were started.
#[derive(Clone, Default)]
struct Witness(Arc<Mutex<Vec<Seen>>>);

#[derive(Clone, Copy, Debug)]
struct Seen {
    started: Timestamp,
    /// Nothing where it was given up.
    ended: Option<Ended>,
}

#[derive(Clone, Copy, Debug)]
struct Ended {
    latency: Micros,
    /// Which one of the server's it was; nothing where it failed.
    number: Option<u64>,
}

struct WatchedCrowd {
    crowd: Http,
    witness: Witness,
}

struct WatchedUser {
    user: Arc<dyn Probe>,
    witness: Witness,
}

impl Crowd for WatchedCrowd {
    fn user(&self, in_flight: u16) -> Arc<dyn Probe> {
        Arc::new(WatchedUser {
            user: self.crowd.user(in_flight),
            witness: self.witness.clone(),
        })
    }
}

impl Probe for WatchedUser {
    fn probe(&self, deadline: Timestamp) -> Pin<Box<dyn Future<Output = Attempt> + Send + '_>> {
        Box::pin(async move {
            let at = {
                let mut seen = self.witness.0.lock().unwrap();
                seen.push(Seen {
                    started: deadline - TIMEOUT,
                    ended: None,
                });
                seen.len() - 1
            };
            let attempt = self.user.probe(deadline).await;
            self.witness.0.lock().unwrap()[at].ended = Some(Ended {
                latency: attempt.latency,
                number: attempt.answer.as_ref().map(|answer| answer.body_bytes),
            });
            attempt
        })
    }
}

/// A run that has ended: what was told of it, and what its requests saw.
struct Ran {
    profile: Profile,
    started: Timestamp,
    seconds: Vec<LoadSecond>,
    seen: Vec<Seen>,
}

fn rate(per_s: u64, length: Duration) -> Profile {
    let rate = Amount::whole(per_s);
    Profile::steady(Model::Open, rate, rate, length)
}

fn order(clock: &Clock, url: &str, profile: Profile, witness: &Witness) -> Order {
    let crowd = Http::try_new(clock.clone(), &Url::parse(url).unwrap(), &Settings::default(), 1).unwrap();
    Order {
        profile,
        crowd: Arc::new(WatchedCrowd {
            crowd: crowd.reading_all(),
            witness: witness.clone(),
        }),
        timeout: TIMEOUT,
        workers: 1,
        connections: 1000,
    }
}

fn run(clock: &Clock, url: &str, profile: Profile, change: impl FnOnce(&mut Order)) -> Ran {
    let witness = Witness::default();
    let mut order = order(clock, url, profile.clone(), &witness);
    change(&mut order);
    let (sender, news) = mpsc::channel();
    let running = Running::start(order, clock, move |said| sender.send(said).unwrap()).unwrap();
    let started = running.started();
    let mut seconds = Vec::new();
    while let News::Second(second) = news.recv_timeout(3 * TIMEOUT).unwrap() {
        seconds.push(second);
    }
    running.join().unwrap();
    let seen = witness.0.lock().unwrap().clone();
    Ran {
        profile,
        started,
        seconds,
        seen,
    }
}

impl Ran {
    fn parts(&self) -> impl Iterator<Item = &LoadPart> {
        self.seconds.iter().flat_map(|second| &second.parts)
    }

    fn tally(&self) -> Tally {
        let mut sum = Tally::default();
        for part in self.parts() {
            let mut tally = Tally::default();
            part.slot.visit(&mut tally, |_, _, _| {});
            sum.add(&tally);
        }
        sum
    }

    /// How often each bucket of a track occurred.
    fn track(&self, wanted: usize) -> BTreeMap<u16, u64> {
        let mut found = BTreeMap::new();
        for part in self.parts() {
            part.slot.visit(&mut Tally::default(), |track, code, count| {
                if track == wanted {
                    *found.entry(code).or_default() += count;
                }
            });
        }
        found
    }

    /// When each request of the timetable was due.
    fn due(&self) -> Vec<Timestamp> {
        let arrivals = Arrivals::of(&self.profile.stages);
        let due = (0..arrivals.count()).map(|number| arrivals.due(number).unwrap());
        due.map(|due| self.started + due.after).collect()
    }
}

fn buckets(durations: impl Iterator<Item = Micros>) -> BTreeMap<u16, u64> {
    let mut buckets = BTreeMap::new();
    for duration in durations {
        *buckets.entry(code::code_of(duration)).or_default() += 1;
    }
    buckets
}

#[test]
fn every_request_of_the_timetable_is_sent_once_and_counted_as_its_caller_and_the_server_saw_it() {
    let clock = Clock::system();
    let server = LoggedServer::start(&clock, None);
    let ran = run(&clock, &server.url(), rate(200, Duration::from_secs(2)), |_| {});
    let log = server.log();
    let (due, tally) = (ran.due(), ran.tally());
    assert_eq!(due.len(), 400);
    assert_eq!(ran.parts().map(|part| part.offered).sum::<u64>(), 400);
    assert_eq!(tally.attempts + tally.overruns, 400);
    assert_eq!(tally.attempts, log.len() as u64);
    assert_eq!(ran.seen.len(), log.len());
    assert_eq!(tally.failed(), 0);
    // None is early, and each lies around what the server says of it.
    let mut lags = Vec::new();
    let mut responses = Vec::new();
    for (seen, due) in ran.seen.iter().zip(&due) {
        assert!(seen.started >= *due, "sent before it was due");
        let ended = seen.ended.unwrap();
        let entry = log[usize::try_from(ended.number.unwrap()).unwrap()];
        assert!(seen.started <= entry.came && entry.came <= entry.answered);
        // The request's own clock starts a little behind `started`: how long that took on this machine is not asserted.
        assert!(ended.latency.as_duration() + Duration::from_micros(1) >= entry.answered.since(entry.came));
        let lag = Micros::from(seen.started.since(*due));
        lags.push(lag);
        responses.push(Micros(lag.0 + ended.latency.0));
    }
    assert_eq!(
        ran.track(LATENCY),
        buckets(ran.seen.iter().map(|seen| seen.ended.unwrap().latency))
    );
    if tally.overruns == 0 {
        assert_eq!(ran.track(LAG), buckets(lags.into_iter()));
        assert_eq!(ran.track(RESPONSE), buckets(responses.into_iter()));
    }
}

#[test]
fn workers_together_send_what_one_would() {
    let clock = Clock::system();
    let server = LoggedServer::start(&clock, None);
    let ran = run(&clock, &server.url(), rate(150, Duration::from_secs(1)), |order| {
        order.workers = 3
    });
    assert_eq!(ran.parts().map(|part| part.offered).sum::<u64>(), 150);
    assert_eq!(ran.tally().attempts, server.log().len() as u64);
    let numbers: Vec<_> = ran.seconds.iter().map(|second| second.number).collect();
    let expected: Vec<_> = (0..numbers.len() as u32).collect();
    assert_eq!(numbers, expected, "each second is told once and in order");
}

#[test]
fn users_wait_for_their_answers_and_are_counted() {
    let clock = Clock::system();
    let server = LoggedServer::start(&clock, None);
    let users = Amount::whole(4);
    let profile = Profile::steady(Model::Closed(Pause::None), users, users, Duration::from_secs(1));
    let ran = run(&clock, &server.url(), profile, |_| {});
    let tally = ran.tally();
    assert_eq!((tally.attempts, tally.failed()), (server.log().len() as u64, 0));
    assert_eq!(ran.parts().map(|part| part.offered).sum::<u64>(), tally.attempts);
    assert_eq!(
        ran.parts().map(|part| part.connections).sum::<u64>(),
        4,
        "one for each user"
    );
    // Never more at once than there are users: at each start fewer than four had not ended.
    let ended = |seen: &Seen| seen.started + seen.ended.unwrap().latency.as_duration();
    for (at, seen) in ran.seen.iter().enumerate() {
        let on_their_way = ran.seen[..at]
            .iter()
            .filter(|earlier| ended(earlier) > seen.started)
            .count();
        assert!(on_their_way < 4, "{on_their_way} before {at}");
    }
}

#[test]
fn a_user_with_a_pace_asks_by_the_timetable() {
    let clock = Clock::system();
    let server = LoggedServer::start(&clock, None);
    let users = Amount::whole(2);
    let pause = Pause::Pacing(Duration::from_millis(100));
    let profile = Profile::steady(Model::Closed(pause), users, users, Duration::from_secs(2));
    let ran = run(&clock, &server.url(), profile, |_| {});
    let requests = ran.tally().attempts;
    assert_eq!(requests, server.log().len() as u64);
    // Twenty each and not one more; fewer only where an answer took longer than the pace.
    assert!(requests <= 40, "{requests}");
}

#[test]
fn a_server_that_freezes_is_felt_by_callers_as_the_arithmetic_says() {
    let clock = Clock::system();
    // Ten times as fast as one second of every ten.
    let freeze = Freeze {
        since: clock.now(),
        period: Duration::from_secs(1),
        length: Duration::from_millis(100),
    };
    let server = LoggedServer::start(&clock, Some(freeze));
    let profile = rate(500, Duration::from_secs(4));
    let ran = run(&clock, &server.url(), profile.clone(), |_| {});
    let mut run = LoadRun::new(
        LoadPlan {
            request: "GET /".into(),
            profile: profile.clone(),
            timeout: TIMEOUT,
            workers: 1,
            connections: 1000,
            thresholds: Vec::new(),
        },
        std::time::SystemTime::UNIX_EPOCH,
    );
    ran.seconds.iter().for_each(|second| run.add(second));
    let report = run.report(profile.length(), Completeness::Whole);
    let Reading::At(p99) = report.whole.response.p99 else {
        panic!("{:?}", report.whole.response)
    };
    // By the timetable alone: whoever is due within a freeze waits for its end at least. The hundredth part that waits longest
    // is a tenth of those: nine tenths of its length.
    let mut waits: Vec<_> = ran.due().iter().map(|due| freeze.over_at(*due).since(*due)).collect();
    waits.sort_unstable();
    let arithmetic = waits[waits.len() * 99 / 100 - 1];
    assert!((arithmetic.as_secs_f64() / 0.090 - 1.0).abs() < 0.03, "{arithmetic:?}");
    assert!(
        p99.as_duration().as_secs_f64() >= arithmetic.as_secs_f64() * 0.996,
        "{p99} against {arithmetic:?}"
    );
    // And by what the callers saw: the very same, to the width of a bucket.
    let due = ran.due();
    let mut responses: Vec<_> = ran
        .seen
        .iter()
        .zip(&due)
        .map(|(seen, due)| Micros(Micros::from(seen.started.since(*due)).0 + seen.ended.unwrap().latency.0))
        .collect();
    responses.sort_unstable();
    if report.whole.blocked == 0 {
        let seen = responses[responses.len() * 99 / 100 - 1];
        assert_eq!(code::code_of(p99), code::code_of(seen));
    }
    // Beside it stands what the wire took: each request has a connection of its own, so that it is the same but for our lag.
    let Reading::At(service) = report.whole.service.p99 else {
        panic!("{:?}", report.whole.service)
    };
    assert!(service <= p99);
    assert!(report.whole.service.count == report.whole.response.count);
}

#[test]
fn what_finds_no_connection_is_blocked_and_never_sent() {
    let clock = Clock::system();
    // It holds everything for as long as the run takes, and longer.
    let freeze = Freeze {
        since: clock.now(),
        period: Duration::from_secs(3600),
        length: Duration::from_secs(6),
    };
    let server = LoggedServer::start(&clock, Some(freeze));
    let ran = run(&clock, &server.url(), rate(100, Duration::from_secs(1)), |order| {
        order.connections = 7
    });
    let tally = ran.tally();
    assert_eq!((tally.attempts, tally.overruns), (7, 93));
    assert_eq!(server.log().len(), 7);
}

#[test]
fn a_run_that_is_stopped_sends_nothing_more_and_waits_and_one_that_is_given_up_waits_for_nothing() {
    let clock = Clock::system();
    let check = |is_given_up: bool| {
        let freeze = Freeze {
            since: clock.now(),
            period: Duration::from_secs(3600),
            length: Duration::from_secs(6),
        };
        let server = LoggedServer::start(&clock, Some(freeze));
        let witness = Witness::default();
        let order = order(&clock, &server.url(), rate(100, Duration::from_secs(3600)), &witness);
        let (sender, news) = mpsc::channel();
        let running = Running::start(order, &clock, move |said| sender.send(said).unwrap()).unwrap();
        let mut sum = SecondCounter::default();
        let mut offered = 0;
        let mut has_stopped = false;
        while let News::Second(second) = news.recv_timeout(3 * TIMEOUT).unwrap() {
            for part in &second.parts {
                sum.merge(&part.slot);
                offered += part.offered;
            }
            if !std::mem::replace(&mut has_stopped, true) {
                running.stop();
                if is_given_up {
                    running.abort();
                }
            }
        }
        running.join().unwrap();
        let mut tally = Tally::default();
        sum.close().visit(&mut tally, |_, _, _| {});
        assert_eq!(tally.attempts + tally.cut_off + tally.overruns, offered);
        assert_eq!(tally.cut_off > 0, is_given_up, "{tally:?}");
        assert_eq!(tally.attempts, if is_given_up { 0 } else { server.log().len() as u64 });
    };
    check(false);
    check(true);
}

/// Takes a tenth of a millisecond of the worker for each request, and answers.
struct Slow(Clock);

impl Crowd for Slow {
    fn user(&self, _in_flight: u16) -> Arc<dyn Probe> {
        Arc::new(Self(self.0.clone()))
    }
}

impl Probe for Slow {
    fn probe(&self, deadline: Timestamp) -> Pin<Box<dyn Future<Output = Attempt> + Send + '_>> {
        let until = deadline - TIMEOUT + Duration::from_micros(100);
        while self.0.now() < until {
            std::hint::spin_loop();
        }
        Box::pin(async {
            Attempt {
                outcome: Outcome::Ok,
                latency: Micros(100),
                held: Duration::ZERO,
                phases: Phases::default(),
                answer: None,
                steps: Vec::new(),
            }
        })
    }
}

#[test]
fn what_is_more_than_can_be_sent_is_counted_and_never_sent_later() {
    let clock = Clock::system();
    // Ten times as many as there is time for.
    let profile = rate(100_000, Duration::from_millis(100));
    let ran = run(&clock, "http://127.0.0.1:1/", profile, |order| {
        order.crowd = Arc::new(Slow(clock.clone()));
    });
    let tally = ran.tally();
    assert_eq!(ran.parts().map(|part| part.offered).sum::<u64>(), 10_000);
    assert_eq!(tally.attempts + tally.overruns, 10_000);
    // A thousand have time, and those that had been given out by then are sent.
    assert!(tally.attempts <= 1_100, "{}", tally.attempts);
}
