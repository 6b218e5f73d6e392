//! `probetop config check|show|schema`.

use std::process::ExitCode;

use super::{Failure, print};
use crate::config::Config;
use crate::config::{schema as file_schema, show as effective};

/// That it was loaded means that it is sound; says what is in it.
pub fn check(config: &Config) -> Result<ExitCode, Failure> {
    let file = match &config.path {
        Some(path) => path.display().to_string(),
        None => "no configuration file".to_owned(),
    };
    let host = if config.host.is_some() {
        "watched"
    } else {
        "not watched"
    };
    let (targets, rules) = (config.targets.len(), config.rules.len());
    print(format!("{file}: ok: targets {targets}, alerts {rules}, this machine {host}\n").as_bytes())
}

pub fn show(config: &Config) -> Result<ExitCode, Failure> {
    print(effective::toml(config).as_bytes())
}

pub fn schema() -> Result<ExitCode, Failure> {
    print(format!("{:#}\n", file_schema::schema()).as_bytes())
}
