//! What each terminal is sent, held against the system's database of terminals as `infocmp` (ncurses) prints it: no
//! sequence that the terminal does not have.

use std::collections::BTreeMap;
use std::process::Command;

use probetop_core::sample::{Bell, Popup, PopupSequence};
use probetop_screen::ui::terminal::attention;
use probetop_screen::ui::terminal::dialect::Dialect;
use probetop_screen::ui::terminal::encoder::Encoder;
use probetop_screen::ui::theme::{ColorChoice, Depth, Environment, Family, TRUE_COLOR};
use ratatui::buffer::Buffer;

use crate::support::fixture_snapshot;
use crate::support::screen::{SIZES, TICK, ask, press, render, theme, view};
use crate::support::waiting;

/// Terminals that have 16 colours whatever the database says of their oldest name: the programs behind it have had the codes
/// 90 to 97 for decades.
const SIXTEEN: [&str; 3] = ["xterm", "screen", "tmux"];

/// Capabilities by name; numbers as text.
struct Terminal {
    name: String,
    capabilities: BTreeMap<String, String>,
}

impl Terminal {
    fn of(name: &str) -> Self {
        Self::find(name).unwrap_or_else(|| panic!("no entry for {name}"))
    }

    /// `None`: the database of this system has no entry.
    fn find(name: &str) -> Option<Self> {
        // It comes with ncurses (Debian: ncurses-bin).
        let output = waiting::output(Command::new("infocmp").args(["-1", "-x", name]));
        if !output.status.success() {
            return None;
        }
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let capability = |line: &str| {
            let line = line.trim().strip_suffix(',')?;
            let (name, value) = line.split_once(['=', '#']).unwrap_or((line, ""));
            Some((name.to_owned(), value.replace("\\E", "\x1b")))
        };
        Some(Self {
            name: name.to_owned(),
            capabilities: text.lines().filter_map(capability).collect(),
        })
    }

    fn has(&self, capability: &str) -> bool {
        self.capabilities.contains_key(capability)
    }

    fn has_in(&self, capability: &str, part: &str) -> bool {
        self.capabilities
            .get(capability)
            .is_some_and(|value| value.contains(part))
    }

    fn colors(&self) -> u32 {
        let number = |text: &String| match text.strip_prefix("0x") {
            Some(digits) => u32::from_str_radix(digits, 16).ok(),
            None => text.parse().ok(),
        };
        let known = self.capabilities.get("colors").and_then(number).unwrap_or(0);
        if SIXTEEN.contains(&self.name.as_str()) {
            known.max(16)
        } else {
            known
        }
    }

    /// Whether the terminal has this sequence, without its ESC.
    fn understands(&self, sequence: &str) -> bool {
        let Some(body) = sequence.strip_prefix('[') else {
            // Strings: xterm's descendants skip those they do not know.
            return self.ignores() && sequence.starts_with([']', 'P']) || sequence == "\\" && self.ignores();
        };
        let (parameters, end) = body.split_at(body.len() - 1);
        match (parameters, end) {
            ("", "H") => self.has("home"),
            ("", "J") => self.has("ed"),
            ("", "C") => self.has("cuf1"),
            (_, "H") => self.has_in("cup", "%i%p1%d;%p2%d"),
            (_, "C") => self.has_in("cuf", "%p1%d"),
            ("?1049", _) => self.has_in("smcup", "?1049h"),
            ("?25", _) => self.has_in("civis", "?25l"),
            (mode, "h" | "l") if mode.starts_with('?') => self.ignores(),
            (codes, "m") => self.has_style(codes),
            _ => false,
        }
    }

    /// ECMA-48 has private modes that a terminal does not know be ignored; the descendants of xterm do so.
    fn ignores(&self) -> bool {
        Family::of(Some(&self.name)) == Family::Xterm
    }

    fn has_style(&self, codes: &str) -> bool {
        let mut codes = codes.split(';');
        while let Some(code) = codes.next() {
            let has = match code.parse().unwrap_or(0) {
                0 => self.has("sgr0"),
                1 => self.has("bold"),
                2 => self.has("dim"),
                4 => self.has("smul"),
                7 => self.has("rev"),
                39 | 49 => self.has("op"),
                30..=37 | 40..=47 => self.colors() >= 8,
                90..=97 | 100..=107 => self.colors() >= 16,
                38 | 48 => {
                    let kind = codes.next();
                    codes
                        .by_ref()
                        .take(if kind == Some("5") { 1 } else { 3 })
                        .for_each(drop);
                    kind == Some("5") && self.colors() >= 256
                }
                _ => false,
            };
            if !has {
                return false;
            }
        }
        true
    }
}

/// All that the program would send: every pane drawn anew and a second later, a call for attention, and the end.
fn everything(environment: &Environment) -> String {
    let glyphs = environment.glyphs(false);
    let theme = theme(environment.depth(ColorChoice::Auto), glyphs);
    let dialect = Dialect::of(environment);
    let mut encoder = Encoder::new(dialect);
    let mut bytes = dialect.enter().into_bytes();
    for keys in ["", "2", "3", "4", "5", "6", "7", "8", "9", "0", "?"] {
        let mut view = view(SIZES[1]);
        let before = fixture_snapshot::with_targets(12, TICK);
        view.observe(&before);
        press(&mut view, &before, keys);
        let draw = |tick| {
            let snapshot = fixture_snapshot::answer(12, tick, &ask(&view, &before));
            render(&snapshot, &view, &theme)
        };
        let (first, second) = (draw(TICK), draw(TICK + 1));
        bytes.extend(encoder.repaint(&Buffer::empty(first.area), &first));
        bytes.extend(encoder.changes(&first, &second));
    }
    let popup = Popup {
        sequence: PopupSequence::Osc9,
        title: "slow".into(),
        body: "p95".into(),
    };
    bytes.extend(attention::call(dialect, Bell::Rung, Some(&popup)));
    bytes.extend(dialect.leave().into_bytes());
    String::from_utf8(bytes).unwrap()
}

/// The sequences in `text`, without their ESC.
fn sequences(text: &str) -> impl Iterator<Item = &str> {
    text.split('\x1b').skip(1).map(|piece| {
        let end = match piece.chars().next() {
            Some('[') => piece.find(|c: char| c.is_ascii_alphabetic()),
            Some(']' | 'P') | None => piece.len().checked_sub(1),
            Some(_) => Some(0),
        };
        &piece[..=end.expect("a sequence has an end")]
    })
}

fn environment(term: &str) -> Environment {
    Environment {
        term: Some(term.to_owned()),
        lang: Some("C.UTF-8".to_owned()),
        ..Environment::default()
    }
}

#[test]
fn each_terminal_is_sent_only_what_it_has() {
    for name in [
        "vt100",
        "vt102",
        "vt220",
        "ansi",
        "linux",
        "screen",
        "screen-256color",
        "tmux",
        "tmux-256color",
        "xterm",
        "xterm-256color",
    ] {
        let terminal = Terminal::of(name);
        let text = everything(&environment(name));
        let mut unknown: Vec<_> = sequences(&text)
            .filter(|sequence| !terminal.understands(sequence))
            .collect();
        unknown.sort_unstable();
        unknown.dedup();
        assert_eq!(unknown, [""; 0], "{name}");
        assert!(
            terminal.has("cr") && (terminal.has("ind") || terminal.has("cud1")),
            "{name}"
        );
    }
}

/// Older entries know 256 colours; those that tell more say so by `RGB`, `Tc` or a number.
#[test]
fn terminals_with_all_colours_have_no_fewer_than_256_by_the_database() {
    for terminal in TRUE_COLOR.into_iter().filter_map(Terminal::find) {
        let tells = ["RGB", "Tc", "setrgbf"].into_iter().any(|name| terminal.has(name));
        assert!(tells || terminal.colors() >= 256, "{}", terminal.name);
    }
}

#[test]
fn a_dumb_terminal_has_no_cursor_to_place() {
    assert!(!Terminal::of("dumb").has("cup"));
    assert_eq!(Family::of(Some("dumb")), Family::Dumb);
}

/// The fonts of the console: of lines and blocks those that Debian's have as well, and Latin-1.
#[test]
fn the_console_is_sent_what_its_fonts_have() {
    let text = everything(&environment("linux"));
    let beyond = |c: &char| !c.is_ascii() && !"─│█░▒".contains(*c) && !('\u{a0}'..='\u{ff}').contains(c);
    let strange: String = text.chars().filter(beyond).collect();
    assert_eq!(strange, "");
    assert!(text.contains('█') && text.contains('─'));
}

#[test]
fn a_terminal_that_tells_nothing_is_sent_what_every_one_has() {
    let nothing = Environment::default();
    assert_eq!(nothing.depth(ColorChoice::Auto), Depth::None);
    let vt100 = Terminal::of("vt100");
    let text = everything(&nothing);
    assert!(text.is_ascii());
    assert!(sequences(&text).all(|sequence| vt100.understands(sequence)));
}
