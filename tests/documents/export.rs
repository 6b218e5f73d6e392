//! What is written for other programs to read.

use probetop::export::csv;
use probetop_core::sample::TargetId;
use probetop_core::snapshot::{Query, Scope};

use crate::support::fixture_snapshot;

const TICK: u64 = 3600;

#[test]
fn series_have_a_row_for_each_step_and_subject() {
    let mut snapshot = fixture_snapshot::answer(3, TICK, &Query::default());
    let quoted = "a \"quoted\", name";
    std::sync::Arc::get_mut(&mut snapshot.targets[0].info).unwrap().name = quoted.into();
    let bytes = csv::series(&snapshot);
    let mut reader = ::csv::Reader::from_reader(bytes.as_slice());
    let head = reader.headers().unwrap().clone();
    let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
    let of = |subject: &str| rows.iter().filter(|row| &row[1] == subject).count();
    assert_eq!(of(quoted), snapshot.targets[0].series.len());
    assert_eq!(of("host"), snapshot.host.as_ref().unwrap().history.cpu_ratio.len());

    // The newest step of the first target, as the snapshot has it.
    let last = rows.iter().rfind(|row| &row[1] == quoted).unwrap();
    let point = snapshot.targets[0].series.last().unwrap();
    let column = |name: &str| &last[head.iter().position(|column| column == name).unwrap()];
    assert_eq!(column("attempts"), point.attempts.to_string());
    assert_eq!(
        column("p95_us"),
        point.p95.map_or(String::new(), |p95| p95.0.to_string())
    );
    assert_eq!(column("cpu_ratio"), "", "a target has none");
    let step = snapshot.axis.step();
    let began = probetop_core::clock::Timestamp::from_secs(snapshot.axis_end * step.as_secs());
    let expected = humantime::format_rfc3339_millis(snapshot.wall(began)).to_string();
    assert_eq!(column("time"), expected);
}

#[test]
fn a_course_has_a_row_for_each_range_of_latencies() {
    let check = |scope, subject: &str, steps: usize| {
        let query = Query {
            course: Some(scope),
            ..Query::default()
        };
        let snapshot = fixture_snapshot::answer(3, TICK, &query);
        let course = snapshot.course.as_ref().unwrap();
        let bytes = csv::series(&snapshot);
        let mut reader = ::csv::Reader::from_reader(bytes.as_slice());
        let head = reader.headers().unwrap().clone();
        let column = |name: &str| head.iter().position(|column| column == name).unwrap();
        let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
        let of_subject = || rows.iter().filter(|row| &row[1] == subject);
        let ranges: Vec<_> = of_subject().filter(|row| !row[column("probes")].is_empty()).collect();
        let probes: u64 = ranges
            .iter()
            .map(|row| row[column("probes")].parse::<u64>().unwrap())
            .sum();
        let buckets = || course.spreads.iter().flatten();
        assert_eq!(probes, buckets().map(|bucket| bucket.count).sum::<u64>());
        assert_eq!(of_subject().count(), steps + ranges.len(), "{subject}");
        let (last, bucket) = (ranges.last().unwrap(), buckets().last().unwrap());
        assert_eq!(last[column("latency_from_us")], bucket.low.0.to_string());
        assert_eq!(last[column("latency_below_us")], bucket.high.0.to_string());
        assert_eq!(&last[column("attempts")], "");
    };
    let steps = Query::default().axis.points();
    check(Scope::All, "all targets", steps);
    check(Scope::Target(TargetId(1)), "cart", steps);
}
