//! The load that runs, as the generators among the targets tell it: in words for the header, as a course for a chart.

use probetop_core::snapshot::Snapshot;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::course;
use crate::ui::format;
use crate::ui::theme::{Role, Theme};
use crate::ui::view::{View, generators};
use crate::ui::widget::text;

/// What tells most about a load, best first.
const COURSES: [&str; 3] = ["rate_offered_per_s", "rate_achieved_per_s", "users"];

/// Users and rate of all generators together, and the state of one that does not run: `50 users 120/s`.
/// `None` while none of them tells anything.
pub(crate) fn words(snapshot: &Snapshot) -> Option<String> {
    let rate = sum(snapshot, "rate_offered_per_s").or_else(|| sum(snapshot, "rate_achieved_per_s"));
    let users = sum(snapshot, "users").map(|users| format!("{} users", format::gauge("users", Some(users))));
    let rate = rate.map(|rate| format::rate(Some(rate)));
    let words: Vec<_> = [users, rate, idle(snapshot)].into_iter().flatten().collect();
    (!words.is_empty()).then(|| words.join(" "))
}

/// The sum over the generators that tell it.
fn sum(snapshot: &Snapshot, name: &str) -> Option<f64> {
    let last = generators(snapshot).filter_map(|target| target.last.as_deref());
    let told = last.filter_map(|last| last.gauges().iter().find(|gauge| gauge.name.as_str() == name));
    told.map(|gauge| gauge.value)
        .fold(None, |sum, value| Some(sum.unwrap_or(0.0) + value))
}

/// The first state that is not `running`: figures beside it may be those of a run that is over.
fn idle(snapshot: &Snapshot) -> Option<String> {
    let answers = generators(snapshot).filter_map(|target| target.last.as_deref()?.answer.as_deref());
    let mut states = answers
        .flat_map(|answer| &answer.facts)
        .filter(|fact| fact.name == "state");
    let state = states.find(|state| state.value.as_str() != "running")?;
    Some(format!("({})", state.value.as_str()))
}

/// Whether there is a course to draw.
pub(crate) fn has_course(snapshot: &Snapshot) -> bool {
    course_of(snapshot).is_some()
}

/// The generator whose course is shown, and which: the first one that has any.
pub(super) fn course_of(snapshot: &Snapshot) -> Option<(&'static str, &[Option<f32>])> {
    generators(snapshot).find_map(|target| {
        let gauges = &target.detail.as_deref()?.gauges;
        COURSES.into_iter().find_map(|wanted| {
            let (_, history) = gauges.iter().find(|(name, _)| name.as_str() == wanted)?;
            Some((wanted, history.as_slice()))
        })
    })
}

/// Draws the course on one row: a label of `labels` columns, then bars below those of the chart.
pub(crate) fn render(area: Rect, buf: &mut Buffer, labels: usize, snapshot: &Snapshot, view: &View, theme: &Theme) {
    let Some((name, history)) = course_of(snapshot) else {
        return;
    };
    let label = if name == "users" { "users" } else { "load" };
    text::put(buf, area, 0, 0, label, theme.style(Role::Dim));
    let bars = text::columns(area, labels, usize::from(area.width).saturating_sub(labels));
    course::render(bars, buf, history, None, snapshot, view, theme);
}
