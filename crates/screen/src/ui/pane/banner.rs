//! The banner above the overview: what fires and nobody looks after yet, one line for each cause, the most urgent first; in the
//! rows left over what fired last.

use probetop_core::clock::Timestamp;
use probetop_core::sample::{AlertId, Level};
use probetop_core::snapshot::{AlertSnapshot, Cause, Snapshot, Stability, Suppression};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::Widget as _;

use crate::ui::format;
use crate::ui::standing::Class;
use crate::ui::theme::{Role, Theme};
use crate::ui::widget::segments::{self, Segment, Segments};
use crate::ui::widget::text;

/// A headline is worth at least so many columns before anything else is.
const HEADLINE: usize = 24;

/// What one of the rows tells.
#[derive(Clone, Copy)]
enum Line<'a> {
    Cause(&'a Cause),
    /// Nothing fires that nobody looks after.
    Calm,
    /// An alert that is over, the newest first.
    Ended(&'a AlertSnapshot),
}

/// A row for each cause: severity, headline, whom it hits, what to do, who knows, for how long. The rows are there whatever
/// fires, so that nothing below them moves: those left over tell what fired last.
pub(super) fn render(area: Rect, buf: &mut Buffer, snapshot: &Snapshot, theme: &Theme) {
    let rows = usize::from(area.height);
    let board = &snapshot.alerts;
    let loud: Vec<_> = board.causes.iter().filter(|cause| !cause.set_aside).collect();
    let quiet = board.causes.len() - loud.len();
    let causes = loud.iter().map(|cause| Line::Cause(cause));
    let calm = loud.is_empty().then_some(Line::Calm);
    let ended = board.history.iter().map(Line::Ended);
    for (y, line) in causes.chain(calm).chain(ended).take(rows).enumerate() {
        let row = text::inset(text::rows(area, y, 1));
        let width = usize::from(row.width);
        // The last row tells how many there are beyond it, the first how many are folded.
        let more = if y + 1 == rows {
            loud.len().saturating_sub(rows)
        } else {
            0
        };
        let quiet = if y == 0 { quiet } else { 0 };
        let segments = match line {
            Line::Cause(cause) => cause_line(cause, (more, quiet), width, snapshot, theme),
            Line::Calm => calm_line(quiet, snapshot, theme),
            Line::Ended(alert) => ended_line(alert, width, snapshot, theme),
        };
        Segments(&segments).render(row, buf);
    }
}

fn calm_line(quiet: usize, snapshot: &Snapshot, theme: &Theme) -> Vec<Segment> {
    let words = format!("{} no alert fires", theme.glyphs.level(Level::Ok));
    let mut line = vec![Segment::left(0).span(words, theme.style(Role::Dim))];
    line.extend(folded(quiet, snapshot, theme));
    line
}

/// Alerts that somebody looks after, or of which nobody is to be told: `+2 acked`.
fn folded(quiet: usize, snapshot: &Snapshot, theme: &Theme) -> Option<Segment> {
    let causes = || snapshot.alerts.causes.iter().filter(|cause| cause.set_aside);
    let alerts = || causes().flat_map(|cause| &cause.alerts);
    let of = |id: &AlertId| snapshot.alerts.firing().find(|alert| alert.id == *id);
    let is_acked = |id: &AlertId| of(id).is_some_and(|alert| alert.acknowledged.is_some());
    let word = if alerts().all(is_acked) {
        "acked"
    } else {
        "acked or silenced"
    };
    (quiet > 0).then(|| Segment::right(2).span(format!("+{quiet} {word}"), theme.style(Role::Dim)))
}

fn ended_line(alert: &AlertSnapshot, width: usize, snapshot: &Snapshot, theme: &Theme) -> Vec<Segment> {
    let dim = theme.style(Role::Dim);
    let over = alert
        .resolved
        .map_or_else(Default::default, |at| snapshot.taken.since(at));
    let mut line = vec![
        Segment::left(0).span("  over", dim),
        Segment::right(1).span(format!("{} ago", format::coarse(over)), dim),
        Segment::right(3).span(format!("lasted {}", format::coarse(alert.lasted(snapshot.taken))), dim),
    ];
    let words = format!("{}: {}", alert.subject, alert.reason);
    let room = spare(&line, width).max(HEADLINE);
    line.insert(1, Segment::left(2).span(text::cut_end(&words, room), dim));
    line
}

/// How much the parts beside the headline say.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Words {
    All,
    /// The sign tells how grave it is; what is wrong is worth more than the word for that.
    Fewest,
}

/// In all words, or in the fewest where the headline would be cut.
fn cause_line(cause: &Cause, counts: (usize, usize), width: usize, snapshot: &Snapshot, theme: &Theme) -> Vec<Segment> {
    let line = |words| beside_headline(cause, counts, words, snapshot, theme);
    let needed = text::width(cause.headline.as_str());
    let mut line = Some(line(Words::All))
        .filter(|line| needed <= spare(line, width))
        .unwrap_or_else(|| line(Words::Fewest));
    let room = spare(&line, width).max(HEADLINE);
    let headline = text::cut_end(cause.headline.as_str(), room);
    line.insert(1, Segment::left(1).span(headline, theme.style(Role::Text)));
    // What is left over names the victims, or tells what to do: of one it tells that, of many their names say more.
    let head = cause.alerts.first();
    let head = snapshot.alerts.firing().find(|alert| head == Some(&alert.id));
    let action = head.and_then(|head| head.action.as_ref());
    let rest = match action {
        Some(action) => Some(format!("{} {action}", theme.glyphs.leads_to)),
        None if cause.victims.len() > 1 => Some(names(cause)),
        None => None,
    };
    let room = spare(&line, width);
    if let Some(rest) = rest.filter(|_| room >= 12) {
        let place = if cause.victims.len() > 1 { 3 } else { 2 };
        let dim = theme.style(Role::Dim);
        line.insert(place, Segment::left(6).span(text::cut_end(&rest, room), dim));
    }
    line
}

/// The sign and the word of how grave it is.
fn severity(cause: &Cause, words: Words, snapshot: &Snapshot, theme: &Theme) -> (String, Role) {
    let clearing = cause
        .clears
        .map(|clears| format::countdown(clears.since(snapshot.taken)));
    let (sign, word, role) = match clearing {
        None => {
            let glyph = theme.glyphs.severity(cause.severity);
            (glyph, cause.severity.name().to_uppercase(), cause.severity.into())
        }
        // In letters as small as what it says.
        Some(left) => {
            let class = Class::Clearing;
            (
                class.sign(&theme.glyphs),
                format!("{} {left}", class.word()),
                class.role(),
            )
        }
    };
    match words {
        Words::All => (format!("{sign} {word}"), role),
        Words::Fewest => (sign.to_owned(), role),
    }
}

fn beside_headline(
    cause: &Cause,
    (more, quiet): (usize, usize),
    words: Words,
    snapshot: &Snapshot,
    theme: &Theme,
) -> Vec<Segment> {
    let (severity, role) = severity(cause, words, snapshot, theme);
    let style = theme.style(role);
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
    let age = match words {
        Words::All => format!("for {age}"),
        Words::Fewest => age,
    };
    line.push(Segment::right(4).span(age, dim));
    if more > 0 {
        line.push(Segment::right(5).span(format!("+{more} more"), style));
    }
    line.extend(folded(quiet, snapshot, theme));
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
