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

/// Of the finer steps 1, 1.5, 2, 3, 5 and 7 times a power of ten the least that is not below `value`, and the greatest that is
/// not above it; 1 for what is not a positive number.
fn fine_around(value: f64) -> (f64, f64) {
    const FINE: [f64; 7] = [1.0, 1.5, 2.0, 3.0, 5.0, 7.0, 10.0];
    if !value.is_finite() || value <= 0.0 {
        return (1.0, 1.0);
    }
    let power = 10f64.powi(value.log10().floor() as i32);
    let steps = || FINE.into_iter().map(|digit| digit * power);
    let down = steps().rev().find(|step| *step <= value * (1.0 + 1e-9));
    let up = steps().find(|step| *step >= value * (1.0 - 1e-9));
    (down.unwrap_or(power), up.unwrap_or(10.0 * power))
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

/// A logarithmic axis between two round values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LogAxis {
    pub low: f64,
    pub high: f64,
}

impl LogAxis {
    /// As little as holds the values from `low` to `high`, and at least a factor of four: what hardly changes is a flat line.
    pub fn around(low: f64, high: f64) -> Self {
        Self::spanning(low, high, 4.0)
    }

    /// The same over a factor of `least` at least, with what is shown in the middle.
    pub fn spanning(low: f64, high: f64, least: f64) -> Self {
        let (low, high) = (low.max(f64::MIN_POSITIVE), high.max(low).max(f64::MIN_POSITIVE));
        let margin = (least / (high / low)).max(1.0).sqrt();
        let ((low, _), (_, high)) = (fine_around(low / margin), fine_around(high * margin));
        Self { low, high }
    }

    /// Whether it holds `value`.
    pub fn holds(&self, value: f64) -> bool {
        (self.low * (1.0 - 1e-9)..=self.high * (1.0 + 1e-9)).contains(&value)
    }

    /// Where `value` lies, 0 at the bottom and 1 at the top; clamped.
    pub fn position(&self, value: f64) -> f64 {
        self.height(value).clamp(0.0, 1.0)
    }

    /// Where `value` lies, 0 at the bottom and 1 at the top, and beyond them what the axis does not hold.
    pub fn height(&self, value: f64) -> f64 {
        (value.max(f64::MIN_POSITIVE) / self.low).ln() / (self.high / self.low).ln()
    }

    /// The round values from the bottom to the top: 1-2-5 steps, or the finer ones where there are five rows and more for each
    /// of those.
    pub fn ticks(&self, room: usize) -> Vec<f64> {
        let coarse = self.steps(|after| round_up(after * 1.001));
        if coarse.len() * 5 > room {
            return coarse;
        }
        self.steps(|after| fine_around(after * 1.001).1)
    }

    fn steps(&self, next: impl Fn(f64) -> f64) -> Vec<f64> {
        // A microsecond to an hour is 10 decades, 60 steps.
        let first = next(self.low * 0.9985);
        let steps = std::iter::successors(Some(first), |last| Some(next(*last)));
        steps.take_while(|step| self.holds(*step)).take(64).collect()
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
    fn a_log_axis_fits_what_it_shows_and_spans_a_factor_of_four_at_least() {
        let check = |low, high, expected: (f64, f64)| {
            let axis = LogAxis::around(low, high);
            assert!(close(axis.low, expected.0) && close(axis.high, expected.1), "{axis:?}");
        };
        check(90.0, 110.0, (30.0, 200.0));
        check(20.0, 460.0, (20.0, 500.0));
        check(1.4, 6.8, (1.0, 7.0));
        let axis = LogAxis::around(20.0, 460.0);
        assert_eq!(axis.position(20.0), 0.0);
        assert_eq!(axis.position(5_000.0), 1.0);
    }

    #[test]
    fn ticks_are_round_values_on_the_axis_and_finer_where_there_is_room() {
        let axis = LogAxis { low: 15.0, high: 300.0 };
        let check = |room, expected: &[f64]| {
            let ticks = axis.ticks(room);
            assert_eq!(ticks.len(), expected.len(), "{ticks:?}");
            assert!(
                ticks
                    .iter()
                    .zip(expected)
                    .all(|(tick, expected)| close(*tick, *expected)),
                "{ticks:?}"
            );
        };
        check(10, &[20.0, 50.0, 100.0, 200.0]);
        check(40, &[15.0, 20.0, 30.0, 50.0, 70.0, 100.0, 150.0, 200.0, 300.0]);
    }
}
