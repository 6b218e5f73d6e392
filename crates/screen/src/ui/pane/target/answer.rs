//! The newest probe: when, how long, who answered and how.

use std::borrow::Cow;

use probetop_core::sample::{Answer, Micros, Outcome, Word};
use probetop_core::snapshot::{LastSample, Snapshot, TargetSnapshot, WindowStats};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::ui::format;
use crate::ui::theme::{Role, Theme};
use crate::ui::widget::text;

/// As many rows as a failure needs, so that the page does not jump when a probe fails, and as many as there are
/// facts up to a limit.
pub(super) fn height(target: &TargetSnapshot, snapshot: &Snapshot) -> usize {
    let facts = target
        .last
        .as_ref()
        .map_or(0, |last| facts(last, target, snapshot).len());
    1 + facts.clamp(LEAST, FACT_LIMIT)
}

const LEAST: usize = 5;
/// Lines of what the last answer told: more belongs into a document.
const FACT_LIMIT: usize = 14;

/// Columns of a label at least and at most; where it is narrow, a third is the most.
const LABEL_MIN: usize = 8;
const LABEL_MAX: usize = 16;

/// A probe that started later than this met another load than it was meant to.
const DOUBTFUL_LAG: Micros = Micros(10_000);

pub(super) fn render(area: Rect, buf: &mut Buffer, target: &TargetSnapshot, snapshot: &Snapshot, theme: &Theme) {
    super::super::heading(area, buf, "last probe", theme);
    let Some(last) = &target.last else {
        return super::super::empty(area, buf, &["No probe has ended yet."], theme);
    };
    let facts = facts(last, target, snapshot);
    let longest = facts.iter().map(|(label, _, _)| text::width(label)).max();
    let width = usize::from(area.width);
    let label_width = longest.unwrap_or(0).min(width / 3).clamp(LABEL_MIN, LABEL_MAX);
    let room = width.saturating_sub(label_width + 1);
    for (y, (label, value, role)) in facts.into_iter().enumerate() {
        let row = text::rows(area, 1 + y, 1);
        text::put(
            buf,
            row,
            0,
            0,
            &text::cut_end(&label, label_width),
            theme.style(Role::Dim),
        );
        let value = text::cut_end(&value, room);
        text::put(buf, row, label_width + 1, 0, &value, theme.style(role));
    }
}

/// Label, value, role.
type Line = (Cow<'static, str>, String, Role);

/// The important ones first.
fn facts(last: &LastSample, target: &TargetSnapshot, snapshot: &Snapshot) -> Vec<Line> {
    let took = format::latency(Some(last.latency));
    let lag = format::latency(Some(last.lag));
    let times = format!("{took}, lag {lag}, {}", format::time_of_day(snapshot.wall(last.at)));
    let mut facts = match &last.outcome {
        Outcome::Ok => vec![("ok".into(), times, Role::Text)],
        Outcome::Failed(failure) => {
            let phase = failure.phase.map(|phase| format!(" ({})", phase.label()));
            let what = format!("{}{}", failure.kind.name(), phase.unwrap_or_default());
            vec![
                ("failed".into(), what, Role::Failure),
                ("why".into(), failure.message.to_string(), Role::Text),
                ("look at".into(), failure.kind.remedy().into(), Role::Dim),
                ("after".into(), times, Role::Text),
            ]
        }
    };
    facts.extend(lateness(&target.stats));
    if let Some(answer) = &last.answer {
        facts.extend(answer_facts(answer));
    }
    facts
}

/// Our own lateness in the window, where it is large enough to put the figures in doubt.
fn lateness(stats: &WindowStats) -> impl Iterator<Item = Line> {
    let overruns = (stats.overruns > 0).then(|| {
        let words = format!("{} due, not started", format::count(stats.overruns));
        ("overruns".into(), words, Role::Warning)
    });
    let late = stats.lag.max.filter(|max| *max >= DOUBTFUL_LAG);
    let late = late.map(|max| {
        (
            "late by".into(),
            format!("up to {}", format::latency(Some(max))),
            Role::Warning,
        )
    });
    [overruns, late].into_iter().flatten()
}

fn answer_facts(answer: &Answer) -> Vec<Line> {
    let mut facts = Vec::new();
    if let Some(status) = answer.status {
        let redirects = match answer.redirects {
            0 => String::new(),
            1 => ", 1 redirect".into(),
            many => format!(", {many} redirects"),
        };
        let cut = if answer.truncated { " (cut off)" } else { "" };
        let bytes = format::bytes(answer.body_bytes as f64);
        facts.push((
            "status".into(),
            format!("{status}, {bytes} body{cut}{redirects}"),
            Role::Text,
        ));
    }
    if let Some(address) = answer.address {
        let how = if answer.reused { "reused" } else { "fresh" };
        facts.push(("address".into(), format!("{address}, {how}"), Role::Text));
    }
    let protocols: Vec<_> = [&answer.protocol, &answer.tls]
        .into_iter()
        .flatten()
        .map(Word::as_str)
        .collect();
    if !protocols.is_empty() {
        facts.push(("protocol".into(), protocols.join(", "), Role::Text));
    }
    let more = answer.facts.iter();
    facts.extend(more.map(|fact| {
        (
            fact.name.as_str().replace('_', " ").into(),
            fact.value.to_string(),
            Role::Text,
        )
    }));
    facts
}
