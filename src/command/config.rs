//! `probetop config check|show|schema`.

use std::process::ExitCode;

use probetop_core::clock::Clock;
use probetop_core::sample::printable;

use super::{Failure, print};
use crate::config::Config;
use crate::config::{schema as file_schema, show as effective};
use crate::notify::kind::ChannelContext;
use crate::run::Maker;

/// Makes everything that a start would make, and says what is in it.
///
/// # Errors
/// What would keep it from starting.
pub(super) fn check(config: Config) -> Result<ExitCode, Failure> {
    let maker = Maker::new(Clock::system(), ChannelContext::default());
    let config = maker.prepare(config, None)?.config;
    let file = match &config.path {
        Some(path) => printable(&path.display().to_string()),
        None => "no configuration file".to_owned(),
    };
    let host = if config.host.is_some() {
        "watched"
    } else {
        "not watched"
    };
    let (flows, targets): (Vec<_>, Vec<_>) = config.targets.probed().partition(|probed| !probed.steps.is_empty());
    let steps: usize = flows.iter().map(|flow| flow.steps.len()).sum();
    let count = |what: &str, count: usize| (count > 0).then(|| format!("{what} {count}"));
    // What there is none of is not what the file is about.
    let counts = [
        count("targets", targets.len()),
        count("flows", flows.len()).map(|flows| format!("{flows} with {steps} steps")),
        count("alerts", config.rules.len()),
        count("objectives", config.objectives.len()),
        count("channels", config.channels.len()),
        count("maintenance", config.alerts.maintenance.len()),
    ];
    let counts: Vec<_> = counts
        .into_iter()
        .flatten()
        .chain([format!("this machine {host}")])
        .collect();
    print(format!("{file}: ok: {}\n", counts.join(", ")).as_bytes())
}

pub(super) fn show(config: &Config) -> Result<ExitCode, Failure> {
    print(effective::toml(config).as_bytes())
}

pub(super) fn schema() -> Result<ExitCode, Failure> {
    print(format!("{:#}\n", file_schema::schema()).as_bytes())
}
