//! A program that is run for each message: facts in its environment, the whole message as JSON to read.
//!
//! It runs as a probe's program does: without a shell, in a process group of its own that is killed as a whole when its
//! time is over, with an environment of its own.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::os::unix::process::ExitStatusExt as _;
use std::path::PathBuf;
use std::process::Stdio;

use probetop_core::clock::Timestamp;
use probetop_core::sample::Text;
use probetop_core::setting::Finding;
use probetop_probe::program::{self, Ended, recipe};
use schemars::{JsonSchema, SchemaGenerator};
use serde::{Deserialize, Serialize};
use toml::Table;

use super::channel::{Channel, Delivery, Fault};
use super::document;
use super::kind::{ChannelContext, ChannelKind, Kind, KindSettings, Reader, table_of};
use super::message::Message;

/// Of this name are all variables of ours, so that none of the program's own can be mistaken for one.
const PREFIX: &str = "PROBETOP_";

pub static KIND: Kind = Kind {
    name: "command",
    about: "a program that is run, with facts in its environment and the JSON document to read",
    example: "command = [\"/usr/local/bin/page\", \"ops\"]",
    reader: Reader::People,
    required: &["command"],
    secret: &[],
    read: |keys| Settings::deserialize(keys).map(ChannelKind::new),
    schema: SchemaGenerator::root_schema_for::<Settings>,
};

impl KindSettings for Settings {
    fn kind(&self) -> &'static Kind {
        &KIND
    }

    fn check(&self) -> Vec<Finding> {
        self.findings()
    }

    fn build(&self, _: &ChannelContext) -> Result<Box<dyn Channel>, String> {
        Ok(Box::new(Command::new(self.clone())))
    }

    fn table(&self) -> Table {
        table_of(self)
    }
}

/// The keys of a `command` channel beside those that every channel has.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// The program and its arguments, each as it is handed over: no shell reads them.
    pub command: Vec<String>,
    /// The program's environment, beside `PATH`, `LC_ALL=C`, `PROBETOP_RUN` and the message; nothing else of ours is handed on.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub env: BTreeMap<String, String>,
    /// Working directory; ours when left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub directory: Option<PathBuf>,
}

impl Settings {
    /// What is wrong with the values, and what to write instead.
    pub fn findings(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        let program = self.command.first().map_or("", String::as_str);
        if program.is_empty() {
            let message = "command names no program; write command = [\"/usr/local/bin/page\", \"ops\"]";
            findings.push(Finding::new("command", message));
        } else if program.contains('/') && !program.starts_with('/') {
            let message = format!("command {program:?} depends on where probetop was started; write it from /");
            findings.push(Finding::new("command", message).item(0));
        }
        for name in self.env.keys().filter(|name| name.starts_with(PREFIX)) {
            let message = format!("{name} may be set by probetop itself; choose a name without {PREFIX}");
            findings.push(Finding::new(name, message).under("env"));
        }
        let directory = self.directory.as_deref();
        findings.extend(recipe::findings("command", &self.command, &self.env, directory));
        findings
    }
}

impl fmt::Debug for Settings {
    /// Arguments and variables carry credentials: they are counted and named, never shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("command", &self.command.len())
            .field("env", &self.env.keys().collect::<Vec<_>>())
            .field("directory", &self.directory)
            .finish()
    }
}

/// Runs one program for each message.
pub struct Command {
    settings: Settings,
}

impl Command {
    /// Takes settings in which nothing was found wrong.
    pub const fn new(settings: Settings) -> Self {
        Self { settings }
    }

    async fn run(&self, message: &Message) -> Result<(), Fault> {
        let Settings {
            command,
            env,
            directory,
        } = &self.settings;
        let Some((program, args)) = command.split_first() else {
            return Err(Fault::Lasting {
                message: "there is no program to run".into(),
            });
        };
        let mut command = program::command(program);
        command.stdin(Stdio::piped()).args(args).envs(env).envs(facts(message));
        if let Some(directory) = directory {
            command.current_dir(directory);
        }
        let ended = program::run(&mut command, &document::json(message)).await;
        judge(&ended.map_err(|error| self.not_started(program, &error))?)
    }

    fn not_started(&self, program: &str, error: &io::Error) -> Fault {
        let directory = self.settings.directory.as_deref();
        let message = recipe::not_started(program.as_ref(), directory, error).into();
        match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied => Fault::Lasting { message },
            _ => Fault::Passing { message, wait: None },
        }
    }
}

impl Channel for Command {
    fn deliver<'a>(&'a self, message: &'a Message) -> Delivery<'a> {
        Box::pin(self.run(message))
    }
}

/// What the end of the program means. Only it knows whether another try can help, so there is another try.
fn judge(ended: &Ended) -> Result<(), Fault> {
    let how = match (ended.status.code(), ended.status.signal()) {
        (Some(0), _) => return Ok(()),
        (Some(code), _) => format!("exit code {code}"),
        (None, signal) => format!("ended by signal {}", signal.unwrap_or_default()),
    };
    let said = program::first_line(&ended.stderr);
    let colon = if said.as_str().is_empty() { "" } else { ": " };
    Err(Fault::Passing {
        message: format!("{how}{colon}{said}").into(),
        wait: None,
    })
}

/// The message as variables: what the whole is about, and of the worst alert what a script wants to say.
fn facts(message: &Message) -> Vec<(&'static str, String)> {
    let status = if message.is_resolved() { "resolved" } else { "firing" };
    let mut facts = vec![
        ("PROBETOP_TITLE", message.title()),
        ("PROBETOP_STATUS", status.to_owned()),
        ("PROBETOP_GROUP", message.group.to_string()),
        ("PROBETOP_MACHINE", message.machine.to_string()),
        (
            "PROBETOP_ALERTS",
            (message.announcements.len() + message.left_out).to_string(),
        ),
    ];
    let Some(worst) = message.announcements.first() else {
        return facts;
    };
    let alert = &worst.alert;
    let time = |at: Timestamp| humantime::format_rfc3339_millis(message.wall_of_word(worst, at)).to_string();
    let since = humantime::format_rfc3339_millis(message.wall_of(alert, alert.since));
    facts.extend([
        ("PROBETOP_OCCASION", worst.occasion.name().to_owned()),
        ("PROBETOP_ALERT_NAME", alert.name.to_string()),
        ("PROBETOP_ALERT_SUBJECT", alert.subject.to_string()),
        ("PROBETOP_ALERT_SEVERITY", alert.severity.name().to_owned()),
        ("PROBETOP_ALERT_REASON", alert.reason.to_string()),
        ("PROBETOP_ALERT_SINCE", since.to_string()),
        ("PROBETOP_ALERT_UNIT", alert.unit.name().to_owned()),
    ]);
    let figure = |value: Option<f64>| value.filter(|value| value.is_finite()).map(|value| value.to_string());
    let optional = [
        ("PROBETOP_ALERT_VALUE", figure(alert.value)),
        ("PROBETOP_ALERT_WORST", figure(alert.worst)),
        ("PROBETOP_ALERT_ACTION", alert.action.as_ref().map(Text::to_string)),
        ("PROBETOP_ALERT_RESOLVED", alert.resolved.map(time)),
    ];
    facts.extend(optional.into_iter().filter_map(|(name, value)| Some((name, value?))));
    facts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(settings: Settings, expected: &[(&str, &str)]) {
        let findings = settings.findings();
        let found: Vec<_> = findings
            .iter()
            .map(|finding| (finding.path.join("."), finding.message.as_str()))
            .collect();
        let expected: Vec<_> = expected
            .iter()
            .map(|(path, message)| ((*path).to_owned(), *message))
            .collect();
        assert_eq!(found, expected);
    }

    fn command(words: &[&str]) -> Settings {
        Settings {
            command: words.iter().map(|word| (*word).to_owned()).collect(),
            ..Settings::default()
        }
    }

    #[test]
    fn every_mistake_is_told_with_its_remedy() {
        check(command(&["notify-send", "-u", "critical"]), &[]);
        let nothing = "command names no program; write command = [\"/usr/local/bin/page\", \"ops\"]";
        check(command(&[]), &[("command", nothing)]);
        check(
            command(&["./page"]),
            &[(
                "command.0",
                "command \"./page\" depends on where probetop was started; write it from /",
            )],
        );
        check(
            command(&["/bin/page", "a\0"]),
            &[(
                "command.1",
                "an argument has a NUL character; no program can be handed that",
            )],
        );
        let mut settings = command(&["page"]);
        settings.env.insert("PROBETOP_GROUP".to_owned(), "x".to_owned());
        settings.directory = Some("tmp".into());
        check(
            settings,
            &[
                (
                    "env.PROBETOP_GROUP",
                    "PROBETOP_GROUP may be set by probetop itself; choose a name without PROBETOP_",
                ),
                (
                    "directory",
                    "directory \"tmp\" depends on where probetop was started; write it from /",
                ),
            ],
        );
    }

    #[test]
    fn no_secret_is_shown() {
        let mut settings = command(&["page", "hunter2"]);
        settings.env.insert("TOKEN".to_owned(), "hunter2".to_owned());
        let shown = format!("{settings:?}");
        assert!(shown.contains("TOKEN") && !shown.contains("hunter2"), "{shown}");
    }
}
