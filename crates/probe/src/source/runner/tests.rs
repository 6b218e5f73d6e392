//! Probes that answer, hang and panic, run on the real clock.

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::AtomicUsize;

use probetop_core::clock::wait_until;

use super::*;
use crate::source::sink::{self, Inbox};

/// However slow the machine is.
const PATIENCE: Duration = Duration::from_secs(60);

enum Stub {
    Answers,
    /// Counts those that do.
    Hangs(Arc<AtomicUsize>),
    Panics,
}

impl Probe for Stub {
    fn probe(&self, _deadline: Timestamp) -> Pin<Box<dyn Future<Output = Attempt> + Send + '_>> {
        Box::pin(async {
            match self {
                Self::Answers => {}
                Self::Hangs(count) => {
                    count.fetch_add(1, Ordering::SeqCst);
                    std::future::pending().await
                }
                Self::Panics => panic!("a probe with a defect"),
            }
            Attempt {
                latency: Micros(100),
                outcome: Outcome::Ok,
                held: Duration::ZERO,
                phases: Phases::default(),
                answer: None,
                steps: Vec::new(),
            }
        })
    }
}

struct Bench {
    clock: Clock,
    inbox: Inbox,
    hanging: Arc<AtomicUsize>,
    changes: mpsc::UnboundedSender<Change>,
    cancel: CancellationToken,
    thread: JoinHandle<io::Result<()>>,
}

impl Bench {
    fn start() -> Self {
        let (sink, inbox) = sink::queue(10_000);
        let (changes, receiver) = mpsc::unbounded_channel();
        let cancel = CancellationToken::new();
        let clock = Clock::system();
        let thread = spawn(clock.clone(), sink, 1_000, receiver, cancel.clone()).unwrap();
        Self {
            clock,
            inbox,
            hanging: Arc::default(),
            changes,
            cancel,
            thread,
        }
    }

    fn put(&self, id: u32, stub: Stub, in_flight: u16) {
        let timeout = Duration::from_secs(3600);
        let job = Job {
            probe: Arc::new(stub),
            interval: Duration::from_millis(10),
            timeout,
            in_flight,
            steps: Arc::default(),
        };
        self.changes.send(Change::Put(TargetId(id), job)).unwrap();
    }

    fn put_hanging(&self, id: u32, in_flight: u16) {
        self.put(id, Stub::Hangs(Arc::clone(&self.hanging)), in_flight);
    }

    /// Waits until so many probes hang. That a start was missed does not tell: on a busy machine that comes before any runs.
    fn wait_hanging(&self, count: usize) {
        wait_until("they run", || self.hanging.load(Ordering::SeqCst) >= count);
    }

    /// The inputs up to the one that `last` recognises.
    fn inputs_until(&mut self, mut last: impl FnMut(&Observation) -> bool) -> Vec<Observation> {
        let end = self.clock.now() + PATIENCE;
        let mut inputs = Vec::new();
        loop {
            assert!(self.clock.now() < end, "it never comes, only {} others", inputs.len());
            match self.inbox.take() {
                Some(input) => {
                    let enough = last(&input);
                    inputs.push(input);
                    if enough {
                        return inputs;
                    }
                }
                None => std::thread::yield_now(),
            }
        }
    }

    fn stop(self) {
        self.cancel.cancel();
        self.thread.join().unwrap().unwrap();
    }
}

fn is_sample_of(input: &Observation, id: u32) -> bool {
    matches!(input, Observation::Sample(sample) if sample.target == TargetId(id))
}

#[test]
fn a_target_that_never_answers_delays_no_other_and_its_due_starts_beyond_in_flight_are_overruns() {
    let mut bench = Bench::start();
    bench.put_hanging(0, 3);
    bench.wait_hanging(3);
    bench.put(1, Stub::Answers, 1);
    bench.inputs_until(|input| is_sample_of(input, 1));
    let mut overruns = 0;
    let inputs = bench.inputs_until(|input| {
        overruns += u32::from(matches!(
            input,
            Observation::Overrun {
                target: TargetId(0),
                ..
            }
        ));
        overruns == 10
    });
    // Each is due once between two starts of the other; a busy machine makes one of several that it missed.
    assert!(inputs.iter().filter(|input| is_sample_of(input, 1)).count() >= 5);
    assert!(!inputs.iter().any(|input| is_sample_of(input, 0)));
    bench.stop();
}

#[test]
fn a_probe_that_panics_is_a_failed_sample_and_the_others_go_on() {
    let mut bench = Bench::start();
    bench.put(0, Stub::Panics, 1);
    let inputs = bench.inputs_until(|input| is_sample_of(input, 0));
    let Some(Observation::Sample(sample)) = inputs.last() else {
        panic!("the last input is the sample")
    };
    assert_eq!(
        sample.outcome.failure().map(|failure| failure.kind),
        Some(FailureKind::Local)
    );
    bench.put(1, Stub::Answers, 1);
    bench.inputs_until(|input| is_sample_of(input, 1));
    bench.stop();
}

#[test]
fn a_removed_target_ends_its_running_probes_and_starts_none() {
    let mut bench = Bench::start();
    bench.put_hanging(0, 1);
    bench.wait_hanging(1);
    bench.inputs_until(|input| matches!(input, Observation::Overrun { .. }));
    bench.changes.send(Change::Remove(TargetId(0))).unwrap();
    bench.put(1, Stub::Answers, 1);
    bench.inputs_until(|input| is_sample_of(input, 1));
    let mut samples = 0;
    let later = bench.inputs_until(|input| {
        samples += u32::from(is_sample_of(input, 1));
        samples == 10
    });
    assert!(later.iter().all(|input| !matches!(
        input,
        Observation::Overrun {
            target: TargetId(0),
            ..
        }
    )));
    bench.stop();
}

#[test]
fn the_cap_of_all_probes_follows_a_new_configuration() {
    let mut bench = Bench::start();
    bench.changes.send(Change::AtOnce(2)).unwrap();
    bench.put_hanging(0, 50);
    bench.wait_hanging(2);
    bench.put(1, Stub::Answers, 1);
    let target_1 = |input: &Observation| matches!(input, Observation::Overrun { target, .. } if *target == TargetId(1));
    let inputs = bench.inputs_until(target_1);
    assert!(
        !inputs.iter().any(|input| is_sample_of(input, 1)),
        "two hang, and no third may run"
    );
    bench.changes.send(Change::AtOnce(1_000)).unwrap();
    bench.inputs_until(|input| is_sample_of(input, 1));
    bench.stop();
}

#[test]
fn what_does_not_land_at_the_end_or_loses_its_target_is_counted_as_cut_off() {
    let mut bench = Bench::start();
    let is_cut_off =
        |input: &Observation, id| matches!(input, Observation::CutOff { target } if *target == TargetId(id));
    bench.put_hanging(0, 3);
    bench.wait_hanging(3);
    bench.changes.send(Change::Remove(TargetId(0))).unwrap();
    let mut left = 3;
    bench.inputs_until(|input| {
        left -= u32::from(is_cut_off(input, 0));
        left == 0
    });
    bench.put_hanging(1, 2);
    bench.wait_hanging(3 + 2);
    bench.changes.send(Change::Land(Duration::ZERO)).unwrap();
    bench.thread.join().unwrap().unwrap();
    let mut rest = std::iter::from_fn(|| bench.inbox.take());
    assert_eq!(rest.by_ref().filter(|input| is_cut_off(input, 1)).count(), 2);
}
