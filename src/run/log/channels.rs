//! What the log says of channels of notification: what has changed since they were last reported.

use std::collections::HashMap;

use probetop_core::clock::Timestamp;
use probetop_core::sample::{ChannelReport, Text};

/// The channels as they were last reported.
#[derive(Debug, Default)]
pub(super) struct Channels(HashMap<Text, ChannelReport>);

impl Channels {
    /// The lines that `reports` are worth, and remembers them.
    pub(super) fn lines(&mut self, reports: &[ChannelReport]) -> Vec<(Timestamp, String)> {
        let lines = reports.iter().flat_map(|report| {
            let before = self.0.get(&report.name);
            changes(before, report)
        });
        let lines = lines.collect();
        self.0 = reports
            .iter()
            .map(|report| (report.name.clone(), report.clone()))
            .collect();
        lines
    }
}

fn changes(before: Option<&ChannelReport>, report: &ChannelReport) -> Vec<(Timestamp, String)> {
    let ChannelReport { name, .. } = report;
    let more = |total: fn(&ChannelReport) -> u64| total(report).saturating_sub(before.map_or(0, total));
    let (delivered, failed) = (
        more(|report| report.delivered_total),
        more(|report| report.failed_total),
    );
    let dropped = more(|report| report.dropped_total);
    let mut lines = Vec::new();
    if let Some(at) = report.delivered.filter(|_| delivered > 0) {
        lines.push((at, format!("notify   {name}: delivered {delivered}")));
    }
    if let Some((at, error)) = &report.error
        && before.and_then(|before| before.error.as_ref()) != Some(&(*at, error.clone()))
    {
        let outcome = match failed {
            0 => "tried again".to_owned(),
            failed => format!("given up {failed}"),
        };
        lines.push((*at, format!("notify   {name}: {outcome}: {error}")));
    }
    let newest = report.error.as_ref().map(|(at, _)| *at).max(report.delivered);
    let newest = newest.unwrap_or_default();
    if dropped > 0 {
        lines.push((newest, format!("notify   {name}: dropped {dropped}, its queue is full")));
    }
    if let Some(words) = report.undelivered_words().filter(|_| report.left_total > 0) {
        lines.push((newest, format!("notify   {name}: {words}")));
    }
    lines
}

#[cfg(test)]
mod tests {
    use probetop_core::sample::ChannelState;

    use super::*;

    fn report(delivered_total: u64, failed_total: u64, dropped_total: u64, error: Option<u64>) -> ChannelReport {
        ChannelReport {
            name: "ops".into(),
            kind: "webhook".into(),
            state: ChannelState::Idle,
            waiting: 0,
            delivered_total,
            failed_total,
            dropped_total,
            left_total: 0,
            delivered: Some(Timestamp::from_secs(5)),
            error: error.map(|second| (Timestamp::from_secs(second), "hooks.example answers 500".into())),
        }
    }

    #[test]
    fn only_what_changed_is_worth_a_line() {
        let mut channels = Channels::default();
        let mut check = |report, expected: &[(u64, &str)]| {
            let lines = channels.lines(&[report]);
            let lines: Vec<_> = lines.iter().map(|(at, line)| (at.second(), line.as_str())).collect();
            assert_eq!(lines, expected);
        };
        check(report(0, 0, 0, None), &[]);
        check(report(2, 0, 0, None), &[(5, "notify   ops: delivered 2")]);
        check(report(2, 0, 0, None), &[]);
        check(
            report(2, 0, 0, Some(6)),
            &[(6, "notify   ops: tried again: hooks.example answers 500")],
        );
        check(report(2, 0, 0, Some(6)), &[]);
        check(
            report(5, 3, 4, Some(7)),
            &[
                (5, "notify   ops: delivered 3"),
                (7, "notify   ops: given up 3: hooks.example answers 500"),
                (7, "notify   ops: dropped 4, its queue is full"),
            ],
        );
        let at_the_end = ChannelReport {
            left_total: 2,
            ..report(5, 3, 4, Some(7))
        };
        check(
            at_the_end,
            &[(
                7,
                "notify   ops: 9 of 14 announcements were not delivered (2 waited when the run ended, 3 given up, \
                 4 dropped, the queue was full); last error: hooks.example answers 500",
            )],
        );
    }
}
