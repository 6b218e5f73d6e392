//! What the target tells of itself: each figure with its course over the time axis.

use probetop_core::sample::{GaugeName, Level};
use probetop_core::snapshot::{Detail, LastSample, Snapshot, TargetSnapshot};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::vitals;
use crate::ui::format;
use crate::ui::pane::{course, heading};
use crate::ui::theme::{Role, Theme};
use crate::ui::view::{View, length_drawn};
use crate::ui::widget::text::{self, Align};

/// Narrower than this a figure has no room for its course.
const CELL: usize = 72;
/// Longer names give up their end.
const NAME: usize = 36;
const VALUE: usize = 8;

/// A gauge by its name, and how it went.
pub(super) type Course = (GaugeName, Vec<Option<f32>>);

/// Rows with the heading and the blank one below; none for a target that tells nothing but what is shown large.
pub(super) fn height(width: usize, target: &TargetSnapshot) -> usize {
    match listed(target).len() {
        0 => 0,
        count => 2 + count.div_ceil(across(width)),
    }
}

fn across(width: usize) -> usize {
    (width / CELL).max(1)
}

/// All that the target told lately.
pub(super) fn courses(target: &TargetSnapshot) -> &[Course] {
    let detail: Option<&Detail> = target.detail.as_deref();
    detail.map_or(&[], |detail| &detail.gauges)
}

/// Those that are not shown large.
fn listed(target: &TargetSnapshot) -> Vec<&Course> {
    let shown = vitals::gauges_shown(target);
    courses(target)
        .iter()
        .filter(|(name, _)| !shown.contains(&name))
        .collect()
}

pub(super) fn render(
    area: Rect,
    buf: &mut Buffer,
    target: &TargetSnapshot,
    snapshot: &Snapshot,
    view: &View,
    theme: &Theme,
) {
    let courses = listed(target);
    if courses.is_empty() || area.is_empty() {
        return;
    }
    heading(area, buf, &format!("gauges over {}", length_drawn(snapshot)), theme);
    let across = across(usize::from(area.width));
    let cell_width = usize::from(area.width) / across;
    let longest = courses.iter().map(|(name, _)| text::width(&title(name.as_str()))).max();
    let name_width = longest.unwrap_or(0).min(NAME).min(cell_width / 2);
    // Down the columns, so that names that begin alike stand together.
    let rows = courses.len().div_ceil(across);
    for (index, told) in courses.iter().enumerate() {
        let (name, history) = told;
        let history = &course::held(history, course::steps_between(target.info.interval, snapshot));
        let cell = text::columns(
            text::rows(area, 1 + index % rows, 1),
            index / rows * cell_width,
            cell_width.saturating_sub(2),
        );
        let shown = text::cut_middle(&title(name.as_str()), name_width);
        text::put(buf, cell, 0, 0, &shown, theme.style(Role::Dim));
        let words = format::gauge(name.as_str(), newest(target.last.as_deref(), told));
        let style = style(target, name, Role::Text, theme);
        text::put_cell(buf, cell, name_width + 1, 0, VALUE, Align::Right, &words, style);
        let rest = text::columns(cell, name_width + VALUE + 2, cell_width);
        course::render(rest, buf, history, top(name.as_str(), history), snapshot, view, theme);
    }
}

/// A gauge's name in words; its unit stands with its value: `connections_idle` is `connections idle`, `rss_bytes` is `rss`,
/// `hit_ratio` stays a `hit ratio`.
pub(super) fn title(name: &str) -> String {
    const UNITS: [&str; 6] = ["_bytes_per_s", "_per_s", "_bytes", "_us", "_s", "_days"];
    let rest = UNITS
        .iter()
        .find_map(|unit| name.strip_suffix(unit))
        .filter(|rest| !rest.is_empty());
    rest.unwrap_or(name).trim_matches('_').replace('_', " ")
}

/// What a full bar stands for: of a share all there is, unless it came to more than that.
pub(super) fn top(name: &str, history: &[Option<f32>]) -> Option<f64> {
    let is_share = name.ends_with("_ratio");
    is_share.then(|| course::scale_of(history).map_or(1.0, |top| top.max(1.0)))
}

/// In `role`, unless the gauge brought the target to its level.
pub(super) fn style(target: &TargetSnapshot, name: &GaugeName, role: Role, theme: &Theme) -> Style {
    let reason = target.reason.as_ref().map(|reason| reason.as_str());
    let broken = broken(target.level, reason, name.as_str());
    broken.map_or_else(|| theme.style(role), |level| theme.style(level))
}

/// As the target told it last.
pub(super) fn newest(last: Option<&LastSample>, (name, _): &Course) -> Option<f64> {
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
    fn names_are_words_without_their_unit() {
        let check = |name, expected: &str| assert_eq!(title(name), expected);
        check("connections_idle_in_transaction", "connections idle in transaction");
        check("longest_transaction_s", "longest transaction");
        check("read_bytes_per_s", "read");
        check("evicted_per_s", "evicted");
        check("hit_ratio", "hit ratio");
        check("p95_us", "p95");
        check("_var_log_free_bytes", "var log free");
        check("_s", "s");
        check("threads", "threads");
    }

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
