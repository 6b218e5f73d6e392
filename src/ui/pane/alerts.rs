//! Alerts: the banner above the overview, and the pane with active ones first and then those that have ended.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::sample::{Severity, Text};
use crate::snapshot::{AlertBoard, AlertSnapshot, AlertState, Snapshot};
use crate::ui::format;
use crate::ui::layout;
use crate::ui::theme::{Role, Theme};
use crate::ui::view::View;
use crate::ui::widget::segments::{self, Segment};
use crate::ui::widget::text::{self, Align};

/// The firing alerts, worst first, as many as there are rows: severity, name, subject, for how long, why.
pub fn banner(area: Rect, buf: &mut Buffer, snapshot: &Snapshot, theme: &Theme) {
    let rows = usize::from(area.height);
    let count = snapshot.alerts.firing().count();
    for (y, alert) in snapshot.alerts.firing().take(rows).enumerate() {
        let row = text::columns(text::rows(area, y, 1), 1, usize::from(area.width).saturating_sub(2));
        let style = theme.style(alert.severity);
        let glyph = theme.glyphs.severity(alert.severity);
        let severity = format!("{glyph} {}", alert.severity.name().to_uppercase());
        let since = alert.fired.unwrap_or(alert.since);
        let for_how_long = format!("for {}", format::age(snapshot.taken.since(since)));
        let mut line = vec![
            Segment::left(0).span(severity, style),
            Segment::left(1).span(alert.subject.as_str(), theme.style(Role::Text)),
            Segment::left(3).span(alert.name.as_str(), theme.style(Role::Text)),
            Segment::right(4).span(for_how_long, theme.style(Role::Dim)),
        ];
        if y + 1 == rows && count > rows {
            line.push(Segment::right(5).span(format!("+{} more", count - rows), style));
        }
        line.insert(3, reason(&alert.reason, &line, usize::from(row.width), theme));
        segments::render(buf, row, &line);
    }
}

/// Why, cut to what the other parts leave.
fn reason(reason: &Text, others: &[Segment], width: usize, theme: &Theme) -> Segment {
    let taken: usize = others.iter().map(|segment| segment.width() + 2).sum();
    let room = width.saturating_sub(taken).max(12);
    Segment::left(2).span(text::cut_end(reason.as_str(), room), theme.style(Role::Text))
}

/// A column of the pane: what it shows, its width, and from which width of the pane on it is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Column {
    Severity,
    State,
    Subject,
    Name,
    Since,
    Lasted,
    Value,
    Worst,
    Reason,
}

const COLUMNS: [(Column, &str, usize, usize); 9] = [
    (Column::Severity, "", 1, 0),
    (Column::State, "state", 8, 0),
    (Column::Subject, "subject", 14, 0),
    (Column::Name, "alert", 16, 48),
    (Column::Since, "since", 8, 92),
    (Column::Lasted, "lasted", 7, 58),
    (Column::Value, "now", 7, 120),
    (Column::Worst, "worst", 7, 100),
    (Column::Reason, "why", 0, 76),
];

pub fn render(area: Rect, buf: &mut Buffer, snapshot: &Snapshot, view: &View, theme: &Theme) {
    let board = &snapshot.alerts;
    if board.active.is_empty() && board.history.is_empty() {
        let lines = [
            "No alerts.",
            "Rules are [[alert]] tables in the configuration: when, for, clear_for, severity.",
            "`probetop init` writes an example.",
        ];
        return super::empty(area, buf, &lines, theme);
    }
    let slots = slots(usize::from(area.width));
    headings(area, buf, board, &slots, theme);
    let visible = layout::alert_rows(usize::from(area.height));
    let alerts = board.active.iter().chain(&board.history).enumerate();
    for (y, (index, alert)) in alerts.skip(view.offset()).take(visible).enumerate() {
        let row = text::rows(area, layout::ALERT_HEADINGS + y, 1);
        for (column, _, x, width) in &slots {
            let (words, role) = cell(*column, alert, snapshot, theme);
            text::put_cell(buf, row, *x, 0, *width, align(*column), &words, theme.style(role));
        }
        if index == view.alert {
            let subject = slots.iter().find(|(column, ..)| *column == Column::Subject);
            theme.select(
                buf,
                row,
                subject.map_or(row, |(_, _, x, width)| text::columns(row, *x, *width)),
            );
            let last = text::rows(area, usize::from(area.height).saturating_sub(1), 1);
            chosen(
                text::columns(last, 1, usize::from(area.width).saturating_sub(2)),
                buf,
                alert,
                snapshot,
                theme,
            );
        }
    }
}

fn headings(area: Rect, buf: &mut Buffer, board: &AlertBoard, slots: &[Slot], theme: &Theme) {
    let firing = board.firing().count();
    let pending = board.active.len() - firing;
    let summary = format!("{firing} firing, {pending} pending, {} ended", board.history.len());
    text::put(buf, area, 1, 0, &summary, theme.style(Role::Dim));
    for (column, heading, x, width) in slots {
        text::put_cell(
            buf,
            area,
            *x,
            1,
            *width,
            align(*column),
            heading,
            theme.style(Role::Heading),
        );
    }
}

/// All about one alert on one line, for what the columns cut.
fn chosen(area: Rect, buf: &mut Buffer, alert: &AlertSnapshot, snapshot: &Snapshot, theme: &Theme) {
    let at = |at| format::time_of_day(snapshot.wall(at));
    let since = match alert.resolved {
        Some(resolved) => format!("{} to {}", at(alert.since), at(resolved)),
        None => format!("since {}", at(alert.since)),
    };
    let about = format!("{} {}", alert.subject, alert.name);
    let line = [
        Segment::left(0).span(alert.reason.as_str(), theme.style(Role::Text)),
        Segment::left(2).span(about, theme.style(Role::Dim)),
        Segment::right(1).span(since, theme.style(Role::Dim)),
    ];
    segments::render(buf, area, &line);
}

/// A column with its heading, where it begins and how wide it is.
type Slot = (Column, &'static str, usize, usize);

/// The columns that are there at a width; names take a share of what is left, the reason the rest.
fn slots(width: usize) -> Vec<Slot> {
    let present: Vec<_> = COLUMNS.into_iter().filter(|(_, _, _, from)| width >= *from).collect();
    let fixed: usize = present.iter().map(|(_, _, width, _)| width + 2).sum();
    let spare = width.saturating_sub(fixed);
    let mut x = 1;
    let place = |(column, heading, least, _)| {
        let slot_width = match column {
            Column::Subject | Column::Name => least + (spare.saturating_sub(24) / 5).min(16),
            Column::Reason => width.saturating_sub(x + 1),
            Column::Severity | Column::State | Column::Since | Column::Lasted | Column::Value | Column::Worst => least,
        };
        let slot = (column, heading, x, slot_width);
        x += slot_width + 2;
        slot
    };
    present.into_iter().map(place).collect()
}

fn align(column: Column) -> Align {
    match column {
        Column::Lasted | Column::Value | Column::Worst => Align::Right,
        Column::Severity | Column::State | Column::Subject | Column::Name | Column::Since | Column::Reason => {
            Align::Left
        }
    }
}

fn cell(column: Column, alert: &AlertSnapshot, snapshot: &Snapshot, theme: &Theme) -> (String, Role) {
    let loud: Role = match alert.state {
        AlertState::Firing => alert.severity.into(),
        AlertState::Pending => Role::Text,
        AlertState::Resolved => Role::Dim,
    };
    let words = if alert.state == AlertState::Resolved {
        Role::Dim
    } else {
        Role::Text
    };
    match column {
        Column::Severity => (theme.glyphs.severity(alert.severity).into(), severity_role(alert)),
        Column::State => (alert.state.name().into(), loud),
        Column::Subject => (alert.subject.to_string(), words),
        Column::Name => (alert.name.to_string(), words),
        Column::Since => (format::time_of_day(snapshot.wall(alert.since)), Role::Dim),
        Column::Lasted => {
            let end = alert.resolved.unwrap_or(snapshot.taken);
            (format::age(end.since(alert.since)), words)
        }
        Column::Value if alert.state == AlertState::Resolved => (String::new(), words),
        Column::Value => (figure(alert, alert.value), words),
        Column::Worst => (figure(alert, alert.worst), words),
        Column::Reason => (alert.reason.to_string(), words),
    }
}

fn figure(alert: &AlertSnapshot, value: Option<f64>) -> String {
    value.map_or_else(|| format::ABSENT.into(), |value| alert.unit.show(value))
}

fn severity_role(alert: &AlertSnapshot) -> Role {
    match (alert.state, alert.severity) {
        (AlertState::Resolved, _) => Role::Dim,
        (AlertState::Pending | AlertState::Firing, Severity::Info | Severity::Warning | Severity::Critical) => {
            alert.severity.into()
        }
    }
}
