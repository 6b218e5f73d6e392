//! A chunk as a string of bytes that stands by itself.
//!
//! ```text
//! sealed = "ptop"  version  checksum  body       checksum: CRC-32 (IEEE) of the body, low byte first
//! body   = base  { length bytes } x 4  ticks     the entries, what they share, the plans, what those share
//! ticks  = count  { distance in time  distance in position }
//! ```
//! All numbers of the body are varints.

use std::fmt;
use std::sync::Arc;

use probetop_core::clock::Timestamp;
use probetop_core::sample::varint;
use probetop_core::wire::{Damage, Known, Reader, VERSION, Wire, Writer};

use super::Chunk;
use crate::monitor::Plan;

const MAGIC: &[u8; 4] = b"ptop";

/// Why bytes are not read as a chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SealError {
    /// They are something else.
    NoChunk,
    /// Another version of probetop wrote them.
    Version(u8),
    /// They are not as they were written.
    Damaged,
}

impl fmt::Display for SealError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoChunk => f.write_str("this is not a chunk of a journal"),
            Self::Version(version) => write!(
                f,
                "a chunk of a journal of version {version}, and this probetop reads version {VERSION}; use the one that wrote it"
            ),
            Self::Damaged => f.write_str("a chunk of a journal is damaged"),
        }
    }
}

impl std::error::Error for SealError {}

impl From<Damage> for SealError {
    fn from(_: Damage) -> Self {
        Self::Damaged
    }
}

impl Chunk {
    /// The whole of it, with everything that is needed to read it.
    pub fn seal(&self) -> Vec<u8> {
        let mut body = Vec::new();
        let base = self.writer.base();
        varint::write(base.as_nanos(), &mut body);
        let mut plans = Writer::new(base);
        self.plans.iter().for_each(|plan| plan.write(&mut plans));
        let parts = [
            self.writer.entries(),
            self.writer.shared(),
            plans.entries(),
            plans.shared(),
        ];
        for part in parts {
            varint::write(part.len() as u64, &mut body);
            body.extend_from_slice(part);
        }
        varint::write(self.ticks.len() as u64, &mut body);
        let mut before = (0, 0);
        for (at, position) in &self.ticks {
            // A clock that goes on makes these small.
            varint::write(at.as_nanos().wrapping_sub(before.0), &mut body);
            varint::write((*position - before.1) as u64, &mut body);
            before = (at.as_nanos(), *position);
        }
        let mut sealed = Vec::with_capacity(MAGIC.len() + 5 + body.len());
        sealed.extend_from_slice(MAGIC);
        sealed.push(VERSION);
        sealed.extend_from_slice(&crc32fast::hash(&body).to_le_bytes());
        sealed.extend_from_slice(&body);
        sealed
    }

    /// Takes any bytes. What the entries say is looked at when they are read.
    ///
    /// # Errors
    /// They are not what [`Chunk::seal`] of this version gave.
    pub fn open(sealed: &[u8]) -> Result<Self, SealError> {
        let rest = sealed.strip_prefix(MAGIC).ok_or(SealError::NoChunk)?;
        let (version, rest) = rest.split_first().ok_or(SealError::NoChunk)?;
        if *version != VERSION {
            return Err(SealError::Version(*version));
        }
        let (checksum, body) = rest.split_first_chunk().ok_or(SealError::Damaged)?;
        if u32::from_le_bytes(*checksum) != crc32fast::hash(body) {
            return Err(SealError::Damaged);
        }
        Ok(read(body)?)
    }
}

fn read(mut body: &[u8]) -> Result<Chunk, Damage> {
    let body = &mut body;
    let base = Timestamp::from_nanos(number(body)?);
    let [entries, shared, plans, plans_shared] = [part(body)?, part(body)?, part(body)?, part(body)?];
    let mut ticks = Vec::new();
    let (mut at, mut position) = (0_u64, 0_usize);
    for _ in 0..number(body)? {
        at = at.wrapping_add(number(body)?);
        let distance = usize::try_from(number(body)?).map_err(|_| Damage)?;
        position = position.checked_add(distance).ok_or(Damage)?;
        ticks.push((Timestamp::from_nanos(at), position));
    }
    if !body.is_empty() || position > entries.len() {
        return Err(Damage);
    }
    let plans = read_plans(base, plans, plans_shared)?;
    Ok(Chunk {
        writer: Writer::of(base, entries.to_vec(), shared.to_vec()),
        ticks,
        plan_bytes: plans.iter().map(|plan| super::plan_bytes(plan)).sum(),
        plans,
    })
}

fn read_plans(base: Timestamp, plans: &[u8], shared: &[u8]) -> Result<Vec<Arc<Plan>>, Damage> {
    let mut known = Known::default();
    let mut reader = Reader::new(base, plans, shared, &mut known);
    let mut read = Vec::new();
    while !reader.is_at_end() {
        read.push(Arc::new(Plan::read(&mut reader)?));
    }
    Ok(read)
}

fn number(body: &mut &[u8]) -> Result<u64, Damage> {
    varint::read(body).ok_or(Damage)
}

fn part<'a>(body: &mut &'a [u8]) -> Result<&'a [u8], Damage> {
    let length = usize::try_from(number(body)?).map_err(|_| Damage)?;
    let (part, rest) = body.split_at_checked(length).ok_or(Damage)?;
    *body = rest;
    Ok(part)
}
