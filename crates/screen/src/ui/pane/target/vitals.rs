//! What matters most of a kind, each figure large: its value, what it may come to, and its course.
//!
//! ```text
//!  CPU ───────── 84% of a core  resident memory ──── 812M
//!  ▂▂▃▃▅▅▇▇▅▅▃▃▂▂▂▂▃▃▅▅▇▇▅▅▃▃   ▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▆▆▆▆▆▆
//! ```

use probetop_core::sample::GaugeName;
use probetop_core::snapshot::{Snapshot, TargetSnapshot};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::gauges::{self, Course};
use crate::ui::format;
use crate::ui::pane::course;
use crate::ui::theme::{Role, Theme};
use crate::ui::view::View;
use crate::ui::widget::text;

/// A figure that is shown large.
struct Vital {
    gauge: &'static str,
    title: &'static str,
    /// What stands behind the value, where it does not say itself what it is of.
    of: &'static str,
    /// The gauge that says how much there may be.
    limit: Option<&'static str>,
}

/// What is shown large of each kind; the order is that of the panels.
const KINDS: &[(&str, &[Vital])] = &[
    (
        "process",
        &[
            vital("cpu_ratio", "CPU", " of a core"),
            vital("rss_bytes", "resident memory", ""),
            vital("open_files", "open descriptors", ""),
            vital("read_bytes_per_s", "read from disk", ""),
            vital("write_bytes_per_s", "written to disk", ""),
            vital("restarts", "restarts", ""),
        ],
    ),
    (
        "postgres",
        &[
            vital("connections_used_ratio", "connections", " of the maximum"),
            Vital {
                limit: Some("connections_max"),
                ..vital("connections_active", "active connections", "")
            },
            vital("cache_hit_ratio", "cache hits", ""),
            vital("longest_transaction_s", "longest transaction", ""),
            vital("slow_queries_per_hour", "slow queries", " an hour"),
            vital("transactions_per_s", "transactions", ""),
        ],
    ),
    (
        "redis",
        &[
            vital("hit_ratio", "hits", " of reads"),
            vital("memory_used_bytes", "memory", ""),
            vital("evicted_per_s", "evicted keys", ""),
            vital("connected_clients", "clients", ""),
            vital("operations_per_s", "operations", ""),
        ],
    ),
    ("k6", GENERATOR),
    ("locust", GENERATOR),
    ("tls", &[vital("certificate_expires_days", "certificate", " left")]),
];

/// Of load generators.
const GENERATOR: &[Vital] = &[
    Vital {
        limit: Some("users_max"),
        ..vital("users", "users", "")
    },
    vital("rate_achieved_per_s", "rate", ""),
    vital("failure_ratio", "failures", " of requests"),
    vital("p95_us", "p95 as it tells", ""),
];

/// Panels of what is not a service and is not in the table: its first figures.
const FIRST: usize = 6;

/// Columns of a panel at least.
const PANEL: usize = 36;

/// Rows of a panel: its heading, and bars of that height.
const ROWS_LEAST: usize = 4;
const ROWS_MOST: usize = 9;

const fn vital(gauge: &'static str, title: &'static str, of: &'static str) -> Vital {
    Vital {
        gauge,
        title,
        of,
        limit: None,
    }
}

/// One figure with what is known of it.
struct Panel<'a> {
    title: String,
    value: String,
    course: &'a Course,
}

/// The gauges that have a panel; the others stand in a list.
pub(super) fn gauges_shown(target: &TargetSnapshot) -> Vec<&GaugeName> {
    panels(target).into_iter().map(|panel| &panel.course.0).collect()
}

fn panels(target: &TargetSnapshot) -> Vec<Panel<'_>> {
    let courses = gauges::courses(target);
    let info = &target.info;
    let panel = |title: String, of: &str, limit: Option<f64>, course| {
        let value = gauges::newest(target.last.as_deref(), course);
        let name = course.0.as_str();
        let limit = limit.map(|limit| format!(" of {}", format::gauge(name, Some(limit))));
        let value = format!("{}{}{of}", format::gauge(name, value), limit.unwrap_or_default());
        Panel { title, value, course }
    };
    let find = |name: &str| courses.iter().find(|(gauge, _)| gauge.as_str() == name);
    if let Some((_, vitals)) = KINDS.iter().find(|(kind, _)| info.kind.as_str() == *kind) {
        let known = vitals.iter().filter_map(|vital| {
            let limit = vital.limit.and_then(find);
            let limit = limit.and_then(|limit| gauges::newest(target.last.as_deref(), limit));
            Some(panel(vital.title.to_owned(), vital.of, limit, find(vital.gauge)?))
        });
        return known.collect();
    }
    if info.purpose.measures_service() {
        return Vec::new();
    }
    let first = courses.iter().take(FIRST);
    first
        .map(|course| panel(gauges::title(course.0.as_str()), "", None, course))
        .collect()
}

/// Rows of the panels at a width, as high as they should be at least; none for a kind that has none.
pub(super) fn height(width: usize, target: &TargetSnapshot) -> usize {
    let count = panels(target).len();
    count.div_ceil(across(width, count)) * ROWS_LEAST
}

/// As many side by side as fit, and no fewer in one row than in another where that can be.
fn across(width: usize, count: usize) -> usize {
    let fitting = (width / PANEL).clamp(1, count.max(1));
    count.div_ceil(count.div_ceil(fitting).max(1)).max(1)
}

/// The panels, as high as `area` lets them be.
pub(super) fn render(
    area: Rect,
    buf: &mut Buffer,
    target: &TargetSnapshot,
    snapshot: &Snapshot,
    view: &View,
    theme: &Theme,
) {
    let panels = panels(target);
    let across = across(usize::from(area.width), panels.len());
    let rows = panels.len().div_ceil(across).max(1);
    let height = (usize::from(area.height) / rows).clamp(1, ROWS_MOST);
    let width = usize::from(area.width) / across;
    for (index, panel) in panels.iter().enumerate() {
        let row = text::rows(area, index / across * height, height);
        let place = text::columns(row, index % across * width, width.saturating_sub(2));
        // The last row stays free, so that bars do not touch the heading below.
        let place = text::rows(place, 0, height.saturating_sub(1).max(2));
        panel.render(place, buf, target, snapshot, view, theme);
    }
}

/// How high the panels can be made use of.
pub(super) fn most(width: usize, target: &TargetSnapshot) -> usize {
    let count = panels(target).len();
    count.div_ceil(across(width, count)) * ROWS_MOST
}

impl Panel<'_> {
    fn render(
        &self,
        area: Rect,
        buf: &mut Buffer,
        target: &TargetSnapshot,
        snapshot: &Snapshot,
        view: &View,
        theme: &Theme,
    ) {
        let (name, history) = self.course;
        let history = &course::held(history, course::steps_between(target.info.interval, snapshot));
        let width = usize::from(area.width);
        let value = text::cut_end(&self.value, width);
        let title = text::cut_end(&self.title, width.saturating_sub(text::width(&value) + 2));
        super::super::heading(area, buf, &title, theme);
        text::put_right(
            buf,
            area,
            0,
            &format!(" {value}"),
            gauges::style(target, name, Role::Accent, theme),
        );
        let bars = text::rows(area, 1, usize::from(area.height));
        course::render(
            bars,
            buf,
            history,
            gauges::top(name.as_str(), history),
            snapshot,
            view,
            theme,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn panels_share_the_width_evenly() {
        let check = |width, count, expected| assert_eq!(across(width, count), expected, "{count} at {width}");
        check(158, 6, 3);
        check(158, 4, 4);
        check(158, 5, 3);
        check(78, 6, 2);
        check(38, 6, 1);
        check(10, 3, 1);
        check(158, 0, 1);
    }

    #[test]
    fn no_figure_has_two_panels() {
        for (kind, vitals) in KINDS {
            for (index, vital) in vitals.iter().enumerate() {
                let is_new = vitals[..index].iter().all(|other| other.gauge != vital.gauge);
                assert!(is_new, "{kind} {}", vital.gauge);
            }
        }
    }
}
