//! The characters that carry meaning, in Unicode, for the console of Linux and in ASCII, and the folding of everything
//! else to those.

use probetop_core::sample::{Level, Severity};
use ratatui::buffer::Buffer;

/// One set of characters, each one column wide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Glyphs {
    charset: Charset,
    /// Eighths of a cell from below, lowest first.
    pub bars: [&'static str; 8],
    /// Eighths of a cell from the left, least first.
    pub eighths: [&'static str; 8],
    /// A level that is being left.
    pub clearing: &'static str,
    /// A step in which probes failed.
    pub failed: &'static str,
    /// Where a gauge is empty.
    pub trough: &'static str,
    pub rule: &'static str,
    /// Behind a chart.
    pub grid: &'static str,
    /// Lines of a warning and a critical limit.
    pub limits: [&'static str; 2],
    /// Where in a row a limit lies, lowest first.
    pub ticks: [&'static str; 4],
    /// Stands for a single probe where there are no dots.
    pub probe: &'static str,
    pub vertical: &'static str,
    /// Of a box: left and right above, left and right below.
    pub corners: [&'static str; 4],
    pub descending: &'static str,
    pub ascending: &'static str,
    pub selected: &'static str,
    /// Before the heading of the block that has the focus.
    pub focus: &'static str,
    /// From what is wrong to what to do about it.
    pub leads_to: &'static str,
    /// Fillings that tell the phases apart without colour.
    pub fills: [&'static str; 9],
    /// Lines for p99, p95 and p50 that are told apart without colour.
    pub lines: [&'static str; 3],
    /// Shades for what is ok, a warning and critical, where a cell is all there is.
    pub shades: [&'static str; 3],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Charset {
    Unicode,
    Console,
    Ascii,
}

impl Glyphs {
    pub const UNICODE: Self = Self {
        charset: Charset::Unicode,
        bars: ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"],
        eighths: ["▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"],
        clearing: "▽",
        failed: "×",
        trough: "·",
        rule: "─",
        grid: "┈",
        limits: ["┄", "┅"],
        ticks: ["▁", "─", "─", "▔"],
        probe: "∙",
        vertical: "│",
        corners: ["┌", "┐", "└", "┘"],
        descending: "▾",
        ascending: "▴",
        selected: "›",
        focus: "▶",
        leads_to: "→",
        fills: ["░", "▒", "▓", "▚", "█", "▞", "█", "▞", "█"],
        lines: ["╌", "─", "━"],
        shades: ["░", "▓", "█"],
    };

    /// What the fonts of the console have, those of Debian and Ubuntu among them: lines, a full block and two shades. Most have no
    /// halves of a block and no third shade, and none has braille or eighths; shades stand in for heights.
    pub const CONSOLE: Self = Self {
        charset: Charset::Console,
        bars: ["_", "_", "░", "░", "▒", "▒", "█", "█"],
        eighths: ["░", "░", "░", "▒", "▒", "▒", "█", "█"],
        clearing: "~",
        failed: "×",
        trough: "·",
        rule: "─",
        grid: "·",
        limits: ["-", "="],
        ticks: ["_", "-", "-", "'"],
        probe: "*",
        vertical: "│",
        descending: "v",
        ascending: "^",
        selected: ">",
        leads_to: ">",
        focus: ">",
        corners: ["┌", "┐", "└", "┘"],
        fills: ["░", "▒", "#", "a", "█", "=", "q", "m", "r"],
        lines: ["-", "─", "="],
        shades: ["░", "▒", "█"],
    };

    pub const ASCII: Self = Self {
        charset: Charset::Ascii,
        bars: ["_", ".", ":", "-", "=", "+", "*", "#"],
        eighths: ["-", "-", "-", "-", "=", "=", "=", "="],
        clearing: "~",
        failed: "x",
        trough: ".",
        rule: "-",
        grid: ".",
        limits: ["-", "="],
        ticks: ["_", "-", "-", "'"],
        probe: "*",
        vertical: "|",
        corners: ["+", "+", "+", "+"],
        descending: "v",
        ascending: "^",
        selected: ">",
        focus: ">",
        leads_to: ">",
        fills: ["d", "c", "t", "a", "=", "#", "q", "m", "r"],
        lines: ["'", "-", "="],
        shades: [".", "o", "#"],
    };

    pub fn is_ascii(&self) -> bool {
        self.charset == Charset::Ascii
    }

    /// What bars that do not look like bars are made of, from low to high, at length and in short; nothing where they do.
    pub fn bars_in_words(&self) -> Vec<String> {
        let bars = self.bars.concat();
        if self.is_ascii() {
            vec![format!("low {bars} high"), bars]
        } else {
            Vec::new()
        }
    }

    /// What fills a cell ever more.
    pub fn shades(&self) -> &'static [&'static str] {
        match self.charset {
            Charset::Unicode => &["·", "░", "▒", "▓", "█"],
            Charset::Console => &["·", "░", "▒", "█"],
            Charset::Ascii => &[".", ":", "-", "=", "+", "*", "#", "%", "@"],
        }
    }

    /// Whether there are halves of a block.
    pub fn has_halves(&self) -> bool {
        self.charset == Charset::Unicode
    }

    /// Whether there is braille.
    pub fn has_dots(&self) -> bool {
        self.charset == Charset::Unicode
    }

    pub fn level(&self, level: Level) -> &'static str {
        match (self.charset, level) {
            (Charset::Unicode, Level::Ok) => "●",
            (Charset::Unicode, Level::Unknown) => "○",
            (Charset::Unicode, Level::Warning) => "▲",
            (Charset::Unicode, Level::Critical) => "✗",
            (Charset::Console | Charset::Ascii, Level::Ok) => "+",
            (Charset::Console | Charset::Ascii, Level::Unknown) => "?",
            (Charset::Console | Charset::Ascii, Level::Warning) => "!",
            (Charset::Console | Charset::Ascii, Level::Critical) => "X",
        }
    }

    pub fn severity(&self, severity: Severity) -> &'static str {
        match severity {
            Severity::Info => "i",
            Severity::Warning => self.level(Level::Warning),
            Severity::Critical => self.level(Level::Critical),
        }
    }

    /// Makes sure that nothing is left in `buf` which the terminal has no picture of: text from outside included.
    pub fn fold(&self, buf: &mut Buffer) {
        let is_there: fn(&str) -> bool = match self.charset {
            Charset::Unicode => return,
            Charset::Console => is_on_console,
            Charset::Ascii => str::is_ascii,
        };
        for cell in &mut buf.content {
            if !is_there(cell.symbol()) {
                let folded = fold_symbol(cell.symbol());
                cell.set_symbol(folded);
            }
        }
    }
}

/// ASCII, Latin-1, and of the lines and blocks those that the console's fonts have.
fn is_on_console(symbol: &str) -> bool {
    let mut characters = symbol.chars();
    match (characters.next(), characters.next()) {
        (Some(c), None) => c.is_ascii() || "─│┌┐└┘├┤┬┴┼█░▒".contains(c) || ('\u{a1}'..='\u{ff}').contains(&c),
        _ => symbol.is_ascii(),
    }
}

fn fold_symbol(symbol: &str) -> &'static str {
    match symbol {
        "…" => "~",
        "µ" => "u",
        "·" => ".",
        "×" => "x",
        "─" | "–" | "—" => "-",
        "│" => "|",
        "↓" => "v",
        "↑" => "^",
        "→" | "›" => ">",
        "≤" => "<",
        _ => "?",
    }
}
