//! The comparison of the fixture: worse, better, the same, and too young to say.

use std::time::{Duration, SystemTime};

use probetop_core::sample::{TargetId, Unit};
use probetop_core::snapshot::{Change, Comparison, ComparisonRow, FigureChange, Side, Significance};

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
    });
    Comparison {
        before: side(240, None),
        after: side(60, None),
        rows,
    }
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
        },
    }
}
