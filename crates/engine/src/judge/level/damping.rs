//! How a threshold keeps calm: how long its figure must be beyond it, how long back, and how far.

use std::time::Duration;

use probetop_core::setting::{Finding, Period, check_patience};

/// A larger share would have a figure halve, and halve again, before its level is left.
const HYSTERESIS_LIMIT: f64 = 0.9;

/// How a level is reached and left.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Damping {
    /// A level that was reached is left when the figure is back by this share of its limit, 0 to 0.9.
    pub hysteresis: f64,
    /// How long the figure is beyond its limit before the alert fires.
    pub hold: Duration,
    /// How long it is back before the alert is resolved.
    pub clear: Duration,
}

impl Damping {
    /// Figures over a window speak at once, and stay until they have been back for this long: a window that hovers about
    /// its threshold is one alert, not ten.
    pub const WINDOW: Self = Self {
        hysteresis: 0.0,
        hold: Duration::ZERO,
        clear: Duration::from_secs(10),
    };

    /// The machine's gauges are of one second, and one busy second is not news: they speak when they last.
    pub const GAUGE: Self = Self {
        hysteresis: 0.0,
        hold: Duration::from_secs(10),
        clear: Duration::from_secs(10),
    };

    /// The same with what a table of thresholds says: its `hysteresis`, `for` and `clear_for`.
    ///
    /// # Errors
    /// Names each key that cannot be meant, and what to write instead.
    pub fn with(
        self,
        hysteresis: Option<f64>,
        hold: Option<Period>,
        clear: Option<Period>,
    ) -> Result<Self, Vec<Finding>> {
        let hysteresis = hysteresis.unwrap_or(self.hysteresis);
        let mut findings: Vec<_> = [("for", hold), ("clear_for", clear)]
            .into_iter()
            .filter_map(|(key, period)| check_patience(key, period?))
            .collect();
        if !(0.0..=HYSTERESIS_LIMIT).contains(&hysteresis) {
            let message = format!("hysteresis {hysteresis} is out of range; use 0 to {HYSTERESIS_LIMIT}, such as 0.1");
            findings.push(Finding::new("hysteresis", message));
        }
        if !findings.is_empty() {
            return Err(findings);
        }
        Ok(Self {
            hysteresis,
            hold: hold.map_or(self.hold, Period::duration),
            clear: clear.map_or(self.clear, Period::duration),
        })
    }
}

impl Default for Damping {
    fn default() -> Self {
        Self::WINDOW
    }
}
