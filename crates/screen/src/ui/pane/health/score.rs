//! The score, what it means, and how it went.

use probetop_core::sample::Level;
use probetop_core::snapshot::{Health, Snapshot};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::Widget as _;

use super::groups;
use crate::ui::action::Action;
use crate::ui::pane::figure::{Curve, Limit, Time};
use crate::ui::pane::header;
use crate::ui::theme::{Role, Theme};
use crate::ui::view::{View, length_drawn};
use crate::ui::widget::digits::{self, Digits};
use crate::ui::widget::segments::{self, Segment, Segments};
use crate::ui::widget::text;

/// Columns for the digits, which stand still when the score changes their number.
const DIGITS: usize = 26;

/// Columns for words between digits and course, in panes so wide that there is room for all three and not so high that the course
/// stands below.
const WORDS: usize = 44;
const WORDS_FROM: usize = DIGITS + WORDS + 40;

/// Rows of the course beside the digits: heading, as many as the digits have, and the time.
pub(crate) const COURSE_ROWS: usize = digits::HEIGHT + 2;

/// Rows from which on the course stands below the words, over the whole width.
const COURSE_BELOW: usize = 10;

/// What is to be said, in lines so wide.
fn words(health: &Health, snapshot: &Snapshot, view: Option<&View>, width: usize) -> Vec<(String, Role)> {
    let worst = health.worst.as_ref();
    let worst = worst.map_or("Nothing costs anything.", |worst| worst.as_str());
    let dim = [
        sum(health),
        left_out(health),
        unknown(snapshot),
        promises(snapshot, view),
    ];
    let lines = std::iter::once((worst.to_owned(), Role::Text));
    let lines = lines.chain(dim.into_iter().map(|words| (words, Role::Dim)));
    lines
        .flat_map(|(words, role)| text::wrap(&words, width).into_iter().map(move |line| (line, role)))
        .collect()
}

/// What the groups add, as a sum: `6.9 + 20.2 + 15.3, rounded down`.
fn sum(health: &Health) -> String {
    let parts = health.groups.iter().filter_map(groups::part);
    let parts: Vec<_> = parts.map(|part| groups::points(Some(part))).collect();
    format!("{}, rounded down.", parts.join(" + "))
}

/// What somebody looks after.
fn left_out(health: &Health) -> String {
    match health.groups.iter().map(|group| group.set_aside).sum::<usize>() {
        0 => String::new(),
        1 => "1 figure that is acknowledged or silenced is left out.".into(),
        count => format!("{count} figures that are acknowledged or silenced are left out."),
    }
}

/// What is not known costs nothing, and is no health.
fn unknown(snapshot: &Snapshot) -> String {
    let all = snapshot.targets.len();
    match snapshot
        .targets
        .iter()
        .filter(|target| target.level == Level::Unknown)
        .count()
    {
        0 => String::new(),
        count => format!("{count} of {all} targets are not known yet and do not count."),
    }
}

/// Whether objectives count.
fn promises(snapshot: &Snapshot, view: Option<&View>) -> String {
    let all = snapshot.objectives.len();
    let broken = snapshot
        .objectives
        .iter()
        .filter(|objective| objective.level >= Level::Warning)
        .count();
    if all == 0 {
        return String::new();
    }
    let key = view.and_then(|view| view.keys.keys(Action::Objectives).into_iter().next());
    let key = key.map_or_else(String::new, |key| format!(" ({key})"));
    format!("Objectives do not count{key}: {broken} of {all} at risk or broken.")
}

/// Rows that the score takes in a body in which `rows` are wanted by what stands below it.
pub(crate) fn height(body: Rect, snapshot: &Snapshot, health: &Health, rows: usize) -> usize {
    let width = usize::from(body.width).saturating_sub(2);
    let free = usize::from(body.height).saturating_sub(rows);
    if width < WORDS_FROM {
        return COURSE_ROWS + words(health, snapshot, None, width).len() + 1;
    }
    let beside = words(health, snapshot, None, width - DIGITS).len().max(COURSE_ROWS);
    if free >= beside + COURSE_BELOW {
        return free;
    }
    words(health, snapshot, None, WORDS - 2).len().max(COURSE_ROWS) + 1
}

/// The score in one line.
pub(crate) fn line(area: Rect, buf: &mut Buffer, health: &Health, theme: &Theme) {
    let (level, role) = level(health, theme);
    let style = theme.style(role);
    let line = [
        Segment::left(0).span(format!("health {:>3}", health.score), style),
        Segment::left(1).span(level, style),
    ];
    let taken: usize = line.iter().map(|segment| segment.width() + segments::SPACE).sum();
    let room = usize::from(area.width).saturating_sub(taken);
    let worst = health
        .worst
        .as_ref()
        .map_or("nothing costs anything", |worst| worst.as_str());
    let worst = Segment::left(2).span(text::cut_end(worst, room), theme.style(Role::Text));
    Segments(&[line.as_slice(), &[worst]].concat()).render(area, buf);
}

fn level(health: &Health, theme: &Theme) -> (String, Role) {
    let (sign, role) = header::sign_of(health, &theme.glyphs);
    let clearing = if health.clearing { ", clearing" } else { "" };
    (format!("{sign} {}{clearing}", health.level.name()), role)
}

/// The score large, words, and the course.
pub(crate) fn render(area: Rect, buf: &mut Buffer, health: &Health, snapshot: &Snapshot, view: &View, theme: &Theme) {
    let width = usize::from(area.width);
    let (level, role) = level(health, theme);
    let digits = Digits {
        number: health.score,
        style: theme.style(role),
        theme,
    };
    digits.render(area, buf);
    text::put(buf, area, 0, digits::HEIGHT + 1, &level, theme.style(role));
    let height = usize::from(area.height).saturating_sub(1);
    let curve = curve(snapshot);
    if width < WORDS_FROM {
        let course = text::columns(text::rows(area, 0, COURSE_ROWS), DIGITS, width);
        curve.render(course, buf, snapshot, view, theme);
        let below = text::rows(area, COURSE_ROWS, height);
        return put(below, buf, &words(health, snapshot, Some(view), width), theme);
    }
    let beside = text::columns(area, DIGITS, width);
    let lines = words(health, snapshot, Some(view), usize::from(beside.width));
    let above = lines.len().max(COURSE_ROWS);
    if height >= above + COURSE_BELOW {
        put(beside, buf, &lines, theme);
        let course = text::rows(area, above, height - above);
        return curve.render(course, buf, snapshot, view, theme);
    }
    let beside = text::columns(area, DIGITS, WORDS - 2);
    put(
        text::rows(beside, 0, height),
        buf,
        &words(health, snapshot, Some(view), WORDS - 2),
        theme,
    );
    let course = text::columns(text::rows(area, 0, height), DIGITS + WORDS, width);
    curve.render(course, buf, snapshot, view, theme);
}

fn put(area: Rect, buf: &mut Buffer, lines: &[(String, Role)], theme: &Theme) {
    for (y, (words, role)) in lines.iter().enumerate() {
        text::put(buf, area, 0, y, words, theme.style(*role));
    }
}

/// How the score went, with where a group of one is at its limits.
fn curve(snapshot: &Snapshot) -> Curve {
    let limit = |value: f64, level| Limit {
        value,
        level,
        name: format!("at a {} limit", Level::name(level)),
    };
    Curve {
        title: vec![
            ("score".into(), Role::Heading),
            (format!("over {}", length_drawn(snapshot)), Role::Dim),
        ],
        values: snapshot
            .health_course
            .iter()
            .map(|score| score.map(f64::from))
            .collect(),
        low: 0.0,
        high: 100.0,
        base: 0.0,
        labels: [100.0, 0.0, 50.0, 80.0, 20.0]
            .map(|score: f64| (score, format!("{score:.0}")))
            .into(),
        limits: vec![limit(80.0, Level::Warning), limit(50.0, Level::Critical)],
        time: Time::Axis,
        role: |_| Role::Bar,
    }
}
