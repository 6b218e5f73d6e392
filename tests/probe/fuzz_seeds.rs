//! The seeds of the fuzz targets, replayed through the same functions: none of them may panic, and of each that is a
//! real answer something must be understood.

#[path = "../../fuzz/entry.rs"]
mod entry;

use std::fs;
use std::path::Path;

use probetop_probe::source::exec::Output;
use probetop_probe::source::generator::{k6, locust};

/// Replays each seed of `target`, and each prefix of it that a broken connection might leave.
fn check(target: &str, entry: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds").join(target);
    let mut seeds = 0;
    for seed in fs::read_dir(&folder).unwrap() {
        let data = fs::read(seed.unwrap().path()).unwrap();
        for length in 0..=data.len() {
            entry(&data[..length]);
        }
        seeds += 1;
    }
    assert!(seeds >= 3, "only {seeds} seeds of {target}");
}

fn seed(name: &str) -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds").join(name)).unwrap()
}

#[test]
fn no_seed_makes_a_parser_panic() {
    check("nagios", entry::nagios);
    check("prometheus", entry::prometheus);
    check("k6_status", entry::k6_status);
    check("k6_metrics", entry::k6_metrics);
    check("k6_dashboard", entry::k6_dashboard);
    check("locust", entry::locust);
    check("journal", entry::journal);
}

#[test]
fn every_target_has_seeds_and_a_line_in_the_manifest() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz");
    let manifest = fs::read_to_string(folder.join("Cargo.toml")).unwrap();
    for target in fs::read_dir(folder.join("fuzz_targets")).unwrap() {
        let path = target.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap();
        assert!(manifest.contains(&format!("name = \"{name}\"")), "{name}");
        assert!(folder.join("seeds").join(name).is_dir(), "{name}");
    }
}

#[test]
fn the_seeds_that_are_real_answers_are_understood() {
    let disk = Output::of_plugin(&seed("nagios/check_disk"));
    assert_eq!(
        (disk.text.as_str(), disk.figures.len()),
        ("DISK OK - free space: / 3326 MB (56%);", 4)
    );
    let metrics = k6::Metrics::read(&seed("k6_metrics/run")).unwrap();
    assert_eq!(
        (metrics.iterations, metrics.dropped_iterations),
        (Some(1900.0), Some(12.0))
    );
    assert_eq!(metrics.p95_ms, Some(182.97));
    let mut dashboard = k6::Dashboard::default();
    dashboard.take(&seed("k6_dashboard/run"));
    let told: Vec<_> = dashboard.tell().gauges.iter().map(|gauge| gauge.value).collect();
    assert_eq!(told, [18_500.0, 44_000.0, 66_250.0, 130_500.0]);
    dashboard.take(&seed("k6_dashboard/stopped"));
    assert_eq!(dashboard.tell().gauges, []);
    assert_eq!(
        k6::Status::read(&seed("k6_status/running"))
            .unwrap()
            .tell()
            .gauges
            .len(),
        2
    );
    assert_eq!(
        locust::Stats::read(&seed("locust/running"))
            .unwrap()
            .tell()
            .gauges
            .len(),
        5
    );
}
