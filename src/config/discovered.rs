//! A configuration made of what was found on this machine, for `probetop init --discover`.

use std::collections::HashSet;
use std::fmt::Write as _;

use probetop_core::sample::Text;
use probetop_core::snapshot::Offer;
use probetop_probe::source::discovery::{Discovered, Service};
use probetop_probe::source::registry;
use toml::Value;
use toml::de::ValueDeserializer;
use url::Url;

const HEAD: &str = "\
# probetop configuration, made of what listens on this machine. `probetop config check` reports every problem at once;
# `probetop init` without --discover writes a file that explains every key. Saving this file while probetop runs
# applies it.

interval = \"1s\"
timeout = \"5s\"
";

const ALERT: &str = "
[[alert]]
name = \"failing\"
when = \"error_ratio > 0.05\"
window = \"10s\"
for = \"5s\"
";

/// The file's text. What has no probe that fits stands in it as a comment.
pub fn text(found: &[Discovered]) -> String {
    let mut text = HEAD.to_owned();
    let mut names = HashSet::new();
    if found.is_empty() {
        text.push_str("\n# Nothing listens here.\n");
    }
    for discovered in found {
        // Writing to a string cannot fail.
        let _ = write!(text, "\n{}", target(discovered, &mut names));
    }
    if text.contains("\n[[target]]") {
        text.push_str(ALERT);
    }
    text
}

/// Whether a target is probed or only suggested.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Use {
    Probed,
    Suggested,
}

/// What a screen offers to watch: first what has a probe that fits.
pub fn offers(found: &[Discovered]) -> Vec<Offer> {
    let mut names = HashSet::new();
    let mut offers: Vec<_> = found.iter().map(|discovered| offer(discovered, &mut names)).collect();
    offers.sort_by_key(|(usage, _)| *usage == Use::Suggested);
    offers.into_iter().map(|(_, offer)| offer).collect()
}

fn offer(discovered: &Discovered, names: &mut HashSet<String>) -> (Use, Offer) {
    let choice = choice(discovered, names);
    let port = discovered.listening.address.port();
    let offer = Offer {
        // As it stands on a command line, `NAME=URL`.
        name: Text::clean(&choice.name.replace(['/', '?', '=', ','], "-")),
        url: Text::clean(&choice.url),
        about: Text::clean(&format!("{} on port {port}: {}", choice.who, choice.what)),
    };
    (choice.usage, offer)
}

/// What is made of a listener.
struct Choice {
    who: String,
    what: String,
    name: String,
    url: String,
    todo: &'static str,
    usage: Use,
}

fn choice(discovered: &Discovered, names: &mut HashSet<String>) -> Choice {
    let who = match &discovered.listening.process {
        Some(process) => format!("{} (pid {})", process.name, process.pid),
        None => "a process that is hidden from this user".to_owned(),
    };
    let Plan {
        what,
        urls,
        todo,
        usage,
    } = plan(discovered);
    let fallback = tcp(discovered);
    let (url, kind, todo) = match urls.into_iter().find_map(usable) {
        Some((url, kind)) => (url, kind, todo),
        None if usage == Use::Probed => (fallback, "tcp", "; this build has no probe for it but a connection"),
        None => (fallback, "tcp", todo),
    };
    Choice {
        who,
        what,
        name: free_name(discovered, kind, names),
        url,
        todo,
        usage,
    }
}

fn target(discovered: &Discovered, names: &mut HashSet<String>) -> String {
    let listening = &discovered.listening;
    let Choice {
        who,
        what,
        name,
        url,
        todo,
        usage,
    } = choice(discovered, names);
    let mut lines = vec!["[[target]]".to_owned(), line("name", &name), line("url", &url)];
    if let Service::Http {
        status: status @ 400.., ..
    } = discovered.service
    {
        lines.push(format!(
            "expect = [\"status == {status}\"]     # or put a path that answers in the URL"
        ));
    }
    if listening.process.is_some() {
        lines.push(format!("process = {{ port = {} }}", listening.address.port()));
    }
    let mark = match usage {
        Use::Probed => "",
        Use::Suggested => "#",
    };
    let lines: Vec<_> = lines.iter().map(|line| format!("{mark}{line}\n")).collect();
    format!("# {who} on {}: {what}{todo}.\n{}", listening.address, lines.concat())
}

fn line(key: &str, text: &str) -> String {
    // A dollar sign would begin a name of the environment.
    format!("{key} = {}", Value::String(text.replace('$', "$$")))
}

/// What a listener is taken for.
struct Plan {
    /// Why it is taken for what it is.
    what: String,
    /// From the best on.
    urls: Vec<String>,
    /// What the reader is to do about it.
    todo: &'static str,
    usage: Use,
}

fn plan(discovered: &Discovered) -> Plan {
    let address = discovered.listening.reachable();
    let port = address.port();
    let probed = |what: &str, urls: &[String], todo| Plan {
        what: what.to_owned(),
        urls: urls.to_vec(),
        todo,
        usage: Use::Probed,
    };
    let suggested = |what: String, todo| Plan {
        what,
        urls: Vec::new(),
        todo,
        usage: Use::Suggested,
    };
    let certificate = "; put a name of its certificate in place of localhost";
    match &discovered.service {
        Service::Http { status, server } => {
            let server = server.as_ref().map(|server| format!(" as {server}"));
            let what = format!("answers HTTP with status {status}{}", server.unwrap_or_default());
            probed(&what, &[format!("http://{address}/")], "")
        }
        Service::Https => {
            let urls = [format!("https://localhost:{port}/")];
            probed("speaks TLS and most likely HTTP", &urls, certificate)
        }
        Service::Tls => probed("speaks TLS", &[format!("tls://localhost:{port}")], certificate),
        Service::Postgres => {
            let todo = "; put user and database in the URL, the password by ${NAME}";
            let urls = [
                format!("postgres://{address}/postgres"),
                format!("postgres://postgres@{address}/postgres"),
            ];
            probed("speaks PostgreSQL", &urls, todo)
        }
        Service::Redis => {
            let urls = [format!("redis://{address}"), format!("redis://{address}/")];
            probed("speaks the protocol of Redis", &urls, "")
        }
        Service::Greeting(greeting) => {
            let what = format!("greets with {:?}", greeting.as_str());
            suggested(what, "; it may log every connection")
        }
        Service::Unknown => suggested("speaks something that is not known here".to_owned(), ""),
        Service::NoAnswer => suggested("says nothing".to_owned(), ""),
    }
}

fn tcp(discovered: &Discovered) -> String {
    format!("tcp://{}", discovered.listening.reachable())
}

/// The URL and its kind, when this build probes it and needs no more keys.
fn usable(text: String) -> Option<(String, &'static str)> {
    let url = Url::parse(&text).ok()?;
    let kind = registry::of_scheme(url.scheme())?;
    let settings = ValueDeserializer::parse("{}").and_then(kind.read).ok()?;
    settings.check(&url).is_empty().then_some((text, kind.name))
}

/// Program and port, or kind and port.
fn free_name(discovered: &Discovered, kind: &str, names: &mut HashSet<String>) -> String {
    let listening = &discovered.listening;
    let program = listening.process.as_ref().map(|process| process.name.as_str());
    // A colon could make it read as a selector.
    let program = program
        .filter(|name| !name.is_empty())
        .unwrap_or(kind)
        .replace(':', "-");
    let wanted = format!("{program} {}", listening.address.port());
    let free = (2..).map(|number| format!("{wanted} {number}"));
    let name = std::iter::once(wanted.clone())
        .chain(free)
        .find(|name| !names.contains(name));
    let name = name.expect("there are more numbers than names");
    names.insert(name.clone());
    name
}

#[cfg(test)]
mod tests {
    use probetop_probe::source::discovery::{Listening, Program};

    use super::*;
    use crate::config::{Config, Overrides};

    fn found(address: &str, program: Option<&str>, service: Service) -> Discovered {
        let process = program.map(|name| Program {
            name: name.into(),
            pid: 7,
        });
        let address = address.parse().unwrap();
        Discovered {
            listening: Listening { address, process },
            service,
        }
    }

    /// Every kind of service, with names that would break out of a carelessly written file.
    fn everything() -> Vec<Discovered> {
        let http = |status| Service::Http {
            status,
            server: Some("nginx \" ${HOME}".into()),
        };
        vec![
            found("0.0.0.0:80", Some("nginx"), http(200)),
            found("[::]:81", Some("group:x\"$y\n[[target]]"), http(404)),
            found("127.0.0.1:443", None, Service::Https),
            found("127.0.0.1:993", None, Service::Tls),
            found("127.0.0.1:5432", Some("postgres"), Service::Postgres),
            found("127.0.0.1:6379", None, Service::Redis),
            found("0.0.0.0:22", Some("sshd"), Service::Greeting("SSH-2.0 \"x".into())),
            found("0.0.0.0:23", None, Service::Unknown),
            found("0.0.0.0:24", None, Service::NoAnswer),
        ]
    }

    #[test]
    fn what_is_written_is_loaded_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("probetop.toml");
        let text = text(&everything());
        std::fs::write(&path, &text).unwrap();
        let overrides = Overrides {
            file: Some(path),
            ..Overrides::default()
        };
        let config = Config::load(&overrides, &|_| None).unwrap_or_else(|problems| panic!("{problems}\n{text}"));
        assert_eq!(config.targets.rows().len(), 6, "{text}");
        assert!(
            text.contains("# nginx (pid 7) on 0.0.0.0:80: answers HTTP with status 200"),
            "{text}"
        );
        assert!(text.contains("#url = \"tcp://127.0.0.1:22\""), "{text}");
    }

    #[test]
    fn what_is_offered_is_a_target_of_the_command_line() {
        let offers = offers(&everything());
        assert_eq!(offers.len(), 9);
        assert!(
            offers[8].url.as_str().starts_with("tcp://"),
            "what has no probe that fits comes last"
        );
        let targets = offers
            .iter()
            .map(|offer| format!("{}={}", offer.name, offer.url))
            .collect();
        let overrides = Overrides {
            targets,
            ..Overrides::default()
        };
        let config = Config::load(&overrides, &|_| None).unwrap_or_else(|problems| panic!("{problems}"));
        let names: Vec<_> = config
            .targets
            .rows()
            .iter()
            .map(|target| target.name.as_str())
            .collect();
        let offered: Vec<_> = offers.iter().map(|offer| offer.name.as_str()).collect();
        assert_eq!(names, offered);
    }

    #[test]
    fn what_is_written_without_a_finding_is_sound() {
        assert!(text(&[]).contains("# Nothing listens here."));
        assert!(!text(&[]).contains("[[alert]]"));
    }
}
