//! Where in a URL a `${NAME}` stands, and how its value is written there so that it arrives as it is.

use std::borrow::Cow;
use std::ops::Range;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::secret::Piece;

/// RFC 3986, section 2.3: what no part of a URL takes for anything but itself.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Of a host, its port and the brackets of an address are left.
const IN_HOST: &AsciiSet = &RESERVED.remove(b':').remove(b'[').remove(b']');

/// A path has several parts.
const IN_PATH: &AsciiSet = &RESERVED.remove(b'/');

/// Stands for a value in the skeleton of a URL.
const VALUE: char = '\0';

/// What a value is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// No URL, or one that the value is the beginning or a whole part of: it is written as its author wrote it.
    Plain,
    Host,
    Path,
    /// User, password, one value of a query, a fragment.
    Word,
}

impl Place {
    /// The value as it is written there.
    pub(super) fn encoded(self, value: &str) -> Cow<'_, str> {
        let reserved = match self {
            Self::Plain => return value.into(),
            Self::Host => IN_HOST,
            Self::Path => IN_PATH,
            Self::Word => RESERVED,
        };
        utf8_percent_encode(value, reserved).into()
    }
}

/// The place of each piece; those of literals mean nothing.
pub(super) fn places(pieces: &[Piece<'_>]) -> Vec<Place> {
    let mut skeleton = String::new();
    let mut starts = Vec::with_capacity(pieces.len());
    for piece in pieces {
        starts.push(skeleton.len());
        match piece {
            Piece::Literal(literal) => skeleton.push_str(literal),
            Piece::Variable(_) => skeleton.push(VALUE),
        }
    }
    let parts = Parts::of(&skeleton);
    starts.into_iter().map(|at| parts.place(&skeleton, at)).collect()
}

/// The parts of a URL, as bytes of its skeleton.
struct Parts {
    authority: Range<usize>,
    /// Behind the `@`, or where the authority begins.
    host: usize,
    query: usize,
}

impl Parts {
    fn of(skeleton: &str) -> Self {
        let scheme = skeleton.find("://").map(|at| at + 3);
        let start = scheme
            .filter(|end| !skeleton[..*end].contains(VALUE))
            .unwrap_or(skeleton.len());
        let end = skeleton[start..]
            .find(['/', '?', '#'])
            .map_or(skeleton.len(), |at| start + at);
        let host = skeleton[start..end].rfind('@').map_or(start, |at| start + at + 1);
        let query = skeleton[end..].find(['?', '#']).map_or(skeleton.len(), |at| end + at);
        Self {
            authority: start..end,
            host,
            query,
        }
    }

    fn place(&self, skeleton: &str, at: usize) -> Place {
        let all_of_it = skeleton[self.authority.clone()].chars().eq([VALUE]);
        match at {
            at if at < self.authority.start => Place::Plain,
            at if at < self.authority.end && all_of_it => Place::Plain,
            at if at < self.host => Place::Word,
            at if at < self.authority.end => Place::Host,
            at if at < self.query => Place::Path,
            at if is_parameter(skeleton, at) => Place::Plain,
            _ => Place::Word,
        }
    }
}

/// Whether a value stands for a parameter of a query with its name, or for several.
fn is_parameter(skeleton: &str, at: usize) -> bool {
    let behind = &skeleton[at + VALUE.len_utf8().min(skeleton.len() - at)..];
    skeleton[..at].ends_with(['?', '&']) && (behind.is_empty() || behind.starts_with(['&', '#']))
}
