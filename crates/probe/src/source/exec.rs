//! A program that is run, by default one that speaks as Nagios plugins do: exit codes are levels, performance data
//! becomes gauges.
//!
//! It is started without a shell, in a process group of its own that is killed as a whole when its time is over, with
//! an environment of its own and no descriptor of ours.

mod names;
mod output;
mod performance;
mod settings;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::future::Future;
use std::io;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use names::{Named, Names};
use probetop_core::clock::{Clock, Timestamp};
use probetop_core::sample::{Answer, Fact, FailureKind, Gauge, GaugeName, PLUGIN_STATUS, Phase, Purpose};
use probetop_core::setting::Finding;
use tokio::process::Command;
use url::Url;

use super::attempt::{Fault, Stopwatch};
use super::earlier::{Earlier, per_second};
use super::kind::{Kind, KindGauge, KindSettings, Levels, ProbeContext};
use super::{Attempt, Probe};
use crate::program::{self, STDOUT_LIMIT_BYTES, recipe};

pub use output::{FIGURE_LIMIT, Output};
pub use performance::{Course, Figure, figures};
pub use settings::Settings;

/// The gauge that holds a plugin's exit code.
const STATUS: &str = PLUGIN_STATUS;

pub static KIND: Kind = Kind {
    name: "exec",
    schemes: &["exec"],
    about: "a program that is run, such as a Nagios plugin",
    example: "exec:///usr/lib/nagios/plugins/check_load",
    purpose: Purpose::Figures,
    phases: &[Phase::Run],
    gauges: &[KindGauge::judged(
        STATUS,
        "the plugin's exit code: 0 fine, 1 warning, 2 critical, 3 unknown",
        // A level is broken above its threshold: 1 is a warning, 2 and 3 are critical.
        Levels::new(0.5, 1.5),
    )],
    ..Kind::of::<Settings>()
};

impl KindSettings for Settings {
    const KIND: &'static Kind = &KIND;

    fn check(&self, url: &Url) -> Vec<Finding> {
        let mut findings = self.findings();
        findings.extend(settings::program(url).err().map(|message| Finding::new("url", message)));
        findings
    }

    fn probe(&self, url: &Url, context: ProbeContext<'_>) -> Result<Arc<dyn Probe>, String> {
        Ok(Arc::new(Exec::try_new(context.clock.clone(), url, self)?))
    }
}

/// Runs one program.
pub struct Exec {
    clock: Clock,
    program: PathBuf,
    args: Vec<OsString>,
    env: BTreeMap<String, String>,
    directory: Option<PathBuf>,
    speech: Speech,
    names: Mutex<Names>,
    counters: Earlier<BTreeMap<GaugeName, f64>>,
}

/// What exit codes and output mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Speech {
    /// As the monitoring plugins' development guidelines have it.
    Plugin,
    /// 0 is success, and that is all.
    Program,
}

impl Exec {
    /// # Errors
    /// Says what is wrong with `url` and what to write instead.
    pub fn try_new(clock: Clock, url: &Url, settings: &Settings) -> Result<Self, String> {
        Ok(Self {
            clock,
            program: settings::program(url)?,
            args: settings.args.iter().map(OsString::from).collect(),
            env: settings.env.clone(),
            directory: settings.directory.clone(),
            speech: if settings.plugin {
                Speech::Plugin
            } else {
                Speech::Program
            },
            names: Mutex::new(Names::reserving(STATUS)),
            counters: Earlier::default(),
        })
    }

    async fn attempt(&self, deadline: Timestamp) -> Attempt {
        let mut watch = Stopwatch::start(&self.clock, deadline);
        let run = async {
            // A program's output is read into buffers on the way: they stay off the probe's own task.
            let ended = Box::pin(program::run(&mut self.command(), &[])).await;
            ended.map_err(|error| self.not_started(&error))
        };
        match watch.phase(Phase::Run, run).await {
            Ok(ended) => {
                let (answer, verdict) = self.read(&ended);
                watch.finish(
                    verdict.map_err(|fault| fault.during(Phase::Run)),
                    Some(Box::new(answer)),
                )
            }
            Err(failure) => watch.finish(Err(failure), None),
        }
    }

    fn command(&self) -> Command {
        let mut command = program::command(&self.program);
        command.args(&self.args).envs(&self.env);
        if let Some(directory) = &self.directory {
            command.current_dir(directory);
        }
        command
    }

    fn not_started(&self, error: &io::Error) -> Fault {
        let message = recipe::not_started(&self.program, self.directory.as_deref(), error);
        // What is short here says so by the same codes as for sockets; all else is the program's own.
        let kind = if Fault::from(error).kind == FailureKind::Local {
            FailureKind::Local
        } else {
            FailureKind::Start
        };
        Fault::new(kind, message)
    }

    fn read(&self, ended: &program::Ended) -> (Answer, Result<(), Fault>) {
        let output = match self.speech {
            Speech::Plugin => Output::of_plugin(&ended.stdout),
            Speech::Program => Output::of_program(&ended.stdout),
        };
        let mut answer = Answer {
            body_bytes: ended.stdout.len() as u64,
            truncated: ended.stdout.len() >= STDOUT_LIMIT_BYTES,
            ..Answer::default()
        };
        let said = match output.text.as_str() {
            "" => program::first_line(&ended.stderr),
            _ => output.text,
        };
        let verdict = judge(self.speech, ended.status.code(), ended.status.signal(), said.as_str());
        if let (Speech::Plugin, Some(code @ 0..=3)) = (self.speech, ended.status.code()) {
            answer.gauges.push(Gauge::new(STATUS, f64::from(code)));
        }
        let mut named = lock(&self.names).name(output.figures);
        let before = named.len() + output.left_out;
        named.retain(|named| named.name.is_some());
        answer.facts.extend(about_names(&named, before - named.len()));
        answer.facts.extend(answer.truncated.then(|| {
            Fact {
                name: "output_left_out".into(),
                value: format!(
                    "what stood behind the first {} KiB, and figures there",
                    STDOUT_LIMIT_BYTES / 1024
                )
                .into(),
            }
        }));
        answer.gauges.extend(self.gauges(named));
        if !said.as_str().is_empty() {
            answer.facts.push(Fact {
                name: "output".into(),
                value: said,
            });
        }
        (answer, verdict)
    }

    /// Counters become rates over the time since the answer before.
    fn gauges(&self, named: Vec<Named>) -> Vec<Gauge> {
        let mut gauges: Vec<Gauge> = Vec::new();
        let mut counters = BTreeMap::new();
        for Named { figure, name, .. } in named {
            let Some(name) = name else { continue };
            match figure.course {
                Course::Gauge => gauges.push(Gauge::new(name, figure.value)),
                Course::Counter => drop(counters.insert(name, figure.value)),
            }
        }
        if counters.is_empty() {
            return gauges;
        }
        let rates = self
            .counters
            .compare(self.clock.now(), counters, |before, after, elapsed| {
                let rate = |(name, after): (&GaugeName, &f64)| {
                    let value = per_second(*before.get(name)?, *after, elapsed)?;
                    Some(Gauge::new(name.clone(), value))
                };
                after.iter().filter_map(rate).collect::<Vec<_>>()
            });
        gauges.extend(rates.into_iter().flatten());
        gauges
    }
}

/// Which labels stand behind names that say less, and how many figures are not told.
fn about_names(named: &[Named], left_out: usize) -> Vec<Fact> {
    let numbered = named.iter().filter(|named| named.is_numbered);
    let numbered: Vec<_> = numbered
        .filter_map(|named| Some(format!("{} is {}", named.name.as_ref()?, named.figure.label)))
        .collect();
    let names = (!numbered.is_empty()).then(|| ("names", numbered.join(", ")));
    let left_out = (left_out > 0).then(|| ("figures_left_out", left_out.to_string()));
    let facts = [names, left_out].into_iter().flatten();
    facts
        .map(|(name, value)| Fact {
            name: name.into(),
            value: value.into(),
        })
        .collect()
}

fn lock(names: &Mutex<Names>) -> MutexGuard<'_, Names> {
    // A panic elsewhere leaves names that are as good as before.
    names.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What the end of a program means. A plugin's warning is not a failure: its gauge says so.
fn judge(speech: Speech, code: Option<i32>, signal: Option<i32>, said: &str) -> Result<(), Fault> {
    let Some(code) = code else {
        let message = format!("ended by signal {}", signal.unwrap_or_default());
        return Err(Fault::new(FailureKind::Closed, message));
    };
    let (kind, meaning) = match (speech, code) {
        (_, 0) | (Speech::Plugin, 1) => return Ok(()),
        (Speech::Plugin, 2) => (FailureKind::Status, " (critical)"),
        (Speech::Plugin, 3) => (FailureKind::Status, " (unknown)"),
        (Speech::Plugin, _) => (FailureKind::Protocol, ", which no plugin has"),
        (Speech::Program, _) => (FailureKind::Status, ""),
    };
    let colon = if said.is_empty() { "" } else { ": " };
    Err(Fault::new(kind, format!("exit code {code}{meaning}{colon}{said}")))
}

impl Probe for Exec {
    fn probe(&self, deadline: Timestamp) -> Pin<Box<dyn Future<Output = Attempt> + Send + '_>> {
        Box::pin(self.attempt(deadline))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exit_codes_mean_what_the_convention_says() {
        let check = |speech, code, expected: Result<(), (FailureKind, &str)>| {
            let verdict = judge(speech, Some(code), None, "said");
            let verdict = verdict.map_err(|fault| (fault.kind, fault.message.to_string()));
            assert_eq!(
                verdict,
                expected.map_err(|(kind, message)| (kind, message.to_owned())),
                "{code}"
            );
        };
        check(Speech::Plugin, 0, Ok(()));
        check(Speech::Plugin, 1, Ok(()));
        check(
            Speech::Plugin,
            2,
            Err((FailureKind::Status, "exit code 2 (critical): said")),
        );
        check(
            Speech::Plugin,
            3,
            Err((FailureKind::Status, "exit code 3 (unknown): said")),
        );
        check(
            Speech::Plugin,
            127,
            Err((FailureKind::Protocol, "exit code 127, which no plugin has: said")),
        );
        check(Speech::Program, 0, Ok(()));
        check(Speech::Program, 1, Err((FailureKind::Status, "exit code 1: said")));
        let killed = judge(Speech::Plugin, None, Some(11), "").unwrap_err();
        assert_eq!(
            (killed.kind, killed.to_string()),
            (FailureKind::Closed, "ended by signal 11".to_owned())
        );
    }

    #[test]
    fn counters_become_rates_and_never_fall_below_zero() {
        let clock = Clock::manual(std::time::SystemTime::UNIX_EPOCH);
        let url = Url::parse("exec:///bin/true").unwrap();
        let exec = Exec::try_new(clock.clone(), &url, &Settings::default()).unwrap();
        let read = |text: &str| {
            clock.advance(std::time::Duration::from_secs(2));
            let gauges = exec.gauges(lock(&exec.names).name(figures(text).collect()));
            gauges
                .iter()
                .map(|gauge| (gauge.name.to_string(), gauge.value))
                .collect::<Vec<_>>()
        };
        assert_eq!(read("in=10c a=1 a=2"), [("a".to_owned(), 1.0), ("a_2".to_owned(), 2.0)]);
        assert_eq!(read("in=30c out=5c"), [("in_per_s".to_owned(), 10.0)]);
        assert_eq!(read("in=7c out=5c"), [("out_per_s".to_owned(), 0.0)], "in was reset");
    }
}
