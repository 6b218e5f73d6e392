//! `probetop config check|show|schema`.

use std::process::ExitCode;

use super::{Failure, print};
use crate::clock::Clock;
use crate::config::Config;
use crate::config::{schema as file_schema, show as effective};
use crate::notify::kind::Means;
use crate::run::Maker;
use crate::sample::printable;

/// Makes everything that a start would make, and says what is in it.
///
/// # Errors
/// What would keep it from starting.
pub fn check(config: Config) -> Result<ExitCode, Failure> {
    let maker = Maker::new(Clock::system(), Means::default());
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
    let rules = config.rules.len();
    let (flows, targets): (Vec<_>, Vec<_>) = config.targets.probed().partition(|probed| !probed.steps.is_empty());
    let steps: usize = flows.iter().map(|flow| flow.steps.len()).sum();
    let flows = match flows.len() {
        0 => String::new(),
        count => format!(", flows {count} with {steps} steps"),
    };
    let targets = targets.len();
    print(format!("{file}: ok: targets {targets}{flows}, alerts {rules}, this machine {host}\n").as_bytes())
}

pub fn show(config: &Config) -> Result<ExitCode, Failure> {
    print(effective::toml(config).as_bytes())
}

pub fn schema() -> Result<ExitCode, Failure> {
    print(format!("{:#}\n", file_schema::schema()).as_bytes())
}
