//! From a key to an action: how keys are written, which are bound, and every problem of a user's bindings.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use crossterm::event::{KeyCode, KeyModifiers};
use probetop_core::setting::Finding;
use probetop_core::suggest;

use super::action::{Action, COMMANDS, Command, Group};

/// A key with its modifiers, written `ctrl-x`, `alt-enter`, `shift-tab`, `G`, `space`, `f5`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Chord {
    code: KeyCode,
    modifiers: KeyModifiers,
}

const NAMED: [(&str, KeyCode); 16] = [
    ("space", KeyCode::Char(' ')),
    ("enter", KeyCode::Enter),
    ("esc", KeyCode::Esc),
    ("tab", KeyCode::Tab),
    ("backspace", KeyCode::Backspace),
    ("delete", KeyCode::Delete),
    ("insert", KeyCode::Insert),
    ("up", KeyCode::Up),
    ("down", KeyCode::Down),
    ("left", KeyCode::Left),
    ("right", KeyCode::Right),
    ("home", KeyCode::Home),
    ("end", KeyCode::End),
    ("pageup", KeyCode::PageUp),
    ("pagedown", KeyCode::PageDown),
    ("minus", KeyCode::Char('-')),
];

const MODIFIERS: [(&str, KeyModifiers); 3] = [
    ("ctrl", KeyModifiers::CONTROL),
    ("alt", KeyModifiers::ALT),
    ("shift", KeyModifiers::SHIFT),
];

impl Chord {
    /// Terminals tell Shift in many ways: of a character it is in the character, and Shift-Tab is a key of its own.
    pub fn new(code: KeyCode, modifiers: KeyModifiers) -> Self {
        let known = KeyModifiers::CONTROL | KeyModifiers::ALT | KeyModifiers::SHIFT;
        let (code, modifiers) = match code {
            KeyCode::BackTab => (KeyCode::Tab, modifiers | KeyModifiers::SHIFT),
            KeyCode::Char(c) if modifiers.contains(KeyModifiers::CONTROL) => {
                (KeyCode::Char(c.to_ascii_lowercase()), modifiers - KeyModifiers::SHIFT)
            }
            KeyCode::Char(_) => (code, modifiers - KeyModifiers::SHIFT),
            other => (other, modifiers),
        };
        Self {
            code,
            modifiers: modifiers & known,
        }
    }

    pub const ESCAPE: Self = Self {
        code: KeyCode::Esc,
        modifiers: KeyModifiers::NONE,
    };

    /// Terminals tell Alt as Esc before the key: the key alone, where Esc and it may have been pressed one after the other.
    pub fn after_escape(self) -> Option<Self> {
        let is_alt = self.modifiers.contains(KeyModifiers::ALT);
        is_alt.then(|| Self::new(self.code, self.modifiers - KeyModifiers::ALT))
    }

    /// What the key does to a line that is being typed.
    pub fn edit(self) -> Edit {
        let plain = self.modifiers.is_empty();
        match self.code {
            KeyCode::Char(c) if plain => Edit::Insert(c),
            KeyCode::Char('u') if self.modifiers == KeyModifiers::CONTROL => Edit::Clear,
            KeyCode::Char('w') if self.modifiers == KeyModifiers::CONTROL => Edit::DeleteWord,
            KeyCode::Char('c' | 'g') if self.modifiers == KeyModifiers::CONTROL => Edit::Cancel,
            KeyCode::Char('h') if self.modifiers == KeyModifiers::CONTROL => Edit::Delete,
            KeyCode::Backspace => Edit::Delete,
            KeyCode::Up | KeyCode::BackTab => Edit::Previous,
            KeyCode::Down | KeyCode::Tab => Edit::Next,
            KeyCode::Char('p') if self.modifiers == KeyModifiers::CONTROL => Edit::Previous,
            KeyCode::Char('n') if self.modifiers == KeyModifiers::CONTROL => Edit::Next,
            KeyCode::Enter => Edit::Accept,
            KeyCode::Esc => Edit::Cancel,
            _ => Edit::None,
        }
    }
}

/// What a key does while a line is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edit {
    Insert(char),
    /// The character before the cursor.
    Delete,
    DeleteWord,
    Clear,
    Accept,
    Cancel,
    /// Among choices: the one above, the one below.
    Previous,
    Next,
    None,
}

impl FromStr for Chord {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut modifiers = KeyModifiers::NONE;
        let mut rest = text;
        while let Some((modifier, after)) = MODIFIERS
            .iter()
            .find_map(|(name, modifier)| Some((modifier, rest.strip_prefix(name)?.strip_prefix('-')?)))
        {
            modifiers |= *modifier;
            rest = after;
        }
        let code = parse_code(rest).ok_or_else(|| {
            format!("{text:?} is not a key; write it like \"x\", \"G\", \"ctrl-x\", \"alt-enter\", \"space\", \"pageup\" or \"f5\"")
        })?;
        Ok(Self::new(code, modifiers))
    }
}

fn parse_code(text: &str) -> Option<KeyCode> {
    let mut characters = text.chars();
    if let (Some(c), None) = (characters.next(), characters.next()) {
        return (!c.is_control() && !c.is_whitespace()).then_some(KeyCode::Char(c));
    }
    if let Some(number) = text.strip_prefix('f').and_then(|digits| digits.parse().ok()) {
        return (1..=12).contains(&number).then_some(KeyCode::F(number));
    }
    NAMED.iter().find(|(name, _)| *name == text).map(|(_, code)| *code)
}

impl fmt::Display for Chord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        for (name, modifier) in MODIFIERS {
            if self.modifiers.contains(modifier) {
                text.push_str(name);
                text.push('-');
            }
        }
        match (
            NAMED.iter().find(|(name, code)| *code == self.code && *name != "minus"),
            self.code,
        ) {
            (Some((name, _)), _) => text.push_str(name),
            (None, KeyCode::Char(c)) => text.push(c),
            (None, KeyCode::F(number)) => text.push_str(&format!("f{number}")),
            (None, _) => text.push('?'),
        }
        f.pad(&text)
    }
}

/// Which key does what.
#[derive(Clone, Debug, PartialEq)]
pub struct KeyMap {
    bindings: Vec<(Chord, Action)>,
    /// Those that hold only while an earlier second is shown, and go before the others then.
    past: Vec<(Chord, Action)>,
}

impl Default for KeyMap {
    fn default() -> Self {
        Self::try_new(&BTreeMap::new()).expect("the built-in keys parse and do not clash: asserted by a test")
    }
}

impl KeyMap {
    /// The default keys, with those of the named actions replaced. An empty list unbinds an action. A default key that a
    /// user gives to another action goes over to that one.
    ///
    /// # Errors
    /// Every problem: unknown actions, keys that are none, two actions on one key.
    pub fn try_new(changes: &BTreeMap<String, Vec<String>>) -> Result<Self, Vec<Finding>> {
        let mut problems = Vec::new();
        let mut bindings: Vec<(Chord, Action)> = Vec::new();
        for (name, keys) in changes {
            let Some(action) = Action::from_name(name) else {
                problems.push(unknown_action(name));
                continue;
            };
            for (place, key) in keys.iter().enumerate() {
                let mut wrong = |message: String| problems.push(Finding::new(name, message).item(place));
                let chord = match key.parse::<Chord>() {
                    Ok(chord) => chord,
                    Err(problem) => {
                        wrong(problem);
                        continue;
                    }
                };
                match bindings.iter().find(|(bound, _)| *bound == chord) {
                    Some((_, other)) if *other != action => wrong(format!(
                        "{key:?} is bound to {:?} as well; give it to one of them",
                        other.command().name
                    )),
                    Some(_) => {}
                    None => bindings.push((chord, action)),
                }
            }
        }
        let past = past_defaults(&bindings, changes);
        add_defaults(&mut bindings, changes);
        if !bindings.iter().any(|(_, action)| *action == Action::Quit) {
            problems.push(Finding::new("quit", "no key is left to quit with; bind at least one"));
        }
        if problems.is_empty() {
            Ok(Self { bindings, past })
        } else {
            Err(problems)
        }
    }

    pub fn action(&self, chord: Chord) -> Option<Action> {
        bound(&self.bindings, chord)
    }

    /// What the key does while an earlier second is shown.
    pub fn past_action(&self, chord: Chord) -> Option<Action> {
        bound(&self.past, chord).or_else(|| self.action(chord))
    }

    /// The keys of an action as they are written, the one to show first.
    pub fn keys(&self, action: Action) -> Vec<String> {
        written(&self.bindings, action).collect()
    }

    /// All keys of an action in one line, those in brackets that hold only while an earlier second is shown.
    pub fn shown(&self, action: Action) -> String {
        let past = written(&self.past, action).map(|key| format!("({key})"));
        let keys: Vec<_> = written(&self.bindings, action).chain(past).collect();
        keys.join(" ")
    }

    /// The keys of an action that hold only while an earlier second is shown.
    pub fn past_keys(&self, action: Action) -> Vec<String> {
        written(&self.past, action).collect()
    }
}

fn bound(bindings: &[(Chord, Action)], chord: Chord) -> Option<Action> {
    bindings
        .iter()
        .find(|(bound, _)| *bound == chord)
        .map(|(_, action)| *action)
}

fn written(bindings: &[(Chord, Action)], action: Action) -> impl Iterator<Item = String> {
    let of_action = bindings.iter().filter(move |(_, bound)| *bound == action);
    of_action.map(|(chord, _)| chord.to_string())
}

/// The default keys for the past of what the user does not mention, but for those that the user gave to anything.
fn past_defaults(given: &[(Chord, Action)], changes: &BTreeMap<String, Vec<String>>) -> Vec<(Chord, Action)> {
    let commands = COMMANDS.iter().filter(|command| !changes.contains_key(command.name));
    let keys = commands.flat_map(|command| command.past_keys.iter().map(|key| (*key, command.action)));
    let chords = keys.map(|(key, action)| (key.parse::<Chord>().expect("a test reads every default key"), action));
    chords.filter(|(chord, _)| bound(given, *chord).is_none()).collect()
}

/// The default keys of what the user does not mention; a key that the user gave away is the user's.
fn add_defaults(bindings: &mut Vec<(Chord, Action)>, changes: &BTreeMap<String, Vec<String>>) {
    for command in COMMANDS.iter().filter(|command| !changes.contains_key(command.name)) {
        for key in command.keys {
            let chord = key.parse::<Chord>().expect("a test reads every default key");
            if !bindings.iter().any(|(bound, _)| *bound == chord) {
                bindings.push((chord, command.action));
            }
        }
    }
}

fn unknown_action(name: &str) -> Finding {
    let hint = suggest::closest(name, COMMANDS.iter().map(|command| command.name));
    if hint.is_empty() {
        let names: Vec<_> = COMMANDS.iter().map(|command| command.name).collect();
        let message = format!("there is no action {name:?}; use one of {}", names.join(", "));
        return Finding::new(name, message);
    }
    Finding::new(name, format!("there is no action {name:?}{hint}"))
}

/// The default keys as a table for docs/keys.md; those in brackets hold only while an earlier second is shown.
pub fn table_markdown() -> String {
    let mut out = String::from("| Key | Action | What it does |\n|---|---|---|\n");
    for group in Group::ALL {
        for command in COMMANDS.iter().filter(|command| command.group == group) {
            out.push_str(&markdown_row(command));
        }
    }
    out
}

fn markdown_row(command: &Command) -> String {
    let quoted = |key: &&str| format!("`{key}`");
    let past = command.past_keys.iter().map(|key| format!("(`{key}`)"));
    let keys: Vec<_> = command.keys.iter().map(quoted).chain(past).collect();
    format!("| {} | `{}` | {} |\n", keys.join(" "), command.name, command.help)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changes(pairs: &[(&str, &[&str])]) -> BTreeMap<String, Vec<String>> {
        pairs
            .iter()
            .map(|(name, keys)| (name.to_string(), keys.iter().map(|key| key.to_string()).collect()))
            .collect()
    }

    #[test]
    fn a_key_reads_as_it_is_written() {
        for text in [
            "x",
            "G",
            "?",
            "-",
            "+",
            "space",
            "enter",
            "esc",
            "shift-tab",
            "ctrl-x",
            "ctrl-alt-up",
            "f12",
            "é",
            "alt--",
        ] {
            assert_eq!(text.parse::<Chord>().unwrap().to_string(), text);
        }
        for text in ["", "xx", "f0", "f13", "ctrl-", "hyper-x", "\u{1b}", "Ctrl-x"] {
            assert!(text.parse::<Chord>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn shift_is_told_alike_whatever_the_terminal_sends() {
        let check = |code, modifiers, text: &str| {
            let chord = Chord::new(code, modifiers);
            assert_eq!(chord, text.parse().unwrap());
        };
        check(KeyCode::Char('G'), KeyModifiers::SHIFT, "G");
        check(KeyCode::Char('G'), KeyModifiers::NONE, "G");
        check(KeyCode::BackTab, KeyModifiers::NONE, "shift-tab");
        check(KeyCode::BackTab, KeyModifiers::SHIFT, "shift-tab");
        check(
            KeyCode::Char('L'),
            KeyModifiers::CONTROL | KeyModifiers::SHIFT,
            "ctrl-l",
        );
        check(KeyCode::Char('-'), KeyModifiers::NONE, "minus");
    }

    #[test]
    fn the_default_keys_parse_and_do_not_clash() {
        assert_eq!(KeyMap::try_new(&BTreeMap::new()).map(|_| ()), Ok(()));
    }

    #[test]
    fn a_user_binding_takes_the_key_over_from_a_default() {
        let map = KeyMap::try_new(&changes(&[("freeze", &["w", "f2"])])).unwrap();
        assert_eq!(map.action("w".parse().unwrap()), Some(Action::Freeze));
        assert_eq!(map.action("space".parse().unwrap()), None);
        assert_eq!(map.keys(Action::Freeze), ["w", "f2"]);
        assert_eq!(map.keys(Action::WindowNext), Vec::<String>::new());
    }

    #[test]
    fn keys_for_the_past_go_before_the_others_and_after_the_users() {
        let check = |map: &KeyMap, key: &str, live, past| {
            let chord = key.parse().unwrap();
            assert_eq!((map.action(chord), map.past_action(chord)), (live, past), "{key}");
        };
        let map = KeyMap::default();
        check(&map, "left", Some(Action::PreviousTarget), Some(Action::StepBack));
        check(&map, "[", Some(Action::StepBack), Some(Action::StepBack));
        check(&map, "end", Some(Action::Last), Some(Action::Live));
        check(&map, "w", Some(Action::WindowNext), Some(Action::WindowNext));
        let map = KeyMap::try_new(&changes(&[("open", &["left"]), ("live", &["x"])])).unwrap();
        check(&map, "left", Some(Action::Open), Some(Action::Open));
        check(&map, "end", Some(Action::Last), Some(Action::Last));
        check(&map, "x", Some(Action::Live), Some(Action::Live));
        assert_eq!(map.past_keys(Action::StepForward), ["right"]);
    }

    #[test]
    fn the_default_keys_for_the_past_do_not_clash() {
        let map = KeyMap::default();
        for (index, (chord, _)) in map.past.iter().enumerate() {
            assert!(bound(&map.past[..index], *chord).is_none(), "{chord}");
        }
    }

    #[test]
    fn every_problem_of_a_key_table_is_told_at_once() {
        let problems = KeyMap::try_new(&changes(&[
            ("export", &["x", "ctrl-alt"]),
            ("freez", &["y"]),
            ("quit", &[]),
            ("reload", &["x"]),
            ("zzz", &[]),
        ]))
        .unwrap_err();
        assert_eq!(problems.len(), 5, "{problems:#?}");
        assert_eq!(problems[0].path, ["export", "1"]);
        let problems: Vec<_> = problems.into_iter().map(|finding| finding.message).collect();
        assert!(problems[0].starts_with(r#""ctrl-alt" is not a key"#));
        assert_eq!(problems[1], r#"there is no action "freez"; did you mean "freeze"?"#);
        assert_eq!(
            problems[2],
            r#""x" is bound to "export" as well; give it to one of them"#
        );
        assert!(problems[3].starts_with(r#"there is no action "zzz"; use one of overview, "#));
        assert!(problems[4].starts_with("no key is left"));
    }

    #[test]
    fn the_readme_table_lists_every_action() {
        let table = table_markdown();
        for command in COMMANDS {
            assert!(table.contains(&format!("| `{}` |", command.name)), "{}", command.name);
        }
        assert_eq!(table.lines().count(), 2 + COMMANDS.len());
    }
}
