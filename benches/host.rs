//! What a reading of this machine costs, beside the `sysinfo` crate reading the same.
//!
//! `cargo bench --bench host` prints the processor time of each, and fails where the crate takes less.

#[path = "support/cost.rs"]
#[allow(dead_code, reason = "what threads of others cost counts here")]
mod cost;

use std::hint::black_box;
use std::time::Duration;

use cost::Cost;
use divan::Bencher;
use probetop_core::clock::Clock;
use probetop_core::sample::HostReading;
use probetop_probe::source::host::usage::Usage;
use probetop_probe::source::host::{Host, Processes};
use sysinfo::{Disks, Networks, ProcessRefreshKind, ProcessesToUpdate, System, UpdateKind};

/// Enough that the mean stands still.
const ROUNDS: u32 = 300;

fn main() {
    divan::main();
    print_comparison();
}

#[divan::bench]
fn reading_without_processes(bencher: Bencher<'_, '_>) {
    let (clock, mut host) = (Clock::system(), Host::new());
    bencher.bench_local(move || host.read(clock.now(), Processes::Keep));
}

#[divan::bench]
fn reading_with_processes(bencher: Bencher<'_, '_>) {
    let (clock, mut host) = (Clock::system(), Host::new());
    bencher.bench_local(move || host.read(clock.now(), Processes::Refresh));
}

#[divan::bench]
fn reading_with_processes_in_detail(bencher: Bencher<'_, '_>) {
    let (clock, mut host) = (Clock::system(), Host::new());
    bencher.bench_local(move || host.read(clock.now(), Processes::RefreshAll));
}

#[divan::bench]
fn own_usage(bencher: Bencher<'_, '_>) {
    let (clock, mut usage) = (Clock::system(), Usage::new());
    bencher.bench_local(move || usage.read(clock.now()));
}

#[divan::bench]
fn sysinfo_without_processes(bencher: Bencher<'_, '_>) {
    let mut crate_reader = Sysinfo::new();
    bencher.bench_local(move || crate_reader.read());
}

#[divan::bench]
fn sysinfo_with_processes(bencher: Bencher<'_, '_>) {
    let mut crate_reader = Sysinfo::new();
    bencher.bench_local(move || crate_reader.read_with_processes());
}

/// The crate with nothing asked for that a reading of ours does not have.
struct Sysinfo {
    system: System,
    disks: Disks,
    networks: Networks,
}

impl Sysinfo {
    fn new() -> Self {
        Self {
            system: System::new().expect("the system can be read"),
            disks: Disks::new_with_refreshed_list().expect("the disks can be read"),
            networks: Networks::new_with_refreshed_list().expect("the networks can be read"),
        }
    }

    fn read(&mut self) {
        self.system.refresh_cpu_usage();
        self.system.refresh_memory();
        self.disks.refresh(true);
        self.networks.refresh(true);
    }

    fn read_with_processes(&mut self) {
        self.read_processes(ProcessRefreshKind::nothing());
    }

    /// Who runs them and how they were called, of each once.
    fn read_with_processes_in_detail(&mut self) {
        let kind = ProcessRefreshKind::nothing();
        self.read_processes(
            kind.with_user(UpdateKind::OnlyIfNotSet)
                .with_cmd(UpdateKind::OnlyIfNotSet),
        );
    }

    fn read_processes(&mut self, kind: ProcessRefreshKind) {
        self.read();
        let kind = kind.with_cpu().with_memory().without_tasks();
        self.system
            .refresh_processes_specifics(ProcessesToUpdate::All, true, kind);
    }
}

fn print_comparison() {
    let clock = Clock::system();
    let mut host = Host::new();
    let tasks = host.read(clock.now(), Processes::Refresh).process_count.unwrap_or(0);
    let without = cpu_time(|| drop(black_box(host.read(clock.now(), Processes::Keep))));
    let with = cpu_time(|| drop(black_box(host.read(clock.now(), Processes::Refresh))));
    let in_detail = cpu_time(|| drop(black_box(host.read(clock.now(), Processes::RefreshAll))));
    let new = cpu_time(|| drop(black_box(first_details(&clock))));
    let mut baseline = Sysinfo::new();
    let baseline_without = cpu_time(|| baseline.read());
    let baseline_with = cpu_time(|| baseline.read_with_processes());
    let baseline_in_detail = cpu_time(|| baseline.read_with_processes_in_detail());
    println!("\nprocessor time a reading, mean of {ROUNDS}, {tasks} processes");
    let why = "it is why this machine is read without the crate";
    check("without processes", without, baseline_without, why);
    check("with processes", with, baseline_with, why);
    check("with processes in detail", in_detail, baseline_in_detail, why);
    println!("two readings in a row, the second with all that is asked once: {new:?}");
}

/// All that the crate is asked for once: what the machine is, its sensors, and the details of every listed process.
fn first_details(clock: &Clock) -> HostReading {
    let mut host = Host::new();
    host.prime_processes(clock.now());
    host.read(clock.now(), Processes::RefreshAll)
}

fn check(what: &str, ours: Duration, theirs: Duration, why: &str) {
    let theirs = Cost::of("sysinfo", theirs);
    Cost::of(&format!("a reading {what}"), ours).within(1.0, &theirs, why);
}

/// User and system time of this thread for one call.
fn cpu_time(mut call: impl FnMut()) -> Duration {
    call();
    cost::spent(|| (0..ROUNDS).for_each(|_| call())) / ROUNDS
}
