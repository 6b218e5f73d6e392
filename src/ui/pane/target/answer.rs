//! The newest probe: when, how long, who answered and how.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::sample::{Answer, Micros, Outcome};
use crate::snapshot::{LastSample, Snapshot, TargetSnapshot, WindowStats};
use crate::ui::format;
use crate::ui::theme::{Role, Theme};
use crate::ui::widget::text;

pub const HEIGHT: usize = 6;

/// Columns for what is told; what the target tells of itself may have a longer name.
const LABEL: usize = 9;

/// A probe that started later than this met another load than it was meant to.
const DOUBTFUL_LAG: Micros = Micros(10_000);

pub fn render(area: Rect, buf: &mut Buffer, target: &TargetSnapshot, snapshot: &Snapshot, theme: &Theme) {
    super::super::heading(area, buf, "last probe", theme);
    let Some(last) = &target.last else {
        return super::super::empty(area, buf, &["No probe has ended yet."], theme);
    };
    for (y, (label, value, role)) in facts(last, target, snapshot).into_iter().enumerate() {
        let row = text::rows(area, 1 + y, 1);
        text::put(buf, row, 0, 0, label, theme.style(Role::Dim));
        let x = LABEL.max(text::width(label) + 1);
        let room = usize::from(area.width).saturating_sub(x);
        text::put(buf, row, x, 0, &text::cut_end(&value, room), theme.style(role));
    }
}

/// Label, value, role.
type Fact = (&'static str, String, Role);

/// The important ones first.
fn facts(last: &LastSample, target: &TargetSnapshot, snapshot: &Snapshot) -> Vec<Fact> {
    let took = format::latency(Some(last.latency));
    let lag = format::latency(Some(last.lag));
    let times = format!("{took}, lag {lag}, {}", format::time_of_day(snapshot.wall(last.at)));
    let mut facts = match &last.outcome {
        Outcome::Ok => vec![("ok", times, Role::Text)],
        Outcome::Failed(failure) => {
            let phase = failure.phase.map(|phase| format!(" ({})", phase.label()));
            let what = format!("{}{}", failure.kind.name(), phase.unwrap_or_default());
            vec![
                ("failed", what, Role::Failure),
                ("why", failure.message.to_string(), Role::Text),
                ("look at", failure.kind.remedy().into(), Role::Dim),
                ("after", times, Role::Text),
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
fn lateness(stats: &WindowStats) -> impl Iterator<Item = Fact> {
    let overruns = (stats.overruns > 0).then(|| {
        let words = format!("{} due, not started", format::count(stats.overruns));
        ("overruns", words, Role::Warning)
    });
    let late = stats.lag.max.filter(|max| *max >= DOUBTFUL_LAG);
    let late = late.map(|max| {
        (
            "late by",
            format!("up to {}", format::latency(Some(max))),
            Role::Warning,
        )
    });
    [overruns, late].into_iter().flatten()
}

fn answer_facts(answer: &Answer) -> Vec<Fact> {
    let mut facts = Vec::new();
    if let Some(status) = answer.status {
        let redirects = match answer.redirects {
            0 => String::new(),
            1 => ", 1 redirect".into(),
            many => format!(", {many} redirects"),
        };
        let cut = if answer.truncated { " (cut off)" } else { "" };
        let bytes = format::bytes(answer.body_bytes as f64);
        facts.push(("status", format!("{status}, {bytes} body{cut}{redirects}"), Role::Text));
    }
    if let Some(address) = answer.address {
        let how = if answer.reused { "reused" } else { "fresh" };
        facts.push(("address", format!("{address}, {how}"), Role::Text));
    }
    let protocols: Vec<_> = [answer.protocol, answer.tls].into_iter().flatten().collect();
    if !protocols.is_empty() {
        facts.push(("protocol", protocols.join(", "), Role::Text));
    }
    let own = answer.facts.iter();
    facts.extend(own.map(|fact| (fact.name, fact.value.to_string(), Role::Text)));
    facts
}
