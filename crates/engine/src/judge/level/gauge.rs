//! Thresholds of what a target tells of itself, as they are written.

use probetop_core::sample::{GaugeName, Worse};
use probetop_core::setting::Finding;

use super::table::table;
use super::{Damping, GaugeLevel};

table! {
    /// One of a target's `gauges` as it is written.
    pub struct GaugeLevelSettings (default: Damping::WINDOW, hold: "0s") {
        /// What is aimed at: beyond it the health score begins to fall. Breaks no level.
        target: f64,
        /// Beyond this is a warning.
        warning: f64,
        /// Beyond this is critical.
        critical: f64,
        /// The direction in which the figure gets worse: `higher` or `lower`; as the two thresholds lie when left out.
        worse: Worse,
    }
}

impl GaugeLevelSettings {
    /// # Errors
    /// Names each key that cannot be meant, and what to write instead.
    pub fn resolve(&self, name: &str) -> Result<GaugeLevel, Vec<Finding>> {
        let clean = GaugeName::clean(name);
        if clean.as_str() != name {
            let message = format!("no gauge is called {name:?}; names have letters, digits and _, as in {clean}");
            return Err(vec![Finding::new(name, message)]);
        }
        if [self.target, self.warning, self.critical]
            .into_iter()
            .flatten()
            .any(|limit| !limit.is_finite())
        {
            return Err(vec![Finding::new(
                name,
                format!("{name} has a threshold that is not a number"),
            )]);
        }
        let lies = lie(self.warning, self.critical).or(lie(self.target, self.warning.or(self.critical)));
        if let (Some(lies), Some(of_target)) = (lies, lie(self.target, self.warning.or(self.critical)))
            && lies != of_target
        {
            let message = format!("{name}: the target is worse than the warning level; swap them");
            return Err(vec![Finding::new(name, message)]);
        }
        if let (Some(lies), Some(worse)) = (lies, self.worse)
            && lies != worse
        {
            let message = format!("{name}: the thresholds lie the other way round than worse says; swap them");
            return Err(vec![Finding::new(name, message)]);
        }
        let damping = self.damping();
        let under = |wrong: Vec<Finding>| wrong.into_iter().map(|finding| finding.under(name)).collect::<Vec<_>>();
        Ok(GaugeLevel {
            name: clean,
            target: self.target,
            warning: self.warning,
            critical: self.critical,
            worse: self.worse.or(lies).unwrap_or_default(),
            damping: damping.map_err(under)?,
        })
    }
}

/// The direction that two thresholds tell, the milder first.
fn lie(milder: Option<f64>, worse: Option<f64>) -> Option<Worse> {
    match (milder, worse) {
        (Some(milder), Some(worse)) if milder < worse => Some(Worse::Higher),
        (Some(milder), Some(worse)) if worse < milder => Some(Worse::Lower),
        (Some(_) | None, Some(_) | None) => None,
    }
}

impl From<&GaugeLevel> for GaugeLevelSettings {
    fn from(level: &GaugeLevel) -> Self {
        Self {
            target: level.target,
            warning: level.warning,
            critical: level.critical,
            worse: Some(level.worse),
            ..Self::default()
        }
        .damped(level.damping)
    }
}
