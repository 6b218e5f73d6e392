//! The closed model: users, each of whom has one request on its way at most and waits for the answer.

use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use probetop_core::clock::Timestamp;
use probetop_core::profile::{Pause, Profile, Span};
use tokio::task::yield_now;
use tokio_util::sync::CancellationToken;

use super::alarm::Alarm;
use super::flight::{Airport, Landed, Ticket, fly};
use crate::source::Probe;

/// One user of the run.
pub(super) struct User {
    pub number: u64,
    pub spans: Vec<Span>,
    pub pause: Pause,
    pub probe: Arc<dyn Probe>,
}

/// Works whenever the timetable says so, until `stop` does not.
pub(super) async fn work(
    user: User,
    profile: &Profile,
    airport: &Rc<Airport>,
    alarm: &Alarm,
    stop: &CancellationToken,
) {
    for span in &user.spans {
        let mut due = airport.start + span.from + head_start(user.pause, user.number);
        let end = airport.start + span.to;
        let mut presence = None;
        while due < end {
            if airport.now() < due {
                tokio::select! {
                    biased;
                    () = stop.cancelled() => return,
                    () = alarm.sleep_until(due) => {}
                }
            } else if stop.is_cancelled() {
                return;
            }
            presence.get_or_insert_with(|| Presence::begin(airport));
            let (stage, _) = profile.stage_at(due.since(airport.start));
            let stage = u16::try_from(stage).unwrap_or(u16::MAX);
            airport.recorder.borrow_mut().offer(airport.now(), stage, 1);
            let landed = fly(airport, Ticket { stage, due }, &*user.probe).await;
            if !landed.is_ok {
                // What is refused at once never waits for anything: others have their turn.
                yield_now().await;
            }
            due = next(user.pause, due, landed);
        }
    }
}

/// When the user asks again.
fn next(pause: Pause, due: Timestamp, landed: Landed) -> Timestamp {
    match pause {
        Pause::None => landed.at,
        Pause::Think(time) => landed.at + time,
        Pause::Pacing(period) => (due + period).max(landed.at),
    }
}

/// Where within the pause a user begins, so that they never ask in step: by the golden ratio, evenly for any number.
fn head_start(pause: Pause, number: u64) -> Duration {
    const GOLDEN: f64 = 0.618_033_988_749_894_9;
    match pause {
        Pause::None => Duration::ZERO,
        Pause::Think(period) | Pause::Pacing(period) => period.mul_f64((number as f64 * GOLDEN).fract()),
    }
}

/// A user at work, counted until dropped.
struct Presence(Rc<Airport>);

impl Presence {
    fn begin(airport: &Rc<Airport>) -> Self {
        airport.recorder.borrow_mut().join();
        Self(Rc::clone(airport))
    }
}

impl Drop for Presence {
    fn drop(&mut self) {
        self.0.recorder.borrow_mut().leave();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_pauses_as_asked_and_never_asks_early() {
        let check = |pause, landed: u64, expected: u64| {
            let landed = Landed {
                at: Timestamp::from_millis(landed),
                is_ok: true,
            };
            let next = next(pause, Timestamp::from_millis(1000), landed);
            assert_eq!(next, Timestamp::from_millis(expected));
        };
        let second = Duration::from_secs(1);
        check(Pause::None, 1200, 1200);
        check(Pause::Think(second), 1200, 2200);
        check(Pause::Pacing(second), 1200, 2000);
        check(Pause::Pacing(second), 2700, 2700);
    }

    #[test]
    fn users_with_a_pause_begin_spread_over_it() {
        let second = Duration::from_secs(1);
        let mut starts: Vec<_> = (0..100).map(|user| head_start(Pause::Pacing(second), user)).collect();
        starts.sort_unstable();
        assert!(starts.iter().all(|start| *start < second));
        // No two of a hundred are closer than a third of their share, nor farther apart than two.
        let gaps = starts.windows(2).map(|pair| pair[1] - pair[0]);
        let (least, most) = gaps.fold((second, Duration::ZERO), |(least, most), gap| {
            (least.min(gap), most.max(gap))
        });
        assert!(least > second / 300 && most < second / 50, "{least:?} {most:?}");
        assert_eq!(head_start(Pause::None, 7), Duration::ZERO);
    }
}
