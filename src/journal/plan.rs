//! A plan as bytes: what is watched, and by which thresholds and rules.

mod alerts;
mod levels;

use std::collections::HashMap;
use std::sync::Arc;

use crate::judge::analysis::AnalysisSettings;
use crate::monitor::{Attention, Plan, PlannedTarget};
use crate::sample::wire::{Damage, Reader, Wire, Writer, codes, fields, list};
use crate::sample::{Phase, Purpose, Subject, TargetId, TargetInfo};

fields! {
    Plan { targets, rules, objectives, health, host, analysis, attention }
    PlannedTarget { info, latency, errors, rate, gauges }
    TargetInfo { id, name, url, kind, purpose, host, group, interval, timeout, in_flight, phases }
    AnalysisSettings { anomalies, trends, correlations }
    Attention { telling, usual, flapping, parents, maintenance }
}

codes! {
    Purpose { Service = 0, Step = 1, Figures = 2, Generator = 3 }
}

impl Wire for Arc<TargetInfo> {
    fn write(&self, to: &mut Writer) {
        TargetInfo::write(self, to);
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Damage> {
        TargetInfo::read(from).map(Self::new)
    }
}

impl Wire for Arc<[Phase]> {
    fn write(&self, to: &mut Writer) {
        list(self, to);
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Damage> {
        Vec::read(from).map(Into::into)
    }
}

impl Wire for Subject {
    fn write(&self, to: &mut Writer) {
        match self {
            Self::Host => to.byte(0),
            Self::Target(id) => {
                to.byte(1);
                id.write(to);
            }
            Self::Objective => to.byte(2),
        }
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Damage> {
        match from.byte()? {
            0 => Ok(Self::Host),
            1 => Wire::read(from).map(Self::Target),
            2 => Ok(Self::Objective),
            _ => Err(Damage),
        }
    }
}

/// In the order of their ids, so that the same plan is the same bytes.
impl Wire for HashMap<TargetId, Arc<[Subject]>> {
    fn write(&self, to: &mut Writer) {
        let mut parents: Vec<_> = self.iter().collect();
        parents.sort_by_key(|(id, _)| **id);
        to.number(parents.len() as u64);
        for (id, subjects) in parents {
            id.write(to);
            list(subjects, to);
        }
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Damage> {
        let count = from.count()?;
        let mut parents = Self::new();
        for _ in 0..count {
            let id = Wire::read(from)?;
            parents.insert(id, Vec::read(from)?.into());
        }
        Ok(parents)
    }
}
