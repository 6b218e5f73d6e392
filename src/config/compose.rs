//! Targets from more than one place: names for those that have none, those of the command line, and the built-in service.

use std::collections::{HashMap, HashSet};

use probetop_core::sample::Text;
use probetop_core::setting::selector::{HOST, Selector};
use probetop_core::suggest;
use toml::de::ValueDeserializer;

use super::Overrides;
use super::file::{self, Contents, Host};
use super::problem::{Problem, Problems};
use super::secret::Secrets;
use super::target::{self, TargetConfig, TargetDefaults, TargetSettings};
use super::theme_library::ThemeLibrary;
use super::url::TargetUrl;

/// What `demo://` stands for.
const DEMO: &str = include_str!("../../assets/demo.toml");

/// The names that are taken.
#[derive(Debug, Default)]
pub(super) struct Names {
    taken: HashSet<String>,
    /// The number to try next for a name that was wanted before: 20,000 equal URLs need as many steps, not their square.
    next: HashMap<String, u32>,
}

impl Names {
    /// Names every target that has no name, and gives all names that are taken.
    pub(super) fn of(targets: &mut [TargetConfig]) -> Self {
        let mut names = Self {
            taken: targets.iter().map(|target| target.name.to_string()).collect(),
            next: HashMap::new(),
        };
        for target in targets.iter_mut().filter(|target| target.name.as_str().is_empty()) {
            target.name = names.free(&target.url.short());
        }
        names
    }

    /// Whether `name` was free until now.
    fn take(&mut self, name: &str) -> bool {
        self.taken.insert(name.to_owned())
    }

    /// `wanted`, or `wanted (2)` and so on when it is taken.
    fn free(&mut self, wanted: &str) -> Text {
        self.taken.insert(HOST.to_owned());
        let plain = Text::clean(wanted);
        if self.take(plain.as_str()) {
            return plain;
        }
        // Cut before the number, or a long name would never become a free one.
        let short: String = wanted.chars().take(200).collect();
        let mut number = self.next.get(&short).copied().unwrap_or(2);
        loop {
            let candidate = Text::clean(&format!("{short} ({number})"));
            number += 1;
            if self.take(candidate.as_str()) {
                self.next.insert(short, number);
                return candidate;
            }
        }
    }
}

pub(super) fn add_command_line(
    contents: &mut Contents,
    overrides: &Overrides,
    names: &mut Names,
    problems: &mut Problems,
) {
    let defaults = overrides.target_defaults(&contents.general);
    for text in &overrides.targets {
        contents.secrets.learn_url(text);
        match command_line_target(text, defaults, &contents.secrets) {
            Ok(None) => contents.whole_demo = true,
            Ok(Some(mut target)) if target.name.as_str().is_empty() => {
                target.name = names.free(&target.url.short());
                contents.targets.push(target);
            }
            Ok(Some(target)) => {
                if !names.take(target.name.as_str()) {
                    let message = format!("target {:?}: the name is taken; choose another", target.name);
                    problems.push(Problem::on_command_line(message));
                }
                contents.targets.push(target);
            }
            Err(message) => problems.push(Problem::on_command_line(message)),
        }
    }
}

/// `URL` or `NAME=URL`. `None`: all of the built-in service.
fn command_line_target(
    text: &str,
    defaults: TargetDefaults,
    secrets: &Secrets,
) -> Result<Option<TargetConfig>, String> {
    let (name, url) = match text.split_once('=') {
        Some((name, url)) if !name.contains("://") && !name.contains(['/', '?']) => (Some(name), url),
        Some(_) | None => (None, text),
    };
    if let Some(message) = name.and_then(target::check_name) {
        return Err(message);
    }
    let (url, kind) = TargetUrl::parse(url, secrets).map_err(|message| format!("target {message}"))?;
    if url.is_whole_demo() {
        return Ok(None);
    }
    let settings = TargetSettings {
        name: name.map(str::to_owned),
        ..TargetSettings::default()
    };
    let shown = url.shown().to_owned();
    let read = ValueDeserializer::parse("{}").and_then(kind.read);
    let kind = read.map_err(|error| format!("target {shown:?}: {}; write it in a file", error.message()))?;
    TargetConfig::resolve(&settings, kind, url, defaults)
        .map(Some)
        .map_err(|findings| {
            let messages: Vec<_> = findings.into_iter().map(|finding| finding.message).collect();
            format!("target {shown:?}: {}", messages.join("; "))
        })
}

/// Puts the built-in service's targets, rules, objectives and settings behind those that are there.
pub(super) fn add_demo(contents: &mut Contents, overrides: &Overrides, names: &mut Names, problems: &mut Problems) {
    let (demo, found) = file::read(
        "built-in demo.toml",
        DEMO,
        overrides,
        &|_| None,
        &mut ThemeLibrary::default(),
    );
    problems.extend(found);
    let mut targets = demo.targets;
    for target in targets.rows_mut() {
        let wanted = match target.name.as_str() {
            "" => target.url.short(),
            name => name.to_owned(),
        };
        target.name = names.free(&wanted);
    }
    contents.targets.extend([targets]);
    contents.rules.extend(demo.rules);
    for objective in demo.objectives {
        // One that was copied to the file stands there as it was changed.
        if contents.objectives.iter().all(|own| own.name != objective.name) {
            contents.objectives.push(objective);
        }
    }
    contents.general.window = contents.general.window.or(demo.general.window);
    if contents.host == Host::Unsaid {
        contents.host = demo.host;
    }
}

/// A selector that matches no target is allowed, but rarely meant.
pub(super) fn unmatched_selectors(contents: &Contents) -> Vec<Problem> {
    let warning = |placed: &file::PlacedSelector| {
        let wrong = unmatched(contents, &placed.selector)?;
        Some(Problem {
            place: placed.place.clone(),
            message: format!("{}{wrong}", placed.subject),
        })
    };
    contents.selectors.iter().filter_map(warning).collect()
}

/// What to say of a selector that matches neither a target nor the machine, and what to write instead.
fn unmatched(contents: &Contents, selector: &Selector) -> Option<String> {
    let is_meant = contents.targets.rows().iter().any(|target| {
        let group = target.group.as_ref().map(Text::as_str);
        selector.matches(target.name.as_str(), target.kind.kind().name, group)
    });
    if is_meant || *selector == Selector::Host {
        return None;
    }
    let names = contents.targets.rows().iter().map(|target| target.name.as_str());
    Some(matches_no_target(selector, names))
}

/// The same of a selector that is known to match none of `names`.
pub(super) fn matches_no_target<'a>(selector: &Selector, names: impl Iterator<Item = &'a str>) -> String {
    let selector = selector.to_string();
    let hint = match suggest::closest(&selector, names) {
        hint if hint.is_empty() => "; name a target, group:NAME, kind:NAME or host".to_owned(),
        hint => hint,
    };
    format!("{selector:?} matches no target{hint}")
}
