//! The comparison of the fixture: worse, better, the same, and too young to say.

use std::time::{Duration, SystemTime};

use probetop_core::sample::{Micros, TargetId, Unit};
use probetop_core::snapshot::{Change, Comparison, ComparisonRow, FigureChange, Lack, SharedBin, Side, Significance};

pub(super) fn comparison(names: &[&str], tick: u64, wall_origin: SystemTime) -> Comparison {
    let side = |ago: u64, file: Option<&str>| Side {
        from: wall_origin + Duration::from_secs(tick.saturating_sub(ago)),
        length: Duration::from_secs(60),
        file: file.map(Into::into),
    };
    let row = |(id, name): (usize, &&str)| {
        let (factor, significance) = match id % 4 {
            0 => (1.32, Significance::Worse),
            1 => (1.01, Significance::Same),
            2 => (0.71, Significance::Better),
            _ => (1.0, Significance::TooLittle),
        };
        let latency = |name, micros: f64| figure(name, Unit::Microseconds, micros, micros * factor, significance);
        // One of them fails far more often, whatever its latency.
        let errors = match id {
            4 => figure("errors", Unit::Ratio, 0.004, 0.131, Significance::Worse),
            _ => figure("errors", Unit::Ratio, 0.004, 0.004 * factor, Significance::Same),
        };
        ComparisonRow {
            subject: (*name).into(),
            target: Some(TargetId(id as u32)),
            attempts: Some([120, 117]),
            figures: vec![
                errors,
                latency("p50", 93_000.0 + 7_000.0 * id as f64),
                latency("p95", 212_000.0 + 9_000.0 * id as f64),
                latency("p99", 1_430_000.0),
                figure("rate", Unit::Number, 2.0, 1.95, Significance::Same),
            ],
            spread: spread(factor),
        }
    };
    let mut rows: Vec<_> = names.iter().enumerate().map(row).collect();
    rows.push(ComparisonRow {
        subject: "host".into(),
        target: None,
        attempts: None,
        figures: vec![
            figure("cpu", Unit::Ratio, 0.41, 0.84, Significance::Worse),
            figure("memory", Unit::Ratio, 0.62, 0.62, Significance::Same),
            figure("load", Unit::Number, 2.4, 9.8, Significance::Worse),
            figure("received/s", Unit::Bytes, 1.2e6, 3.9e6, Significance::Different),
        ],
        spread: Vec::new(),
    });
    Comparison::of(side(240, None), side(60, None), rows)
}

/// Two bells an eighth of an octave a bin, of which B's is moved by a factor.
fn spread(factor: f64) -> Vec<SharedBin> {
    const BINS: i32 = 32;
    let edge = |bin: i32| 20_000.0 * 2_f64.powf(f64::from(bin) / 8.0);
    let bell = |bin: i32, middle: f64| (60.0 * (-((f64::from(bin) - middle) / 4.0).powi(2)).exp()) as u32;
    let bin = |bin: i32| SharedBin {
        low: Micros(edge(bin) as u32),
        high: Micros(edge(bin + 1) as u32),
        counts: [bell(bin, 14.0), bell(bin, 14.0 + 8.0 * factor.log2())],
    };
    (0..BINS).map(bin).collect()
}

fn figure(name: &'static str, unit: Unit, before: f64, after: f64, significance: Significance) -> FigureChange {
    let is_known = significance != Significance::TooLittle;
    FigureChange {
        name,
        unit,
        change: Change {
            before: Some(before),
            after: is_known.then_some(after),
            shift: is_known.then_some(after - before),
            p_value: is_known.then_some(if significance == Significance::Same {
                0.43
            } else {
                0.0004
            }),
            significance,
            lack: (!is_known).then_some(Lack::Probes {
                side: 1,
                there: 16,
                needed: 100,
            }),
        },
    }
}
