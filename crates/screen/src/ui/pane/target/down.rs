//! A target that does not answer: since when, what was tried and how far it came, and what it last said.
//!
//! ```text
//!  down for 3m12s ─────────────────────────────────────────
//!  since      14:02:11, 190 probes, none of them good
//!  tried      http://127.0.0.1:1/ every 1s, for up to 5s each
//!  came to    connect: refused by 127.0.0.1:1
//!  look at    whether the service listens on that port …
//!  last good  14:02:10, 12.3ms, 200, HTTP/1.1, from 10.0.0.1:80
//! ```

use probetop_core::sample::{Failure, Word};
use probetop_core::snapshot::{Failing, LastSample, Snapshot, TargetSnapshot};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::ui::format;
use crate::ui::theme::{Role, Theme};
use crate::ui::widget::text;

/// Columns of the labels.
const LABEL: usize = 11;

/// Lines that the message of a failure, or the advice, may take.
const WRAPPED: usize = 3;

/// How it fails, where nothing on the time axis and in the window shown is good: then there is nothing else to show.
pub(super) fn of(target: &TargetSnapshot) -> Option<&Failing> {
    let failing = target.failing.as_deref()?;
    let is_good = target.stats.latency.count > 0 || target.series.iter().any(|point| point.p50.is_some());
    (!is_good).then_some(failing)
}

pub(super) fn height(width: usize, target: &TargetSnapshot, failing: &Failing, snapshot: &Snapshot) -> usize {
    1 + lines(width, target, failing, snapshot).len()
}

pub(super) fn render(
    area: Rect,
    buf: &mut Buffer,
    target: &TargetSnapshot,
    failing: &Failing,
    snapshot: &Snapshot,
    theme: &Theme,
) {
    let lasted = format::age(snapshot.taken.since(failing.since));
    super::super::heading(area, buf, &format!("no good answer for {lasted}"), theme);
    let lines = lines(usize::from(area.width), target, failing, snapshot);
    for (y, (label, words, role)) in lines.into_iter().enumerate() {
        let row = text::rows(area, 1 + y, 1);
        text::put(buf, row, 0, 0, label, theme.style(Role::Dim));
        text::put(buf, row, LABEL, 0, &words, theme.style(role));
    }
}

/// Label, words, role.
type Line = (&'static str, String, Role);

fn lines(width: usize, target: &TargetSnapshot, failing: &Failing, snapshot: &Snapshot) -> Vec<Line> {
    let info = &target.info;
    let room = width.saturating_sub(LABEL).max(1);
    let mut lines: Vec<Line> = Vec::new();
    let mut tell = |label: &'static str, words: &str, role| {
        let wrapped = text::wrap(words, room).into_iter().take(WRAPPED);
        lines.extend(
            wrapped
                .enumerate()
                .map(|(at, line)| (if at == 0 { label } else { "" }, line, role)),
        );
    };
    let since = format::time_of_day(snapshot.wall(failing.since));
    let probes = match failing.attempts {
        1 => "1 probe failed".to_owned(),
        many => format!("{} probes failed, none was good", format::count(many)),
    };
    tell("since", &format!("{since}, {probes}"), Role::Failure);
    let (every, limit) = (format::interval(info.interval), format::interval(info.timeout));
    tell(
        "tried",
        &format!("{} every {every}, for up to {limit} each", info.url),
        Role::Text,
    );
    if let Some(failure) = target.last.as_deref().and_then(|last| last.outcome.failure()) {
        tell("came to", &came_to(failure), Role::Text);
        tell("look at", failure.kind.remedy(), Role::Text);
    }
    match &failing.last_ok {
        Some(last) => tell("last good", &good(last, snapshot), Role::Text),
        None => tell("last good", "none since probetop watches it", Role::Dim),
    }
    lines
}

/// The phase, the kind of failure and what was said: `connect, refused: connection refused by 127.0.0.1:1`.
fn came_to(failure: &Failure) -> String {
    let phase = failure.phase.map(|phase| format!("{}, ", phase.label()));
    format!(
        "{}{}: {}",
        phase.unwrap_or_default(),
        failure.kind.name(),
        failure.message
    )
}

/// `14:02:10, 12.3ms, status 200, HTTP/1.1, TLS 1.3, from 10.0.0.1:443`.
fn good(last: &LastSample, snapshot: &Snapshot) -> String {
    let mut words = vec![
        format::time_of_day(snapshot.wall(last.at)),
        format::latency(Some(last.latency)),
    ];
    if let Some(answer) = last.answer.as_deref() {
        words.extend(answer.status.map(|status| format!("status {status}")));
        let protocols = [&answer.protocol, &answer.tls].into_iter().flatten();
        words.extend(protocols.map(Word::to_string));
        words.extend(answer.address.map(|address| format!("from {address}")));
    }
    words.join(", ")
}
