//! Going back in time: by steps, to marks, to a time that is typed, and to now again.
//!
//! The past is looked at by whole seconds. A tick comes a moment after its second began, so the last moment of a second is
//! asked for: that is as of the tick within it.

use std::time::Duration;

use probetop_core::clock::Timestamp;
use probetop_core::sample::{Mark, MarkOrigin, Severity, Text};
use probetop_core::snapshot::{Axis, Feed, Snapshot};

use super::cursor::step_at;
use super::{Effect, Line, Typing, View};
use crate::ui::format;
use crate::ui::keys::Edit;

/// Steps of the time axis in a leap.
pub(super) const LEAP: i64 = 10;

const DAY_S: u64 = 86_400;

/// Which second is looked at. What is done returns what to say about it.
#[derive(Clone, Debug, PartialEq)]
pub struct Travel {
    pub feed: Feed,
    /// Where the axis of the pages that have time as their axis ends; `None`: it goes on with the time.
    until: Option<Timestamp>,
}

impl Default for Travel {
    fn default() -> Self {
        Self {
            feed: Feed::Live,
            until: None,
        }
    }
}

impl Travel {
    /// Holds the screen still at what it shows, or follows again.
    pub(super) fn freeze(&mut self, snapshot: &Snapshot) {
        self.feed = match self.feed {
            Feed::Live => Feed::At(snapshot.taken),
            Feed::At(_) => Feed::Live,
        };
        // Held still is the axis, too, not only the second it ends with.
        self.until = Some(snapshot.taken);
    }

    /// The axis ends with the second looked at.
    pub(super) fn end_axis_here(&mut self) {
        self.until = match self.feed {
            Feed::Live => None,
            Feed::At(at) => Some(at),
        };
    }

    /// By so many steps of the time axis, back when negative; from the newest second on it is live.
    pub(super) fn step(&mut self, steps: i64, axis: Axis, snapshot: &Snapshot) -> Option<Text> {
        let by = axis.step().as_secs().saturating_mul(steps.unsigned_abs());
        let second = self.second(snapshot);
        if steps < 0 {
            self.look_at(second.saturating_sub(by), axis, snapshot)
        } else {
            self.go_to(second.saturating_add(by), axis, snapshot)
        }
    }

    /// Shows the second; from the newest one on it is live.
    pub(super) fn go_to(&mut self, second: u64, axis: Axis, snapshot: &Snapshot) -> Option<Text> {
        if second >= snapshot.now.second() {
            self.feed = Feed::Live;
            return None;
        }
        self.look_at(second, axis, snapshot)
    }

    /// To the newest mark before the second that is shown; while live, to the newest there is.
    pub(super) fn previous_mark(&mut self, axis: Axis, snapshot: &Snapshot) -> Option<Text> {
        let is_earlier = |mark: &&Mark| match self.feed {
            Feed::Live => true,
            Feed::At(at) => mark.at.second() < at.second(),
        };
        let oldest = snapshot.monitor.history.oldest.unwrap_or(Timestamp::ZERO);
        let is_kept = |mark: &&Mark| mark.at.second() >= oldest.second();
        let mark = snapshot.marks.iter().rev().find(is_earlier).filter(is_kept);
        self.look_at_mark(mark, "no earlier mark", axis, snapshot)
    }

    pub(super) fn next_mark(&mut self, axis: Axis, snapshot: &Snapshot) -> Option<Text> {
        let is_later = |mark: &&Mark| match self.feed {
            Feed::Live => false,
            Feed::At(at) => mark.at.second() > at.second(),
        };
        let mark = snapshot.marks.iter().find(is_later);
        self.look_at_mark(mark, "no later mark", axis, snapshot)
    }

    fn look_at_mark(
        &mut self,
        mark: Option<&Mark>,
        otherwise: &'static str,
        axis: Axis,
        snapshot: &Snapshot,
    ) -> Option<Text> {
        let Some(mark) = mark else {
            return Some(otherwise.into());
        };
        let words = format!("{} {}", time(mark.at, snapshot), mark.label);
        let more = self.look_at(mark.at.second(), axis, snapshot);
        more.or_else(|| Some(Text::clean(&words)))
    }

    /// The second that is looked at.
    pub(super) fn second(&self, snapshot: &Snapshot) -> u64 {
        match self.feed {
            Feed::Live => snapshot.now.second(),
            Feed::At(at) => at.second(),
        }
    }

    /// Shows the second, or the oldest there is; says so then, and where no past is kept.
    pub(super) fn look_at(&mut self, second: u64, axis: Axis, snapshot: &Snapshot) -> Option<Text> {
        let Some(oldest) = snapshot.monitor.history.oldest else {
            return Some("no past is kept: give history a length in the configuration".into());
        };
        let words = (second <= oldest.second()).then(|| {
            let words = format!("the past begins at {}", time(oldest, snapshot));
            Text::clean(&words)
        });
        let last_moment = Timestamp::from_secs(second) + Duration::from_nanos(999_999_999);
        self.feed = Feed::At(last_moment.clamp(oldest, snapshot.now.max(oldest)));
        self.keep_in_sight(axis, snapshot.now);
        words
    }

    /// Moves the axis, if it must, so that the second looked at is on it. What comes into sight stands a quarter from the
    /// edge that it came over.
    pub(super) fn keep_in_sight(&mut self, axis: Axis, now: Timestamp) {
        let Feed::At(at) = self.feed else {
            self.until = None;
            return;
        };
        let length = axis.length();
        let end = self.until.unwrap_or(now);
        let until = if at.second() > end.second() {
            at + length / 4
        } else if is_over_the_edge(at, end, axis) {
            at + length * 3 / 4
        } else {
            return;
        };
        self.until = (until < now).then_some(until);
    }

    /// The second looked at, on a page that shows what was around it.
    pub(super) fn cursor(&self, has_cursor: bool) -> Option<Timestamp> {
        match self.feed {
            Feed::At(at) if has_cursor => Some(at),
            Feed::At(_) | Feed::Live => None,
        }
    }

    /// What a page asks for: the second looked at, or where it has an axis of time, that axis around it.
    pub(super) fn asked(&self, has_cursor: bool) -> Feed {
        match (self.feed, self.until) {
            (Feed::At(_), Some(until)) if has_cursor => Feed::At(until),
            (Feed::At(_), None) if has_cursor => Feed::Live,
            (feed, _) => feed,
        }
    }
}

/// Whether an axis with this end has left that second behind.
fn is_over_the_edge(at: Timestamp, end: Timestamp, axis: Axis) -> bool {
    let step = |at: Timestamp| step_at(at.second(), axis).unwrap_or_default();
    step(end).saturating_sub(step(at)) >= axis.points() as u64
}

impl View {
    /// Goes somewhere in time, and says what there is to say about it.
    pub(super) fn travel(&mut self, go: impl FnOnce(&mut Travel, Axis) -> Option<Text>) {
        if let Some(words) = go(&mut self.travel, self.charts.axis) {
            self.tell(Severity::Info, words);
        }
    }

    pub(super) fn begin_time(&mut self) {
        self.said.message = None;
        self.typing = Some(Typing::Time { line: Line::default() });
    }

    pub(super) fn edit_time(&mut self, mut line: Line, edit: Edit, snapshot: &Snapshot) {
        // What was said is of the time as it was.
        self.said.message = None;
        match edit {
            Edit::Cancel => {}
            Edit::Accept => match second_of(line.text().trim(), snapshot) {
                Some(second) => self.travel(|travel, axis| travel.look_at(second, axis, snapshot)),
                None => {
                    let words = format!("{:?} is not a time: type 12:03, 12:03:44 or -5m", line.text());
                    self.tell(Severity::Warning, Text::clean(&words));
                    self.typing = Some(Typing::Time { line });
                }
            },
            Edit::Insert(_)
            | Edit::Delete
            | Edit::DeleteWord
            | Edit::Clear
            | Edit::Previous
            | Edit::Next
            | Edit::None => {
                line.edit(edit);
                self.typing = Some(Typing::Time { line });
            }
        }
    }

    pub(super) fn begin_mark(&mut self, snapshot: &Snapshot) {
        self.typing = Some(Typing::Mark {
            at: Timestamp::from_secs(self.travel.second(snapshot)),
            line: Line::default(),
        });
    }

    pub(super) fn edit_mark(
        &mut self,
        at: Timestamp,
        mut line: Line,
        edit: Edit,
        snapshot: &Snapshot,
    ) -> Option<Effect> {
        match edit {
            Edit::Cancel => None,
            Edit::Accept => {
                let label = label(&line, snapshot);
                let words = format!("marked {}: {label}", time(at, snapshot));
                self.tell(Severity::Info, Text::clean(&words));
                Some(Effect::Mark(at, label))
            }
            Edit::Insert(_)
            | Edit::Delete
            | Edit::DeleteWord
            | Edit::Clear
            | Edit::Previous
            | Edit::Next
            | Edit::None => {
                line.edit(edit);
                self.typing = Some(Typing::Mark { at, line });
                None
            }
        }
    }
}

fn time(at: Timestamp, snapshot: &Snapshot) -> String {
    format::time_of_day(snapshot.wall(at))
}

/// What was typed, or a number nobody else has.
fn label(line: &Line, snapshot: &Snapshot) -> Text {
    let label = Text::clean(line.text().trim());
    if !label.as_str().is_empty() {
        return label;
    }
    let by_hand = |mark: &&Mark| mark.origin == MarkOrigin::Keyboard;
    let number = snapshot.marks.iter().filter(by_hand).count() + 1;
    Text::clean(&format!("mark {number}"))
}

/// The second that is meant by a time of day in UTC, `12:03` or `12:03:44`, the last time it was, or by what is to be taken
/// off from now, `-5m`.
fn second_of(text: &str, snapshot: &Snapshot) -> Option<u64> {
    let now = snapshot.now.second();
    if let Some(ago) = text.strip_prefix('-') {
        let ago = humantime::parse_duration(ago.trim()).ok()?;
        return Some(now.saturating_sub(ago.as_secs()));
    }
    let of_day = second_of_day(text)?;
    let wall = snapshot.wall(snapshot.now);
    let now_of_day = wall.duration_since(std::time::SystemTime::UNIX_EPOCH).ok()?.as_secs() % DAY_S;
    let ago = (now_of_day + DAY_S - of_day) % DAY_S;
    Some(now.saturating_sub(ago))
}

fn second_of_day(text: &str) -> Option<u64> {
    let mut parts = text.split(':');
    let mut part = |below: u64| {
        let digits = parts.next()?;
        let is_plain = (1..=2).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
        is_plain.then(|| digits.parse().ok())?.filter(|number| *number < below)
    };
    let (hours, minutes) = (part(24)?, part(60)?);
    let seconds = if text.matches(':').count() == 2 { part(60)? } else { 0 };
    parts.next().is_none().then_some(hours * 3600 + minutes * 60 + seconds)
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;

    #[test]
    fn a_time_is_the_last_one_that_was_so() {
        // 12:00:00 is an hour after the start.
        let mut snapshot = Snapshot::empty(SystemTime::UNIX_EPOCH + Duration::from_secs(11 * 3600));
        snapshot.now = Timestamp::from_millis(3_600_200);
        let check = |text: &str, expected| assert_eq!(second_of(text, &snapshot), expected, "{text:?}");
        check("11:59:59", Some(3_599));
        check("11:59", Some(3_540));
        check("12:00", Some(3_600));
        check("9:05:07", Some(0));
        check("12:01", Some(0));
        check("-5m", Some(3_300));
        check("- 1m 30s", Some(3_510));
        check("-9h", Some(0));
        for wrong in [
            "",
            "5",
            "24:00",
            "11:60",
            "11:59:60",
            "11:59:59:1",
            "+1:02",
            "a:b",
            "1:",
            "-x",
            "-",
            ":::",
        ] {
            check(wrong, None);
        }
    }
}
