//! A map by target. Ids are ours and count up, so nobody can choose ones that collide: to mix their bits with a
//! multiplication is enough, and costs a tenth of the hash that withstands an attack.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use super::TargetId;

pub type TargetMap<V> = HashMap<TargetId, V, BuildHasherDefault<IdHasher>>;

#[derive(Clone, Copy, Debug, Default)]
pub struct IdHasher(u64);

/// Odd, with bits that look random: the golden ratio (Knuth, The Art of Computer Programming, volume 3, section 6.4).
const MULTIPLIER: u64 = 0x9e37_79b9_7f4a_7c15;

impl Hasher for IdHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write_u32(&mut self, id: u32) {
        self.0 = (self.0 ^ u64::from(id)).wrapping_mul(MULTIPLIER);
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u32(u32::from(*byte));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::hash::BuildHasher;

    use super::*;

    #[test]
    fn ids_that_follow_each_other_share_neither_place_nor_tag() {
        let hash = |id: u32| TargetMap::<()>::default().hasher().hash_one(TargetId(id));
        // A table looks at the lowest bits for the place and at the highest seven for a tag.
        let places: HashSet<u64> = (0..16_384).map(|id| hash(id) % 16_384).collect();
        let tags: HashSet<u64> = (0..1_000).map(|id| hash(id) >> 57).collect();
        assert_eq!((places.len(), tags.len()), (16_384, 128));
    }
}
