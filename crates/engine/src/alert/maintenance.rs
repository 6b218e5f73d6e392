//! Planned work: windows in which nobody is told of what they are about. The wall clock decides, in UTC.

mod settings;

use std::time::{Duration, SystemTime};

use probetop_core::sample::Text;
use probetop_core::setting::Selector;

pub use settings::{Day, MaintenanceSettings, PointInTime};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// One `[[maintenance]]`, checked.
#[derive(Clone, Debug, PartialEq)]
pub struct Maintenance {
    pub name: Text,
    /// Without selectors everything, the machine included.
    pub on: Vec<Selector>,
    pub span: Span,
}

/// When the work is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Span {
    Once {
        start: SystemTime,
        end: SystemTime,
    },
    /// Every day, or on some.
    Daily {
        /// Since midnight UTC, less than a day.
        start: Duration,
        /// At most a day.
        length: Duration,
        /// On which it begins; empty: every one.
        days: Vec<Day>,
    },
}

impl Maintenance {
    /// Whether it is about the machine.
    pub fn is_about_host(&self) -> bool {
        self.on.is_empty() || self.on.contains(&Selector::Host)
    }

    /// Until when the window lasts that `wall` lies in; `None`: it lies in none.
    pub fn until(&self, wall: SystemTime) -> Option<SystemTime> {
        match &self.span {
            Span::Once { start, end } => (*start <= wall && wall < *end).then_some(*end),
            Span::Daily { start, length, days } => {
                let since_epoch = wall.duration_since(SystemTime::UNIX_EPOCH).ok()?;
                let today = since_epoch.as_secs() / DAY.as_secs();
                // A window may have begun yesterday and last over midnight.
                [today, today.saturating_sub(1)].into_iter().find_map(|day| {
                    let begin =
                        SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(day * DAY.as_secs()) + *start)?;
                    let end = begin.checked_add(*length)?;
                    let is_meant = days.is_empty() || days.contains(&Day::of(day));
                    (is_meant && begin <= wall && wall < end).then_some(end)
                })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(toml: &str, wall: &str, expected: Option<&str>) {
        let settings: MaintenanceSettings = toml::from_str(&format!("name = \"work\"\n{toml}")).unwrap();
        let maintenance = settings.resolve().unwrap();
        let until = maintenance.until(humantime::parse_rfc3339(wall).unwrap());
        let until = until.map(|until| humantime::format_rfc3339_seconds(until).to_string());
        assert_eq!(until.as_deref(), expected, "{toml} at {wall}");
        let shown = MaintenanceSettings::from(&maintenance);
        assert_eq!(shown.resolve().as_ref(), Ok(&maintenance), "shown as it is read");
    }

    #[test]
    fn a_window_lasts_from_its_start_to_before_its_end() {
        let once = "start = 2026-11-20T22:00:00Z\nduration = \"2h\"";
        check(once, "2026-11-20T21:59:59Z", None);
        check(once, "2026-11-20T22:00:00Z", Some("2026-11-21T00:00:00Z"));
        check(once, "2026-11-20T23:59:59Z", Some("2026-11-21T00:00:00Z"));
        check(once, "2026-11-21T00:00:00Z", None);
        let offset = "start = \"2026-11-21T00:00:00+02:00\"\nend = \"2026-11-20T17:30:00-05:00\"";
        check(offset, "2026-11-20T22:00:00Z", Some("2026-11-20T22:30:00Z"));
    }

    #[test]
    fn a_daily_window_may_last_over_midnight() {
        let night = "daily = \"23:30\"\nduration = \"1h\"";
        check(night, "2026-11-20T23:29:59Z", None);
        check(night, "2026-11-20T23:45:00Z", Some("2026-11-21T00:30:00Z"));
        check(night, "2026-11-21T00:29:59Z", Some("2026-11-21T00:30:00Z"));
        check(night, "2026-11-21T00:30:00Z", None);
        check(night, "1970-01-01T00:00:00Z", None);
    }

    #[test]
    fn the_day_is_the_one_on_which_the_window_begins() {
        let friday = "daily = \"23:30\"\nduration = \"1h\"\ndays = [\"fri\"]";
        check(friday, "2026-11-20T23:45:00Z", Some("2026-11-21T00:30:00Z"));
        check(friday, "2026-11-21T00:15:00Z", Some("2026-11-21T00:30:00Z"));
        check(friday, "2026-11-21T23:45:00Z", None);
        check(friday, "2026-11-20T00:15:00Z", None);
    }
}
