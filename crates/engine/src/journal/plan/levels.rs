//! Thresholds, objectives and the groups of the health score.

use probetop_core::wire::{Damage, Reader, Wire, Writer, codes, fields};

use crate::judge::health::{Group, Scoring};
use crate::judge::level::{
    Damping, ErrorThresholds, GaugeLevel, GaugeThresholds, HostThresholds, LatencyThresholds, RateThresholds,
};
use crate::judge::objective::{Goal, Objective, Scope};

fields! {
    LatencyThresholds { target, warning, critical, quantile, window, damping }
    ErrorThresholds { warning, critical, window, damping }
    RateThresholds { gauge, warning, critical, window, damping }
    GaugeLevel { name, target, warning, critical, worse, damping }
    GaugeThresholds { target, warning, critical, damping }
    HostThresholds { cpu, memory, disk, load, inodes, container_memory, throttled }
    Damping { hysteresis, hold, clear }
    Objective { name, on, goal, period, scope }
    Group { name, weight, on }
}

codes! {
    Scope { Pooled = 0, Each = 1 }
}

impl Wire for Scoring {
    fn write(&self, to: &mut Writer) {
        match self {
            Self::Off => to.byte(0),
            Self::By(groups) => {
                to.byte(1);
                groups.write(to);
            }
        }
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Damage> {
        match from.byte()? {
            0 => Ok(Self::Off),
            1 => Wire::read(from).map(Self::By),
            _ => Err(Damage),
        }
    }
}

/// As it is written in a configuration: `95% under 2s`.
impl Wire for Goal {
    fn write(&self, to: &mut Writer) {
        self.to_string().write(to);
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Damage> {
        Self::parse(&String::read(from)?).map_err(|_| Damage)
    }
}
