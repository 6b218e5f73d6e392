//! The banner above the overview: what fires, one line for each cause, worst first.

use probetop_core::clock::Timestamp;
use probetop_core::snapshot::{AlertSnapshot, Cause, Snapshot, Stability, Suppression};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::Widget as _;

use crate::ui::format;
use crate::ui::theme::{Role, Theme};
use crate::ui::widget::segments::{self, Segment, Segments};
use crate::ui::widget::text;

/// A headline is worth at least so many columns before anything else is.
const HEADLINE: usize = 24;

/// As many causes as there are rows: severity, headline, whom it hits, what to do, who knows, for how long.
pub fn render(area: Rect, buf: &mut Buffer, snapshot: &Snapshot, theme: &Theme) {
    let rows = usize::from(area.height);
    let causes = &snapshot.alerts.causes;
    for (y, cause) in causes.iter().take(rows).enumerate() {
        let row = text::inset(text::rows(area, y, 1));
        let more = if y + 1 == rows { causes.len() - rows } else { 0 };
        Segments(&line(cause, more, usize::from(row.width), snapshot, theme)).render(row, buf);
    }
}

fn line(cause: &Cause, more: usize, width: usize, snapshot: &Snapshot, theme: &Theme) -> Vec<Segment> {
    let style = theme.style(if cause.quiet { Role::Dim } else { cause.severity.into() });
    let glyph = theme.glyphs.severity(cause.severity);
    let severity = format!("{glyph} {}", cause.severity.name().to_uppercase());
    let dim = theme.style(Role::Dim);
    let head = cause.alerts.first();
    let head = snapshot.alerts.firing().find(|alert| head == Some(&alert.id));
    let mut line = vec![Segment::left(0).span(severity, style)];
    if cause.victims.len() > 1 {
        let hit = format!("hits {}", format::count(cause.victims.len() as u64));
        line.push(Segment::left(2).span(hit, style));
    }
    if let Some(standing) = head.and_then(|head| standing(head, snapshot)) {
        line.push(Segment::right(3).span(standing, dim));
    }
    let age = format::coarse(cause.lasted(snapshot.taken));
    line.push(Segment::right(4).span(format!("for {age}"), dim));
    if more > 0 {
        line.push(Segment::right(5).span(format!("+{more} more"), style));
    }
    let room = spare(&line, width).max(HEADLINE);
    let headline = text::cut_end(cause.headline.as_str(), room);
    line.insert(1, Segment::left(1).span(headline, theme.style(Role::Text)));
    // What is left over names the victims, or tells what to do: of one it tells that, of many their names say more.
    let action = head.and_then(|head| head.action.as_ref());
    let rest = match action {
        Some(action) => Some(format!("{} {action}", theme.glyphs.leads_to)),
        None if cause.victims.len() > 1 => Some(names(cause)),
        None => None,
    };
    let room = spare(&line, width);
    if let Some(rest) = rest.filter(|_| room >= 12) {
        let place = if cause.victims.len() > 1 { 3 } else { 2 };
        line.insert(place, Segment::left(6).span(text::cut_end(&rest, room), dim));
    }
    line
}

/// Columns that the parts leave for one more.
fn spare(line: &[Segment], width: usize) -> usize {
    let taken: usize = line.iter().map(|segment| segment.width() + segments::SPACE).sum();
    width.saturating_sub(taken)
}

/// The victims, without the one that the headline names.
fn names(cause: &Cause) -> String {
    let victims = cause.victims.iter().map(|name| name.as_str());
    let others = victims.filter(|name| !cause.headline.as_str().starts_with(name));
    others.collect::<Vec<_>>().join(", ")
}

/// Who looks after it, or why nobody is told.
fn standing(alert: &AlertSnapshot, snapshot: &Snapshot) -> Option<String> {
    let left = |until: Timestamp| format::countdown(until.since(snapshot.taken));
    match (&alert.suppression, alert.steadiness) {
        _ if alert.acknowledged.is_some() => Some("acked".into()),
        (Some(Suppression::Silenced { until }), _) => Some(format!("silenced {}", left(*until))),
        (Some(Suppression::Maintenance { until, .. }), _) => Some(format!("planned {}", left(*until))),
        (Some(Suppression::Behind { parent }), _) => Some(format!("behind {parent}")),
        (None, Stability::Flapping { turns }) => Some(format!("flapping, {turns} times")),
        (None, Stability::Steady) => None,
    }
}
