//! What is wrong with a configuration: every problem, with its place and its remedy.

use std::fmt;
use std::path::Path;

use probetop_core::sample::printable;

/// More problems than this are counted, not listed: nobody reads on, and a generated file may have thousands.
const LISTED_LIMIT: usize = 100;

/// One thing that is wrong, or in a warning: that is probably not meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub place: Place,
    /// What, and after a semicolon the remedy. Secrets are masked already.
    pub message: String,
}

/// Where the setting was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    CommandLine,
    /// A file as a whole.
    File {
        name: String,
    },
    /// Line and column count from 1; columns are characters.
    Spot {
        name: String,
        line: usize,
        column: usize,
    },
}

impl Place {
    /// Line and column of a spot.
    const fn in_text(&self) -> Option<(usize, usize)> {
        match self {
            Self::CommandLine | Self::File { .. } => None,
            Self::Spot { line, column, .. } => Some((*line, *column)),
        }
    }
}

impl Problem {
    pub fn on_command_line(message: impl Into<String>) -> Self {
        Self {
            place: Place::CommandLine,
            message: message.into(),
        }
    }

    pub fn in_file(path: &Path, message: impl Into<String>) -> Self {
        Self {
            place: Place::File {
                name: printable(&path.display().to_string()),
            },
            message: message.into(),
        }
    }
}

impl Place {
    fn shown(self, shown: impl Fn(&str) -> String) -> Self {
        match self {
            Self::CommandLine => Self::CommandLine,
            Self::File { name } => Self::File { name: shown(&name) },
            Self::Spot { name, line, column } => Self::Spot {
                name: shown(&name),
                line,
                column,
            },
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CommandLine => f.write_str("command line"),
            Self::File { name } => f.write_str(name),
            Self::Spot { name, line, column } => write!(f, "{name}:{line}:{column}"),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.message)
    }
}

/// Every problem of one configuration, at least one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// Those of one file, in the order of its text. Of several at one place the first is the cause, the others follow
    /// from it.
    pub fn in_order(problems: impl IntoIterator<Item = Problem>) -> Self {
        let mut problems: Vec<_> = problems.into_iter().collect();
        problems.sort_by_key(|problem| problem.place.in_text());
        problems.dedup_by(|later, first| later.place.in_text().is_some() && later.place == first.place);
        Self(problems)
    }

    pub fn followed_by(mut self, others: Self) -> Self {
        self.0.extend(others);
        self
    }

    pub fn push(&mut self, problem: Problem) {
        self.0.push(problem);
    }

    pub fn extend(&mut self, problems: impl IntoIterator<Item = Problem>) {
        self.0.extend(problems);
    }

    /// Each message, and each name of a file, as `shown` has it.
    pub fn shown(self, shown: impl Fn(&str) -> String) -> Self {
        let problems = self.0.into_iter().map(|problem| Problem {
            message: shown(&problem.message),
            place: problem.place.shown(&shown),
        });
        Self(problems.collect())
    }

    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = &Problem> {
        self.0.iter()
    }
}

impl IntoIterator for Problems {
    type Item = Problem;
    type IntoIter = std::vec::IntoIter<Problem>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl fmt::Display for Problems {
    /// One line each, the first hundred of them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.0.iter().take(LISTED_LIMIT).enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{problem}")?;
        }
        match self.0.len().saturating_sub(LISTED_LIMIT) {
            0 => Ok(()),
            more => write!(f, "\nand {more} more"),
        }
    }
}

impl std::error::Error for Problems {}
