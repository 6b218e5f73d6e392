//! One `[[maintenance]]` as it is written, and what it may say.

use std::fmt;
use std::time::{Duration, SystemTime};

use probetop_core::sample::Text;
use probetop_core::setting::{Finding, Period, Selector};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::{DAY, Maintenance, Span};

/// Seconds from 1970 to the first year with five digits.
const YEAR_10000_S: u64 = 253_402_300_800;

/// One `[[maintenance]]` as it is written: once from `start`, or every day at `daily`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MaintenanceSettings {
    /// What alerts say of why nobody is told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What it is about: names, `group:NAME`, `kind:NAME`, with `*` and `?`, or `host`. None: everything.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub on: Vec<String>,
    /// When it begins, with its offset from UTC: `2026-11-20T22:00:00Z`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start: Option<PointInTime>,
    /// When it ends, or say `duration`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end: Option<PointInTime>,
    /// The time of day, in UTC, at which it begins every day: `02:00`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub daily: Option<String>,
    /// How long it lasts; a daily one at most 24h.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration: Option<Period>,
    /// The days on which a daily one begins; none: all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub days: Vec<Day>,
}

impl MaintenanceSettings {
    /// # Errors
    /// Names each key that cannot be meant, and what to write instead.
    pub fn resolve(&self) -> Result<Maintenance, Vec<Finding>> {
        let mut findings = Vec::new();
        let name = Text::clean(self.name.as_deref().unwrap_or_default());
        if name.as_str().is_empty() {
            findings.push(Finding::new("name", "has no name; add name = \"nightly backup\""));
        }
        if self.duration.is_some_and(|duration| duration.duration().is_zero()) {
            findings.push(Finding::new("duration", "duration is 0s; use more, such as 30m"));
        }
        let span = self.span().map_err(|finding| findings.push(finding)).ok();
        match span.filter(|_| findings.is_empty()) {
            Some(span) => Ok(Maintenance {
                name,
                on: self.on.iter().map(|text| Selector::parse(text)).collect(),
                span,
            }),
            None => Err(findings),
        }
    }

    fn span(&self) -> Result<Span, Finding> {
        match (self.start, &self.daily) {
            (Some(start), None) => self.once(start.0),
            (None, Some(daily)) => self.every_day(daily),
            (Some(_), Some(_)) => Err(Finding::new(
                "daily",
                "start is for work that is done once, daily for every day; leave one out",
            )),
            (None, None) => Err(Finding::new(
                "start",
                "has no start; add start = 2026-11-20T22:00:00Z, or daily = \"02:00\"",
            )),
        }
    }

    fn once(&self, start: SystemTime) -> Result<Span, Finding> {
        if !self.days.is_empty() {
            return Err(Finding::new("days", "days belong to daily; leave them out"));
        }
        let end = match (self.end, self.duration) {
            (Some(end), None) => end.0,
            (None, Some(duration)) => start
                .checked_add(duration.duration())
                .filter(|end| is_writable(*end))
                .ok_or_else(|| Finding::new("duration", format!("duration {duration} is too long")))?,
            (Some(_), Some(_)) => {
                return Err(Finding::new("duration", "end and duration say the same; leave one out"));
            }
            (None, None) => return Err(Finding::new("end", "has no end; add end, or duration = \"2h\"")),
        };
        if end <= start {
            return Err(Finding::new("end", "end is not after start; exchange them"));
        }
        Ok(Span::Once { start, end })
    }

    fn every_day(&self, daily: &str) -> Result<Span, Finding> {
        let Some(start) = time_of_day(daily) else {
            let message = format!("{daily:?} is not a time of day; write for example \"02:00\"");
            return Err(Finding::new("daily", message));
        };
        if self.end.is_some() {
            return Err(Finding::new(
                "end",
                "what is done every day has a duration; replace end",
            ));
        }
        let Some(length) = self.duration else {
            return Err(Finding::new("duration", "has no duration; add duration = \"30m\""));
        };
        if length.duration() > DAY {
            return Err(Finding::new(
                "duration",
                format!("duration {length} is longer than a day; use at most 24h"),
            ));
        }
        Ok(Span::Daily {
            start,
            length: length.duration(),
            days: self.days.clone(),
        })
    }
}

impl From<&Maintenance> for MaintenanceSettings {
    fn from(maintenance: &Maintenance) -> Self {
        let common = Self {
            name: Some(maintenance.name.to_string()),
            on: maintenance.on.iter().map(Selector::to_string).collect(),
            ..Self::default()
        };
        match &maintenance.span {
            Span::Once { start, end } => Self {
                start: Some(PointInTime(*start)),
                end: Some(PointInTime(*end)),
                ..common
            },
            Span::Daily { start, length, days } => {
                let minutes = start.as_secs() / 60;
                Self {
                    daily: Some(format!("{:02}:{:02}", minutes / 60, minutes % 60)),
                    duration: Some((*length).into()),
                    days: days.clone(),
                    ..common
                }
            }
        }
    }
}

/// Reads `02:00` as the time since midnight.
fn time_of_day(text: &str) -> Option<Duration> {
    let two_digits = |part: &str| -> Option<u64> {
        let digits = part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
        part.parse().ok().filter(|_| digits)
    };
    let (hours, minutes) = text.split_once(':')?;
    let (hours, minutes) = (two_digits(hours)?, two_digits(minutes)?);
    (hours < 24 && minutes < 60).then(|| Duration::from_secs(hours * 3600 + minutes * 60))
}

/// A day of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Day {
    Mon,
    Tue,
    Wed,
    Thu,
    Fri,
    Sat,
    Sun,
}

impl Day {
    /// The day of the week that lies `day` days after 1 January 1970, a Thursday.
    pub const fn of(day: u64) -> Self {
        match day % 7 {
            0 => Self::Thu,
            1 => Self::Fri,
            2 => Self::Sat,
            3 => Self::Sun,
            4 => Self::Mon,
            5 => Self::Tue,
            _ => Self::Wed,
        }
    }
}

/// A date and time with its offset from UTC, as TOML writes it or as a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PointInTime(pub SystemTime);

impl PointInTime {
    fn parse(text: &str) -> Result<Self, String> {
        let remedy =
            || format!("{text:?} is not a date and time with an offset; write for example 2026-11-20T22:00:00Z");
        let (utc, ahead) = match text.as_bytes() {
            [.., b'Z' | b'z'] => (text.to_uppercase(), 0),
            _ => {
                let (local, offset) = text
                    .len()
                    .checked_sub(6)
                    .and_then(|at| text.split_at_checked(at))
                    .ok_or_else(remedy)?;
                let sign = match offset.as_bytes().first() {
                    Some(b'+') => 1,
                    Some(b'-') => -1,
                    Some(_) | None => return Err(remedy()),
                };
                let offset = offset.get(1..).and_then(time_of_day).ok_or_else(remedy)?;
                (format!("{local}Z"), sign * offset.as_secs() as i64)
            }
        };
        let local = humantime::parse_rfc3339_weak(&utc).map_err(|_| remedy())?;
        let offset = Duration::from_secs(ahead.unsigned_abs());
        let at = if ahead < 0 {
            local.checked_add(offset)
        } else {
            local.checked_sub(offset)
        };
        at.filter(|at| is_writable(*at)).map(Self).ok_or_else(remedy)
    }
}

/// Whether it can be written as a date: from 1970 to 9999.
fn is_writable(at: SystemTime) -> bool {
    let since_epoch = at.duration_since(SystemTime::UNIX_EPOCH);
    since_epoch.is_ok_and(|since_epoch| since_epoch.as_secs() < YEAR_10000_S)
}

impl Serialize for PointInTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&humantime::format_rfc3339_seconds(self.0))
    }
}

impl<'de> Deserialize<'de> for PointInTime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;

        impl<'de> de::Visitor<'de> for Visitor {
            type Value = PointInTime;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a date and time such as 2026-11-20T22:00:00Z")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<PointInTime, E> {
                PointInTime::parse(text).map_err(E::custom)
            }

            /// TOML hands its own dates over as a map of one text.
            fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<PointInTime, A::Error> {
                let entry: Option<(String, String)> = map.next_entry()?;
                let (_, text) = entry.ok_or_else(|| de::Error::custom("no date and time"))?;
                self.visit_str(&text)
            }
        }

        deserializer.deserialize_any(Visitor)
    }
}

impl JsonSchema for PointInTime {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "PointInTime".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "date-time", "examples": ["2026-11-20T22:00:00Z"] })
    }
}
