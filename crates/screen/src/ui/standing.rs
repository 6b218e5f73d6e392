//! How a target or this machine stands, in a sign and a word: what is beyond its limit now is one thing, what was and is only
//! not back for long enough is another, and what somebody looks after speaks softly.

use probetop_core::clock::Timestamp;
use probetop_core::sample::Level;
use probetop_core::snapshot::{HostSnapshot, TargetSnapshot};

use super::format;
use super::theme::{Glyphs, Role};

/// A level as it stands. What is greater is more urgent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Standing {
    pub level: Level,
    /// Nobody looks after it yet.
    is_loud: bool,
    /// A figure is beyond its limit now.
    is_so: bool,
    /// When the level is left, where none is.
    clears: Option<Timestamp>,
}

/// What a target counts as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    Level(Level),
    Clearing,
    SetAside,
}

impl Class {
    /// In the order in which they are counted.
    pub const ALL: [Self; 6] = [
        Self::Level(Level::Critical),
        Self::Level(Level::Warning),
        Self::Clearing,
        Self::Level(Level::Unknown),
        Self::Level(Level::Ok),
        Self::SetAside,
    ];

    pub fn sign(self, glyphs: &Glyphs) -> &'static str {
        match self {
            Self::Level(level) => glyphs.level(level),
            Self::Clearing => glyphs.clearing,
            Self::SetAside => "+",
        }
    }

    pub const fn word(self) -> &'static str {
        match self {
            Self::Level(level) => level.name(),
            Self::Clearing => "clearing",
            Self::SetAside => "acked",
        }
    }

    pub fn role(self) -> Role {
        match self {
            Self::Level(level) => level.into(),
            Self::Clearing => Role::Warning,
            Self::SetAside => Role::Dim,
        }
    }
}

impl Standing {
    fn new(level: Level, clears: Option<Timestamp>, set_aside: bool) -> Self {
        Self {
            level,
            is_loud: !set_aside,
            is_so: clears.is_none(),
            clears,
        }
    }

    pub fn of(target: &TargetSnapshot) -> Self {
        Self::new(target.level, target.clears, target.set_aside)
    }

    pub fn of_host(host: &HostSnapshot) -> Self {
        Self::new(host.level, host.clears, host.set_aside)
    }

    pub fn class(self) -> Class {
        match (self.is_loud, self.is_so) {
            (false, _) => Class::SetAside,
            (true, false) => Class::Clearing,
            (true, true) => Class::Level(self.level),
        }
    }

    /// A number that orders as it does, for columns.
    pub fn rank(self) -> u64 {
        (self.level as u64) << 2 | u64::from(self.is_loud) << 1 | u64::from(self.is_so)
    }

    /// The sign of the level, or of its clearing.
    pub fn sign(self, glyphs: &Glyphs) -> &'static str {
        match self.is_so {
            true => glyphs.level(self.level),
            false => glyphs.clearing,
        }
    }

    /// `✗ critical`, `▽ clearing`.
    pub fn words(self, glyphs: &Glyphs) -> String {
        let word = match self.is_so {
            true => self.level.name(),
            false => "clearing",
        };
        format!("{} {word}", self.sign(glyphs))
    }

    /// The same with what is left of the clearing: `▽ clearing 6s`.
    pub fn words_at(self, now: Timestamp, glyphs: &Glyphs) -> String {
        let words = self.words(glyphs);
        match self.clears {
            Some(clears) => format!("{words} {}", format::countdown(clears.since(now))),
            None => words,
        }
    }

    pub fn role(self) -> Role {
        self.class().role()
    }
}
