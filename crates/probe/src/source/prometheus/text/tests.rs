//! What of a page of metrics is read, and what is not.

use proptest::prelude::*;

use super::*;

fn read(line: &str) -> Result<Sample<'_>, &'static str> {
    match Line::read(line).map_err(|malformed| malformed.0)? {
        Line::Sample(unread) => unread.sample().map_err(|malformed| malformed.0),
        Line::Nothing | Line::Type { .. } => Err("no sample"),
    }
}

fn check(line: &str, name: &str, labels: &[(&str, &str)], value: f64) {
    let sample = read(line).unwrap_or_else(|malformed| panic!("{malformed}: {line}"));
    let read: Vec<_> = sample
        .labels
        .iter()
        .map(|(name, value)| (name.as_ref(), value.as_ref()))
        .collect();
    assert_eq!((sample.name.as_ref(), read.as_slice()), (name, labels), "{line}");
    assert!(
        sample.value == value || (sample.value.is_nan() && value.is_nan()),
        "{line}"
    );
}

#[test]
fn the_examples_of_the_format_are_read() {
    check(
        r#"http_requests_total{method="post",code="200"} 1027 1395066363000"#,
        "http_requests_total",
        &[("method", "post"), ("code", "200")],
        1027.0,
    );
    check(
        r#"msdos_file_access_time_seconds{path="C:\\DIR\\FILE.TXT",error="Cannot find file:\n\"FILE.TXT\""} 1.458255915e9"#,
        "msdos_file_access_time_seconds",
        &[
            ("path", r"C:\DIR\FILE.TXT"),
            ("error", "Cannot find file:\n\"FILE.TXT\""),
        ],
        1.458255915e9,
    );
    check(
        "metric_without_timestamp_and_labels 12.47",
        "metric_without_timestamp_and_labels",
        &[],
        12.47,
    );
    check(
        r#"something_weird{problem="division by zero"} +Inf -3982045"#,
        "something_weird",
        &[("problem", "division by zero")],
        f64::INFINITY,
    );
    check(
        r#"a:b_bucket{le="+Inf",} 144320"#,
        "a:b_bucket",
        &[("le", "+Inf")],
        144_320.0,
    );
    check("nan_gauge NaN", "nan_gauge", &[], f64::NAN);
    check("a{} -1", "a", &[], -1.0);
    check("  a { b = \"c\" , d=\"\" }\t2  ", "a", &[("b", "c"), ("d", "")], 2.0);
}

#[test]
fn exemplars_and_odd_characters_are_no_obstacle() {
    check(
        r#"foo_bucket{le="0.1"} 8 1.5 # {trace_id="a b"} 0.06"#,
        "foo_bucket",
        &[("le", "0.1")],
        8.0,
    );
    check(r#"a{b="} 1 {\x,=é"} 3"#, "a", &[("b", r"} 1 {\x,=é")], 3.0);
}

#[test]
fn names_of_any_characters_are_quoted() {
    check(
        r#"{"http.server.duration","service.name"="shop"} 3"#,
        "http.server.duration",
        &[("service.name", "shop")],
        3.0,
    );
    check(r#"{ "größe" } 1"#, "größe", &[], 1.0);
    check(r#"{"a \"b\"",c="d",} 2 123"#, "a \"b\"", &[("c", "d")], 2.0);
    check(r#"up{"service.name"="shop"} 1"#, "up", &[("service.name", "shop")], 1.0);
}

#[test]
fn comments_and_types_are_told_apart() {
    let check = |line, expected| assert_eq!(Line::read(line), Ok(expected), "{line}");
    let declared = |name: &'static str, family| Line::Type {
        name: name.into(),
        family,
    };
    check(
        "# TYPE \"http.server.duration\" gauge",
        declared("http.server.duration", Family::Gauge),
    );
    check("# TYPES a counter", Line::Nothing);
    check("# TYPE a counter", declared("a", Family::Counter));
    check("#TYPE a histogram\r", declared("a", Family::Histogram));
    check("# TYPE a stateset", declared("a", Family::Other));
    check("# TYPE a", Line::Nothing);
    check("# HELP a counter of things", Line::Nothing);
    check("# EOF", Line::Nothing);
    check("", Line::Nothing);
}

#[test]
fn what_is_no_line_of_the_format_is_refused() {
    let check = |line, expected| assert_eq!(read(line), Err(expected), "{line}");
    check("<html>", "no name of a metric");
    check("9lives 1", "no name of a metric");
    check("HTTP/1.1 200", "no value behind a name");
    check("a", "no value behind a name");
    check("a{b=\"c\"}", "no value");
    check("a{b=\"c\"", "labels that are not closed");
    check("a{b=\"c", "labels that are not closed");
    check("a{b=\"c\\", "labels that are not closed");
    check("a{b=c} 1", "a label without quotes");
    check("a{=\"c\"} 1", "no name of a label");
    check("a{b=\"c\" d=\"e\"} 1", "labels that are not closed");
    check("a one", "a value that is not a number");
    check("{\"a\": 1}", "no name of a metric");
    check("{\"a\"", "no name of a metric");
    check("{a=\"b\"} 1", "no name of a metric");
    check("{\"a} 1", "labels that are not closed");
    let many = format!("a{{{}}} 1", "b=\"\",".repeat(65));
    assert_eq!(read(&many), Err("more than 64 labels"));
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(line in "\\PC*") {
        let _ = read(&line);
    }

    #[test]
    fn no_text_like_a_sample_makes_it_panic(line in "a[{}=\",\\\\ 1eé#n]*") {
        let _ = read(&line);
    }
}
