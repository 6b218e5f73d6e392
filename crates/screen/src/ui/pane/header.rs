//! The top: tabs and whether the screen is live; counts by level, the window, and what probetop itself costs.

use std::ops::Range;
use std::time::Duration;

use probetop_core::clock::Timestamp;
use probetop_core::sample::{Level, Micros};
use probetop_core::snapshot::{Health, Shown, Snapshot};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::widgets::Widget as _;

use crate::ui::format;
use crate::ui::pane::{Scene, load, machine};
use crate::ui::standing::{Class, Standing};
use crate::ui::theme::{Glyphs, Role, Theme};
use crate::ui::view::{Block, MachinePart, Pane, View};
use crate::ui::widget::segments::{self, Segment, Segments};
use crate::ui::widget::text;

/// Below this width the parts of the second line are told in fewer words.
const WORDS_FROM: u16 = 70;

/// Below this width a count is a sign and a number, so that all of them and the score have room.
const COUNTS_IN_WORDS_FROM: u16 = 100;

/// Below this width the line's cost leaves out how charts move.
const MOTION_FROM: u16 = 100;

/// The load goes first when the line gets narrow: its generators have rows of their own.
const LOAD_RANK: u8 = 9;

/// What costs the score most is cut here: all of it stands in the health pane.
const WORST_WIDTH: usize = 48;

/// A subject cut shorter than this is not recognized.
const SUBJECT_LEAST: usize = 8;

pub fn render(area: Rect, buf: &mut Buffer, scene: Scene) {
    let Scene {
        snapshot, view, theme, ..
    } = scene;
    let single = area.height < 2;
    let inner = text::inset(area);
    Segments(&first_line(snapshot, view, theme, single)).render(inner, buf);
    if !single {
        let line = second_line(scene, area.width);
        Segments(&line).render(text::rows(inner, 1, 1), buf);
    }
}

/// The tabs and the columns of the screen they take.
pub fn tabs(area: Rect, snapshot: &Snapshot, view: &View) -> Vec<(Pane, Range<usize>)> {
    let theme = Theme::plain(Glyphs::ASCII);
    let segments = first_line(snapshot, view, &theme, area.height < 2);
    let starts = segments::place(inner_width(area.width), &segments);
    let Some(start) = starts.first().copied().flatten() else {
        return Vec::new();
    };
    let form = form(snapshot, view, &theme);
    let mut x = start + form.name().len();
    let place = |pane| {
        let start = x + 1;
        let width = tab_width(&tab(pane, form, snapshot, view, &theme));
        x += width + form.gap().len();
        (pane, start..start + width)
    };
    Pane::ALL.into_iter().map(place).collect()
}

fn inner_width(width: u16) -> usize {
    usize::from(width).saturating_sub(2)
}

fn first_line(snapshot: &Snapshot, view: &View, theme: &Theme, single: bool) -> Vec<Segment> {
    let form = form(snapshot, view, theme);
    let tabs = Pane::ALL.into_iter().enumerate().flat_map(|(index, pane)| {
        let gap = if index == 0 { "" } else { form.gap() };
        let tab = tab(pane, form, snapshot, view, theme);
        std::iter::once((gap.to_string(), Style::default())).chain(tab)
    });
    let name = Segment::left(0).span(form.name(), theme.style(Role::Accent));
    let mut line = vec![tabs.fold(name, |segment, (words, style)| segment.span(words, style))];
    if single {
        line.extend(counts(then(snapshot), theme, Words::Short, 2));
        line.extend(health(then(snapshot), theme, 3));
    }
    line.push(feed(snapshot, view, theme));
    let uptime = format!("up {}", format::uptime(snapshot.now.since_origin()));
    line.push(Segment::right(6).span(uptime, theme.style(Role::Dim)));
    line
}

/// Between the key and the name of the pane that is shown.
const SHOWN_SPACE: &str = " ";

/// How much the tabs say. A pane has the same name whichever is shown, but where there is room for keys alone: there the one that
/// is shown is named in full. Every pane stays in reach.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// `probetop  1 Overview  2 Target  3 Machine`
    Titles,
    /// `1 Overview 2 Target 3 Machine`
    Close,
    /// `1 Over 2 Target 3 Mach`
    Short,
    /// `1Over 2Target 3Mach`
    Tight,
    /// `1 Overview 2 3`
    Keys,
}

impl Form {
    /// The program's name is the first to go.
    fn name(self) -> &'static str {
        match self {
            Self::Titles => "probetop  ",
            Self::Close | Self::Short | Self::Tight | Self::Keys => "",
        }
    }

    /// How a pane is called.
    fn label(self, pane: Pane) -> &'static str {
        match self {
            Self::Titles | Self::Close => pane.page().title,
            Self::Short | Self::Tight => pane.page().short_title,
            Self::Keys => "",
        }
    }

    /// Between the key and the name of a pane.
    fn space(self) -> &'static str {
        match self {
            Self::Titles | Self::Close | Self::Short => " ",
            Self::Tight | Self::Keys => "",
        }
    }

    /// By how much the tab grows when the pane is shown.
    fn more(self, pane: Pane) -> usize {
        match self {
            Self::Titles | Self::Close | Self::Short | Self::Tight => 0,
            Self::Keys => pane.page().title.len() + SHOWN_SPACE.len(),
        }
    }

    fn gap(self) -> &'static str {
        match self {
            Self::Titles => "  ",
            Self::Close | Self::Short | Self::Tight | Self::Keys => " ",
        }
    }
}

/// The form that says most in the width there is, the same whichever pane is shown.
fn form(snapshot: &Snapshot, view: &View, theme: &Theme) -> Form {
    let room = inner_width(view.size.0).saturating_sub(segments::SPACE + feed(snapshot, view, theme).width());
    let needed = |form: Form| {
        let tabs = Pane::ALL.map(|pane| tab_width(&tab(pane, form, snapshot, view, theme)) + form.gap().len());
        // Any pane may be the one that is named in full.
        let more = Pane::ALL.map(|pane| form.more(pane));
        let most = more.into_iter().max().unwrap_or_default();
        form.name().len() + tabs.iter().sum::<usize>() - form.gap().len() - form.more(view.pages.shown) + most
    };
    let mut forms = [Form::Titles, Form::Close, Form::Short, Form::Tight].into_iter();
    forms.find(|form| needed(*form) <= room).unwrap_or(Form::Keys)
}

fn tab(pane: Pane, form: Form, snapshot: &Snapshot, view: &View, theme: &Theme) -> Vec<(String, Style)> {
    let is_shown = pane == view.pages.shown;
    let key = view.keys.keys(pane.page().action).into_iter().next();
    let is_grown = is_shown && form == Form::Keys;
    let label = if is_grown { pane.page().title } else { form.label(pane) };
    // A pane without a key is told by its name alone.
    let label = if label.is_empty() && key.is_none() {
        pane.page().title
    } else {
        label
    };
    let space = match key {
        Some(_) if is_grown => SHOWN_SPACE,
        Some(_) => form.space(),
        None => "",
    };
    let dim = theme.style(Role::Dim);
    let style = if is_shown { theme.style(Role::Accent) } else { dim };
    let mut spans = vec![
        (format!("{}{space}", key.unwrap_or_default()), dim),
        (label.to_string(), style),
    ];
    let loud = || then(snapshot).alerts.firing().filter(|alert| !alert.is_set_aside());
    let worst = loud().map(|alert| alert.severity).max();
    if let Some(severity) = worst.filter(|_| pane == Pane::Alerts) {
        let count = match form {
            Form::Titles | Form::Close | Form::Short => format!(" {}", loud().count()),
            // A number beside a key would read as one more tab.
            Form::Tight | Form::Keys => theme.glyphs.severity(severity).into(),
        };
        spans.push((count, theme.style(severity)));
    }
    spans
}

/// What is told of the second looked at, where the page shows another one.
fn then(snapshot: &Snapshot) -> &Snapshot {
    snapshot.cursor.as_deref().unwrap_or(snapshot)
}

fn tab_width(spans: &[(String, Style)]) -> usize {
    spans.iter().map(|(words, _)| text::width(words)).sum()
}

/// Live, or how far back and when that was: ` -2m14s 12:03:44 `.
fn feed(snapshot: &Snapshot, view: &View, theme: &Theme) -> Segment {
    match view.looked_at(snapshot) {
        None => Segment::right(0).span("LIVE", theme.style(Role::Ok)),
        Some(second) => {
            let behind = snapshot.now.second().saturating_sub(second);
            let behind = format::age(Duration::from_secs(behind));
            let time = if view.size.0 < WORDS_FROM {
                String::new()
            } else {
                format!(" {}", format::time_of_day(snapshot.wall(Timestamp::from_secs(second))))
            };
            Segment::right(0).span(format!(" -{behind}{time} "), theme.style(Role::Frozen))
        }
    }
}

fn second_line(scene: Scene, width: u16) -> Vec<Segment> {
    let Scene {
        snapshot, view, theme, ..
    } = scene;
    let dim = theme.style(Role::Dim);
    let plain = theme.style(Role::Text);
    let words = match width < COUNTS_IN_WORDS_FROM {
        true => Words::Short,
        false => Words::Long,
    };
    let then = then(snapshot);
    let mut line: Vec<_> = health(then, theme, 1).into_iter().collect();
    // Counts stand behind what they count.
    line.push(Segment::left(if width < WORDS_FROM { 5 } else { 0 }).span(targets(then), plain));
    line.extend(counts(then, theme, words, 0));
    line.extend(worst(then, theme));
    line.push(Segment::left(8).span(view.title.as_str(), dim));
    line.extend(trouble(then, theme).filter(|_| !tells_of_machine(scene)));
    line.extend(losses(snapshot, theme));
    line.extend(cost(view, theme));
    let pair = |rank, label: &str, value: String| Segment::right(rank).span(label, dim).span(value, plain);
    line.extend(load::words(snapshot).map(|words| pair(LOAD_RANK, "load ", words)));
    line.push(pair(2, "window ", view.window.name().into()));
    line.push(pair(4, "axis ", view.charts.axis.name().into()));
    if let Some(lag) = snapshot.monitor.lag.p99 {
        line.push(pair(6, "lag p99 ", lag_text(lag)));
    }
    let own = snapshot.monitor.own;
    if let Some(cpu) = own.cpu_ratio {
        let memory = own
            .rss_bytes
            .map(|rss| format!(" {:>5}", format::bytes(rss as f64)))
            .unwrap_or_default();
        line.push(pair(7, "own ", format!("{:>4.1}%{memory}", cpu * 100.0)));
    }
    line
}

/// What is configured, and what is shown beside it: `9 targets +3 steps`.
fn targets(snapshot: &Snapshot) -> String {
    let steps = snapshot.steps();
    let targets = match snapshot.targets.len() - steps {
        1 => "1 target".to_owned(),
        count => format!("{} targets", format::count(count as u64)),
    };
    match steps {
        0 => targets,
        steps => format!("{targets} +{} steps", format::count(steps as u64)),
    }
}

/// The score, as wide whatever it is.
fn health(snapshot: &Snapshot, theme: &Theme, rank: u8) -> Option<Segment> {
    let health = snapshot.health.as_deref()?;
    let (sign, role) = sign_of(health, &theme.glyphs);
    Some(Segment::left(rank).span(format!("{sign} health {:>3}", health.score), theme.style(role)))
}

/// The sign of the score, and in which role it stands.
pub fn sign_of(health: &Health, glyphs: &Glyphs) -> (&'static str, Role) {
    match health.clearing {
        true => (Class::Clearing.sign(glyphs), Class::Clearing.role()),
        false => (glyphs.level(health.level), health.level.into()),
    }
}

/// What costs the score most, while it is not ok.
fn worst(snapshot: &Snapshot, theme: &Theme) -> Option<Segment> {
    let health = snapshot
        .health
        .as_deref()
        .filter(|health| health.level >= Level::Warning)?;
    let worst = cut_subject(health.worst.as_ref()?.as_str());
    Some(Segment::left(6).span(worst, theme.style(sign_of(health, &theme.glyphs).1)))
}

/// `checkout: p95 478ms > 250ms`, shortened where the name stands: the figure is what one looks for.
fn cut_subject(worst: &str) -> String {
    if let Some((subject, reason)) = worst.split_once(": ") {
        let room = WORST_WIDTH.saturating_sub(text::width(reason) + 2);
        if room >= SUBJECT_LEAST {
            return format!("{}: {reason}", text::cut_middle(subject, room));
        }
    }
    text::cut_end(worst, WORST_WIDTH)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Words {
    Long,
    Short,
}

/// Targets by how they stand, worst first; what no target is, is left out.
fn counts(snapshot: &Snapshot, theme: &Theme, words: Words, rank: u8) -> Vec<Segment> {
    let classes: Vec<_> = snapshot
        .targets
        .iter()
        .map(|target| Standing::of(target).class())
        .collect();
    let count = |class| classes.iter().filter(|of| **of == class).count();
    let present = Class::ALL.map(|class| (class, count(class))).into_iter();
    present
        .filter(|(_, count)| *count > 0)
        .map(|(class, count)| {
            let (sign, count) = (class.sign(&theme.glyphs), format::count(count as u64));
            let text = match (words, class) {
                (Words::Long | Words::Short, Class::SetAside) => format!("{sign}{count} {}", class.word()),
                (Words::Long, _) => format!("{sign} {count} {}", class.word()),
                (Words::Short, _) => format!("{sign} {count}"),
            };
            Segment::left(rank).span(text, theme.style(class.role()))
        })
        .collect()
}

/// Whether the machine stands on the screen with what is wrong with it.
fn tells_of_machine(scene: Scene) -> bool {
    let is_panel = |(block, area): &(Block, Rect)| {
        matches!(block, Block::Machine(MachinePart::Whole)) && area.height >= machine::STRIP_ROWS
    };
    scene.view.pages.shown == Pane::Machine || scene.geometry.blocks().iter().any(is_panel)
}

/// What is wrong with this machine, unless that is what costs the score most, which stands there already.
fn trouble(snapshot: &Snapshot, theme: &Theme) -> Option<Segment> {
    let host = snapshot.host.as_ref().filter(|host| host.level >= Level::Warning)?;
    let reason = host.reason.as_ref().map_or("machine", |reason| reason.as_str());
    let worst = snapshot.health.as_deref().and_then(|health| health.worst.as_ref());
    if worst.is_some_and(|worst| worst.as_str().contains(reason)) {
        return None;
    }
    let standing = Standing::of_host(host);
    let words = format!("{} {reason}", standing.sign(&theme.glyphs));
    Some(Segment::right(3).span(words, theme.style(standing.role())))
}

/// What was not measured though it was due: shown only when there is any.
fn losses(snapshot: &Snapshot, theme: &Theme) -> Vec<Segment> {
    let monitor = &snapshot.monitor;
    let losses = [
        (monitor.dropped_total, "dropped", Role::Critical),
        (
            monitor.overruns_total,
            if monitor.overruns_total == 1 {
                "overrun"
            } else {
                "overruns"
            },
            Role::Warning,
        ),
    ];
    losses
        .into_iter()
        .filter(|(count, _, _)| *count > 0)
        .map(|(count, name, role)| {
            Segment::right(1).span(format!("{} {name}", format::count(count)), theme.style(role))
        })
        .collect()
}

/// What the screen costs, what it gives up to cost less, and that the terminal took nothing for a while.
fn cost(view: &View, theme: &Theme) -> Vec<Segment> {
    let (dim, plain) = (theme.style(Role::Dim), theme.style(Role::Text));
    let warning = theme.style(Role::Warning);
    let mut parts = Vec::new();
    if let Some(length) = view.cost.stall() {
        let words = format!("line stood still for {}", format::age(length));
        parts.push(Segment::right(0).span(words, warning));
    }
    if let Some(saving) = view.cost.saving {
        let (label, style) = if saving.is_over {
            ("over budget: ", warning)
        } else {
            ("budget: ", dim)
        };
        parts.push(Segment::right(1).span(label, style).span(saving.to_string(), plain));
    }
    if view.cost.shown == Shown::Yes {
        parts.push(reading(view, dim, plain));
    }
    parts
}

/// `line 873B/s flush 1.23ms sweep`: as much of it as there is room for.
fn reading(view: &View, label: Style, value: Style) -> Segment {
    let reading = view.cost.reading;
    let rate = format!("{:>6}", format::bytes_rate(Some(reading.bytes_per_s as f64)));
    let flush = format!("{:>6}", format::latency(reading.flush.map(Micros::from)));
    if view.size.0 < WORDS_FROM {
        return Segment::right(0).span(format!("{rate} {flush}"), value);
    }
    let part = Segment::right(0)
        .span("line ", label)
        .span(rate, value)
        .span(" flush ", label)
        .span(flush, value);
    if view.size.0 < MOTION_FROM {
        return part;
    }
    part.span(format!(" {:<6}", view.charts.motion.name()), value)
}

/// Our own lateness: below a millisecond it does not matter, and a figure that changes each second costs bytes.
fn lag_text(lag: Micros) -> String {
    if lag.0 < 1000 {
        format!("{:>6}", "<1ms")
    } else {
        format!("{:>6}", format::latency(Some(lag)))
    }
}
