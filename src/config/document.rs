//! A TOML text as a tree in which every value knows its place, read piece by piece so that every problem is found.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;

use probetop_core::sample::{Text, printable as shown_path};
use probetop_core::setting::Finding;
use probetop_core::suggest;
use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeTable, DeValue, Error, ValueDeserializer};

use super::credential;
use super::problem::{Place, Problem};
use super::secret::{Environment, Form, Secrets};

/// A table of the document with the place it was written at.
pub(super) type Table<'t> = Spanned<DeTable<'t>>;

/// Problems found in one table at most; each costs another reading of it.
const RETRY_LIMIT: usize = 100;

/// Keys whose texts are shown word for word, so that no secret may get into them.
const CONDITIONS: [&str; 4] = ["expect", "when", "clear_when", "filters"];

/// Keys whose texts are URLs, in which a value is written in another way than it arrives.
const URLS: [&str; 3] = ["url", "proxy", "dashboard"];

/// Collects the problems of one document.
pub struct Document<'t> {
    name: String,
    text: &'t str,
    line_starts: Vec<usize>,
    /// By the byte offset they were found at.
    problems: BTreeMap<usize, Problem>,
    pub secrets: Secrets,
}

impl<'t> Document<'t> {
    /// `name` is what problems call the document.
    pub fn new(name: String, text: &'t str) -> Self {
        let line_starts = std::iter::once(0)
            .chain(text.match_indices('\n').map(|(offset, _)| offset + 1))
            .collect();
        Self {
            name,
            text,
            line_starts,
            problems: BTreeMap::new(),
            secrets: Secrets::default(),
        }
    }

    /// The tree with every `${NAME}` filled in. `None` when the text is not TOML: then all else would be guesswork.
    pub fn parse(&mut self, environment: Environment<'_>) -> Option<Table<'t>> {
        let (mut root, errors) = DeTable::parse_recoverable(self.text);
        for error in &errors {
            let offset = error.span().map_or(0, |span| span.start);
            self.problem(offset, &format!("not TOML: {}", error.message()));
        }
        if !errors.is_empty() {
            return None;
        }
        self.expand_table(root.get_mut(), environment);
        credential::gather(root.get_ref(), &mut self.secrets);
        Some(root)
    }

    fn expand_table(&mut self, table: &mut DeTable<'t>, environment: Environment<'_>) {
        for (key, value) in table.iter_mut() {
            self.expand(key.get_ref(), value, environment);
        }
    }

    fn expand(&mut self, key: &str, value: &mut Spanned<DeValue<'t>>, environment: Environment<'_>) {
        let offset = value.span().start;
        match value.get_mut() {
            DeValue::String(text) if text.contains("${") && CONDITIONS.contains(&key) => {
                let message = format!("{key} is shown on the screen; ${{NAME}} cannot be used in it");
                self.problem(offset, &message);
            }
            DeValue::String(text) if text.contains('$') => {
                let form = if URLS.contains(&key) { Form::Url } else { Form::Plain };
                match self.secrets.expand(text, form, environment) {
                    Ok(real) => *text = real.into(),
                    Err(message) => self.problem(offset, &message),
                }
            }
            DeValue::Array(items) => items.iter_mut().for_each(|item| self.expand(key, item, environment)),
            DeValue::Table(table) if CONDITIONS.contains(&key) => {
                for (_, value) in table.iter_mut() {
                    self.expand(key, value, environment);
                }
            }
            DeValue::Table(table) => self.expand_table(table, environment),
            DeValue::String(_)
            | DeValue::Integer(_)
            | DeValue::Float(_)
            | DeValue::Boolean(_)
            | DeValue::Datetime(_) => {}
        }
    }

    /// Notes a problem at a byte offset. Of several at one place the first is the cause, the others follow from it.
    pub fn problem(&mut self, offset: usize, message: &str) {
        if self.problems.contains_key(&offset) {
            return;
        }
        let problem = self.problem_at(offset, message);
        self.problems.insert(offset, problem);
    }

    fn problem_at(&self, offset: usize, message: &str) -> Problem {
        Problem {
            place: self.place(offset),
            message: printable(&self.secrets.mask_message(message)),
        }
    }

    /// Notes what a module found in its own settings, which `table` holds. `subject` opens the message.
    pub fn finding(&mut self, table: &Table<'_>, subject: &str, finding: &Finding) {
        let (offset, problem) = self.described(table, subject, finding);
        self.problems.entry(offset).or_insert(problem);
    }

    /// What a module found, and at which byte offset.
    pub fn described(&self, table: &Table<'_>, subject: &str, finding: &Finding) -> (usize, Problem) {
        let offset = self.locate(table, finding);
        let around = match finding.path.split_last() {
            Some((_, [])) | None => String::new(),
            Some((_, around)) => format!("{}: ", around.join(".")),
        };
        (
            offset,
            self.problem_at(offset, &format!("{subject}{around}{}", finding.message)),
        )
    }

    /// Where the document lies: paths in it are meant from there.
    pub fn folder(&self) -> &Path {
        Path::new(&self.name).parent().unwrap_or(Path::new(""))
    }

    pub fn place(&self, offset: usize) -> Place {
        let line = self.line_starts.partition_point(|start| *start <= offset).max(1);
        let start = self.line_starts.get(line - 1).copied().unwrap_or_default();
        let before = self.text.get(start..offset).unwrap_or_default();
        Place::Spot {
            name: shown_path(&self.name),
            line,
            column: before.chars().count() + 1,
        }
    }

    /// All problems in the order of the text.
    pub fn into_problems(self) -> impl Iterator<Item = Problem> {
        self.problems.into_values()
    }

    /// Reads one table. What `parse` refuses is noted, dropped and read again without, so that one mistake hides no
    /// other. `also` are names known beside those that `parse` knows, for the "did you mean".
    pub fn read<T>(
        &mut self,
        table: &Table<'_>,
        subject: &str,
        also: &[&str],
        parse: impl Fn(ValueDeserializer<'_>) -> Result<T, Error>,
    ) -> Option<T> {
        let mut rest = table.clone();
        for _ in 0..RETRY_LIMIT {
            let span = rest.span();
            let value = Spanned::new(span.clone(), DeValue::Table(rest.get_ref().clone()));
            let error = match parse(ValueDeserializer::from(value)) {
                Ok(read) => return Some(read),
                Err(error) => error,
            };
            let at = error.span().unwrap_or(span);
            let dropped = drop_at(rest.get_mut(), &at);
            let message = plain_message(error.message(), dropped.as_deref(), also);
            self.problem(at.start, &format!("{subject}{message}"));
            if dropped.is_none() {
                break;
            }
        }
        None
    }

    /// Reads one table as `T`, in the same way.
    pub fn read_as<T: DeserializeOwned>(&mut self, table: &Table<'_>, subject: &str, also: &[&str]) -> Option<T> {
        self.read(table, subject, also, |keys| T::deserialize(keys))
    }

    /// The place that a finding is about: the value, or the nearest table around it that is there.
    pub fn locate(&self, table: &Table<'_>, finding: &Finding) -> usize {
        let mut here = table.span();
        let mut value: Option<&Spanned<DeValue<'_>>> = None;
        for (depth, key) in finding.path.iter().enumerate() {
            let next = match value.map(Spanned::get_ref) {
                None if depth == 0 => table.get_ref().get(key.as_str()),
                Some(DeValue::Table(table)) => table.get(key.as_str()),
                Some(DeValue::Array(items)) => key.parse().ok().and_then(|index: usize| items.get(index)),
                None | Some(_) => None,
            };
            let Some(next) = next else { return here.start };
            here = next.span();
            value = Some(next);
        }
        let text = value.and_then(|value| value.get_ref().as_str());
        here.start + text.map_or(0, |text| self.offset_within(here.clone(), text, finding.offset))
    }

    /// How far into the literal at `span` the byte `offset` of its value is. 0 when it is not written as it reads.
    fn offset_within(&self, span: Range<usize>, value: &str, offset: usize) -> usize {
        let literal = self.text.get(span).unwrap_or_default();
        match literal.find(value) {
            Some(opening) if offset > 0 => opening + offset.min(value.len()),
            Some(_) | None => 0,
        }
    }
}

/// Removes the innermost entry at `at` and gives its key, after those it lies under: `latency.warning`.
fn drop_at(table: &mut DeTable<'_>, at: &Range<usize>) -> Option<String> {
    // Deepest first: a table under a header of its own does not enclose the places of its keys.
    for (key, value) in table.iter_mut() {
        if let DeValue::Table(inner) = value.get_mut()
            && let Some(inner_key) = drop_at(inner, at)
        {
            return Some(format!("{}.{inner_key}", key.get_ref()));
        }
    }
    let holds = |span: Range<usize>| span.start <= at.start && at.end <= span.end;
    let key = table
        .iter()
        .find(|(key, value)| holds(key.span()) || holds(value.span()))
        .map(|(key, _)| key.get_ref().to_string())?;
    table.remove(key.as_str());
    Some(key)
}

/// The library's message in our words, with the key it is about.
fn plain_message(message: &str, key: Option<&str>, also: &[&str]) -> String {
    if let Some(rest) = message.strip_prefix("unknown field ") {
        let mut names = rest.split('`').skip(1).step_by(2);
        let unknown = names.next().unwrap_or_default();
        let known: Vec<&str> = names.chain(also.iter().copied()).collect();
        let hint = match suggest::closest(unknown, known.iter().copied()) {
            hint if hint.is_empty() => format!("; known are {}", known.join(", ")),
            hint => hint,
        };
        let around = key
            .and_then(|key| key.rsplit_once('.'))
            .map_or("", |(around, _)| around);
        let colon = if around.is_empty() { "" } else { ": " };
        return format!("{around}{colon}unknown key {unknown:?}{hint}");
    }
    let key = key.unwrap_or("the value");
    if let Some(rest) = message.strip_prefix("unknown variant ") {
        let mut names = rest.split('`').skip(1).step_by(2);
        let given = names.next().unwrap_or_default();
        let known: Vec<&str> = names.collect();
        return format!("{key} is {given:?}; use {}", known.join(", "));
    }
    let refused = message
        .strip_prefix("invalid type: ")
        .or_else(|| message.strip_prefix("invalid value: "));
    if let Some((given, expected)) = refused.and_then(|refused| refused.split_once(", expected ")) {
        return format!("{key} is {}; use {}", plain_value(given), plain_type(expected));
    }
    format!("{key}: {message}")
}

/// What Rust calls a value, in words: `string "5"` is the text "5".
fn plain_value(given: &str) -> String {
    let (kind, value) = given.split_once(' ').unwrap_or((given, ""));
    let value = value.trim_start_matches("point ").replace('`', "");
    match kind {
        "string" => format!("the text {value}"),
        "integer" | "floating" => format!("the number {value}"),
        "sequence" => "a list".to_owned(),
        "map" => "a table".to_owned(),
        "boolean" => value,
        _ => given.replace('`', ""),
    }
}

/// What Rust calls a type, in words.
fn plain_type(expected: &str) -> &str {
    match expected {
        "u8" => "a whole number from 0 to 255",
        "u16" => "a whole number from 0 to 65535",
        "u64" => "a whole number",
        "f64" => "a number",
        "a boolean" => "true or false",
        "a string" => "a text in quotes",
        "a sequence" => "a list in brackets",
        "a map" => "a table",
        "struct Auth" => "a table such as { bearer = \"${TOKEN}\" }",
        "struct Basic" => "a table such as { user = \"me\", password = \"${PASSWORD}\" }",
        "struct Settings" => "a table",
        other if other.starts_with("struct ") => "a table such as { warning = …, critical = … }",
        other => other,
    }
}

/// A file may hold anything; messages about it go to a terminal.
fn printable(message: &str) -> String {
    Text::clean(message).to_string()
}
