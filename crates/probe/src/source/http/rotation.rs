//! Every address of a name, one a probe, and how each of them answered.
//!
//! One target stays one series: its windows are those of the service behind the name, in which every address has its
//! share. Each address' own last result and its counts are told as a fact.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use probetop_core::clock::Timestamp;
use probetop_core::sample::{Fact, Failure, FailureKind, Micros, Text};

use super::origin::Origin;
use crate::source::AddressFamily;
use crate::source::attempt::{Fault, Stopwatch};
use crate::source::idle::Connection;
use crate::source::resolve::resolve;

/// Names with more addresses are rare, and a probe a second takes half a minute for one turn.
pub(super) const ADDRESS_LIMIT: usize = 32;

/// Addresses come and go: the name is looked up again after this, as many clients do.
const LOOKUP_AGE: Duration = Duration::from_secs(30);

pub(super) struct Rotation {
    family: AddressFamily,
    /// With connections that are made anew the name is looked up each time.
    connection: Connection,
    ring: Mutex<Ring>,
}

#[derive(Default)]
struct Ring {
    looked_up: Option<Timestamp>,
    entries: Vec<Entry>,
    next: usize,
}

/// One address over the run.
struct Entry {
    address: SocketAddr,
    last: Option<Result<Micros, FailureKind>>,
    attempts: u64,
    failed: u64,
}

impl Rotation {
    pub(super) fn new(family: AddressFamily, connection: Connection) -> Self {
        Self {
            family,
            connection,
            ring: Mutex::default(),
        }
    }

    /// Whose turn it is at `now`.
    pub(super) async fn turn(
        &self,
        watch: &mut Stopwatch,
        origin: &Origin,
        now: Timestamp,
    ) -> Result<SocketAddr, Failure> {
        let known = match self.connection {
            Connection::Reuse => self.lock().turn(now),
            Connection::Fresh => None,
        };
        if let Some(address) = known {
            return Ok(address);
        }
        let mut found = resolve(watch, &origin.host, origin.port, self.family).await?;
        let first = found.first().copied();
        // In an order of their own: the resolver's changes from one look-up to the next.
        found.sort_unstable();
        let mut ring = self.lock();
        ring.replace(&found, now);
        let address = ring.turn(now).or(first);
        address.ok_or_else(|| {
            let message = format!("{} has no address", origin.host);
            Fault::new(FailureKind::Dns, message).after_all_phases()
        })
    }

    /// Notes how `address` answered.
    pub(super) fn record(&self, address: SocketAddr, result: Result<Micros, FailureKind>) {
        let mut ring = self.lock();
        let Some(entry) = ring.entries.iter_mut().find(|entry| entry.address == address) else {
            return;
        };
        entry.attempts += 1;
        entry.failed += u64::from(result.is_err());
        entry.last = Some(result);
    }

    /// Each address with its last result and its counts.
    pub(super) fn fact(&self) -> Fact {
        Fact {
            name: "addresses".into(),
            value: Text::from(self.lock().words()),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Ring> {
        // A panic elsewhere leaves the ring as good as it was.
        self.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ring {
    /// The next address; `None`: the name has to be looked up.
    fn turn(&mut self, now: Timestamp) -> Option<SocketAddr> {
        self.looked_up.filter(|then| now.since(*then) < LOOKUP_AGE)?;
        let entry = self.entries.get(self.next).or_else(|| self.entries.first())?;
        let address = entry.address;
        let at = self.entries.iter().position(|entry| entry.address == address);
        self.next = at.map_or(0, |at| (at + 1) % self.entries.len());
        Some(address)
    }

    /// Takes over what was counted of addresses that stay.
    fn replace(&mut self, found: &[SocketAddr], now: Timestamp) {
        let mut before = std::mem::take(&mut self.entries);
        let entry = |address: &SocketAddr| {
            let known = before.iter().position(|entry| entry.address == *address);
            known.map_or_else(|| Entry::new(*address), |at| before.swap_remove(at))
        };
        self.entries = found.iter().take(ADDRESS_LIMIT).map(entry).collect();
        self.looked_up = Some(now);
    }

    fn words(&self) -> String {
        let mut words = String::new();
        for entry in self.entries.iter().filter(|entry| entry.attempts > 0) {
            let comma = if words.is_empty() { "" } else { ", " };
            // Writing to a string cannot fail.
            let _ = write!(words, "{comma}{} ", entry.address.ip());
            let _ = match entry.last {
                Some(Ok(latency)) => write!(words, "{latency}"),
                Some(Err(kind)) => write!(words, "{}", kind.name()),
                None => Ok(()),
            };
            let _ = match entry.failed {
                0 => write!(words, " ({} ok)", entry.attempts),
                failed => write!(words, " ({failed} of {} failed)", entry.attempts),
            };
        }
        words
    }
}

impl Entry {
    const fn new(address: SocketAddr) -> Self {
        Self {
            address,
            last: None,
            attempts: 0,
            failed: 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(last: u8) -> SocketAddr {
        SocketAddr::from(([10, 0, 0, last], 80))
    }

    fn turns(ring: &mut Ring, count: usize, now: Timestamp) -> Vec<Option<SocketAddr>> {
        (0..count).map(|_| ring.turn(now)).collect()
    }

    #[test]
    fn each_address_has_its_turn_until_the_name_is_looked_up_again() {
        let mut ring = Ring::default();
        let now = Timestamp::from_secs(100);
        assert_eq!(ring.turn(now), None);
        ring.replace(&[address(1), address(2), address(3)], now);
        let expected = [1, 2, 3, 1].map(|last| Some(address(last)));
        assert_eq!(turns(&mut ring, 4, now), expected);
        assert_eq!(ring.turn(now + LOOKUP_AGE), None);
        ring.replace(&[address(3)], now);
        assert_eq!(turns(&mut ring, 2, now), [3, 3].map(|last| Some(address(last))));
        ring.replace(&[], now);
        assert_eq!(ring.turn(now), None);
    }

    #[test]
    fn what_was_counted_outlives_a_look_up() {
        let rotation = Rotation::new(AddressFamily::Any, Connection::Reuse);
        let now = Timestamp::ZERO;
        rotation.lock().replace(&[address(1), address(2)], now);
        rotation.record(address(1), Ok(Micros(1200)));
        rotation.record(address(2), Ok(Micros(900)));
        rotation.record(address(2), Err(FailureKind::Refused));
        rotation.record(address(9), Ok(Micros(1)));
        rotation.lock().replace(&[address(2), address(1), address(3)], now);
        let fact = rotation.fact();
        assert_eq!(
            fact.value.as_str(),
            "10.0.0.2 refused (1 of 2 failed), 10.0.0.1 1.2ms (1 ok)"
        );
    }

    #[test]
    fn a_name_with_very_many_addresses_is_bounded() {
        let mut ring = Ring::default();
        let many: Vec<_> = (0..=255).map(address).collect();
        ring.replace(&many, Timestamp::ZERO);
        assert_eq!(ring.entries.len(), ADDRESS_LIMIT);
    }
}
