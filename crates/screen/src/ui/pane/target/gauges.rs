//! What the target tells of itself: each figure with its course over the time axis.

use probetop_core::sample::{GaugeName, Level};
use probetop_core::snapshot::{Detail, LastSample, Snapshot, TargetSnapshot};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::ui::format;
use crate::ui::pane::{course, heading};
use crate::ui::theme::{Role, Theme};
use crate::ui::view::{View, length_drawn};
use crate::ui::widget::text::{self, Align};

/// Narrower than this a figure has no room for its course.
const CELL: usize = 72;
/// Longer names give up their middle.
const NAME: usize = 30;
const VALUE: usize = 8;

/// Rows with the heading and the blank one below; none for a target that tells nothing.
pub fn height(width: usize, target: &TargetSnapshot) -> usize {
    match courses(target).len() {
        0 => 0,
        count => 2 + count.div_ceil(across(width)),
    }
}

fn across(width: usize) -> usize {
    (width / CELL).max(1)
}

fn courses(target: &TargetSnapshot) -> &[(GaugeName, Vec<Option<f32>>)] {
    let detail: Option<&Detail> = target.detail.as_deref();
    detail.map_or(&[], |detail| &detail.gauges)
}

pub fn render(area: Rect, buf: &mut Buffer, target: &TargetSnapshot, snapshot: &Snapshot, view: &View, theme: &Theme) {
    let courses = courses(target);
    if courses.is_empty() || area.is_empty() {
        return;
    }
    heading(area, buf, &format!("gauges over {}", length_drawn(snapshot)), theme);
    let across = across(usize::from(area.width));
    let cell_width = usize::from(area.width) / across;
    let longest = courses.iter().map(|(name, _)| text::width(name.as_str())).max();
    let name_width = longest.unwrap_or(0).min(NAME).min(cell_width / 2);
    // Down the columns, so that names that begin alike stand together.
    let rows = courses.len().div_ceil(across);
    for (index, (name, history)) in courses.iter().enumerate() {
        let cell = text::columns(
            text::rows(area, 1 + index % rows, 1),
            index / rows * cell_width,
            cell_width.saturating_sub(2),
        );
        let shown = text::cut_middle(name.as_str(), name_width);
        text::put(buf, cell, 0, 0, &shown, theme.style(Role::Dim));
        let value = newest(target.last.as_deref(), name);
        let words = format::gauge(name.as_str(), value);
        let reason = target.reason.as_ref().map(|reason| reason.as_str());
        let style = match broken(target.level, reason, name.as_str()) {
            Some(level) => theme.style(level),
            None => theme.style(Role::Text),
        };
        text::put_cell(buf, cell, name_width + 1, 0, VALUE, Align::Right, &words, style);
        let rest = text::columns(cell, name_width + VALUE + 2, cell_width);
        let top = name.as_str().ends_with("_ratio").then_some(1.0);
        course::render(rest, buf, history, top, snapshot, view, theme);
    }
}

fn newest(last: Option<&LastSample>, name: &GaugeName) -> Option<f64> {
    let gauges = last?.gauges();
    gauges.iter().find(|gauge| gauge.name == *name).map(|gauge| gauge.value)
}

/// The level that the gauge `name` brought the target to: then the reason begins with its name.
fn broken(level: Level, reason: Option<&str>, name: &str) -> Option<Level> {
    let rest = reason?.strip_prefix(name)?;
    (level != Level::Ok && rest.starts_with(' ')).then_some(level)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gauge_that_the_reason_names_has_the_level() {
        let check = |level, reason, expected| assert_eq!(broken(level, reason, "hit_ratio"), expected, "{reason:?}");
        check(Level::Warning, Some("hit_ratio 80% < 85%"), Some(Level::Warning));
        check(Level::Unknown, Some("hit_ratio is not known"), Some(Level::Unknown));
        check(Level::Ok, Some("hit_ratio 80% < 85%"), None);
        check(Level::Critical, Some("hit_ratio_2 80% < 85%"), None);
        check(Level::Critical, Some("p95 1.26s > 1s"), None);
        check(Level::Critical, None, None);
    }
}
