//! Everything of a configuration that can fail, made before anything changes: the same at the start, at a reload and for
//! `config check`.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use probetop_core::clock::Clock;
use probetop_core::sample::{Text, Window};
use probetop_probe::source::Probe;
use probetop_probe::source::demo::SharedDemo;
use probetop_probe::source::kind as probe;
use probetop_screen::ui::theme::Environment;

use super::state_file::{self, Opened, StateFile};
use crate::config::problem::{Place, Problem};
use crate::config::targets::Probed;
use crate::config::{Config, Problems, TargetConfig};
use crate::notify::dispatcher::{self, Made};
use crate::notify::kind as channel;

/// What probes and channels are made with.
pub struct Maker {
    clock: Clock,
    demo: SharedDemo,
    context: channel::ChannelContext,
}

/// A configuration that can be followed without anything that fails.
pub struct Prepared {
    pub config: Arc<Config>,
    /// For each target that is probed, in order; `None`: the probe that is at work goes on.
    pub probes: Vec<Option<Arc<dyn Probe>>>,
    /// For each channel, in order; `None`: the one that is at work goes on.
    pub channels: Vec<Made>,
}

impl Maker {
    pub fn new(clock: Clock, context: channel::ChannelContext) -> Self {
        Self {
            clock,
            demo: SharedDemo::default(),
            context,
        }
    }

    /// Makes what `config` needs that is not at work already, where `in_force` is.
    ///
    /// # Errors
    /// Everything that cannot be made, and why.
    pub fn prepare(&self, config: Config, in_force: Option<&Config>) -> Result<Prepared, Problems> {
        let mut found = Findings::of(&config);
        if let Err(findings) = config
            .ui
            .look(&Environment::default(), Text::default(), Window::default())
        {
            found.extend(findings.into_iter().map(|finding| finding.message));
        }
        if let Some(path) = &config.alerts.state_file {
            found.extend(state_file::check(path).err());
        }
        let probes = self.probes(&config, in_force, &mut found);
        let at_work = in_force.map_or(&[][..], |config| &config.channels);
        let channels = dispatcher::make(&config.channels, at_work, &self.context).unwrap_or_else(|wrong| {
            found.extend(wrong);
            Vec::new()
        });
        let problems = found.problems;
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(Prepared {
            config: Arc::new(config),
            probes,
            channels,
        })
    }

    fn probes(
        &self,
        config: &Config,
        in_force: Option<&Config>,
        found: &mut Findings<'_>,
    ) -> Vec<Option<Arc<dyn Probe>>> {
        let before = in_force.into_iter().flat_map(|config| config.targets.probed());
        let before: HashMap<_, _> = before.map(|probed| (&probed.target.name, probed)).collect();
        let mut probe = |probed: Probed<'_>| {
            let goes_on = before
                .get(&probed.target.name)
                .is_some_and(|before| probes_alike(*before, probed));
            let context = probe::ProbeContext {
                clock: &self.clock,
                in_flight: probed.target.in_flight,
                demo: &self.demo,
            };
            let made = (!goes_on).then(|| probed.probe(context));
            made.transpose().unwrap_or_else(|message| {
                found.extend([message]);
                None
            })
        };
        config.targets.probed().map(&mut probe).collect()
    }
}

/// What cannot be made of one configuration.
struct Findings<'a> {
    config: &'a Config,
    place: Place,
    problems: Problems,
}

impl<'a> Findings<'a> {
    fn of(config: &'a Config) -> Self {
        let name = |path: &Path| path.display().to_string();
        Self {
            config,
            place: match config.path.as_deref() {
                Some(path) => Place::File { name: name(path) },
                None => Place::CommandLine,
            },
            problems: Problems::default(),
        }
    }

    fn extend(&mut self, messages: impl IntoIterator<Item = String>) {
        let secrets = self.config.secrets();
        self.problems.extend(messages.into_iter().map(|message| Problem {
            place: self.place.clone(),
            // A path may hold what came from the environment.
            message: secrets.mask_message(&message),
        }));
    }
}

/// Opens the state file of `config` where it is another than that of `in_force`.
///
/// # Errors
/// It is in use by another process, or what it holds cannot be read. It is left as it is.
pub(super) fn state_file(config: &Config, in_force: &Config) -> Result<Option<Opened>, String> {
    let path = config.alerts.state_file.as_deref();
    match path.filter(|path| in_force.alerts.state_file.as_deref() != Some(path)) {
        Some(path) => StateFile::open(path)?.and_saved().map(Some),
        None => Ok(None),
    }
}

/// Whether the probe of one can go on for the other; names, groups and thresholds are the monitor's business.
fn probes_alike(before: Probed<'_>, now: Probed<'_>) -> bool {
    let steps = |probed: Probed<'_>| probed.steps.iter().map(|step| step.name.clone()).collect::<Vec<_>>();
    let (a, b): (&TargetConfig, &TargetConfig) = (before.target, now.target);
    a.url == b.url
        && a.kind == b.kind
        && a.process == b.process
        && (a.interval, a.timeout, a.in_flight) == (b.interval, b.timeout, b.in_flight)
        && steps(before) == steps(now)
}
