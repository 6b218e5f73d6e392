//! Rules, whom alerts tell, and what keeps them quiet.

use probetop_core::wire::{Damage, Reader, Wire, Writer, codes, fields};

use crate::alert::flap::Flapping;
use crate::alert::maintenance::{Day, Maintenance, Span};
use crate::alert::policy::{Escalation, NotifyPolicy, Policy, Remind, Reminders, Usual};
use crate::alert::rule::{FigureLimit, NoData, Rule, Table};
use crate::alert::state::Patience;
use crate::alert::trigger::Trigger;

fields! {
    Rule { name, on, when, table, clear_when, window, no_data, severity, policy }
    Policy { patience, trigger, telling }
    Patience { hold, clear }
    Trigger { count, of }
    NotifyPolicy { route, remind, escalation, action }
    Reminders { first, longest }
    Escalation { after, severity, route }
    Flapping { turns, within }
    Maintenance { name, on, span }
}

codes! {
    NoData { Keep = 0, Ok = 1, Alert = 2 }
    Usual { Channels = 0, Nobody = 1 }
    Day { Mon = 0, Tue = 1, Wed = 2, Thu = 3, Fri = 4, Sat = 5, Sun = 6 }
}

impl Wire for Table {
    fn write(&self, to: &mut Writer) {
        let (above, below) = self.figures();
        above.write(to);
        below.write(to);
        self.comparisons().to_vec().write(to);
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Damage> {
        Ok(Self::of(Wire::read(from)?, Wire::read(from)?, Wire::read(from)?))
    }
}

impl Wire for FigureLimit {
    fn write(&self, to: &mut Writer) {
        match self {
            Self::Number(number) => {
                to.byte(0);
                number.write(to);
            }
            Self::Time(time) => {
                to.byte(1);
                time.write(to);
            }
            Self::Gauges(gauges) => {
                to.byte(2);
                gauges.write(to);
            }
        }
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Damage> {
        match from.byte()? {
            0 => Wire::read(from).map(Self::Number),
            1 => Wire::read(from).map(Self::Time),
            2 => Wire::read(from).map(Self::Gauges),
            _ => Err(Damage),
        }
    }
}

impl Wire for Remind {
    fn write(&self, to: &mut Writer) {
        match self {
            Self::Never => to.byte(0),
            Self::Every(reminders) => {
                to.byte(1);
                reminders.write(to);
            }
        }
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Damage> {
        match from.byte()? {
            0 => Ok(Self::Never),
            1 => Wire::read(from).map(Self::Every),
            _ => Err(Damage),
        }
    }
}

impl Wire for Span {
    fn write(&self, to: &mut Writer) {
        match self {
            Self::Once { start, end } => {
                to.byte(0);
                start.write(to);
                end.write(to);
            }
            Self::Daily { start, length, days } => {
                to.byte(1);
                start.write(to);
                length.write(to);
                days.write(to);
            }
        }
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Damage> {
        match from.byte()? {
            0 => Ok(Self::Once {
                start: Wire::read(from)?,
                end: Wire::read(from)?,
            }),
            1 => Ok(Self::Daily {
                start: Wire::read(from)?,
                length: Wire::read(from)?,
                days: Wire::read(from)?,
            }),
            _ => Err(Damage),
        }
    }
}
