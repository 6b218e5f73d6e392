//! The top: tabs and whether the screen is live; counts by level, the window, and what probetop itself costs.

use std::ops::Range;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::sample::{Level, Micros};
use crate::snapshot::{Feed, Snapshot};
use crate::ui::format;
use crate::ui::pane::load;
use crate::ui::theme::{Glyphs, Role, Theme};
use crate::ui::view::{Pane, View};
use crate::ui::widget::segments::{self, Segment};
use crate::ui::widget::text;

/// Below this width a count is a glyph and a number.
const WORDS_FROM: u16 = 70;

/// The load goes first when the line gets narrow: its generators have rows of their own.
const LOAD_RANK: u8 = 9;

pub fn render(area: Rect, buf: &mut Buffer, snapshot: &Snapshot, view: &View, theme: &Theme) {
    let single = area.height < 2;
    let inner = text::columns(area, 1, usize::from(area.width).saturating_sub(2));
    segments::render(buf, inner, &first_line(snapshot, view, theme, single));
    if !single {
        segments::render(
            buf,
            text::rows(inner, 1, 1),
            &second_line(snapshot, view, theme, area.width),
        );
    }
}

/// The tabs and the columns of the screen they take.
pub fn tabs(area: Rect, snapshot: &Snapshot, view: &View) -> Vec<(Pane, Range<usize>)> {
    let theme = Theme::plain(Glyphs::ASCII);
    let segments = first_line(snapshot, view, &theme, area.height < 2);
    let starts = segments::place(usize::from(area.width).saturating_sub(2), &segments);
    let placed = Pane::ALL.into_iter().zip(segments.iter().zip(starts).skip(1));
    placed
        .filter_map(|(pane, (segment, start))| Some((pane, start? + 1..start? + 1 + segment.width())))
        .collect()
}

fn first_line(snapshot: &Snapshot, view: &View, theme: &Theme, single: bool) -> Vec<Segment> {
    let mut line = vec![Segment::left(1).span("probetop", theme.style(Role::Accent))];
    line.extend(Pane::ALL.map(|pane| tab(pane, snapshot, view, theme)));
    if single {
        line.extend(counts(snapshot, theme, Words::Short, 2));
    }
    line.push(feed(snapshot, theme));
    let uptime = format!("up {}", format::uptime(snapshot.now.since_origin()));
    line.push(Segment::right(4).span(uptime, theme.style(Role::Dim)));
    line
}

fn tab(pane: Pane, snapshot: &Snapshot, view: &View, theme: &Theme) -> Segment {
    let style = if pane == view.pane { Role::Accent } else { Role::Dim };
    let key = view.keys.keys(pane.action()).into_iter().next();
    let key = key.map(|key| format!("{key} ")).unwrap_or_default();
    let segment = Segment::left(3)
        .span(key, theme.style(Role::Dim))
        .span(pane.title(), theme.style(style));
    let worst = snapshot.alerts.firing().map(|alert| alert.severity).max();
    match worst.filter(|_| pane == Pane::Alerts) {
        Some(severity) => segment.span(format!(" {}", snapshot.alerts.firing().count()), theme.style(severity)),
        None => segment,
    }
}

fn feed(snapshot: &Snapshot, theme: &Theme) -> Segment {
    match snapshot.feed {
        Feed::Live => Segment::right(0).span("LIVE", theme.style(Role::Ok)),
        Feed::At(_) => {
            let behind = format::age(snapshot.now.since(snapshot.taken));
            Segment::right(0).span(format!(" FROZEN +{behind} "), theme.style(Role::Frozen))
        }
    }
}

fn second_line(snapshot: &Snapshot, view: &View, theme: &Theme, width: u16) -> Vec<Segment> {
    let dim = theme.style(Role::Dim);
    let plain = theme.style(Role::Text);
    let words = if width < WORDS_FROM { Words::Short } else { Words::Long };
    let targets = format!("{} targets", format::count(snapshot.targets.len() as u64));
    let mut line = vec![Segment::left(5).span(targets, plain)];
    line.extend(counts(snapshot, theme, words, 0));
    line.push(Segment::left(8).span(view.title.as_str(), dim));
    line.extend(machine(snapshot, theme));
    line.extend(losses(snapshot, theme));
    let pair = |rank, label: &str, value: String| Segment::right(rank).span(label, dim).span(value, plain);
    line.extend(load::words(snapshot).map(|words| pair(LOAD_RANK, "load ", words)));
    line.push(pair(2, "window ", view.window.name().into()));
    line.push(pair(4, "axis ", view.axis.name().into()));
    if let Some(lag) = snapshot.monitor.lag.p99 {
        line.push(pair(6, "lag p99 ", lag_text(lag)));
    }
    let own = snapshot.monitor.own;
    if let Some(cpu) = own.cpu_ratio {
        let memory = own
            .rss_bytes
            .map(|rss| format!(" {}", format::bytes(rss as f64)))
            .unwrap_or_default();
        line.push(pair(7, "own ", format!("{:.1}%{memory}", cpu * 100.0)));
    }
    line
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Words {
    Long,
    Short,
}

/// Targets by level, worst first; levels without targets are left out.
fn counts(snapshot: &Snapshot, theme: &Theme, words: Words, rank: u8) -> Vec<Segment> {
    let count = |level| snapshot.targets.iter().filter(|target| target.level == level).count();
    let present = Level::ALL
        .into_iter()
        .rev()
        .map(|level| (level, count(level)))
        .filter(|(_, count)| *count > 0);
    present
        .map(|(level, count)| {
            let glyph = theme.glyphs.level(level);
            let text = match words {
                Words::Long => format!("{glyph} {} {}", format::count(count as u64), level.name()),
                Words::Short => format!("{glyph} {}", format::count(count as u64)),
            };
            Segment::left(rank).span(text, theme.style(level))
        })
        .collect()
}

/// What is wrong with this machine, where no pane says it in full.
fn machine(snapshot: &Snapshot, theme: &Theme) -> Option<Segment> {
    let host = snapshot.host.as_ref().filter(|host| host.level >= Level::Warning)?;
    let reason = host.reason.as_ref().map_or("machine", |reason| reason.as_str());
    let words = format!("{} {reason}", theme.glyphs.level(host.level));
    Some(Segment::right(3).span(words, theme.style(host.level)))
}

/// What was not measured though it was due: shown only when there is any.
fn losses(snapshot: &Snapshot, theme: &Theme) -> Vec<Segment> {
    let monitor = &snapshot.monitor;
    let losses = [
        (monitor.dropped_total, "dropped", Role::Critical),
        (monitor.overruns_total, "overruns", Role::Warning),
    ];
    losses
        .into_iter()
        .filter(|(count, _, _)| *count > 0)
        .map(|(count, name, role)| {
            Segment::right(1).span(format!("{} {name}", format::count(count)), theme.style(role))
        })
        .collect()
}

/// Our own lateness: below a millisecond it does not matter, and a figure that changes each second costs bytes.
fn lag_text(lag: Micros) -> String {
    if lag.0 < 1000 {
        "<1ms".into()
    } else {
        format::latency(Some(lag))
    }
}
