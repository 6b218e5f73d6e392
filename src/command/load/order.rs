//! From what was typed to what is sent: whom, how much, over how many connections; and what is said of it beforehand.

use std::fmt::Write as _;
use std::sync::Arc;
use std::thread::available_parallelism;
use std::time::Duration;

use probetop_core::clock::Clock;
use probetop_core::profile::{
    Amount, Arrivals, Model, Pause, Profile, STAGE_LIMIT, Shape, Stage, StagePurpose, Unit, Users,
};
use probetop_core::sample::Text;
use probetop_core::setting::Period;
use probetop_core::suggest;
use probetop_engine::judge::load::LoadPlan;
use probetop_probe::load::Order;
use probetop_probe::source::demo::SharedDemo;
use probetop_probe::source::kind::{Crowd, ProbeContext};

use crate::cli::LoadArgs;
use crate::command::{Failure, load_configuration};
use crate::config::problem::Problem;
use crate::config::secret::Secrets;
use crate::config::targets::Probed;
use crate::config::{Config, HostChoice, Overrides, Problems};
use crate::export::load::figure::thousands;
use crate::export::load::text::words;
use crate::run::Descriptors;

/// What is done where nothing is said.
const DEFAULT_USERS: u64 = 10;
const DEFAULT_LENGTH: Duration = Duration::from_secs(30);

/// What a search does where nothing is said: ten seconds tell whether a queue grows.
const DEFAULT_FIRST_RATE: Amount = Amount::whole(10);
const DEFAULT_TRIAL: Duration = Duration::from_secs(10);
const DEFAULT_SETTLE: Duration = Duration::from_secs(2);

/// A run, ready to be started.
pub(super) struct Ordered {
    pub(super) order: Order,
    pub(super) plan: LoadPlan,
    /// How `--find` tries a rate.
    pub(super) search: SearchPlan,
    /// What `--find` wants to hold.
    condition: Option<String>,
    pub(super) secrets: Secrets,
    /// The built-in service, if that is put under load: it ends with this.
    _demo: SharedDemo,
}

/// How a search tries a rate.
#[derive(Clone, Copy, Debug)]
pub(super) struct SearchPlan {
    pub(super) first: Amount,
    /// How long each trial is measured.
    pub(super) length: Duration,
    /// How long the service has before that to get used to the rate, and to recover from the one before.
    pub(super) settle: Duration,
}

impl SearchPlan {
    fn of(args: &LoadArgs) -> Self {
        Self {
            first: args.rate.map_or(DEFAULT_FIRST_RATE, |rate| rate.from),
            length: args.length.unwrap_or(DEFAULT_TRIAL),
            settle: args.warm_up.unwrap_or(DEFAULT_SETTLE),
        }
    }

    /// What a trial at `rate` sends. One that would send too few to tell takes longer.
    pub(super) fn trial(self, rate: Amount, needs: u64) -> Profile {
        let enough = Duration::from_secs_f64((needs + 1) as f64 / rate.as_f64());
        let length = self.length.max(enough).min(STAGE_LIMIT);
        Profile::steady(Model::Open, rate, rate, length).warmed_up(self.settle)
    }
}

impl Ordered {
    /// # Errors
    /// The target cannot be meant or put under load, or more is asked for than this machine allows.
    pub(super) fn of(args: &LoadArgs, clock: &Clock) -> Result<Self, Failure> {
        if let (Some(_), Some(rate)) = (&args.find, args.rate.filter(|rate| rate.from != rate.to)) {
            return Err(refused(format!(
                "--find begins at one rate, and --rate has {}..{}; write for example --rate {}",
                rate.from, rate.to, rate.from
            )));
        }
        let demo = SharedDemo::default();
        let config = config_with(args)?;
        let probed = named(&config, &args.target)?;
        let context = ProbeContext {
            clock,
            in_flight: 1,
            demo: &demo,
        };
        let secrets = config.secrets().clone();
        let crowd: Arc<dyn Crowd> = probed
            .crowd(context)
            .map_err(|message| refused(secrets.mask_message(&message)))?;
        let search = SearchPlan::of(args);
        let profile = match &args.find {
            Some(_) => search.trial(search.first, 0),
            None => profile_of(args),
        };
        let plan = LoadPlan {
            request: request_of(&probed),
            timeout: probed.target.timeout,
            workers: args.workers.unwrap_or_else(default_workers),
            connections: connections_for(args.connections, &profile)?,
            thresholds: args.thresholds.clone(),
            profile,
        };
        let order = Order {
            profile: plan.profile.clone(),
            crowd,
            timeout: plan.timeout,
            workers: plan.workers,
            connections: plan.connections,
        };
        Ok(Self {
            order,
            plan,
            search,
            condition: args.find.as_ref().map(|condition| condition.text.clone()),
            secrets,
            _demo: demo,
        })
    }

    /// What is sent, to whom, and at most how much: said before the first request.
    pub(super) fn announcement(&self) -> String {
        let LoadPlan { request, profile, .. } = &self.plan;
        if let Some(condition) = &self.condition {
            let SearchPlan { first, length, settle } = self.search;
            return format!(
                "probetop load: {request}, at {first}/s first, then at twice as much until it does not hold that \
                 {condition}, then in between; each rate two or three times for {} behind {} to settle, over at most {} \
                 connections",
                Period::from(length),
                Period::from(settle),
                thousands(self.plan.connections.into()),
            );
        }
        let most = match profile.sends() {
            Some(sends) => format!("{} requests", thousands(sends)),
            None => "as many requests as are answered".to_owned(),
        };
        let connections = match profile.model {
            Model::Open => u64::from(self.plan.connections),
            Model::Closed(_) => Users::of(&profile.stages).count(),
        };
        let together = Users::of(&profile.stages).begin_within();
        let begin = match profile.model {
            Model::Closed(_) if !together.is_zero() => {
                format!(
                    ", users who begin together 1ms apart, all within {}",
                    Period::from(together)
                )
            }
            Model::Open | Model::Closed(_) => String::new(),
        };
        let workers = self.plan.workers;
        let plural = if workers == 1 { "worker" } else { "workers" };
        format!(
            "probetop load: {request}, {}: {most}, over at most {} connections, from {workers} {plural}{begin}",
            words(profile),
            thousands(connections),
        )
    }

    /// What would be done when, a line for each stage.
    pub(super) fn timetable(&self) -> String {
        let profile = &self.plan.profile;
        let mut out = format!("{}\n\n", self.announcement());
        let unit = match profile.model {
            Model::Open => "/s",
            Model::Closed(_) => " users",
        };
        let mut sends = match profile.model {
            Model::Open => Arrivals::of(&profile.stages).by_stage().collect(),
            Model::Closed(_) => Vec::new(),
        }
        .into_iter();
        let _ = writeln!(out, "{:>10}  {:>10}  {:<24}{:>14}", "AT", "FOR", "LEVEL", "REQUESTS");
        for (start, stage) in profile.starts() {
            let _ = writeln!(
                out,
                "{:>10}  {:>10}  {:<24}{:>14}",
                Period::from(start).to_string(),
                Period::from(stage.length).to_string(),
                level_of(stage, unit),
                sends.next().map_or_else(|| "-".to_owned(), thousands),
            );
        }
        let _ = writeln!(
            out,
            "{:>10}  nothing more is sent",
            Period::from(profile.length()).to_string()
        );
        out
    }
}

fn level_of(stage: &Stage, unit: &str) -> String {
    let warm_up = if stage.purpose == StagePurpose::WarmUp {
        ", warm-up"
    } else {
        ""
    };
    if stage.is_ramp() {
        format!("{} to {}{unit}{warm_up}", stage.from, stage.to)
    } else {
        format!("{}{unit}{warm_up}", stage.to)
    }
}

/// A URL stands for itself; all else is a name in the configuration.
fn config_with(args: &LoadArgs) -> Result<Config, Failure> {
    let is_url = args.target.contains("://");
    load_configuration(&Overrides {
        file: args.config.clone(),
        targets: is_url.then(|| args.target.clone()).into_iter().collect(),
        timeout: args.timeout,
        host: HostChoice::Off,
        ..Overrides::default()
    })
}

fn named<'a>(config: &'a Config, text: &str) -> Result<Probed<'a>, Failure> {
    if text.contains("://") {
        // What stands on the command line is added behind what is in the file.
        let last = config.targets.probed().last().filter(|_| !text.ends_with("://"));
        return last.ok_or_else(|| {
            refused(format!(
                "{text} is not a single target; write for example demo://checkout"
            ))
        });
    }
    let found = config
        .targets
        .probed()
        .find(|probed| probed.target.name.as_str() == text);
    found.ok_or_else(|| {
        let names = config.targets.probed().map(|probed| probed.target.name.as_str());
        let hint = suggest::closest(text, names);
        // It may have been meant as a URL, and hold a password.
        let url = config.secrets().shown_url(&format!("https://{text}"));
        let shown = url.trim_start_matches("https://");
        refused(format!(
            "no target of the configuration is called {shown:?}{hint}; write that of one, or a URL such as {url}"
        ))
    })
}

fn refused(message: String) -> Failure {
    Failure::Configuration(Problems::in_order([Problem::on_command_line(message)]))
}

fn profile_of(args: &LoadArgs) -> Profile {
    let pause = match (args.think, args.pacing) {
        (Some(time), _) => Pause::Think(time),
        (None, Some(period)) => Pause::Pacing(period),
        (None, None) => Pause::None,
    };
    let closed = Model::Closed(pause);
    let length = args.length.unwrap_or(DEFAULT_LENGTH);
    let steady = |model, shape: Shape| Profile::steady(model, shape.from, shape.to, length);
    let profile = if let Some(rate) = args.rate {
        steady(Model::Open, rate)
    } else if let Some((unit, stages)) = args.stages.clone() {
        let model = match unit {
            Unit::Users => closed,
            Unit::Rate => Model::Open,
        };
        Profile { model, stages }
    } else if let Some(plan) = args.plan.clone() {
        Profile {
            model: closed,
            stages: plan.0,
        }
    } else {
        let users = Amount::whole(DEFAULT_USERS);
        let default = Shape { from: users, to: users };
        steady(closed, args.users.unwrap_or(default))
    };
    match args.warm_up {
        Some(warm_up) => profile.warmed_up(warm_up),
        None => profile,
    }
}

/// `GET https://shop.example/`, as people may see it.
fn request_of(probed: &Probed<'_>) -> Text {
    let keys = probed.target.kind.table();
    let method = keys.get("method").and_then(toml::Value::as_str).unwrap_or("GET");
    Text::clean(&format!("{method} {}", probed.target.url.shown()))
}

/// The service may be on this machine: half of it is left to it.
fn default_workers() -> u16 {
    let cores = available_parallelism().map_or(1, std::num::NonZero::get);
    u16::try_from(cores.div_ceil(2)).unwrap_or(1)
}

/// Connections at once, by what was asked for and what the system allows.
fn connections_for(wanted: Option<u32>, profile: &Profile) -> Result<u32, Failure> {
    let allowed = Descriptors::of_this_process().share(0).probes;
    let needed = match profile.model {
        Model::Open => wanted,
        Model::Closed(_) => {
            let users = u32::try_from(Users::of(&profile.stages).count()).unwrap_or(u32::MAX);
            if let Some(wanted) = wanted.filter(|wanted| *wanted < users) {
                return Err(refused(format!(
                    "{users} users need as many connections, and --connections allows {wanted}; allow more, or have fewer users"
                )));
            }
            Some(users)
        }
    };
    match needed {
        Some(needed) if needed > allowed => Err(Failure::Run(format!(
            "{needed} connections at once need more open files than are allowed, which is enough for {allowed}; raise the \
             limit with ulimit -n"
        ))),
        Some(needed) => Ok(needed),
        None => Ok(allowed),
    }
}
