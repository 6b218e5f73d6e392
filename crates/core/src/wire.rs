//! The one encoding of what happens: what memory keeps of the past, what a recording holds and what machines tell each
//! other are these bytes.
//!
//! ```text
//! number  = a varint, seven bits a byte, the lowest first
//! time    = the distance from the base of the stream, in nanoseconds, its sign in the lowest bit
//! float   = how many bytes, and the bytes of its bits that are not zero, the highest first
//! text    = where in `shared` it stands
//! shared  = { length  bytes }               texts, answers and failures, each once however often it occurs
//! ```
//! A stream of entries and what they share belong together, and any entry can be read without those before it. A reader
//! takes any bytes: what makes no sense is an error, and nothing is allocated that is larger than what was read.

mod answer;
mod collection;
mod host;
mod number;
mod observation;
mod text;
mod vocabulary;

use std::collections::HashMap;
use std::fmt;
use std::hash::{DefaultHasher, Hasher};

pub use collection::list;
pub use number::{codes, fields};
pub use observation::FIRST_FREE;

use crate::clock::Timestamp;
use crate::sample::{Answer, Failure, GaugeName, Text, varint};

/// Of the encoding. One that reads otherwise has another number.
pub const VERSION: u8 = 2;

/// Bytes that are not what a [`Writer`] of this version wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Damage;

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the bytes are damaged")
    }
}

impl std::error::Error for Damage {}

/// What can be written and read back as it was.
pub trait Wire: Sized {
    fn write(&self, to: &mut Writer);

    /// # Errors
    /// The bytes are not what was written.
    fn read(from: &mut Reader<'_>) -> Result<Self, Damage>;

    /// One of these, or none: a byte that says which comes first, unless their own bytes can say it.
    fn write_optional(it: Option<&Self>, to: &mut Writer) {
        to.byte(it.is_some().into());
        if let Some(it) = it {
            it.write(to);
        }
    }

    /// # Errors
    /// The bytes are not what was written.
    fn read_optional(from: &mut Reader<'_>) -> Result<Option<Self>, Damage> {
        let is_some = bool::read(from)?;
        is_some.then(|| Self::read(from)).transpose()
    }
}

/// Writes entries, one after the other.
#[derive(Debug)]
pub struct Writer {
    base: Timestamp,
    out: Vec<u8>,
    shared: Vec<u8>,
    /// Where what has such a hash stands in `shared`.
    places: HashMap<u64, u32>,
    /// Room to write in what is shared.
    spare: Vec<u8>,
}

impl Writer {
    /// Times are told as distances from `base`.
    pub fn new(base: Timestamp) -> Self {
        Self {
            base,
            out: Vec::new(),
            shared: Vec::new(),
            places: HashMap::new(),
            spare: Vec::new(),
        }
    }

    /// With what was written before. What is shared is not looked for in that.
    pub fn of(base: Timestamp, entries: Vec<u8>, shared: Vec<u8>) -> Self {
        Self {
            out: entries,
            shared,
            ..Self::new(base)
        }
    }

    pub fn base(&self) -> Timestamp {
        self.base
    }

    /// The entries so far.
    pub fn entries(&self) -> &[u8] {
        &self.out
    }

    /// What they share.
    pub fn shared(&self) -> &[u8] {
        &self.shared
    }

    /// Nothing more comes: gives back the room for more.
    pub fn close(&mut self) {
        self.out.shrink_to_fit();
        self.shared.shrink_to_fit();
        (self.places, self.spare) = (HashMap::new(), Vec::new());
    }

    /// What it takes beside itself.
    pub fn heap_bytes(&self) -> usize {
        // A table is full at seven eighths, and has a byte of its own for each place.
        let places = self.places.capacity() * 8 / 7 * (size_of::<(u64, u32)>() + 1);
        self.out.capacity() + self.shared.capacity() + self.spare.capacity() + places
    }

    pub fn byte(&mut self, byte: u8) {
        self.out.push(byte);
    }

    pub fn number(&mut self, number: u64) {
        varint::write(number, &mut self.out);
    }

    pub fn bytes(&mut self, bytes: &[u8]) {
        self.number(bytes.len() as u64);
        self.out.extend_from_slice(bytes);
    }

    /// Refers to bytes that are written once, however often they occur.
    fn refer(&mut self, item: &[u8]) {
        let place = self.place(item);
        self.number(place.into());
    }

    /// Refers to what `write` writes.
    fn share(&mut self, write: impl FnOnce(&mut Self)) {
        let outer = std::mem::replace(&mut self.out, std::mem::take(&mut self.spare));
        write(self);
        let mut item = std::mem::replace(&mut self.out, outer);
        self.refer(&item);
        item.clear();
        self.spare = item;
    }

    fn place(&mut self, item: &[u8]) -> u32 {
        let mut hasher = DefaultHasher::new();
        hasher.write(item);
        let hash = hasher.finish();
        let known = self.places.get(&hash).copied();
        if let Some(place) = known.filter(|place| item_at(&self.shared, u64::from(*place)) == Ok(item)) {
            return place;
        }
        let place = u32::try_from(self.shared.len()).expect("what is kept of the past is far below 4 GiB");
        varint::write(item.len() as u64, &mut self.shared);
        self.shared.extend_from_slice(item);
        self.places.insert(hash, place);
        place
    }
}

/// What was read of `shared` already: what many entries refer to is made once.
#[derive(Debug, Default)]
pub struct Known {
    texts: HashMap<u64, Text>,
    gauges: HashMap<u64, GaugeName>,
    answers: HashMap<u64, Answer>,
    failures: HashMap<u64, Failure>,
}

/// Reads entries, one after the other.
#[derive(Debug)]
pub struct Reader<'a> {
    base: Timestamp,
    rest: &'a [u8],
    shared: &'a [u8],
    known: &'a mut Known,
}

impl<'a> Reader<'a> {
    /// `known` is for these `shared` bytes, and no others.
    pub fn new(base: Timestamp, entries: &'a [u8], shared: &'a [u8], known: &'a mut Known) -> Self {
        Self {
            base,
            rest: entries,
            shared,
            known,
        }
    }

    /// How many bytes of entries were not read yet.
    pub fn left(&self) -> usize {
        self.rest.len()
    }

    pub fn is_at_end(&self) -> bool {
        self.rest.is_empty()
    }

    pub fn byte(&mut self) -> Result<u8, Damage> {
        let (byte, rest) = self.rest.split_first().ok_or(Damage)?;
        self.rest = rest;
        Ok(*byte)
    }

    pub fn number(&mut self) -> Result<u64, Damage> {
        varint::read(&mut self.rest).ok_or(Damage)
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], Damage> {
        let (bytes, rest) = self.rest.split_at_checked(length).ok_or(Damage)?;
        self.rest = rest;
        Ok(bytes)
    }

    pub fn bytes(&mut self) -> Result<&'a [u8], Damage> {
        let length = usize::try_from(self.number()?).map_err(|_| Damage)?;
        self.take(length)
    }

    /// How many elements follow, each of at least a byte.
    pub fn count(&mut self) -> Result<usize, Damage> {
        let count = usize::try_from(self.number()?).map_err(|_| Damage)?;
        (count <= self.rest.len()).then_some(count).ok_or(Damage)
    }

    /// Reads what stands at a place by `read`.
    fn shared_at<T>(
        &mut self,
        place: u64,
        read: impl FnOnce(&mut Reader<'_>) -> Result<T, Damage>,
    ) -> Result<T, Damage> {
        let mut reader = Reader {
            base: self.base,
            rest: item_at(self.shared, place)?,
            shared: self.shared,
            known: self.known,
        };
        let item = read(&mut reader)?;
        reader.is_at_end().then_some(item).ok_or(Damage)
    }
}

fn item_at(shared: &[u8], place: u64) -> Result<&[u8], Damage> {
    let place = usize::try_from(place).map_err(|_| Damage)?;
    let mut rest = shared.get(place..).ok_or(Damage)?;
    let length = varint::read(&mut rest).ok_or(Damage)?;
    rest.get(..usize::try_from(length).map_err(|_| Damage)?).ok_or(Damage)
}

#[cfg(test)]
mod tests;
