//! The spans of time that figures are computed over.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A rolling span that ends now, or the whole run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub enum Window {
    #[serde(rename = "10s")]
    TenSeconds,
    #[default]
    #[serde(rename = "1m")]
    OneMinute,
    #[serde(rename = "2m")]
    TwoMinutes,
    #[serde(rename = "5m")]
    FiveMinutes,
    #[serde(rename = "15m")]
    FifteenMinutes,
    #[serde(rename = "run")]
    Run,
}

impl Window {
    pub const ALL: [Self; 6] = [
        Self::TenSeconds,
        Self::OneMinute,
        Self::TwoMinutes,
        Self::FiveMinutes,
        Self::FifteenMinutes,
        Self::Run,
    ];

    /// As it is written in configuration, documents and on the screen.
    pub const fn name(self) -> &'static str {
        match self {
            Self::TenSeconds => "10s",
            Self::OneMinute => "1m",
            Self::TwoMinutes => "2m",
            Self::FiveMinutes => "5m",
            Self::FifteenMinutes => "15m",
            Self::Run => "run",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|window| window.name() == name)
    }

    /// `None`: from the start of the run.
    pub const fn length(self) -> Option<Duration> {
        match self {
            Self::TenSeconds => Some(Duration::from_secs(10)),
            Self::OneMinute => Some(Duration::from_secs(60)),
            Self::TwoMinutes => Some(Duration::from_secs(120)),
            Self::FiveMinutes => Some(Duration::from_secs(300)),
            Self::FifteenMinutes => Some(Duration::from_secs(900)),
            Self::Run => None,
        }
    }

    /// The next longer one, and the shortest after the whole run.
    pub fn next(self) -> Self {
        Self::ALL[(self as usize + 1) % Self::ALL.len()]
    }
}
