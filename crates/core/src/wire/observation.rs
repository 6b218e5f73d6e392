//! What sources send, and what else happens that is of the vocabulary.

use std::sync::Arc;
use std::time::Duration;

use super::{Damage, Reader, Wire, Writer};
use super::{codes, fields, list};
use crate::sample::slot::{Second, Slot};
use crate::sample::{
    Act, AlertId, ChannelReport, ChannelState, HostReading, Mark, MarkOrigin, Observation, OwnUsage, Severity, Text,
    Tick,
};

codes! {
    ChannelState { Idle = 0, Delivering = 1, Retrying = 2, Failing = 3 }
    MarkOrigin { Keyboard = 0, Script = 1, Reload = 2, Clock = 3, Generator = 4, Alert = 5 }
    Severity { Info = 0, Warning = 1, Critical = 2 }
}

fields! {
    ChannelReport {
        name, kind, state, waiting, delivered_total, failed_total, dropped_total, left_total, delivered, error,
    }
    Mark { at, label, origin }
    OwnUsage { cpu_ratio, rss_bytes }
    Second { target, ended, slot }
    Tick { now, wall, dropped, own }
}

/// Numbers of the kinds of entry; those of other rooms begin at [`FIRST_FREE`].
const SAMPLE: u8 = 0;
const SECOND: u8 = 1;
const OVERRUN: u8 = 2;
const SKIPPED: u8 = 3;
const CUT_OFF: u8 = 4;
const HOST: u8 = 5;
const CHANNELS: u8 = 6;

/// The first number of a kind of entry that no observation has, nor ever will.
pub const FIRST_FREE: u8 = 32;

impl Wire for Observation {
    fn write(&self, to: &mut Writer) {
        match self {
            Self::Sample(sample) => {
                to.byte(SAMPLE);
                sample.write(to);
            }
            Self::Second(second) => {
                to.byte(SECOND);
                second.write(to);
            }
            Self::Overrun {
                target,
                intended,
                count,
            } => {
                to.byte(OVERRUN);
                target.write(to);
                intended.write(to);
                count.write(to);
            }
            Self::Skipped { target } => {
                to.byte(SKIPPED);
                target.write(to);
            }
            Self::CutOff { target } => {
                to.byte(CUT_OFF);
                target.write(to);
            }
            Self::Host(reading) => {
                to.byte(HOST);
                reading.write(to);
            }
            Self::Channels(channels) => {
                to.byte(CHANNELS);
                list(channels, to);
            }
        }
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Damage> {
        let kind = from.byte()?;
        Self::read_as(kind, from)
    }
}

impl Observation {
    /// Reads one whose kind was read already.
    pub fn read_as(kind: u8, from: &mut Reader<'_>) -> Result<Self, Damage> {
        Ok(match kind {
            SAMPLE => Self::Sample(Wire::read(from)?),
            SECOND => Self::Second(Wire::read(from)?),
            OVERRUN => Self::Overrun {
                target: Wire::read(from)?,
                intended: Wire::read(from)?,
                count: Wire::read(from)?,
            },
            SKIPPED => Self::Skipped {
                target: Wire::read(from)?,
            },
            CUT_OFF => Self::CutOff {
                target: Wire::read(from)?,
            },
            HOST => Self::Host(Arc::new(HostReading::read(from)?)),
            CHANNELS => Self::Channels(Vec::read(from)?.into()),
            _ => return Err(Damage),
        })
    }
}

impl Wire for Slot {
    fn write(&self, to: &mut Writer) {
        to.bytes(self.as_bytes());
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Damage> {
        Self::from_bytes(from.bytes()?).map_err(|_| Damage)
    }
}

impl Wire for Act {
    fn write(&self, to: &mut Writer) {
        match self {
            Self::Acknowledge(AlertId(id)) => {
                to.byte(0);
                id.write(to);
            }
            Self::Silence(AlertId(id), length) => {
                to.byte(1);
                id.write(to);
                length.write(to);
            }
            Self::Note(AlertId(id), text) => {
                to.byte(2);
                id.write(to);
                text.write(to);
            }
        }
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Damage> {
        let what = from.byte()?;
        let id = AlertId(Wire::read(from)?);
        match what {
            0 => Ok(Self::Acknowledge(id)),
            1 => Option::<Duration>::read(from).map(|length| Self::Silence(id, length)),
            2 => Text::read(from).map(|text| Self::Note(id, text)),
            _ => Err(Damage),
        }
    }
}
