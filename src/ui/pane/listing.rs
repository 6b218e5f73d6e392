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
use crate::ui::view::{Block, Pane, View};
use crate::ui::widget::{scroll, text};

/// Where the list and the details of the pane stand.
pub fn parts(body: Rect, pane: Pane, snapshot: &Snapshot, view: &View) -> Listing {
    let rows = view.rows(pane, snapshot);
    let lines = chosen(&rows, body, pane, snapshot, view).map_or(0, |detail| detail.lines.len() + 1);
    match view.expanded() {
        Some(Block::List) => layout::listing(body, top(body, pane, snapshot), rows.len(), 0),
        Some(Block::Details) => layout::listing(body, 0, 0, usize::from(body.height)),
        Some(_) | None => layout::listing(body, top(body, pane, snapshot), rows.len(), lines),
    }
}

/// The blocks of the pane: the list, and the details where there are any.
pub fn blocks(body: Rect, pane: Pane, snapshot: &Snapshot, view: &View) -> Vec<(Block, Rect)> {
    let rows = view.rows(pane, snapshot);
    let parts = parts(body, pane, snapshot, view);
    let inner = text::inset(parts.detail);
    let mut blocks = Vec::new();
    if !rows.is_empty() {
        blocks.push((Block::List, parts.list));
    }
    if chosen(&rows, body, pane, snapshot, view).is_some() {
        blocks.push((Block::Details, inner));
    }
    blocks
}

/// The name of the chosen row of the pane, and all its words.
pub fn words(pane: Pane, snapshot: &Snapshot, view: &View) -> Option<(String, String)> {
    let rows = view.rows(pane, snapshot);
    let (section, index) = list::items(&rows).nth(view.chosen_in(pane))?;
    let cells = cells(section, index, snapshot, &Theme::plain(Glyphs::ASCII));
    let words: Vec<_> = cells.iter().filter_map(Cell::words).collect();
    let name = cells.iter().find_map(|cell| match cell {
        Cell::Name(name, _) => Some(name.clone()),
        Cell::Text(..) | Cell::Bar(..) => None,
    })?;
    Some((name, words.join("  ")))
}

/// The greatest offset of the details.
pub fn last_below(body: Rect, pane: Pane, snapshot: &Snapshot, view: &View) -> usize {
    let rows = view.rows(pane, snapshot);
    let lines = chosen(&rows, body, pane, snapshot, view).map_or(0, |detail| detail.lines.len());
    let visible = usize::from(parts(body, pane, snapshot, view).detail.height).saturating_sub(1);
    scroll::last_offset(lines, visible)
}

/// Rows above the list.
fn top(body: Rect, pane: Pane, snapshot: &Snapshot) -> usize {
    match pane {
        Pane::Health => health::top_height(body, snapshot),
        Pane::Compare => compare::top_height(body, snapshot),
        Pane::Analysis => usize::from(analysis::anomalies::not_yet(snapshot).is_some()),
        Pane::Overview
        | Pane::Target
        | Pane::Machine
        | Pane::Alerts
        | Pane::Objectives
        | Pane::Timeline
        | Pane::Heat
        | Pane::Help => 0,
    }
}

pub fn render(area: Rect, buf: &mut Buffer, pane: Pane, snapshot: &Snapshot, view: &View, theme: &Theme) {
    let rows = view.rows(pane, snapshot);
    if rows.is_empty() {
        let not_yet = analysis::anomalies::not_yet(snapshot).filter(|_| pane == Pane::Analysis);
        let mut words = why_empty(pane, view).to_vec();
        // Below the headline: a small screen has no room for all of it.
        words.splice(words.len().min(1)..words.len().min(1), not_yet.as_deref());
        return super::empty(area, buf, &words, theme);
    }
    let chosen_detail = chosen(&rows, area, pane, snapshot, view);
    let parts = parts(area, pane, snapshot, view);
    match pane {
        Pane::Compare => compare::top(parts.top, buf, snapshot, theme),
        Pane::Analysis => {
            let not_yet = analysis::anomalies::not_yet(snapshot).unwrap_or_default();
            text::put(buf, text::inset(parts.top), 0, 0, &not_yet, theme.style(Role::Dim));
        }
        Pane::Overview
        | Pane::Target
        | Pane::Machine
        | Pane::Alerts
        | Pane::Objectives
        | Pane::Health
        | Pane::Timeline
        | Pane::Heat
        | Pane::Help => health::top(parts.top, buf, snapshot, theme),
    }
    list_rows(parts.list, buf, pane, Some(view.chosen_in(pane)), snapshot, view, theme);
    if let Some(detail) = chosen_detail {
        details(parts.detail, buf, &detail, pane, snapshot, view, theme);
    }
}

/// The list as a block of another page: without the details, and the chosen row marked only while it has the focus.
pub fn render_block(area: Rect, buf: &mut Buffer, pane: Pane, snapshot: &Snapshot, view: &View, theme: &Theme) {
    let focused = view.focus().and_then(Block::listed) == Some(pane);
    if focused && view.expanded().is_some() {
        return render(area, buf, pane, snapshot, view, theme);
    }
    if view.rows(pane, snapshot).is_empty() {
        let inner = text::inset(area);
        super::heading(inner, buf, &pane.title().to_lowercase(), theme);
        if let Some(words) = why_empty(pane, view).first() {
            text::put(buf, inner, 0, 1, words, theme.style(Role::Dim));
        }
        return;
    }
    let chosen = focused.then(|| view.chosen_in(pane));
    list_rows(area, buf, pane, chosen, snapshot, view, theme);
}

/// What an empty list says: what is missing, or that the filter leaves nothing.
fn why_empty(pane: Pane, view: &View) -> &'static [&'static str] {
    if view.words(pane).is_empty() {
        nothing(pane)
    } else {
        &NOTHING_LEFT
    }
}

fn list_rows(
    area: Rect,
    buf: &mut Buffer,
    pane: Pane,
    chosen: Option<usize>,
    snapshot: &Snapshot,
    view: &View,
    theme: &Theme,
) {
    let rows = view.rows(pane, snapshot);
    let chosen_line = chosen.and_then(|chosen| list::line_of(&rows, chosen));
    let visible = rows.iter().enumerate().skip(view.offset_in(pane));
    for (y, (line, row)) in visible.take(usize::from(area.height)).enumerate() {
        let area = text::rows(area, y, 1);
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
}

fn heading(row: Rect, buf: &mut Buffer, section: Section, snapshot: &Snapshot, theme: &Theme) {
    table::heading(row, buf, &title(section, snapshot), columns(section), theme);
}

fn details(area: Rect, buf: &mut Buffer, detail: &Detail, pane: Pane, snapshot: &Snapshot, view: &View, theme: &Theme) {
    let below = view.below_in(pane);
    let inner = text::inset(area);
    let visible = usize::from(inner.height).saturating_sub(1);
    let position = (detail.lines.len() > visible).then(|| {
        let last = (below + visible).min(detail.lines.len());
        let key = view.keys.keys(Action::NextTarget).into_iter().next();
        let key = key.map(|key| format!("{key} ")).unwrap_or_default();
        format!(" {key}{}-{last}/{}", below + 1, detail.lines.len())
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
    let lines = detail.lines.iter().skip(below).take(visible);
    for (y, line) in lines.enumerate() {
        line.render(text::rows(inner, y + 1, 1), buf, snapshot, view, theme);
    }
}

/// The details of the chosen row, for the width of `body`.
fn chosen(rows: &[Row], body: Rect, pane: Pane, snapshot: &Snapshot, view: &View) -> Option<Detail> {
    let (section, index) = list::items(rows).nth(view.chosen_in(pane))?;
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
            Some(compare::detail(row, snapshot.comparison.as_ref()?, width))
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
        Section::Comparison => "A against B".into(),
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

/// What a pane says of which the filter leaves nothing.
const NOTHING_LEFT: [&str; 2] = ["No row matches the filter.", "Press / to change it, esc to clear it."];

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
            "b takes the window that ends at the second shown as A, the baseline; the time after it is B.",
            "v begins a span and ends it: b takes it as A, B as B. M compares before and after a mark.",
            "e b writes the baseline to a file, --baseline FILE compares with one.",
        ],
        Pane::Analysis => &[
            "Nothing stands out.",
            "Bottlenecks, anomalies, trends and correlations are looked for all the time.",
            "What is usual is known after a minute or two, a trend after several.",
        ],
        Pane::Overview | Pane::Target | Pane::Machine | Pane::Timeline | Pane::Heat | Pane::Help => &[],
    }
}
