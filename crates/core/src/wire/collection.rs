//! What is made of others: none or one, pairs, lists and maps.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;
use std::sync::Arc;

use super::{Damage, Reader, Wire, Writer};

/// Elements of a list that room is made for before they are read.
const ROOM_AT_FIRST: usize = 64;

impl<T: Wire> Wire for Option<T> {
    fn write(&self, to: &mut Writer) {
        T::write_optional(self.as_ref(), to);
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Damage> {
        T::read_optional(from)
    }
}

impl<A: Wire, B: Wire> Wire for (A, B) {
    fn write(&self, to: &mut Writer) {
        self.0.write(to);
        self.1.write(to);
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Damage> {
        Ok((Wire::read(from)?, Wire::read(from)?))
    }
}

impl<T: Wire> Wire for Vec<T> {
    fn write(&self, to: &mut Writer) {
        list(self, to);
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Damage> {
        let count = from.count()?;
        // Not for all at once: an element takes more room than the byte that claims it.
        let mut list = Self::with_capacity(count.min(ROOM_AT_FIRST));
        for _ in 0..count {
            list.push(T::read(from)?);
        }
        list.shrink_to_fit();
        Ok(list)
    }
}

pub fn list<T: Wire>(list: &[T], to: &mut Writer) {
    to.number(list.len() as u64);
    list.iter().for_each(|it| it.write(to));
}

impl<T: Wire> Wire for Arc<T> {
    fn write(&self, to: &mut Writer) {
        T::write(self, to);
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Damage> {
        T::read(from).map(Self::new)
    }
}

impl<T: Wire> Wire for Arc<[T]> {
    fn write(&self, to: &mut Writer) {
        list(self, to);
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Damage> {
        Vec::read(from).map(Into::into)
    }
}

impl<K: Wire + Ord, V: Wire> Wire for BTreeMap<K, V> {
    fn write(&self, to: &mut Writer) {
        to.number(self.len() as u64);
        for (key, value) in self {
            key.write(to);
            value.write(to);
        }
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Damage> {
        let count = from.count()?;
        (0..count).map(|_| Wire::read(from)).collect()
    }
}

/// In the order of its keys, so that the same map is the same bytes.
impl<K: Wire + Ord + Hash, V: Wire> Wire for HashMap<K, V> {
    fn write(&self, to: &mut Writer) {
        let mut entries: Vec<_> = self.iter().collect();
        entries.sort_by_key(|(key, _)| *key);
        to.number(entries.len() as u64);
        for (key, value) in entries {
            key.write(to);
            value.write(to);
        }
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Damage> {
        let count = from.count()?;
        (0..count).map(|_| Wire::read(from)).collect()
    }
}
