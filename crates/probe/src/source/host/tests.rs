//! The real machine, whatever it is, and both ways of reading it.

use probetop_core::sample::{CpuReading, MemoryReading};

use super::*;

fn share(ratio: Option<f64>) -> bool {
    ratio.is_none_or(|ratio| (0.0..=1.0).contains(&ratio))
}

#[track_caller]
fn check_sound(reading: &HostReading) {
    let CpuReading {
        cores,
        usage_ratio,
        iowait_ratio,
        steal_ratio,
        ref per_core_ratio,
        ..
    } = reading.cpu;
    assert!(cores > 0);
    assert!(
        [usage_ratio, iowait_ratio, steal_ratio].into_iter().all(share),
        "{:?}",
        reading.cpu
    );
    assert!(
        per_core_ratio.iter().all(|ratio| share(Some(*ratio))),
        "{per_core_ratio:?}"
    );
    let MemoryReading {
        total_bytes,
        used_bytes,
        available_bytes,
        ..
    } = reading.memory;
    assert!(used_bytes > 0 && available_bytes > 0 && used_bytes + available_bytes == total_bytes);
    for disk in &reading.disks {
        assert!(
            disk.total_bytes >= disk.available_bytes && share(disk.busy_ratio),
            "{disk:?}"
        );
    }
    let rates = reading
        .networks
        .iter()
        .flat_map(|it| [it.received_bytes_per_s, it.transmitted_bytes_per_s, it.errors_per_s]);
    assert!(
        rates.flatten().all(|rate| rate >= 0.0 && rate.is_finite()),
        "{:?}",
        reading.networks
    );
    assert!(
        reading
            .processes
            .iter()
            .all(|it| it.cpu_ratio >= 0.0 && it.cpu_ratio.is_finite())
    );
}

#[test]
fn rates_are_unknown_first_and_known_from_the_second_reading_on() {
    let mut host = Host::new();
    let first = host.read(Timestamp::from_secs(1), Processes::Keep);
    check_sound(&first);
    assert_eq!(first.cpu.usage_ratio, None);
    assert!(first.cpu.per_core_ratio.is_empty());
    assert!(first.networks.iter().all(|it| it.received_bytes_per_s.is_none()));
    let second = host.read(Timestamp::from_secs(2), Processes::Keep);
    check_sound(&second);
    assert!(second.networks.iter().all(|it| it.received_bytes_per_s.is_some()));
    assert_eq!(second.at, Timestamp::from_secs(2));
}

#[test]
fn the_root_of_the_file_system_is_among_the_disks() {
    let reading = Host::new().read(Timestamp::ZERO, Processes::Keep);
    assert!(
        reading.disks.iter().any(|disk| disk.mount.as_str() == "/"),
        "{:?}",
        reading.disks
    );
}

#[test]
fn the_table_of_processes_stays_until_it_is_refreshed() {
    let mut host = Host::new();
    host.prime_processes(Timestamp::from_secs(1));
    let read = host.read(Timestamp::from_secs(2), Processes::Refresh);
    check_sound(&read);
    assert!(!read.processes.is_empty());
    assert!(
        read.process_count
            .is_some_and(|count| count as usize >= read.processes.len())
    );
    let kept = host.read(Timestamp::from_secs(3), Processes::Keep);
    assert_eq!(
        (kept.processes, kept.process_count),
        (read.processes, read.process_count)
    );
}

#[test]
fn readings_at_the_same_moment_have_no_rates() {
    let mut host = Host::new();
    for _ in 0..3 {
        let reading = host.read(Timestamp::from_secs(1), Processes::Refresh);
        check_sound(&reading);
        assert!(reading.networks.iter().all(|it| it.received_bytes_per_s.is_none()));
    }
}

#[test]
fn the_portable_way_tells_the_same_machine() {
    let mut portable = portable::Machine::default();
    portable.prime_processes(Timestamp::from_secs(1));
    let first = portable.read(Timestamp::from_secs(1), Processes::Keep);
    assert_eq!(first.cpu.usage_ratio, None);
    let second = portable.read(Timestamp::from_secs(2), Processes::Refresh);
    check_sound(&second);
    let own = Host::new().read(Timestamp::from_secs(2), Processes::Keep);
    assert_eq!(
        (second.cpu.cores, second.memory.total_bytes),
        (own.cpu.cores, own.memory.total_bytes)
    );
    assert_eq!(second.name, own.name);
    assert!(!second.processes.is_empty());
    assert!(portable::own_rss_bytes().is_some_and(|bytes| bytes > 0));
}
