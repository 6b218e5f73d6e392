//! Tables of a snapshot as comma-separated values (RFC 4180): its series, a row for each step of the time axis and each
//! subject, and what it compares, a row for each subject and figure.
//!
//! A name that would be a formula to a spreadsheet has an apostrophe in front.
//!
//! Of the series targets fill the columns of latency, the machine those of its gauges; what is not known is empty. A course,
//! which is there when its pane is shown, has besides a row for each range of latencies in a step: how many successful probes
//! took at least `latency_from_us` and less than `latency_below_us`.

use std::borrow::Cow;

use csv::Writer;
use probetop_core::clock::Timestamp;
use probetop_core::sample::{Bucket, Micros, Point};
use probetop_core::snapshot::{ComparisonRow, Course, HostHistory, Scope, Snapshot};

const COLUMNS: [&str; 18] = [
    "time",
    "subject",
    "attempts",
    "failed",
    "p50_us",
    "p95_us",
    "p99_us",
    "max_us",
    "cpu_ratio",
    "memory_ratio",
    "load_1m",
    "network_received_bytes_per_s",
    "network_transmitted_bytes_per_s",
    "disk_read_bytes_per_s",
    "disk_write_bytes_per_s",
    "latency_from_us",
    "latency_below_us",
    "probes",
];

/// Where the columns of the machine begin.
const HOST_FROM: usize = 8;

/// Where those of a range of latencies begin.
const RANGE_FROM: usize = 15;

/// Every series that the snapshot holds.
pub fn series(snapshot: &Snapshot) -> Vec<u8> {
    let mut out = Writer::from_writer(Vec::new());
    write(&mut out, snapshot).expect("memory takes it, and every row has every column");
    out.into_inner().expect("memory takes it")
}

fn write(out: &mut Writer<Vec<u8>>, snapshot: &Snapshot) -> Result<(), csv::Error> {
    out.write_record(COLUMNS)?;
    for target in &snapshot.targets {
        let times = times(snapshot, target.series.len());
        for (time, point) in times.zip(target.series.iter()) {
            out.write_record(target_row(time, target.info.name.as_str(), point))?;
        }
    }
    if let Some(host) = &snapshot.host {
        let length = host.history.cpu_ratio.len();
        for (index, time) in times(snapshot, length).enumerate() {
            out.write_record(host_row(time, &host.history, index))?;
        }
    }
    if let Some(course) = &snapshot.course {
        write_course(out, course, snapshot)?;
    }
    out.flush()?;
    Ok(())
}

/// The steps, where they are not those of a target, which are there already; and how each is spread.
fn write_course(out: &mut Writer<Vec<u8>>, course: &Course, snapshot: &Snapshot) -> Result<(), csv::Error> {
    let subject = match course.scope {
        Scope::All => "all targets",
        Scope::Target(id) => snapshot.target(id).map_or("", |target| target.info.name.as_str()),
    };
    if course.scope == Scope::All {
        for (time, point) in times(snapshot, course.points.len()).zip(&course.points) {
            out.write_record(target_row(time, subject, point))?;
        }
    }
    for (time, spread) in times(snapshot, course.spreads.len()).zip(&course.spreads) {
        for bucket in spread {
            out.write_record(range_row(&time, subject, *bucket))?;
        }
    }
    Ok(())
}

const COMPARED: [&str; 8] = [
    "subject",
    "figure",
    "unit",
    "before",
    "after",
    "shift",
    "p_value",
    "significance",
];

/// What is compared: a row for each subject and figure; of a target the number of probes is one of them.
pub fn comparison(snapshot: &Snapshot) -> Vec<u8> {
    let mut out = Writer::from_writer(Vec::new());
    let rows = snapshot.comparison.iter().flat_map(|comparison| &comparison.rows);
    write_compared(&mut out, rows).expect("memory takes it, and every row has every column");
    out.into_inner().expect("memory takes it")
}

fn write_compared<'a>(
    out: &mut Writer<Vec<u8>>,
    rows: impl Iterator<Item = &'a ComparisonRow>,
) -> Result<(), csv::Error> {
    out.write_record(COMPARED)?;
    let number = |value: Option<f64>| value.map_or_else(String::new, |value| value.to_string());
    for row in rows {
        let subject = cell(row.subject.as_str());
        let subject = &*subject;
        if let Some([before, after]) = row.attempts {
            let [before, after] = [before, after].map(|count| count.to_string());
            out.write_record([subject, "probes", "number", &before, &after, "", "", ""])?;
        }
        for figure in &row.figures {
            let change = figure.change;
            let numbers = [change.before, change.after, change.shift, change.p_value].map(number);
            let [before, after, shift, p_value] = numbers.each_ref().map(String::as_str);
            let meaning = change.significance.name();
            let unit = figure.unit.name();
            out.write_record([
                subject,
                &*cell(figure.name),
                unit,
                before,
                after,
                shift,
                p_value,
                meaning,
            ])?;
        }
    }
    out.flush()?;
    Ok(())
}

/// A text as a cell. One that begins like a formula would be reckoned by a spreadsheet: it gets an apostrophe in front, as
/// OWASP advises (CSV injection).
fn cell(text: &str) -> Cow<'_, str> {
    match text.chars().next() {
        Some('=' | '+' | '-' | '@' | '\t' | '\r' | '＝' | '＋' | '－' | '＠') => Cow::Owned(format!("'{text}")),
        Some(_) | None => Cow::Borrowed(text),
    }
}

/// When each of the newest `length` steps began.
fn times(snapshot: &Snapshot, length: usize) -> impl Iterator<Item = String> {
    let step = snapshot.axis.step();
    let first = (snapshot.axis_end + 1).saturating_sub(length as u64);
    (first..=snapshot.axis_end).map(move |number| {
        let at = Timestamp::from_secs(number * step.as_secs());
        humantime::format_rfc3339_millis(snapshot.wall(at)).to_string()
    })
}

fn target_row(time: String, name: &str, point: &Point) -> [String; COLUMNS.len()] {
    let micros = |latency: Option<Micros>| latency.map_or_else(String::new, |latency| latency.0.to_string());
    let mut row: [String; COLUMNS.len()] = Default::default();
    let known = [
        time,
        cell(name).into_owned(),
        point.attempts.to_string(),
        point.failed.to_string(),
        micros(point.p50),
        micros(point.p95),
        micros(point.p99),
        micros(point.max),
    ];
    for (column, value) in row.iter_mut().zip(known) {
        *column = value;
    }
    row
}

fn range_row(time: &str, subject: &str, bucket: Bucket) -> [String; COLUMNS.len()] {
    let mut row: [String; COLUMNS.len()] = Default::default();
    (row[0], row[1]) = (time.to_owned(), cell(subject).into_owned());
    let range = [u64::from(bucket.low.0), u64::from(bucket.high.0), bucket.count];
    for (column, value) in row[RANGE_FROM..].iter_mut().zip(range) {
        *column = value.to_string();
    }
    row
}

fn host_row(time: String, history: &HostHistory, index: usize) -> [String; COLUMNS.len()] {
    let gauges = [
        &history.cpu_ratio,
        &history.memory_ratio,
        &history.load_1m,
        &history.network_received_bytes_per_s,
        &history.network_transmitted_bytes_per_s,
        &history.disk_read_bytes_per_s,
        &history.disk_write_bytes_per_s,
    ];
    let mut row: [String; COLUMNS.len()] = Default::default();
    row[0] = time;
    "host".clone_into(&mut row[1]);
    for (column, gauge) in row[HOST_FROM..].iter_mut().zip(gauges) {
        if let Some(value) = gauge.get(index).copied().flatten() {
            *column = value.to_string();
        }
    }
    row
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_would_be_a_formula_is_a_text() {
        let check = |name: &str, expected: &str| assert_eq!(cell(name), expected);
        check("=HYPERLINK(\"http://x.example\")", "'=HYPERLINK(\"http://x.example\")");
        check("+1", "'+1");
        check("-1", "'-1");
        check("@SUM(A1)", "'@SUM(A1)");
        check("\t=1", "'\t=1");
        check("＝1", "'＝1");
        check("a=1", "a=1");
        check("'=1", "'=1");
        check("", "");
    }

    #[test]
    fn every_row_of_a_subject_goes_through_it() {
        let bucket = Bucket {
            low: Micros(1),
            high: Micros(2),
            count: 3,
        };
        assert_eq!(range_row("t", "=1", bucket)[1], "'=1");
        assert_eq!(target_row("t".to_owned(), "=1", &Point::default())[1], "'=1");
    }
}
