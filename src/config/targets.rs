//! The targets of a configuration: which are probed, and which are steps that a flow's probe makes.
//!
//! There is no list of "the targets" to walk: whoever reads them says whether rows are meant, which steps have as much
//! as any other target, or probes, of which steps have none of their own. Only a [`Probed`] makes a probe.

use std::iter;
use std::ops::Range;
use std::sync::Arc;

use probetop_probe::source::Probe;
use probetop_probe::source::kind::{Crowd, ProbeContext};
use probetop_probe::source::zone::{Zoned, ZonedCrowd};

use super::target::TargetConfig;

/// Every target, in the order in which they were written.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Targets {
    rows: Vec<TargetConfig>,
    /// Where in `rows` each that is probed stands; its steps are the rows up to the next.
    probed: Vec<usize>,
}

/// A target that is probed, and the steps that its probe makes; none unless it is a flow.
#[derive(Clone, Copy, Debug)]
pub struct Probed<'a> {
    pub target: &'a TargetConfig,
    pub steps: &'a [TargetConfig],
    /// Which of the rows the target is; its steps follow it.
    pub at: usize,
}

impl Targets {
    pub fn push(&mut self, target: TargetConfig) {
        self.push_flow(target, iter::empty());
    }

    /// Adds a flow, and a row for each step that its probe makes.
    pub fn push_flow(&mut self, whole: TargetConfig, steps: impl IntoIterator<Item = TargetConfig>) {
        self.probed.push(self.rows.len());
        self.rows.push(whole);
        self.rows.extend(steps);
    }

    /// What is shown, judged and named in rules: every target that is probed, and after each its steps.
    pub fn rows(&self) -> &[TargetConfig] {
        &self.rows
    }

    /// The same, to be named. Where the steps stand does not depend on it.
    pub fn rows_mut(&mut self) -> &mut [TargetConfig] {
        &mut self.rows
    }

    /// What the schedule starts.
    pub fn probed(&self) -> impl ExactSizeIterator<Item = Probed<'_>> {
        self.probed.iter().enumerate().map(|(nth, &at)| {
            let end = self.probed.get(nth + 1).copied().unwrap_or(self.rows.len());
            Probed {
                target: &self.rows[at],
                steps: &self.rows[at + 1..end],
                at,
            }
        })
    }

    /// Connections that are kept between probes: one for each target, and for a flow one for each step.
    pub fn connections(&self) -> usize {
        self.probed().map(|probed| probed.steps.len().max(1)).sum()
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}

impl Probed<'_> {
    /// Makes the probe, with an eye on the process behind the target where one is named.
    ///
    /// # Errors
    /// Names the target, and says what is wrong with its URL or settings, or that the system refuses what it needs.
    pub fn probe(&self, context: ProbeContext<'_>) -> Result<Arc<dyn Probe>, String> {
        let TargetConfig { kind, url, .. } = self.target;
        let clock = context.clock;
        let probe = kind
            .probe(url.real(), context)
            .map(|probe| match url.zone() {
                Some(zone) => Arc::new(Zoned::new(clock.clone(), probe, zone.clone())),
                None => probe,
            })
            .and_then(|probe| match &self.target.process {
                Some(process) => process.beside(probe, clock),
                None => Ok(probe),
            });
        probe.map_err(|message| format!("target {:?}: {message}", self.target.name))
    }

    /// Makes the many that put load on the target.
    ///
    /// # Errors
    /// Names the target, and says what is wrong with its URL or settings, or that its kind is not put under load.
    pub fn crowd(&self, context: ProbeContext<'_>) -> Result<Arc<dyn Crowd>, String> {
        let TargetConfig { kind, url, .. } = self.target;
        let clock = context.clock;
        let crowd = kind.crowd(url.real(), context).map(|crowd| match url.zone() {
            Some(zone) => Arc::new(ZonedCrowd::new(clock.clone(), crowd, zone.clone())),
            None => crowd,
        });
        crowd.map_err(|message| format!("target {:?}: {message}", self.target.name))
    }

    /// Which of the rows its steps are.
    pub fn step_rows(&self) -> Range<usize> {
        self.at + 1..self.at + 1 + self.steps.len()
    }
}

impl Extend<Targets> for Targets {
    fn extend<T: IntoIterator<Item = Targets>>(&mut self, others: T) {
        for other in others {
            let behind = self.rows.len();
            self.probed.extend(other.probed.iter().map(|at| behind + at));
            self.rows.extend(other.rows);
        }
    }
}
