//! The channels of the fixture: one in each state.

use probetop_core::clock::Timestamp;
use probetop_core::sample::{ChannelReport, ChannelState};

pub(super) fn channels() -> Vec<ChannelReport> {
    let channel =
        |name: &str, kind: &'static str, state, (waiting, delivered, failed, dropped), error: Option<&str>| {
            ChannelReport {
                name: name.into(),
                kind: kind.into(),
                state,
                waiting,
                delivered_total: delivered,
                failed_total: failed,
                dropped_total: dropped,
                left_total: 0,
                delivered: (delivered > 0).then(|| Timestamp::from_secs(3515)),
                error: error.map(|error| (Timestamp::from_secs(3577), error.into())),
            }
        };
    vec![
        channel("ops", "slack", ChannelState::Delivering, (0, 42, 0, 0), None),
        channel(
            "pager",
            "pagerduty",
            ChannelState::Retrying,
            (3, 7, 0, 0),
            Some("503 service unavailable, again in 8s"),
        ),
        channel(
            "mail",
            "email",
            ChannelState::Failing,
            (0, 0, 12, 2),
            Some("connection refused by mail.example:587"),
        ),
        channel("bell", "terminal", ChannelState::Idle, (0, 0, 0, 0), None),
    ]
}
