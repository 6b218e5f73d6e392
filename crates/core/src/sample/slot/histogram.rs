//! How often each bucket code occurred: dense to count and to rank in, delta varints to keep.
//!
//! A [`Histogram`] is scratch space, filled, read and cleared again; what is kept is its encoded form. That is the
//! sorted non-zero codes, each as the distance from the one before: `distance << 1 | 1` for a single occurrence, else
//! `distance << 1` and the count. One sample takes two bytes, a hundred about as many.

use super::code::{self, CODES};
use crate::sample::{Bucket, Micros, Quantiles, varint};

const WORDS: usize = CODES / u64::BITS as usize;
const _: () = assert!(CODES.is_multiple_of(u64::BITS as usize));

/// Counts by code. `occupied` has a bit for each non-zero count: clearing and reading touch only what is there.
#[derive(Clone, Debug)]
pub struct Histogram {
    counts: Box<[u64]>,
    occupied: [u64; WORDS],
    total: u64,
}

impl Default for Histogram {
    fn default() -> Self {
        Self {
            counts: vec![0; CODES].into_boxed_slice(),
            occupied: [0; WORDS],
            total: 0,
        }
    }
}

impl Histogram {
    /// What a copy takes beside itself.
    pub fn heap_bytes(&self) -> usize {
        size_of_val(&*self.counts)
    }

    pub fn clear(&mut self) {
        if self.total == 0 {
            return;
        }
        for (word, bits) in self.occupied.iter_mut().enumerate() {
            for bit in set_bits(std::mem::take(bits)) {
                self.counts[word * 64 + bit] = 0;
            }
        }
        self.total = 0;
    }

    /// Codes that do not exist are left out: they can only come from damaged bytes.
    pub fn add(&mut self, code: u64, count: u64) {
        let index = code as usize;
        if code >= CODES as u64 || count == 0 {
            return;
        }
        self.counts[index] = self.counts[index].saturating_add(count);
        self.occupied[index / 64] |= 1 << (index % 64);
        self.total = self.total.saturating_add(count);
    }

    /// Adds what [`encode`] wrote. Takes any bytes: reading ends where they stop making sense.
    pub fn add_encoded(&mut self, mut bytes: &[u8]) {
        let mut code = 0_u64;
        while let Some(head) = varint::read(&mut bytes) {
            code = code.saturating_add(head >> 1);
            let count = if head & 1 == 1 {
                Some(1)
            } else {
                varint::read(&mut bytes)
            };
            let Some(count) = count else { return };
            self.add(code, count);
        }
    }

    pub fn is_empty(&self) -> bool {
        self.total == 0
    }

    /// How many samples lie in the bucket of `limit` or below.
    pub fn at_most(&self, limit: Micros) -> u64 {
        let last = code::code_of(limit);
        let within = self.iter().take_while(|(code, _)| *code <= last);
        within.fold(0, |sum, (_, count)| sum.saturating_add(count))
    }

    pub fn total(&self) -> u64 {
        self.total
    }

    /// The one of this rank, counted from 1; `None`: there are fewer.
    pub fn at_rank(&self, rank: u64) -> Option<Micros> {
        let mut seen = 0_u64;
        let mut ranked = self.iter().skip_while(|(_, count)| {
            seen = seen.saturating_add(*count);
            seen < rank
        });
        ranked.next().map(|(code, _)| Micros(code::midpoint_us(code)))
    }

    /// Non-zero counts, shortest duration first.
    pub fn iter(&self) -> impl Iterator<Item = (u16, u64)> {
        let words = self.occupied.iter().enumerate();
        words.flat_map(move |(word, &bits)| {
            set_bits(bits).map(move |bit| {
                let index = word * 64 + bit;
                (index as u16, self.counts[index])
            })
        })
    }

    /// The middles of the non-empty buckets and their counts, shortest duration first.
    pub fn middles(&self) -> impl Iterator<Item = (Micros, u32)> {
        self.iter().map(|(code, count)| {
            let count = u32::try_from(count).unwrap_or(u32::MAX);
            (Micros(code::midpoint_us(code)), count)
        })
    }

    /// Every figure in one pass; those that need more samples than there are stay `None`.
    pub fn quantiles(&self) -> Quantiles {
        if self.is_empty() {
            return Quantiles::default();
        }
        let summary = self.summary(Quantile::ALL);
        let mut values = Quantile::ALL.into_iter().zip(summary.at);
        let mut next = || {
            let (quantile, value) = values.next()?;
            (self.total >= quantile.needs()).then_some(value)
        };
        Quantiles {
            count: self.total,
            min: Some(summary.min),
            mean: Some(summary.mean),
            p10: next(),
            p25: next(),
            p50: next(),
            p75: next(),
            p90: next(),
            p95: next(),
            p99: next(),
            p99_9: next(),
            max: Some(summary.max),
        }
    }

    /// The nearest rank of each quantile (ascending), however few samples there are; all zero without any.
    pub fn summary<const N: usize>(&self, quantiles: [Quantile; N]) -> Summary<N> {
        let mut summary = Summary::new();
        let ranks = quantiles.map(|quantile| quantile.rank(self.total));
        let (mut seen, mut next, mut sum) = (0_u64, 0, 0_u128);
        for (code, count) in self.iter() {
            let middle = Micros(code::midpoint_us(code));
            if seen == 0 {
                summary.min = middle;
            }
            seen = seen.saturating_add(count);
            sum += u128::from(middle.0) * u128::from(count);
            while next < N && ranks[next] <= seen {
                summary.at[next] = middle;
                next += 1;
            }
            summary.max = middle;
        }
        let total = u128::from(self.total.max(1));
        summary.mean = Micros(u32::try_from((sum + total / 2) / total).unwrap_or(u32::MAX));
        summary
    }

    /// The non-empty buckets of a coarser histogram with eight of them an octave, shortest first: fit for drawing.
    pub fn distribution(&self) -> Vec<Bucket> {
        let mut buckets: Vec<Bucket> = Vec::new();
        for (code, count) in self.iter() {
            let low = code::low_us(code);
            match buckets.last_mut() {
                Some(bucket) if low < bucket.high.0 => bucket.count = bucket.count.saturating_add(count),
                _ => buckets.push(eighth_of_octave(low, count)),
            }
        }
        buckets
    }
}

/// Appends the encoded form. `entries` are codes, each once and ascending, and their counts.
pub fn encode(entries: impl Iterator<Item = (u16, u64)>, out: &mut Vec<u8>) {
    let mut before = 0;
    for (code, count) in entries {
        let distance = u64::from(code - before);
        before = code;
        if count == 1 {
            varint::write(distance << 1 | 1, out);
        } else {
            varint::write(distance << 1, out);
            varint::write(count, out);
        }
    }
}

/// A quantile as a fraction, so that ranks are whole numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quantile {
    part: u64,
    whole: u64,
}

impl Quantile {
    /// That of so many hundredths or thousandths, such as 95 of 100. `None`: it is none, or not within the distribution.
    pub const fn try_new(part: u64, whole: u64) -> Option<Self> {
        if part == 0 || part >= whole || whole > 100_000 {
            None
        } else {
            Some(Self { part, whole })
        }
    }

    const P10: Self = Self { part: 1, whole: 10 };
    const P25: Self = Self { part: 1, whole: 4 };
    pub const P50: Self = Self { part: 1, whole: 2 };
    const P75: Self = Self { part: 3, whole: 4 };
    pub const P90: Self = Self { part: 9, whole: 10 };
    pub const P95: Self = Self { part: 19, whole: 20 };
    pub const P99: Self = Self { part: 99, whole: 100 };
    pub const P99_9: Self = Self { part: 999, whole: 1000 };

    /// In the order of the fields of [`Quantiles`].
    const ALL: [Self; 8] = [
        Self::P10,
        Self::P25,
        Self::P50,
        Self::P75,
        Self::P90,
        Self::P95,
        Self::P99,
        Self::P99_9,
    ];

    /// How many samples it takes before the quantile tells more than the extremes do: 1/(1-q), and 1/q below the median.
    pub const fn needs(self) -> u64 {
        let tail = self.whole - self.part;
        self.whole.div_ceil(if tail < self.part { tail } else { self.part })
    }

    /// The nearest rank, ceil(q * count), counted from 1; without the product that could overflow.
    pub const fn rank(self, count: u64) -> u64 {
        let (times, rest) = (count / self.whole, count % self.whole);
        times * self.part + (rest * self.part).div_ceil(self.whole)
    }
}

/// What one pass over a histogram gives.
pub struct Summary<const N: usize> {
    pub min: Micros,
    pub mean: Micros,
    pub max: Micros,
    pub at: [Micros; N],
}

impl<const N: usize> Summary<N> {
    fn new() -> Self {
        Self {
            min: Micros(0),
            mean: Micros(0),
            max: Micros(0),
            at: [Micros(0); N],
        }
    }
}

/// The eighth of an octave that `micros` lies in; one microsecond where that would be less.
fn eighth_of_octave(micros: u32, count: u64) -> Bucket {
    let shift = (u32::BITS - micros.leading_zeros()).saturating_sub(4);
    let low = micros >> shift << shift;
    Bucket {
        low: Micros(low),
        high: Micros(low + (1 << shift)),
        count,
    }
}

fn set_bits(mut bits: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        (bits != 0).then(|| {
            let bit = bits.trailing_zeros() as usize;
            bits &= bits - 1;
            bit
        })
    })
}

#[cfg(test)]
mod tests;
