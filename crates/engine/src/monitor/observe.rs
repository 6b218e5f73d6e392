//! What sources report, counted where it belongs.

use probetop_core::sample::slot::Second;
use probetop_core::sample::{Observation, Sample, TargetId};

use super::Monitor;
use crate::metric::Tracks;

impl Monitor {
    pub(super) fn observe(&mut self, observation: Observation) {
        match observation {
            Observation::Sample(sample) => {
                self.is_quiet = false;
                self.record(sample);
            }
            Observation::Second(second) => {
                self.is_quiet = false;
                self.count(&second);
            }
            Observation::Overrun {
                target,
                intended,
                count,
            } => {
                if !self.slept_at(intended)
                    && let Some(&at) = self.index.get(&target)
                {
                    self.totals.overruns += u64::from(count);
                    self.targets[at].series.overrun(count);
                }
            }
            Observation::CutOff { target } => self.cut_off(target),
            Observation::Skipped { target } => {
                if let Some(&at) = self.index.get(&target) {
                    self.targets[at].skip(self.now);
                }
            }
            Observation::Host(reading) => {
                if let Some(machine) = &mut self.machine {
                    machine.read(reading);
                }
            }
            Observation::Channels(channels) => self.channels = channels,
        }
    }

    /// A sample of a target that is not watched any more was on its way when the plan changed: it is let go.
    fn record(&mut self, mut sample: Sample) {
        let Some(&at) = self.index.get(&sample.target) else {
            return;
        };
        if self.was_cut_off(&sample) {
            return self.cut_off(sample.target);
        }
        self.marks.sample(&self.targets[at].planned.info, &mut sample);
        let purpose = self.targets[at].planned.info.purpose;
        if purpose.counts_alone() {
            self.totals.samples += 1;
            self.totals.failed += u64::from(!sample.outcome.is_ok() && !sample.outcome.is_ours());
            self.totals.starts.count_start(&sample);
        }
        if purpose.is_among_all() {
            self.totals.services.count(&sample);
        }
        if self.insight.switches().anomalies {
            self.targets[at].watch(&sample, self.now);
        }
        self.objectives.record(at, &sample);
        self.targets[at].record(sample, self.now);
    }

    /// A second that another counted; of a target that is not watched any more it is let go.
    fn count(&mut self, second: &Second) {
        let Some(&at) = self.index.get(&second.target) else {
            return;
        };
        let counts = self.scratch.sum([second.slot.as_bytes()].into_iter(), Tracks::ALL);
        let purpose = self.targets[at].planned.info.purpose;
        self.totals.overruns += counts.tally.overruns;
        self.totals.cut_off += counts.tally.cut_off;
        if purpose.counts_alone() {
            self.totals.samples += counts.attempts() + counts.ours();
            self.totals.failed += counts.failed();
            self.totals.starts.absorb(&second.slot, Tracks::LAG);
        }
        if purpose.is_among_all() {
            self.totals.services.absorb(&second.slot, Tracks::ALL);
        }
        if self.insight.switches().anomalies {
            self.targets[at].watch_second(counts, second.ended, self.now);
        }
        self.objectives.count(at, counts);
        self.targets[at].count(second);
    }

    /// Its target may be gone by now, and the probe was made nevertheless.
    fn cut_off(&mut self, target: TargetId) {
        self.totals.cut_off += 1;
        if let Some(&at) = self.index.get(&target) {
            self.targets[at].cut_off(self.now);
        }
    }
}
