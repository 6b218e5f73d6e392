//! What plans and notices say in the words that everybody shares.

use super::{Damage, Reader, Wire, Writer};
use super::{codes, fields};
use crate::expression::Expression;
use crate::sample::{Purpose, Subject, TargetInfo, Text, Window, Worse};
use crate::setting::Selector;
use crate::snapshot::{Notice, Route};

fields! {
    TargetInfo { id, name, url, kind, purpose, host, group, interval, timeout, in_flight, phases }
    Notice { at, severity, text }
}

codes! {
    Purpose { Service = 0, Step = 1, Figures = 2, Generator = 3 }
    Window { TenSeconds = 0, OneMinute = 1, FiveMinutes = 2, FifteenMinutes = 3, Run = 4, TwoMinutes = 5 }
    Worse { Higher = 0, Lower = 1 }
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

/// As it is written in a configuration: `group:api`.
impl Wire for Selector {
    fn write(&self, to: &mut Writer) {
        self.to_string().write(to);
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Damage> {
        String::read(from).map(|text| Self::parse(&text))
    }
}

/// Its text, which is compiled again.
impl Wire for Expression {
    fn write(&self, to: &mut Writer) {
        self.source().to_owned().write(to);
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Damage> {
        Self::compile(&String::read(from)?, None).map_err(|_| Damage)
    }
}

impl Wire for Route {
    fn write(&self, to: &mut Writer) {
        let (kind, names): (_, &[Text]) = match self {
            Self::Usual => (0, &[]),
            Self::Named(names) => (1, names),
            Self::UsualAnd(names) => (2, names),
        };
        to.byte(kind);
        names.to_vec().write(to);
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Damage> {
        let kind = from.byte()?;
        let names = Vec::read(from)?;
        match kind {
            0 => Ok(Self::Usual),
            1 => Ok(Self::Named(names)),
            2 => Ok(Self::UsualAnd(names)),
            _ => Err(Damage),
        }
    }
}
