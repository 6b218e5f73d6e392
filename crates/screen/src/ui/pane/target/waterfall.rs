//! The newest run of a flow: each step where it began and how long it took, and the one that failed.
//!
//! ```text
//!  steps of the last run ──────────────────── took
//!  login     ██████                          120ms
//!  search          ████████████              240ms
//!  checkout                    ×              12ms  status: 502 …
//!  pay                                     skipped
//! ```

use probetop_core::clock::Timestamp;
use probetop_core::sample::{Outcome, Purpose};
use probetop_core::snapshot::{LastSample, Snapshot, TargetSnapshot};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::ui::format;
use crate::ui::theme::{Role, Theme};
use crate::ui::widget::text::{self, Align};

/// Columns of a step's name at most, and of its figure.
const NAME: usize = 20;
const TOOK: usize = 8;

/// The steps of `flow`, in their order: they follow it, and carry its name before their own.
pub(super) fn steps<'a>(flow: &TargetSnapshot, snapshot: &'a Snapshot) -> Vec<&'a TargetSnapshot> {
    let place = snapshot
        .targets
        .iter()
        .position(|target| target.info.id == flow.info.id);
    let after = place.map_or(&[][..], |place| &snapshot.targets[place + 1..]);
    let is_step = |step: &&TargetSnapshot| step.info.purpose == Purpose::Step && short_name(flow, step).is_some();
    after.iter().take_while(is_step).collect()
}

fn short_name<'a>(flow: &TargetSnapshot, step: &'a TargetSnapshot) -> Option<&'a str> {
    let rest = step.info.name.as_str().strip_prefix(flow.info.name.as_str())?;
    rest.strip_prefix('/')
}

/// Rows with the heading.
pub(super) fn height(steps: &[&TargetSnapshot]) -> usize {
    1 + steps.len()
}

pub(super) fn render(area: Rect, buf: &mut Buffer, flow: &TargetSnapshot, steps: &[&TargetSnapshot], theme: &Theme) {
    super::super::heading(area, buf, "steps of the last run", theme);
    let Some(whole) = flow.last.as_deref() else {
        return super::super::empty(area, buf, &["No run has ended yet."], theme);
    };
    let width = usize::from(area.width);
    let names = steps.iter().filter_map(|step| short_name(flow, step));
    let name_width = names.map(text::width).max().unwrap_or(0).min(NAME).min(width / 3);
    let bars = text::columns(area, name_width + 1, width.saturating_sub(name_width + TOOK + 2));
    for (y, step) in steps.iter().enumerate() {
        let row = text::rows(area, 1 + y, 1);
        let name = text::cut_middle(short_name(flow, step).unwrap_or_default(), name_width);
        text::put(buf, row, 0, 0, &name, theme.style(Role::Text));
        let took = text::columns(row, width.saturating_sub(TOOK), TOOK);
        let Some(last) = step.last.as_deref().filter(|last| is_of(last, whole)) else {
            text::put_cell(buf, took, 0, 0, TOOK, Align::Right, "skipped", theme.style(Role::Dim));
            continue;
        };
        let words = format::latency(Some(last.latency));
        let has_failed = matches!(last.outcome, Outcome::Failed(_));
        let role = if has_failed { Role::Failure } else { Role::Text };
        text::put_cell(buf, took, 0, 0, TOOK, Align::Right, &words, theme.style(role));
        bar(text::rows(bars, 1 + y, 1), buf, last, whole, theme);
    }
}

/// Whether a step was made in the run that ended last.
fn is_of(step: &LastSample, whole: &LastSample) -> bool {
    began(step) >= began(whole) && step.at <= whole.at
}

fn began(sample: &LastSample) -> Timestamp {
    let back = sample.latency.as_duration().as_nanos();
    let nanos = sample.at.as_nanos();
    Timestamp::from_nanos(nanos.saturating_sub(u64::try_from(back).unwrap_or(u64::MAX)))
}

/// From where the step began to where it ended, of the whole run; a failure's reason stands behind it where there is room.
fn bar(row: Rect, buf: &mut Buffer, step: &LastSample, whole: &LastSample, theme: &Theme) {
    let columns = usize::from(row.width);
    let length = f64::from(whole.latency.0.max(1));
    let column = |offset: f64| (offset / length * columns as f64).round() as usize;
    let start = began(step).since(began(whole)).as_secs_f64() * 1e6;
    let from = column(start).min(columns.saturating_sub(1));
    let to = column(start + f64::from(step.latency.0)).clamp(from + 1, columns.max(from + 1));
    let Some(failure) = step.outcome.failure() else {
        let filled = theme.glyphs.eighths[7].repeat(to - from);
        text::put(buf, row, from, 0, &filled, theme.style(Role::Bar));
        return;
    };
    let failed = theme.glyphs.failed.repeat(to - from);
    let x = text::put(buf, row, from, 0, &failed, theme.style(Role::Failure)) + 1;
    let words = format!("{}: {}", failure.kind.name(), failure.message);
    // Before it, where the step was among the last.
    let (x, room) = if columns.saturating_sub(x) >= from {
        (x, columns.saturating_sub(x))
    } else {
        (0, from.saturating_sub(1))
    };
    text::put(buf, row, x, 0, &text::cut_end(&words, room), theme.style(Role::Failure));
}
