//! The characters that carry meaning, in Unicode and in ASCII, and the folding of everything else to ASCII.

use ratatui::buffer::Buffer;

use crate::sample::{Level, Severity};

/// One set of characters, each one column wide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Glyphs {
    charset: Charset,
    /// Eighths of a cell from below, lowest first.
    pub bars: [&'static str; 8],
    /// Eighths of a cell from the left, least first.
    pub eighths: [&'static str; 8],
    /// A step in which probes failed.
    pub failed: &'static str,
    /// Where a gauge is empty.
    pub trough: &'static str,
    pub rule: &'static str,
    pub vertical: &'static str,
    /// Of a box: left and right above, left and right below.
    pub corners: [&'static str; 4],
    pub descending: &'static str,
    pub ascending: &'static str,
    pub selected: &'static str,
    /// From what is wrong to what to do about it.
    pub leads_to: &'static str,
    /// Fillings that tell the phases apart without colour.
    pub fills: [&'static str; 9],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Charset {
    Unicode,
    Ascii,
}

impl Glyphs {
    pub const UNICODE: Self = Self {
        charset: Charset::Unicode,
        bars: ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"],
        eighths: ["▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"],
        failed: "×",
        trough: "·",
        rule: "─",
        vertical: "│",
        corners: ["┌", "┐", "└", "┘"],
        descending: "▾",
        ascending: "▴",
        selected: "›",
        leads_to: "→",
        fills: ["░", "▒", "▓", "▚", "█", "▞", "█", "▞", "█"],
    };

    pub const ASCII: Self = Self {
        charset: Charset::Ascii,
        bars: ["_", ".", ":", "-", "=", "+", "*", "#"],
        eighths: ["-", "-", "-", "-", "=", "=", "=", "="],
        failed: "x",
        trough: ".",
        rule: "-",
        vertical: "|",
        corners: ["+", "+", "+", "+"],
        descending: "v",
        ascending: "^",
        selected: ">",
        leads_to: ">",
        fills: ["d", "c", "t", "a", "=", "#", "q", "m", "r"],
    };

    pub fn is_ascii(&self) -> bool {
        self.charset == Charset::Ascii
    }

    pub fn level(&self, level: Level) -> &'static str {
        match (self.charset, level) {
            (Charset::Unicode, Level::Ok) => "●",
            (Charset::Unicode, Level::Unknown) => "○",
            (Charset::Unicode, Level::Warning) => "▲",
            (Charset::Unicode, Level::Critical) => "✗",
            (Charset::Ascii, Level::Ok) => "+",
            (Charset::Ascii, Level::Unknown) => "?",
            (Charset::Ascii, Level::Warning) => "!",
            (Charset::Ascii, Level::Critical) => "X",
        }
    }

    pub fn severity(&self, severity: Severity) -> &'static str {
        match severity {
            Severity::Info => "i",
            Severity::Warning => self.level(Level::Warning),
            Severity::Critical => self.level(Level::Critical),
        }
    }

    /// Makes sure that nothing but ASCII is left in `buf` when the set is ASCII: text from outside included.
    pub fn fold(&self, buf: &mut Buffer) {
        if !self.is_ascii() {
            return;
        }
        for cell in &mut buf.content {
            if !cell.symbol().is_ascii() {
                let folded = fold_symbol(cell.symbol());
                cell.set_symbol(folded);
            }
        }
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
        "→" => ">",
        "≤" => "<",
        _ => "?",
    }
}
