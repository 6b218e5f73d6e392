//! What is written is read again, and what is not a baseline says why.

use std::time::SystemTime;

use probetop_core::sample::{Purpose, TargetId};

use super::*;

/// Ten latencies in most steps, none in the one in which none succeeded.
fn spreads() -> Spreads {
    let mut spreads = Spreads::default();
    for at in 0..60 {
        let step = [(Micros(1000 + at), 9), (Micros(u32::MAX - at), 1)];
        spreads.push(step.into_iter().filter(|_| at != 4));
    }
    spreads
}

fn stretch() -> Stretch {
    let point = |at: u32| Point {
        attempts: 10,
        failed: at % 3,
        p50: (at != 4).then_some(Micros(1000 + at)),
        p95: (at != 4).then_some(Micros(2000 + at)),
        p99: (at != 4).then_some(Micros(u32::MAX - at)),
        min: None,
        max: None,
    };
    let target = |id: u32, name: &str| StretchTarget {
        id: Some(TargetId(id)),
        name: name.into(),
        url: "https://shop.example/?key=***".into(),
        kind: "http".into(),
        purpose: Purpose::default(),
        points: (0..60).map(point).collect(),
        spreads: Arc::new(spreads()),
        latency: [Some(Micros(1030)), Some(Micros(2057)), None],
    };
    let mut host: [Vec<f32>; HOST_FIGURES.len()] = Default::default();
    host[0] = vec![0.42, 0.5, 1.0];
    host[4] = vec![1.5e9];
    Stretch {
        side: Side {
            from: SystemTime::UNIX_EPOCH + Duration::from_millis(1_700_000_000_347),
            length: Duration::from_secs(60),
            file: None,
        },
        step: Duration::from_secs(1),
        targets: vec![target(0, "check \"out\""), target(7, "日本語")],
        host,
    }
}

#[test]
fn a_baseline_is_read_as_it_was_written() {
    let written = stretch();
    let read = read(&write(&written), "before.json".into()).unwrap();
    let expected = Stretch {
        side: Side {
            file: Some("before.json".into()),
            ..written.side
        },
        targets: written
            .targets
            .into_iter()
            .map(|target| StretchTarget { id: None, ..target })
            .collect(),
        ..written
    };
    assert_eq!(read, expected);
}

#[test]
fn what_is_added_later_is_passed_over() {
    let text = String::from_utf8(write(&stretch())).unwrap();
    let more = text
        .replacen('{', "{\"later\": {\"x\": 1}, ", 1)
        .replace("cpu_ratio", "gpu_ratio");
    let read = read(more.as_bytes(), "later".into()).unwrap();
    assert_eq!(read.targets.len(), 2);
    assert!(read.host[0].is_empty());
}

#[test]
fn a_baseline_of_before_knows_the_latencies_of_steps_with_one_probe() {
    let mut document: serde_json::Value = serde_json::from_slice(&write(&stretch())).unwrap();
    let points = document["targets"][0]["points"].as_object_mut().unwrap();
    points.remove("latency_us");
    points.remove("latency_count");
    points["attempts"][7] = 2.into();
    points["failed"][7] = 1.into();
    let read = read(document.to_string().as_bytes(), "before.json".into()).unwrap();
    let known: Vec<_> = read.targets[0]
        .spreads
        .iter()
        .enumerate()
        .filter(|(_, step)| !step.is_empty())
        .collect();
    assert_eq!(known, [(7, &[(Micros(1007), 1)][..])]);
    assert_eq!(read.targets[1].spreads, stretch().targets[1].spreads);
}

#[test]
fn what_is_no_baseline_says_what_and_where() {
    let text = String::from_utf8(write(&stretch())).unwrap();
    let check = |text: &str, place, what: &str| {
        let fault = read(text.as_bytes(), "x".into()).unwrap_err();
        assert_eq!(fault.place, place, "{fault}");
        assert!(fault.to_string().contains(what), "{fault}");
        assert!(fault.to_string().contains("; "), "a remedy: {fault}");
    };
    check("", Some((1, 1)), "EOF while parsing");
    check("{\n  \"schema\":", Some((2, 11)), "EOF while parsing");
    check("[]", Some((1, 2)), "expected struct");
    check("{}", None, "has no schema");
    check(
        "{\"schema\": \"probetop.snapshot/v1\"}",
        None,
        "its schema is \"probetop.snapshot/v1\"",
    );
    check("{\"schema\": \"probetop.baseline/v1\"}", Some((1, 34)), "missing field");
    check(&text.replace("\"step_s\":1", "\"step_s\":0"), None, "step_s is 0");
    check(
        &text.replace("\"from\":\"2", "\"from\":\"9"),
        None,
        "to is not after from",
    );
    check(
        &text.replace("\"from\":\"2", "\"from\":\"x"),
        None,
        "use a time such as",
    );
    check(
        &text.replacen("\"failed\":[0,", "\"failed\":[", 1),
        None,
        "target \"check \\\"out\\\"\"",
    );
    check(
        &text.replacen("\"latency_count\":[[9,1]", "\"latency_count\":[[9]", 1),
        None,
        "as many as their counts",
    );
    check(
        &text.replacen("\"attempts\":[10", "\"attempts\":[-1", 1),
        Some((1, 294)),
        "expected u32",
    );
}
