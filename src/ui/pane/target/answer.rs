//! The newest probe: when, how long, who answered and how.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::sample::{Answer, Outcome};
use crate::snapshot::{LastSample, Snapshot, TargetSnapshot};
use crate::ui::format;
use crate::ui::theme::{Role, Theme};
use crate::ui::widget::text;

pub const HEIGHT: usize = 6;

pub fn render(area: Rect, buf: &mut Buffer, target: &TargetSnapshot, snapshot: &Snapshot, theme: &Theme) {
    super::super::heading(area, buf, "last probe", theme);
    let Some(last) = &target.last else {
        return super::super::empty(area, buf, &["No probe has ended yet."], theme);
    };
    for (y, (label, value, role)) in facts(last, snapshot).into_iter().enumerate() {
        let row = text::rows(area, 1 + y, 1);
        text::put(buf, row, 0, 0, label, theme.style(Role::Dim));
        let room = usize::from(area.width).saturating_sub(9);
        text::put(buf, row, 9, 0, &text::cut_end(&value, room), theme.style(role));
    }
}

/// Label, value, role; the important ones first.
fn facts(last: &LastSample, snapshot: &Snapshot) -> Vec<(&'static str, String, Role)> {
    let took = format::latency(Some(last.latency));
    let at = format::time_of_day(snapshot.wall(last.at));
    let mut facts = match &last.outcome {
        Outcome::Ok => vec![("ok", format!("{took} at {at}"), Role::Text)],
        Outcome::Failed(failure) => {
            let phase = failure
                .phase
                .map(|phase| format!(" in {}", phase.label()))
                .unwrap_or_default();
            vec![
                (
                    "failed",
                    format!("{}{phase} after {took} at {at}", failure.kind.name()),
                    Role::Failure,
                ),
                ("why", failure.message.to_string(), Role::Text),
                ("look at", failure.kind.remedy().into(), Role::Dim),
            ]
        }
    };
    if let Some(answer) = &last.answer {
        facts.extend(answer_facts(answer));
    }
    facts.push(("lag", format::latency(Some(last.lag)), Role::Text));
    facts
}

fn answer_facts(answer: &Answer) -> Vec<(&'static str, String, Role)> {
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
    facts
}
