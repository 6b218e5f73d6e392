//! Runs the probes: one thread with a runtime of its own, so that nothing else's milliseconds become a latency.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use probetop_core::clock::{Clock, Timestamp};
use probetop_core::sample::{
    Failure, FailureKind, Micros, Observation, Outcome, Phases, Sample, TargetId, TargetMap, Text,
};
use tokio::sync::mpsc;
use tokio::task::AbortHandle;
use tokio_util::sync::CancellationToken;

use super::schedule::{Due, Schedule};
use super::sink::Sink;
use super::timer::Timer;
use super::{Attempt, Probe, Step};
use crate::worker;

/// A probe and how it is to be run.
#[derive(Clone)]
pub struct Job {
    pub probe: Arc<dyn Probe>,
    pub interval: Duration,
    pub timeout: Duration,
    /// Probes of this target that may run at once.
    pub in_flight: u16,
    /// The targets that a flow's steps are reported as, in order; none for all others.
    pub steps: Arc<[TargetId]>,
}

/// What the runner is told while it runs.
pub enum Change {
    /// Starts a target, or replaces the job of one that runs.
    Put(TargetId, Job),
    Remove(TargetId),
    /// How many probes of all targets may run at once from now on.
    AtOnce(u32),
    /// Starts nothing more, and ends when all that is on its way has landed, or after so long.
    Land(Duration),
}

/// While the last probes land, whether all have is looked at this often.
const LANDING_PAUSE: Duration = Duration::from_millis(5);

/// Starts the probing thread. `in_flight_total` bounds the probes of all targets together.
pub fn spawn(
    clock: Clock,
    sink: Sink,
    in_flight_total: u32,
    changes: mpsc::UnboundedReceiver<Change>,
    cancel: CancellationToken,
) -> io::Result<JoinHandle<io::Result<()>>> {
    worker::spawn_with_runtime("probes", move |runtime| {
        let outcome = runtime.block_on(async {
            let timer = Timer::try_new(clock.clone())?;
            let mut runner = Runner::new(clock, sink, in_flight_total);
            runner.run(&timer, changes, cancel).await
        });
        // A resolver call cannot be interrupted; it ends with the process.
        runtime.shutdown_background();
        outcome
    })
}

struct Runner {
    clock: Clock,
    sink: Sink,
    schedule: Schedule,
    jobs: TargetMap<Running>,
    in_flight: Arc<AtomicU32>,
    in_flight_total: u32,
}

struct Running {
    job: Job,
    in_flight: Arc<AtomicU32>,
    /// The probes that ran when the newest was started, and that one: they end when the target goes.
    flights: Vec<AbortHandle>,
}

impl Runner {
    fn new(clock: Clock, sink: Sink, in_flight_total: u32) -> Self {
        Self {
            clock,
            sink,
            schedule: Schedule::default(),
            jobs: TargetMap::default(),
            in_flight: Arc::default(),
            in_flight_total,
        }
    }

    async fn run(
        &mut self,
        timer: &Timer,
        mut changes: mpsc::UnboundedReceiver<Change>,
        cancel: CancellationToken,
    ) -> io::Result<()> {
        loop {
            let next = self.schedule.next_due();
            let due = async {
                match next {
                    Some(at) => timer.sleep_until(at).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                biased;
                () = cancel.cancelled() => return Ok(()),
                outcome = due => {
                    outcome?;
                    self.start_due();
                }
                change = changes.recv() => match change {
                    Some(Change::Land(limit)) => {
                        self.land(limit, &cancel).await;
                        return Ok(());
                    }
                    Some(Change::Put(target, job)) => self.put(target, job),
                    Some(Change::Remove(target)) => self.remove(target),
                    Some(Change::AtOnce(in_flight_total)) => self.in_flight_total = in_flight_total,
                    None => return Ok(()),
                },
            }
        }
    }

    /// Waits for what is on its way. What has not landed by then is cut off when the runtime ends, and counted there.
    async fn land(&self, limit: Duration, cancel: &CancellationToken) {
        let landed = async {
            while self.in_flight.load(Ordering::Relaxed) > 0 {
                tokio::time::sleep(LANDING_PAUSE).await;
            }
        };
        tokio::select! {
            () = landed => {}
            () = tokio::time::sleep(limit) => {}
            () = cancel.cancelled() => {}
        }
    }

    fn put(&mut self, target: TargetId, job: Job) {
        self.schedule.insert(target, job.interval, self.clock.now());
        let running = Running {
            job,
            in_flight: Arc::default(),
            flights: Vec::new(),
        };
        self.replace(target, Some(running));
    }

    fn remove(&mut self, target: TargetId) {
        self.schedule.remove(target);
        self.replace(target, None);
    }

    fn replace(&mut self, target: TargetId, running: Option<Running>) {
        let before = match running {
            Some(running) => self.jobs.insert(target, running),
            None => self.jobs.remove(&target),
        };
        for flight in before.iter().flat_map(|before| &before.flights) {
            // Dropped, it counts as cut off.
            flight.abort();
        }
    }

    fn start_due(&mut self) {
        let now = self.clock.now();
        while let Some(due) = self.schedule.pop_due(now) {
            self.start(due);
        }
    }

    fn start(&mut self, due: Due) {
        let Some(running) = self.jobs.get_mut(&due.target) else {
            return;
        };
        let busy = running.in_flight.load(Ordering::Relaxed) >= u32::from(running.job.in_flight)
            || self.in_flight.load(Ordering::Relaxed) >= self.in_flight_total;
        let overruns = due.missed + u32::from(busy);
        if overruns > 0 {
            self.sink.send(Observation::Overrun {
                target: due.target,
                intended: due.intended,
                count: overruns,
            });
        }
        if busy {
            return;
        }
        let counters = [Arc::clone(&self.in_flight), Arc::clone(&running.in_flight)];
        let flight = InFlight::take_off(due, &self.clock, &self.sink, &running.job.steps, counters);
        let probe = Arc::clone(&running.job.probe);
        let timeout = running.job.timeout;
        let task = tokio::spawn(async move {
            let flight = flight.started();
            let deadline = flight.started + timeout;
            let attempt = probe.probe(deadline).await;
            flight.land(attempt);
        });
        running.flights.retain(|flight| !flight.is_finished());
        running.flights.push(task.abort_handle());
    }
}

/// One probe on its way. Counts as in flight until it lands, is cut off, or its task dies.
struct InFlight {
    due: Due,
    started: Timestamp,
    clock: Clock,
    sink: Sink,
    steps: Arc<[TargetId]>,
    counters: [Arc<AtomicU32>; 2],
    reported: bool,
}

impl InFlight {
    fn take_off(due: Due, clock: &Clock, sink: &Sink, steps: &Arc<[TargetId]>, counters: [Arc<AtomicU32>; 2]) -> Self {
        for counter in &counters {
            counter.fetch_add(1, Ordering::Relaxed);
        }
        Self {
            due,
            started: due.intended,
            clock: clock.clone(),
            sink: sink.clone(),
            steps: Arc::clone(steps),
            counters,
            reported: false,
        }
    }

    /// The lag ends here, when the task really runs.
    fn started(mut self) -> Self {
        self.started = self.clock.now();
        self
    }

    fn land(mut self, attempt: Attempt) {
        self.report(attempt);
    }

    fn report(&mut self, mut attempt: Attempt) {
        self.reported = true;
        let steps = std::mem::take(&mut attempt.steps);
        for (target, step) in self.steps.iter().zip(steps) {
            self.sink.send(match step {
                Step::Made { after, attempt } => Observation::Sample(self.sample(*target, after, attempt)),
                Step::Skipped => Observation::Skipped { target: *target },
            });
        }
        self.sink.send(Observation::Sample(self.sample(
            self.due.target,
            Duration::ZERO,
            attempt,
        )));
    }

    /// A step starts where its flow has come to, late by as much as the flow was.
    fn sample(&self, target: TargetId, after: Duration, attempt: Attempt) -> Sample {
        Sample {
            target,
            intended: self.due.intended + after,
            lag: (self.started.since(self.due.intended) + attempt.held).into(),
            latency: attempt.latency,
            outcome: attempt.outcome,
            phases: attempt.phases,
            answer: attempt.answer,
        }
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        for counter in &self.counters {
            counter.fetch_sub(1, Ordering::Relaxed);
        }
        if self.reported {
            return;
        }
        if !std::thread::panicking() {
            self.sink.send(Observation::CutOff {
                target: self.due.target,
            });
        } else {
            // A probe that panicked is a defect of ours, and still a probe that failed.
            let latency: Micros = self.clock.now().since(self.started).into();
            let message = Text::from("the probe ended in a defect of probetop itself");
            let failure = Failure {
                kind: FailureKind::Local,
                phase: None,
                message,
            };
            let outcome = Outcome::Failed(Box::new(failure));
            self.report(Attempt {
                latency,
                outcome,
                held: Duration::ZERO,
                phases: Phases::default(),
                answer: None,
                steps: Vec::new(),
            });
        }
    }
}

#[cfg(test)]
mod tests;
