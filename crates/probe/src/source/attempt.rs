//! One attempt under a time limit: runs its phases, times them, and gives the failure the phase it happened in.
//!
//! Shared by every kind of probe. It owns the attempt's stretch of time and knows no protocol.

mod fault;

use std::future::Future;
use std::time::{Duration, SystemTime};

use probetop_core::clock::{Clock, Timestamp};
use probetop_core::sample::{Answer, Failure, FailureKind, Micros, Outcome, Phase, Phases};
use tokio::time::{Instant, timeout_at};

use super::Attempt;

pub use fault::{Fault, reason};

/// Times one attempt, phase by phase.
#[derive(Debug)]
pub struct Stopwatch {
    clock: Clock,
    started: Timestamp,
    /// End of the last phase so far.
    ended: Timestamp,
    deadline: Timestamp,
    /// How long the attempt was held up by ourselves.
    held: Duration,
    phases: Phases,
}

impl Stopwatch {
    /// The attempt begins now.
    pub fn start(clock: &Clock, deadline: Timestamp) -> Self {
        let started = clock.now();
        Self {
            clock: clock.clone(),
            started,
            ended: started,
            deadline,
            held: Duration::ZERO,
            phases: Phases::default(),
        }
    }

    /// Waits for something of our own before the attempt can go on. The time is lag and not latency, and the time limit
    /// moves by as much; who waits for longer than that limit gives up, and `why` says what for.
    pub async fn hold(&mut self, why: &str, wait: impl Future<Output = ()>) -> Result<(), Failure> {
        let began = self.clock.now();
        let limit = self.deadline.since(began);
        let waited = timeout_at(Instant::from_std(self.clock.instant(self.deadline)), wait).await;
        self.ended = self.clock.now();
        let held = self.ended.since(began);
        self.held += held;
        self.deadline = self.deadline + held;
        waited.map_err(|_elapsed| {
            let limit = humantime::format_duration(rounded(limit));
            Fault::new(FailureKind::Local, format!("{why} within {limit}")).after_all_phases()
        })
    }

    /// Runs `work` as `phase` until it ends or the time limit passes, and adds the time to what the phase took so far.
    pub async fn phase<T>(&mut self, phase: Phase, work: impl Future<Output = Result<T, Fault>>) -> Result<T, Failure> {
        let began = self.clock.now();
        let result = timeout_at(Instant::from_std(self.clock.instant(self.deadline)), work).await;
        self.ended = self.clock.now();
        self.phases.add(phase, Micros::from(self.ended.since(began)));
        match result {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(fault)) => Err(fault.during(phase)),
            Err(_elapsed) => Err(self.timed_out(phase)),
        }
    }

    /// The attempt is over: its latency ends with its last phase, so that judging the answer is not part of it.
    pub fn finish(self, result: Result<(), Failure>, answer: Option<Box<Answer>>) -> Attempt {
        Attempt {
            latency: self.latency().into(),
            outcome: match result {
                Ok(()) => Outcome::Ok,
                Err(failure) => Outcome::Failed(Box::new(failure)),
            },
            held: self.held,
            phases: self.phases,
            answer,
            steps: Vec::new(),
        }
    }

    /// The date, for what depends on one.
    pub fn wall(&self) -> SystemTime {
        self.clock.wall()
    }

    /// What the time limit leaves.
    pub fn left(&self) -> Duration {
        self.deadline.since(self.clock.now())
    }

    /// From the start to the end of the last phase, without what held it up.
    pub fn latency(&self) -> Duration {
        self.ended.since(self.started).saturating_sub(self.held)
    }

    fn timed_out(&self, phase: Phase) -> Failure {
        let what = match phase {
            Phase::Dns => "name not resolved",
            Phase::Connect => "no connection",
            Phase::Tls => "TLS handshake not finished",
            Phase::Authenticate => "not authenticated",
            Phase::FirstByte | Phase::Query | Phase::Message => "no answer",
            Phase::Transfer => "answer not complete",
            Phase::Run => "not ended",
        };
        let limit = rounded(self.deadline.since(self.started).saturating_sub(self.held));
        let limit = humantime::format_duration(limit);
        Fault::new(FailureKind::Timeout, format!("{what} within {limit}")).during(phase)
    }
}

/// To the millisecond: the schedule hands out deadlines that are a little off the round figure people typed.
pub fn rounded(limit: Duration) -> Duration {
    Duration::from_millis((limit + Duration::from_micros(500)).as_millis() as u64)
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use super::*;

    fn manual() -> Clock {
        Clock::manual(SystemTime::UNIX_EPOCH)
    }

    async fn took(clock: &Clock, micros: u64) -> Result<(), Fault> {
        clock.advance(Duration::from_micros(micros));
        Ok(())
    }

    #[tokio::test]
    async fn phases_add_up_and_latency_ends_with_the_last_one() {
        let clock = manual();
        let mut watch = Stopwatch::start(&clock, Timestamp::from_secs(5));
        watch.phase(Phase::Connect, took(&clock, 120)).await.unwrap();
        watch.phase(Phase::FirstByte, took(&clock, 900)).await.unwrap();
        watch.phase(Phase::Connect, took(&clock, 30)).await.unwrap();
        clock.advance(Duration::from_secs(1));
        let attempt = watch.finish(Ok(()), None);
        assert_eq!(attempt.latency, Micros(1050));
        let phases: Vec<_> = attempt.phases.iter().collect();
        assert_eq!(phases, [(Phase::Connect, Micros(150)), (Phase::FirstByte, Micros(900))]);
    }

    #[tokio::test]
    async fn what_holds_an_attempt_up_is_no_latency_and_moves_its_time_limit() {
        let clock = manual();
        let mut watch = Stopwatch::start(&clock, Timestamp::from_secs(2));
        let wait = async { clock.advance(Duration::from_secs(1)) };
        watch.hold("no place was free", wait).await.unwrap();
        watch.phase(Phase::Dns, took(&clock, 120)).await.unwrap();
        assert_eq!(watch.deadline, Timestamp::from_secs(3));
        let attempt = watch.finish(Ok(()), None);
        assert_eq!((attempt.latency, attempt.held), (Micros(120), Duration::from_secs(1)));
        assert_eq!(attempt.phases.get(Phase::Dns), Some(Micros(120)));
    }

    #[tokio::test(start_paused = true)]
    async fn who_waits_for_a_place_for_too_long_has_failed_by_our_own_limits() {
        let mut watch = Stopwatch::start(&manual(), Timestamp::from_secs(2));
        let failure = watch.hold("no place was free", pending()).await.unwrap_err();
        assert_eq!((failure.kind, failure.phase), (FailureKind::Local, None));
        assert_eq!(failure.message.as_str(), "no place was free within 2s");
    }

    #[tokio::test(start_paused = true)]
    async fn the_time_limit_fails_the_phase_that_runs() {
        for (phase, message) in [
            (Phase::Dns, "name not resolved within 2s"),
            (Phase::Connect, "no connection within 2s"),
            (Phase::Tls, "TLS handshake not finished within 2s"),
            (Phase::FirstByte, "no answer within 2s"),
            (Phase::Transfer, "answer not complete within 2s"),
        ] {
            let mut watch = Stopwatch::start(&manual(), Timestamp::from_nanos(1_999_900_000));
            let failure = watch.phase(phase, pending::<Result<(), Fault>>()).await.unwrap_err();
            assert_eq!(failure.kind, FailureKind::Timeout);
            assert_eq!(failure.phase, Some(phase));
            assert_eq!(failure.message.as_str(), message);
        }
    }

    #[tokio::test]
    async fn work_that_is_done_at_once_succeeds_even_past_the_limit() {
        let clock = manual();
        let mut watch = Stopwatch::start(&clock, Timestamp::ZERO);
        assert!(watch.phase(Phase::Dns, took(&clock, 1)).await.is_ok());
    }
}
