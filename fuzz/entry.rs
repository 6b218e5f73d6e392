//! What is fuzzed: each function takes any bytes as what a program, a server or a file said, and must not panic. The fuzz
//! targets and `tests/probe/fuzz_seeds.rs` call the same ones.

use std::time::Duration;

use probetop_core::wire::VERSION;
use probetop_engine::journal::Chunk;
use probetop_probe::source::exec::{FIGURE_LIMIT, Output};
use probetop_probe::source::generator::{k6, locust};
use probetop_probe::source::prometheus::{Collection, SeriesSettings, gauges};

/// What a plugin printed.
pub(super) fn nagios(data: &[u8]) {
    assert!(Output::of_plugin(data).figures.len() <= FIGURE_LIMIT);
    Output::of_program(data);
}

/// Two pages of metrics, one after the other: the first half of `data` and the second.
pub(super) fn prometheus(data: &[u8]) {
    let wanted = [
        "a",
        "a_total",
        "latency_seconds",
        "http_request_duration_seconds",
        "rpc_duration_seconds",
    ];
    let wanted = wanted.map(|name| SeriesSettings {
        name: name.to_owned(),
        ..SeriesSettings::default()
    });
    let (before, after) = data.split_at(data.len() / 2);
    let (before, after) = (page(&wanted, before), page(&wanted, after));
    let totals = before.totals.iter().zip(&after.totals).zip(&wanted);
    for ((before, after), series) in totals {
        for gauge in gauges(series, after, Some((before, Duration::from_secs(1)))) {
            assert!(gauge.value.is_finite());
        }
    }
}

fn page(wanted: &[SeriesSettings], data: &[u8]) -> Collection {
    let mut collection = Collection::of(wanted);
    for line in String::from_utf8_lossy(data).lines() {
        // A line that is none of the format is what is to be found here.
        let _ = collection.line(wanted, line);
    }
    collection
}

pub(super) fn k6_status(data: &[u8]) {
    if let Ok(status) = k6::Status::read(data) {
        status.tell();
    }
}

pub(super) fn k6_metrics(data: &[u8]) {
    let _ = k6::Metrics::read(data);
}

/// Two readings of the dashboard's events: the first half of `data` and the second.
pub(super) fn k6_dashboard(data: &[u8]) {
    let mut dashboard = k6::Dashboard::default();
    let (first, second) = data.split_at(data.len() / 2);
    for reading in [first, second, data] {
        dashboard.take(reading);
        assert!(dashboard.tell().gauges.len() <= 4);
    }
}

pub(super) fn locust(data: &[u8]) {
    if let Ok(stats) = locust::Stats::read(data) {
        stats.tell();
    }
}

/// A chunk of a journal whose checksum holds: what its body says of lengths, ticks, plans and entries is read, and what was
/// read is the same once it was written again.
pub(super) fn journal(data: &[u8]) {
    let checksum = crc32fast::hash(data).to_le_bytes();
    let sealed = [b"ptop".as_slice(), &[VERSION], &checksum, data].concat();
    let Ok(chunk) = Chunk::open(&sealed) else { return };
    let inputs = chunk.inputs(0..chunk.end()).count();
    let again = Chunk::open(&chunk.seal()).expect("what was sealed is opened");
    assert_eq!(again.inputs(0..again.end()).count(), inputs);
}
