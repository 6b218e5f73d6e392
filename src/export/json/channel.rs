//! How the channels of notification do.

use probetop_core::clock::Timestamp;
use probetop_core::sample::ChannelReport;
use serde::Serialize;

#[derive(Serialize)]
pub(super) struct ChannelDocument<'a> {
    name: &'a str,
    kind: &'a str,
    state: &'static str,
    waiting: u64,
    delivered_total: u64,
    failed_total: u64,
    dropped_total: u64,
    undelivered_total: u64,
    delivered_at: Option<String>,
    error: Option<ErrorDocument<'a>>,
}

#[derive(Serialize)]
struct ErrorDocument<'a> {
    at: String,
    message: &'a str,
}

impl<'a> ChannelDocument<'a> {
    pub(super) fn of(channel: &'a ChannelReport, time: &impl Fn(Timestamp) -> String) -> Self {
        Self {
            name: channel.name.as_str(),
            kind: channel.kind.as_str(),
            state: channel.state.name(),
            waiting: channel.waiting,
            delivered_total: channel.delivered_total,
            failed_total: channel.failed_total,
            dropped_total: channel.dropped_total,
            undelivered_total: channel.undelivered(),
            delivered_at: channel.delivered.map(time),
            error: channel.error.as_ref().map(|(at, message)| ErrorDocument {
                at: time(*at),
                message: message.as_str(),
            }),
        }
    }
}
