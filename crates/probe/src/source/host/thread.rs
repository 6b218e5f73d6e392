//! The thread that reads this machine on an absolute schedule until it is cancelled.

use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Wake, Waker};
use std::thread::{self, JoinHandle, Thread};
use std::time::Duration;

use probetop_core::clock::{Clock, Timestamp};
use probetop_core::sample::Observation;
use tokio_util::sync::CancellationToken;

use super::{Host, Processes};
use crate::worker;

/// Shorter intervals would show the kernel's own granularity (ticks of 10 ms) rather than the machine.
const INTERVAL_MIN: Duration = Duration::from_millis(100);

/// Readings come this long before the full second, so that the tick on the second finds them fresh.
const LEAD: Duration = Duration::from_millis(50);

/// How often the table of processes is read while nobody looks at it: it costs more than everything else together.
const BACKGROUND_PACE: Duration = Duration::from_secs(5);

/// How often while somebody does.
const SHOWN_PACE: Duration = Duration::from_secs(1);

/// How often the table of processes is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    Background,
    Shown,
}

impl Pace {
    const fn period(self) -> Duration {
        match self {
            Self::Background => BACKGROUND_PACE,
            Self::Shown => SHOWN_PACE,
        }
    }
}

/// The pace as whoever shows the table sets it; takes effect with the next reading.
#[derive(Debug, Default)]
pub struct TablePace(AtomicBool);

impl TablePace {
    pub fn set(&self, pace: Pace) {
        self.0.store(pace == Pace::Shown, Ordering::Relaxed);
    }

    pub fn get(&self) -> Pace {
        if self.0.load(Ordering::Relaxed) {
            Pace::Shown
        } else {
            Pace::Background
        }
    }
}

/// Reads this machine now and then shortly before every multiple of `interval` (at least 100 ms) on the clock, until
/// cancelled; a reading that was missed is skipped. The first reading comes at once and without processes, the second has those of the time between.
///
/// # Errors
/// When the system has no thread to give.
pub fn spawn(
    clock: Clock,
    interval: Duration,
    pace: Arc<TablePace>,
    sender: impl Fn(Observation) + Send + 'static,
    cancel: CancellationToken,
) -> io::Result<JoinHandle<()>> {
    let interval = interval.max(INTERVAL_MIN);
    worker::spawn("host", move || run(&clock, interval, &pace, &sender, &cancel))
}

fn run(clock: &Clock, interval: Duration, pace: &TablePace, sender: &impl Fn(Observation), cancel: &CancellationToken) {
    let start = clock.now();
    let mut host = Host::new();
    sender(Observation::Host(Arc::new(host.read(start, Processes::Keep))));
    host.prime_processes(clock.now());
    let mut cancelled = pin!(cancel.cancelled());
    let mut table_read = None;
    loop {
        let due = next_due(Timestamp::ZERO + (interval - LEAD), interval, clock.now());
        if wait(clock, due, cancelled.as_mut()) == Waited::Cancelled {
            return;
        }
        let processes = processes_at(due, table_read, pace.get());
        if processes != Processes::Keep {
            table_read = Some(due);
        }
        sender(Observation::Host(Arc::new(host.read(clock.now(), processes))));
    }
}

/// The first multiple of `interval` after `start` that is later than `now`.
fn next_due(start: Timestamp, interval: Duration, now: Timestamp) -> Timestamp {
    let interval = interval.as_nanos().max(1);
    let passed = now.since(start).as_nanos() / interval;
    let nanos = (passed + 1).saturating_mul(interval);
    start + Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
}

fn processes_at(due: Timestamp, table_read: Option<Timestamp>, pace: Pace) -> Processes {
    match table_read {
        Some(read) if due.since(read) < pace.period() => Processes::Keep,
        Some(_) | None => match pace {
            Pace::Background => Processes::Refresh,
            Pace::Shown => Processes::RefreshAll,
        },
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Waited {
    Due,
    Cancelled,
}

/// Sleeps until `due` or until `cancelled` is ready, which wakes this thread.
fn wait(clock: &Clock, due: Timestamp, mut cancelled: Pin<&mut impl Future<Output = ()>>) -> Waited {
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    loop {
        if cancelled.as_mut().poll(&mut Context::from_waker(&waker)).is_ready() {
            return Waited::Cancelled;
        }
        let left = due.since(clock.now());
        if left.is_zero() {
            return Waited::Due;
        }
        thread::park_timeout(left);
    }
}

/// Lets a thread that is not part of a runtime wait for a future.
struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;
    use std::time::SystemTime;

    #[test]
    fn the_schedule_is_absolute_and_skips_what_was_missed() {
        let check = |now_ms, expected_ms| {
            let due = next_due(
                Timestamp::from_millis(500),
                Duration::from_secs(1),
                Timestamp::from_millis(now_ms),
            );
            assert_eq!(due, Timestamp::from_millis(expected_ms), "at {now_ms} ms");
        };
        check(500, 1500);
        check(1499, 1500);
        check(1500, 2500);
        check(1730, 2500);
        check(4600, 5500);
        check(0, 1500);
    }

    #[test]
    fn an_interval_without_end_does_not_overflow() {
        let due = next_due(Timestamp::from_secs(1), Duration::MAX, Timestamp::from_secs(2));
        assert_eq!(due.as_nanos(), u64::MAX);
        assert!(next_due(Timestamp::ZERO, Duration::ZERO, Timestamp::from_secs(2)) > Timestamp::from_secs(2));
    }

    #[test]
    fn the_table_is_read_more_often_while_it_is_shown() {
        let check = |due, read: Option<u64>, pace, expected| {
            let read = read.map(Timestamp::from_secs);
            assert_eq!(
                processes_at(Timestamp::from_secs(due), read, pace),
                expected,
                "at {due} s"
            );
        };
        check(1, None, Pace::Background, Processes::Refresh);
        check(2, Some(1), Pace::Background, Processes::Keep);
        check(5, Some(1), Pace::Background, Processes::Keep);
        check(6, Some(1), Pace::Background, Processes::Refresh);
        check(2, Some(1), Pace::Shown, Processes::RefreshAll);
    }

    #[test]
    fn the_pace_is_what_was_set_last() {
        let pace = TablePace::default();
        assert_eq!(pace.get(), Pace::Background);
        pace.set(Pace::Shown);
        assert_eq!(pace.get(), Pace::Shown);
        pace.set(Pace::Background);
        assert_eq!(pace.get(), Pace::Background);
    }

    #[test]
    fn the_first_reading_comes_at_once_and_cancelling_ends_the_thread() {
        let (sender, receiver) = mpsc::channel();
        let send = move |observation| drop(sender.send(observation));
        let cancel = CancellationToken::new();
        // The clock stands still: nothing but the cancellation can end the wait for the second reading.
        let clock = Clock::manual(SystemTime::UNIX_EPOCH);
        let hour = Duration::from_secs(3600);
        let thread = spawn(clock, hour, Arc::default(), send, cancel.clone()).expect("there are threads");
        let Ok(Observation::Host(first)) = receiver.recv() else {
            panic!("a reading of this machine comes first");
        };
        assert!(first.processes.is_empty());
        cancel.cancel();
        thread.join().expect("it does not panic");
        assert!(receiver.recv().is_err(), "nothing is sent after the end");
    }

    #[test]
    fn the_second_reading_has_the_processes_of_the_time_between() {
        let (sender, receiver) = mpsc::channel();
        let send = move |observation| drop(sender.send(observation));
        let (clock, cancel) = (Clock::manual(SystemTime::UNIX_EPOCH), CancellationToken::new());
        let thread =
            spawn(clock.clone(), INTERVAL_MIN, Arc::default(), send, cancel.clone()).expect("there are threads");
        assert!(matches!(receiver.recv(), Ok(Observation::Host(_))));
        // Whenever the thread looks at the clock, another interval is over sooner or later.
        let second = loop {
            clock.advance(INTERVAL_MIN);
            if let Ok(observation) = receiver.recv_timeout(INTERVAL_MIN) {
                break observation;
            }
        };
        let Observation::Host(second) = second else {
            panic!("this thread sends nothing but readings");
        };
        assert!(!second.processes.is_empty());
        cancel.cancel();
        thread.join().expect("it does not panic");
    }

    #[test]
    fn a_thread_that_is_cancelled_before_it_starts_ends() {
        let cancel = CancellationToken::new();
        cancel.cancel();
        let clock = Clock::manual(SystemTime::UNIX_EPOCH);
        let thread = spawn(clock, Duration::ZERO, Arc::default(), drop, cancel).expect("there are threads");
        thread.join().expect("it does not panic");
    }
}
