//! Scales that stand still: ends rounded to 1-2-5 steps, so that a chart does not breathe with every value.

/// The least of 1, 2, 5 times a power of ten that is not below `value`; 1 for what is not a positive number.
pub fn round_up(value: f64) -> f64 {
    step(value, |step, value| step >= value * (1.0 - 1e-9))
}

/// The greatest of 1, 2, 5 times a power of ten that is not above `value`; 1 for what is not a positive number.
pub fn round_down(value: f64) -> f64 {
    let up = round_up(value);
    if !value.is_finite() || value <= 0.0 || up <= value * (1.0 + 1e-9) {
        return up;
    }
    step_below(up)
}

fn step(value: f64, reaches: impl Fn(f64, f64) -> bool) -> f64 {
    if !value.is_finite() || value <= 0.0 {
        return 1.0;
    }
    let power = 10f64.powi(value.log10().floor() as i32);
    [1.0, 2.0, 5.0]
        .into_iter()
        .map(|digit| digit * power)
        .find(|step| reaches(*step, value))
        .unwrap_or(10.0 * power)
}

/// The next smaller of the 1-2-5 steps.
pub fn step_below(step: f64) -> f64 {
    let power = 10f64.powi((step * (1.0 + 1e-9)).log10().floor() as i32);
    match (step / power).round() as u32 {
        5 => 2.0 * power,
        2 => power,
        _ => power / 2.0,
    }
}

/// A square-root scale from zero: small values stay visible beside an outlier, and zero is still the ground.
pub fn root(value: f64, max: f64) -> f64 {
    if max > 0.0 {
        (value.max(0.0) / max).sqrt().min(1.0)
    } else {
        0.0
    }
}

/// A logarithmic axis between two 1-2-5 steps.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LogAxis {
    pub low: f64,
    pub high: f64,
}

impl LogAxis {
    /// Spans at least a factor of ten around the values from `low` to `high`.
    pub fn around(low: f64, high: f64) -> Self {
        let high = round_up(high);
        Self {
            low: round_down(low.min(high / 10.0)),
            high,
        }
    }

    /// Where `value` lies, 0 at the bottom and 1 at the top; clamped.
    pub fn position(&self, value: f64) -> f64 {
        self.height(value).clamp(0.0, 1.0)
    }

    /// Where `value` lies, 0 at the bottom and 1 at the top, and beyond them what the axis does not hold.
    pub fn height(&self, value: f64) -> f64 {
        (value.max(f64::MIN_POSITIVE) / self.low).ln() / (self.high / self.low).ln()
    }

    /// The 1-2-5 steps from the bottom to the top.
    pub fn ticks(&self) -> Vec<f64> {
        // A microsecond to an hour is 10 decades, 30 steps.
        let mut ticks = vec![self.low];
        while let Some(last) = ticks.last().copied() {
            if last >= self.high * (1.0 - 1e-9) || ticks.len() >= 64 {
                break;
            }
            ticks.push(round_up(last * 1.5));
        }
        ticks
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(a: f64, b: f64) -> bool {
        (a / b - 1.0).abs() < 1e-9
    }

    #[test]
    fn ends_are_1_2_5_steps() {
        let check = |value, down, up| {
            assert!(close(round_up(value), up), "{value} up {}", round_up(value));
            assert!(close(round_down(value), down), "{value} down {}", round_down(value));
        };
        check(1.0, 1.0, 1.0);
        check(1.1, 1.0, 2.0);
        check(3.0, 2.0, 5.0);
        check(7.0, 5.0, 10.0);
        check(999.0, 500.0, 1000.0);
        check(1000.0, 1000.0, 1000.0);
        check(0.03, 0.02, 0.05);
        check(0.0, 1.0, 1.0);
        check(f64::NAN, 1.0, 1.0);
    }

    #[test]
    fn a_log_axis_spans_a_decade_at_least() {
        let axis = LogAxis::around(90.0, 110.0);
        assert!(close(axis.low, 20.0) && close(axis.high, 200.0), "{axis:?}");
        assert_eq!(axis.position(20.0), 0.0);
        assert_eq!(axis.position(5_000.0), 1.0);
        assert_eq!(axis.ticks().len(), 4);
    }
}
