//! What `probetop load` is told.

use std::path::PathBuf;
use std::time::Duration;

use clap::builder::FalseyValueParser;
use clap::{ArgGroup, Args};
use probetop_core::profile::{Profile, Shape, Stage, Unit, stage_length};
use probetop_engine::judge::load::threshold::Threshold;
use probetop_probe::load::WORKERS_LIMIT;

use super::{Output, duration};

pub(super) const EXAMPLES: &str = "\
Examples:
  probetop load https://shop.example/               10 users for 30 s
  probetop load --rate 500 --for 5m https://shop.example/
  probetop load --rate 100..5000 --for 10m --threshold 'p95 < 300ms' https://shop.example/
  probetop load --stages 30s:20,1m:100,30s:0 https://shop.example/
  probetop load --find 'p95 < 300ms && errors < 1%' https://shop.example/
  probetop load --users 50 --think 1s --output json -c load.toml checkout > result.json

Exit status: 0 fine, 1 could not run or no request succeeded, 2 bad arguments or configuration, 3 a threshold was \
broken or nothing could be concluded, 130 after SIGINT, 143 after SIGTERM.";

/// Not `Debug`: the target may hold a password.
#[derive(Args)]
#[command(group = ArgGroup::new("shape").args(["users", "rate", "stages", "plan"]))]
pub struct LoadArgs {
    /// Whom to put under load: a URL, or a target of the configuration by its name.
    #[arg(value_name = "TARGET")]
    pub target: String,

    /// Configuration [default: ./probetop.toml, then ~/.config/probetop/config.toml].
    #[arg(short, long, value_name = "FILE", env = "PROBETOP_CONFIG")]
    pub config: Option<PathBuf>,

    /// Users, each waiting for the answer: 50, or 1..50 [default: 10].
    #[arg(short, long, value_name = "N", env = "PROBETOP_USERS", value_parser = users)]
    pub users: Option<Shape>,

    /// Requests a second, whether or not earlier ones were answered: 500, or 100..5000.
    #[arg(short, long, value_name = "RATE", env = "PROBETOP_RATE", value_parser = rate)]
    pub rate: Option<Shape>,

    /// Ramps one after the other: 30s:20,1m:100,30s:0 users, or with /s rates.
    #[arg(long, value_name = "STAGES", env = "PROBETOP_STAGES", value_parser = Profile::parse_stages)]
    pub stages: Option<(Unit, Vec<Stage>)>,

    /// The same as users,duration: 10,5m;50,10m.
    #[arg(long, value_name = "PLAN", env = "PROBETOP_PLAN", value_parser = plan)]
    pub plan: Option<Plan>,

    /// How long, of --users and --rate [default: 30s].
    #[arg(long = "for", value_name = "DURATION", env = "PROBETOP_FOR", value_parser = stage_length, conflicts_with_all = ["stages", "plan"])]
    pub length: Option<Duration>,

    /// Before that, for so long, load that no total counts.
    #[arg(long, value_name = "DURATION", env = "PROBETOP_WARM_UP", value_parser = stage_length)]
    pub warm_up: Option<Duration>,

    /// How long a user thinks after each answer.
    #[arg(long, value_name = "DURATION", env = "PROBETOP_THINK", value_parser = duration, conflicts_with = "rate")]
    pub think: Option<Duration>,

    /// Each user asks once in so long.
    #[arg(long, value_name = "DURATION", env = "PROBETOP_PACING", value_parser = duration, conflicts_with_all = ["rate", "think"])]
    pub pacing: Option<Duration>,

    /// A condition that must hold, such as 'p95 < 500ms', 'errors < 1%', 'rate > 1000'; may be given several times.
    #[arg(long = "threshold", value_name = "CONDITION", env = "PROBETOP_THRESHOLD", value_parser = Threshold::parse)]
    pub thresholds: Vec<Threshold>,

    /// Search the highest rate at which this holds, such as 'p95 < 300ms && errors < 1%'; begins at --rate [default: 10].
    #[arg(long, value_name = "CONDITION", env = "PROBETOP_FIND", value_parser = condition, conflicts_with_all = ["users", "stages", "plan", "thresholds", "think", "pacing", "dry_run"])]
    pub find: Option<Condition>,

    /// A request that takes longer has failed [default: 5s].
    #[arg(short, long, value_name = "DURATION", env = "PROBETOP_TIMEOUT", value_parser = duration)]
    pub timeout: Option<Duration>,

    /// Threads that send [default: one for every two cores].
    #[arg(long, value_name = "N", env = "PROBETOP_WORKERS", value_parser = clap::value_parser!(u16).range(1..=i64::from(WORKERS_LIMIT)))]
    pub workers: Option<u16>,

    /// Connections at once, at most [default: what the limit on open files allows].
    #[arg(long, value_name = "N", env = "PROBETOP_CONNECTIONS", value_parser = clap::value_parser!(u32).range(1..))]
    pub connections: Option<u32>,

    /// What to write to standard output.
    #[arg(short, long, value_name = "FORMAT", env = "PROBETOP_OUTPUT", default_value = "table")]
    pub output: Output,

    /// Print the timetable and send nothing.
    #[arg(long, env = "PROBETOP_DRY_RUN", value_parser = FalseyValueParser::new())]
    pub dry_run: bool,
}

/// Stages that were written as a plan.
#[derive(Clone, Debug)]
pub struct Plan(pub Vec<Stage>);

/// Several thresholds, and how they were written.
#[derive(Clone, Debug)]
pub struct Condition {
    pub text: String,
    pub thresholds: Vec<Threshold>,
}

fn condition(text: &str) -> Result<Condition, String> {
    Ok(Condition {
        text: text.trim().to_owned(),
        thresholds: Threshold::parse_all(text)?,
    })
}

fn users(text: &str) -> Result<Shape, String> {
    Shape::parse(text, Unit::Users).map_err(|error| error.to_string())
}

fn rate(text: &str) -> Result<Shape, String> {
    Shape::parse(text, Unit::Rate).map_err(|error| error.to_string())
}

fn plan(text: &str) -> Result<Plan, String> {
    Profile::parse_plan(text).map(Plan).map_err(|error| error.to_string())
}
