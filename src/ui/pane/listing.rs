//! The panes that list things: sections of rows above, what is to be said about the chosen row below.
//!
//! ```text
//!  (the score, in the health pane)
//!  heading of a section ──── labels ───
//!  rows
//!  heading of the next section ─────────
//!  rows
//!  title of the chosen row ── 1-6/14 ──
//!  details
//! ```
//! What each section shows it tells by itself, as columns, cells and a [`Detail`]; here they are only placed.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::detail::Detail;
use super::table::{self, Cell, Column};
use super::{alerts, analysis, compare, health, objectives};
use crate::snapshot::Snapshot;
use crate::ui::action::Action;
use crate::ui::layout::{self, Listing};
use crate::ui::theme::{Glyphs, Role, Theme};
use crate::ui::view::list::{self, Row, Section};
use crate::ui::view::{Pane, View};
use crate::ui::widget::{scroll, text};

/// Where the list and the details of the pane stand.
pub fn parts(body: Rect, snapshot: &Snapshot, view: &View) -> Listing {
    let rows = list::rows(view.pane, snapshot);
    let lines = chosen(&rows, body, snapshot, view).map_or(0, |detail| detail.lines.len() + 1);
    layout::listing(body, top(body, view, snapshot), rows.len(), lines)
}

/// The name of the chosen row, and all its words.
pub fn words(snapshot: &Snapshot, view: &View) -> Option<(String, String)> {
    let rows = list::rows(view.pane, snapshot);
    let (section, index) = list::items(&rows).nth(view.chosen())?;
    let cells = cells(section, index, snapshot, &Theme::plain(Glyphs::ASCII));
    let words: Vec<_> = cells.iter().filter_map(Cell::words).collect();
    let name = cells.iter().find_map(|cell| match cell {
        Cell::Name(name, _) => Some(name.clone()),
        Cell::Text(..) | Cell::Bar(..) => None,
    })?;
    Some((name, words.join("  ")))
}

/// The greatest offset of the details.
pub fn last_below(body: Rect, snapshot: &Snapshot, view: &View) -> usize {
    let rows = list::rows(view.pane, snapshot);
    let lines = chosen(&rows, body, snapshot, view).map_or(0, |detail| detail.lines.len());
    let visible = usize::from(parts(body, snapshot, view).detail.height).saturating_sub(1);
    scroll::last_offset(lines, visible)
}

/// Rows above the list.
fn top(body: Rect, view: &View, snapshot: &Snapshot) -> usize {
    match view.pane {
        Pane::Health => health::top_height(body, snapshot),
        Pane::Overview
        | Pane::Target
        | Pane::Machine
        | Pane::Alerts
        | Pane::Objectives
        | Pane::Analysis
        | Pane::Compare
        | Pane::Timeline
        | Pane::Heat
        | Pane::Help => 0,
    }
}

pub fn render(area: Rect, buf: &mut Buffer, snapshot: &Snapshot, view: &View, theme: &Theme) {
    let rows = list::rows(view.pane, snapshot);
    if rows.is_empty() {
        return super::empty(area, buf, nothing(view.pane), theme);
    }
    let chosen_detail = chosen(&rows, area, snapshot, view);
    let parts = parts(area, snapshot, view);
    health::top(parts.top, buf, snapshot, theme);
    let chosen_line = list::line_of(&rows, view.chosen());
    let visible = rows.iter().enumerate().skip(view.offset());
    for (y, (line, row)) in visible.take(usize::from(parts.list.height)).enumerate() {
        let area = text::rows(parts.list, y, 1);
        match row {
            // However far one scrolls, the columns on top are labelled.
            Row::Heading(section) => heading(area, buf, *section, snapshot, theme),
            Row::Item(section, _) if y == 0 => heading(area, buf, *section, snapshot, theme),
            Row::Item(section, index) => {
                let cells = cells(*section, *index, snapshot, theme);
                let name = table::row(area, buf, columns(*section), &cells, theme);
                if chosen_line == Some(line) {
                    theme.select(buf, area, name);
                }
            }
        }
    }
    if let Some(detail) = chosen_detail {
        details(parts.detail, buf, &detail, snapshot, view, theme);
    }
}

fn heading(row: Rect, buf: &mut Buffer, section: Section, snapshot: &Snapshot, theme: &Theme) {
    table::heading(row, buf, &title(section, snapshot), columns(section), theme);
}

fn details(area: Rect, buf: &mut Buffer, detail: &Detail, snapshot: &Snapshot, view: &View, theme: &Theme) {
    let inner = text::columns(area, 1, usize::from(area.width).saturating_sub(2));
    let visible = usize::from(inner.height).saturating_sub(1);
    let position = (detail.lines.len() > visible).then(|| {
        let last = (view.below() + visible).min(detail.lines.len());
        let key = view.keys.keys(Action::NextTarget).into_iter().next();
        let key = key.map(|key| format!("{key} ")).unwrap_or_default();
        format!(" {key}{}-{last}/{}", view.below() + 1, detail.lines.len())
    });
    let taken = position.as_ref().map_or(0, |position| text::width(position) + 1);
    let mut room = usize::from(inner.width).saturating_sub(taken);
    let mut notes = Vec::new();
    for (words, role) in &detail.title {
        let words = text::cut_end(words, room);
        room = room.saturating_sub(text::width(&words) + 1);
        notes.push((words, theme.style(*role)));
    }
    let notes = notes.into_iter().filter(|(words, _)| !words.is_empty());
    super::heading_notes(text::rows(inner, 0, 1), buf, notes, theme);
    if let Some(position) = position {
        text::put_right(buf, text::rows(inner, 0, 1), 0, &position, theme.style(Role::Accent));
    }
    let lines = detail.lines.iter().skip(view.below()).take(visible);
    for (y, line) in lines.enumerate() {
        line.render(text::rows(inner, y + 1, 1), buf, snapshot, view, theme);
    }
}

/// The details of the chosen row, for the width of `body`.
fn chosen(rows: &[Row], body: Rect, snapshot: &Snapshot, view: &View) -> Option<Detail> {
    let (section, index) = list::items(rows).nth(view.chosen())?;
    let width = usize::from(body.width).saturating_sub(2);
    let analysis = &snapshot.analysis;
    match section {
        Section::ActiveAlerts | Section::EndedAlerts => {
            let alert = list::alert(section, index, snapshot);
            alert.map(|it| alerts::incident::detail(it, snapshot, width))
        }
        Section::Channels => {
            let channel = snapshot.channels.get(index);
            channel.map(|it| alerts::channels::detail(it, snapshot, width))
        }
        Section::Silences => {
            let silence = snapshot.alerts.silences.get(index);
            silence.map(|it| alerts::silences::detail(it, snapshot))
        }
        Section::Objectives => {
            let objective = snapshot.objectives.get(index);
            objective.map(|it| objectives::detail(it, snapshot, width))
        }
        Section::Apdex => snapshot.targets.get(index).map(objectives::apdex::detail),
        Section::HealthGroups => health::groups::detail(index, snapshot, width),
        Section::HealthComponents => health::components::detail(index, snapshot, width),
        Section::Bottlenecks => {
            let bottleneck = analysis.bottlenecks.get(index);
            bottleneck.map(|it| analysis::bottlenecks::detail(it, snapshot, width))
        }
        Section::Anomalies => {
            let anomaly = analysis.anomalies.get(index);
            anomaly.map(|it| analysis::anomalies::detail(it, snapshot, width))
        }
        Section::Trends => {
            let trend = analysis.trends.get(index);
            trend.map(|it| analysis::trends::detail(it, width))
        }
        Section::Correlations => {
            let correlation = analysis.correlations.get(index);
            correlation.map(|it| analysis::correlations::detail(it, width))
        }
        Section::Comparison => {
            let row = list::compared(snapshot).get(index)?;
            Some(compare::detail(row, snapshot.comparison.as_ref()?, snapshot, width))
        }
    }
}

fn title(section: Section, snapshot: &Snapshot) -> String {
    match section {
        Section::ActiveAlerts => alerts::active_title(snapshot),
        Section::Channels => "channels".into(),
        Section::Silences => "silences".into(),
        Section::EndedAlerts => "ended".into(),
        Section::Objectives => "objectives".into(),
        Section::Apdex => "apdex".into(),
        Section::HealthGroups => "groups".into(),
        Section::HealthComponents => "worst".into(),
        Section::Bottlenecks => "bottlenecks".into(),
        Section::Anomalies => "anomalies".into(),
        Section::Trends => "trends".into(),
        Section::Correlations => "correlations".into(),
        Section::Comparison => "baseline".into(),
    }
}

fn columns(section: Section) -> &'static [Column] {
    match section {
        Section::ActiveAlerts | Section::EndedAlerts => &alerts::COLUMNS,
        Section::Channels => &alerts::channels::COLUMNS,
        Section::Silences => &alerts::silences::COLUMNS,
        Section::Objectives => &objectives::COLUMNS,
        Section::Apdex => &objectives::apdex::COLUMNS,
        Section::HealthGroups => &health::groups::COLUMNS,
        Section::HealthComponents => &health::components::COLUMNS,
        Section::Bottlenecks => &analysis::bottlenecks::COLUMNS,
        Section::Anomalies => &analysis::anomalies::COLUMNS,
        Section::Trends => &analysis::trends::COLUMNS,
        Section::Correlations => &analysis::correlations::COLUMNS,
        Section::Comparison => &compare::COLUMNS,
    }
}

/// The cells of a row; none for a row that is not there.
fn cells(section: Section, index: usize, snapshot: &Snapshot, theme: &Theme) -> Vec<Cell> {
    let analysis = &snapshot.analysis;
    let glyphs = &theme.glyphs;
    let cells = match section {
        Section::ActiveAlerts | Section::EndedAlerts => {
            list::alert(section, index, snapshot).map(|it| alerts::cells(it, snapshot, glyphs).into())
        }
        Section::Channels => {
            let channel = snapshot.channels.get(index);
            channel.map(|it| alerts::channels::cells(it, snapshot, glyphs).into())
        }
        Section::Silences => {
            let silence = snapshot.alerts.silences.get(index);
            silence.map(|it| alerts::silences::cells(it, snapshot).into())
        }
        Section::Objectives => snapshot
            .objectives
            .get(index)
            .map(|it| objectives::cells(it, glyphs).into()),
        Section::Apdex => snapshot
            .targets
            .get(index)
            .map(|it| objectives::apdex::cells(it, glyphs).into()),
        Section::HealthGroups => health::groups::cells(index, snapshot, glyphs).map(Into::into),
        Section::HealthComponents => health::components::cells(index, snapshot, glyphs).map(Into::into),
        Section::Bottlenecks => {
            let bottleneck = analysis.bottlenecks.get(index);
            bottleneck.map(|it| analysis::bottlenecks::cells(it, snapshot, glyphs).into())
        }
        Section::Anomalies => {
            let anomaly = analysis.anomalies.get(index);
            anomaly.map(|it| analysis::anomalies::cells(it, snapshot, glyphs).into())
        }
        Section::Trends => analysis.trends.get(index).map(|it| analysis::trends::cells(it).into()),
        Section::Correlations => {
            let correlation = analysis.correlations.get(index);
            correlation.map(|it| analysis::correlations::cells(it).into())
        }
        Section::Comparison => {
            let row = list::compared(snapshot).get(index);
            row.map(|it| compare::cells(it, glyphs).into())
        }
    };
    cells.unwrap_or_default()
}

/// What an empty pane says: what is missing, and what to do about it.
fn nothing(pane: Pane) -> &'static [&'static str] {
    match pane {
        Pane::Alerts => &[
            "No alerts.",
            "Rules are [[alert]] tables in the configuration: when, for, clear_for, severity.",
            "Whom they tell are [[notify]] tables. `probetop init` writes examples.",
        ],
        Pane::Objectives => &[
            "No objectives.",
            "Add one to the configuration:",
            "  [[objective]]",
            "  name = \"checkout\"",
            "  on = [\"checkout\"]",
            "  goal = \"95% under 2s\"",
            "A score by Apdex stands here as soon as a target has been probed a few times.",
        ],
        Pane::Health => &[
            "No score yet.",
            "It is made of the levels of the targets and of this machine, once there are any.",
        ],
        Pane::Compare => &[
            "Nothing to compare with yet.",
            "b takes the window that ends now as the baseline; what comes after it stands against it here.",
            "w chooses the window, space and the past choose another end.",
        ],
        Pane::Analysis => &[
            "Nothing stands out.",
            "Bottlenecks, anomalies, trends and correlations are looked for all the time.",
            "What is usual is known after a minute or two, a trend after several.",
        ],
        Pane::Overview | Pane::Target | Pane::Machine | Pane::Timeline | Pane::Heat | Pane::Help => &[],
    }
}
