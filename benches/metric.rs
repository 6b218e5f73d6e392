//! What keeping and reading the history of targets costs, beside `hdrhistogram` doing the same job in the same run.
//!
//! `cargo bench --bench metric` prints first the memory and the time of a simulated hour of many targets at one probe a
//! second (`PROBETOP_BENCH_TARGETS`, 10000 unless told), then the ratios to `hdrhistogram`, beyond which it fails, then divan's table.

#![allow(unsafe_code, reason = "an allocator that counts is the only way to weigh a heap")]

#[path = "support/cost.rs"]
mod cost;

use std::alloc::{GlobalAlloc, Layout, System};
use std::hint::black_box;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use cost::Cost;
use divan::Bencher;
use hdrhistogram::Histogram;
use probetop_core::clock::{Clock, Timestamp};
use probetop_core::sample::{Micros, Outcome, Phase, Phases, Sample, TargetId, Window};
use probetop_engine::metric::{Scratch, Series, Step, Tracks};

#[global_allocator]
static HEAP: CountingHeap = CountingHeap(AtomicUsize::new(0));

fn main() {
    let targets = std::env::var("PROBETOP_BENCH_TARGETS").ok();
    simulate_an_hour(targets.and_then(|targets| targets.parse().ok()).unwrap_or(10_000));
    compare();
    divan::main();
}

/// The system's heap, and how much of it is taken.
struct CountingHeap(AtomicUsize);

// SAFETY: every call is handed on to the system's allocator unchanged.
// SAFETY: every call is handed on to the system's allocator as it came.
unsafe impl GlobalAlloc for CountingHeap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        self.0.fetch_add(layout.size(), Ordering::Relaxed);
        // SAFETY: as above.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        self.0.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: as above.
        unsafe { System.dealloc(pointer, layout) }
    }
}

/// Pseudo-random numbers (xorshift64*, Vigna 2016): the same in every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u32 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 32) as u32
    }

    /// Mostly a few milliseconds, now and then many: the product of two factors has the long tail of real latencies.
    fn latency(&mut self) -> Micros {
        let slow = self.next().leading_zeros();
        Micros(1000 + self.next() % (1500 << slow.min(8)))
    }

    /// A kept-alive probe: first byte and transfer, no connect.
    fn sample(&mut self, target: u32, second: u64) -> Sample {
        let latency = self.latency();
        let transfer = Micros(latency.0 / 20 + self.next() % 100);
        let mut phases = Phases::default();
        phases.add(Phase::FirstByte, Micros(latency.0.saturating_sub(transfer.0)));
        phases.add(Phase::Transfer, transfer);
        Sample {
            target: TargetId(target),
            intended: Timestamp::from_secs(second),
            lag: Micros(20 + self.next() % 80),
            latency,
            outcome: Outcome::Ok,
            phases,
            answer: None,
        }
    }
}

/// Wall time of `work`.
fn time<T>(clock: &Clock, work: impl FnOnce() -> T) -> Duration {
    let before = clock.now();
    black_box(work());
    clock.now().since(before)
}

fn simulate_an_hour(targets: u32) {
    let clock = Clock::system();
    let mut random = Random(1);
    let mut scratch = Scratch::default();
    let before = HEAP.0.load(Ordering::Relaxed);
    let mut all: Vec<Series> = (0..targets)
        .map(|id| Series::new(TargetId(id), Timestamp::ZERO))
        .collect();
    let mut ticks = Vec::new();
    for second in 0..3600 {
        for (id, series) in (0_u32..).zip(&mut all) {
            series.record(random.sample(id, second));
        }
        ticks.push(time(&clock, || {
            for series in &mut all {
                series.rotate(Timestamp::from_secs(second + 1), &mut scratch);
                black_box(series.read(Window::OneMinute, Tracks::LATENCY, &mut scratch));
            }
        }));
    }
    let heap = HEAP.0.load(Ordering::Relaxed) - before;
    println!("one hour of {targets} targets at 1/s, with lag, first byte and transfer:");
    println!(
        "  heap {:.1} MB, {} B a target",
        heap as f64 / 1e6,
        heap / targets.max(1) as usize
    );
    let warm = &mut ticks[600..];
    warm.sort_unstable();
    let mean = warm.iter().sum::<Duration>() / warm.len() as u32;
    println!(
        "  a tick (rotate all, quantiles of 1m for all): mean {mean:.1?}, median {:.1?}, p95 {:.1?}, worst {:.1?}",
        warm[warm.len() / 2],
        warm[warm.len() * 95 / 100],
        warm[warm.len() - 1]
    );
    for window in Window::ALL {
        for (label, tracks) in [("latency", Tracks::LATENCY), ("all tracks", Tracks::ALL)] {
            let spent = time(&clock, || {
                all.iter()
                    .map(|series| series.read(window, tracks, &mut scratch).stats.attempts)
                    .sum::<u64>()
            });
            println!(
                "  read {:>3}, {label}: {:.2?} a target",
                window.name(),
                spent / targets.max(1)
            );
        }
    }
}

/// The same job both ways: a minute of one-second histograms at `rate` a second, merged, and eight quantiles.
fn compare() {
    for rate in [1, 100] {
        let (series, mut scratch) = filled(rate, 120);
        let ours = per_round(|| {
            series
                .read(Window::OneMinute, Tracks::LATENCY, &mut scratch)
                .stats
                .latency
        });
        let ours = Cost::of(&format!("reading a minute at {rate}/s, 200 times"), ours);
        for digits in [2, 3] {
            let seconds = hdr_seconds(rate, digits);
            let mut sum = hdr(digits);
            let theirs = per_round(|| hdr_read(&seconds, &mut sum));
            let theirs = Cost::of(&format!("hdrhistogram with {digits} digits"), theirs);
            ours.within(0.5, &theirs, "it is why histograms are kept as codes");
        }
    }
}

fn per_round<T>(mut work: impl FnMut() -> T) -> Duration {
    cost::spent(|| {
        for _ in 0..200 {
            black_box(work());
        }
    })
}

fn hdr(digits: u8) -> Histogram<u32> {
    Histogram::new_with_bounds(1, 120_000_000, digits).expect("the bounds and digits are valid")
}

fn hdr_seconds(rate: u32, digits: u8) -> Vec<Histogram<u32>> {
    let mut random = Random(1);
    let mut second = || {
        let mut histogram = hdr(digits);
        (0..rate).for_each(|_| histogram.saturating_record(u64::from(random.latency().0)));
        histogram
    };
    (0..60).map(|_| second()).collect()
}

fn hdr_read(seconds: &[Histogram<u32>], sum: &mut Histogram<u32>) -> [u64; 8] {
    sum.reset();
    for second in seconds {
        sum.add(second).expect("both have the same bounds");
    }
    [0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999].map(|quantile| sum.value_at_quantile(quantile))
}

/// A series with `seconds` of `rate` probes a second behind it.
fn filled(rate: u32, seconds: u64) -> (Series, Scratch) {
    let mut random = Random(1);
    let mut scratch = Scratch::default();
    let mut series = Series::new(TargetId(0), Timestamp::ZERO);
    for second in 0..seconds {
        (0..rate).for_each(|_| series.record(random.sample(0, second)));
        series.rotate(Timestamp::from_secs(second + 1), &mut scratch);
    }
    (series, scratch)
}

/// A second of recording at each rate, closed at its end, roll-ups included; items are samples.
#[divan::bench(args = [1, 100, 10_000])]
fn record_and_close_a_second(bencher: Bencher, rate: u32) {
    let (mut series, mut scratch) = filled(rate, 60);
    let mut second = 60;
    let mut random = Random(2);
    bencher
        .counter(divan::counter::ItemsCount::new(rate))
        .with_inputs(|| (0..rate).map(|_| random.sample(0, 0)).collect::<Vec<_>>())
        .bench_local_values(|samples| {
            samples.into_iter().for_each(|sample| series.record(sample));
            second += 1;
            series.rotate(Timestamp::from_secs(second), &mut scratch);
        });
}

/// Recording alone, into one open second however many there are.
#[divan::bench(args = [1, 100, 10_000])]
fn record(bencher: Bencher, rate: u32) {
    let mut random = Random(2);
    bencher
        .counter(divan::counter::ItemsCount::new(rate))
        .with_inputs(|| {
            let samples: Vec<Sample> = (0..rate).map(|_| random.sample(0, 0)).collect();
            (filled(rate.min(100), 1).0, samples)
        })
        .bench_local_values(|(mut series, samples)| {
            samples.into_iter().for_each(|sample| series.record(sample));
            series
        });
}

#[divan::bench(args = [2, 3])]
fn record_with_hdrhistogram(bencher: Bencher, digits: u8) {
    let mut random = Random(2);
    let mut histogram = hdr(digits);
    bencher
        .with_inputs(|| u64::from(random.latency().0))
        .bench_local_values(|latency| histogram.saturating_record(latency));
}

#[divan::bench(args = Window::ALL.map(|window| window.name()))]
fn read_latency_at_1_a_second(bencher: Bencher, window: &str) {
    read(bencher, window, 1);
}

#[divan::bench(args = Window::ALL.map(|window| window.name()))]
fn read_latency_at_100_a_second(bencher: Bencher, window: &str) {
    read(bencher, window, 100);
}

fn read(bencher: Bencher, window: &str, rate: u32) {
    let window = Window::from_name(window).expect("it is one of the names of `Window::ALL`");
    let (series, mut scratch) = filled(rate, 1000);
    bencher.bench_local(|| series.read(window, Tracks::LATENCY, &mut scratch));
}

#[divan::bench(args = [1, 10, 60])]
fn points_at_1_a_second(bencher: Bencher, step: u64) {
    let (series, mut scratch) = filled(1, 4000);
    let step = Step::at_most(Duration::from_secs(step));
    bencher.bench_local(|| series.points(step, step.kept(), &mut scratch));
}

#[divan::bench(args = [2, 3])]
fn read_a_minute_with_hdrhistogram(bencher: Bencher, digits: u8) {
    let seconds = hdr_seconds(1, digits);
    let mut sum = hdr(digits);
    bencher.bench_local(|| hdr_read(&seconds, &mut sum));
}
