//! The engine takes what was measured since it last did, and notices where nothing could be.

use std::time::Duration;

use probetop_core::clock::Timestamp;
use probetop_core::sample::{Observation, Severity};
use probetop_engine::alert::table::LATE_TICK;

use super::Running;

/// The engine wakes this often at least: so long after it was last awake, and before it is again, it may have run.
const WAKES_WITHIN: Duration = Duration::from_millis(250);

impl Running<'_> {
    /// Takes what waits now: on a busy machine samples may come as fast as they are taken, and there is other work.
    pub(super) fn drain(&mut self) {
        let waiting = self.inbox.waiting();
        let now = self.clock.now();
        let awake = std::mem::replace(&mut self.awake, now);
        let asleep = now.since(awake);
        if asleep <= self.monitor.gap_least() {
            return (0..waiting).for_each(|_| self.take_next());
        }
        let arrived: Vec<_> = (0..waiting).map_while(|_| self.inbox.take()).collect();
        // Where probes went on ending, only this thread was held up.
        if asleep > LATE_TICK || !has_run(&arrived, awake, now) {
            self.notice_stop(awake, now);
        }
        arrived.into_iter().for_each(|observation| self.take_in(observation));
    }

    fn take_next(&mut self) {
        if let Some(observation) = self.inbox.take() {
            self.take_in(observation);
        }
    }

    fn take_in(&mut self, mut observation: Observation) {
        if let Observation::Sample(sample) = &mut observation {
            self.secrets
                .redactor()
                .cleanse_attempt(&mut sample.outcome, sample.answer.as_deref_mut());
        }
        self.take(observation.into());
    }

    /// The process was stopped or the machine slept: the time up to that ends with a tick of its own, and the next one comes
    /// before what was under way is taken.
    fn notice_stop(&mut self, awake: Timestamp, now: Timestamp) {
        if awake > self.monitor.now() {
            self.advance_to(awake);
        }
        self.advance_to(now);
        let asleep = humantime::format_duration(Duration::from_secs(now.since(awake).as_secs()));
        self.notify(
            Severity::Warning,
            format!("probetop did not run for {asleep}: stopped, or the machine slept; nothing was measured"),
        );
    }
}

/// Whether some probe ended well within that time, which none does of a process that is stopped.
fn has_run(arrived: &[Observation], awake: Timestamp, now: Timestamp) -> bool {
    arrived.iter().any(|observation| match observation {
        Observation::Sample(sample) => {
            let ended = sample.ended();
            ended > awake + WAKES_WITHIN && ended + WAKES_WITHIN < now
        }
        Observation::Second(_)
        | Observation::Overrun { .. }
        | Observation::Skipped { .. }
        | Observation::CutOff { .. }
        | Observation::Host(_)
        | Observation::Channels(_) => false,
    })
}

#[cfg(test)]
mod tests {
    use probetop_core::sample::{Micros, Outcome, Phases, Sample, TargetId};

    use super::*;

    #[test]
    fn a_probe_that_ended_meanwhile_shows_that_the_process_ran() {
        let check = |started_ms: u64, took_ms: u32, expected: bool| {
            let arrived = [Observation::Sample(Sample {
                target: TargetId(1),
                intended: Timestamp::from_millis(started_ms),
                lag: Micros(0),
                latency: Micros(took_ms * 1000),
                outcome: Outcome::Ok,
                phases: Phases::default(),
                answer: None,
            })];
            let found = has_run(&arrived, Timestamp::from_millis(10_000), Timestamp::from_millis(13_000));
            assert_eq!(found, expected, "{started_ms} {took_ms}");
        };
        check(11_000, 10, true);
        check(9_000, 2_500, true);
        check(9_900, 20, false);
        check(10_100, 10, false);
        check(9_900, 3_090, false);
        check(12_900, 50, false);
        assert!(!has_run(&[], Timestamp::ZERO, Timestamp::from_secs(3)));
    }
}
