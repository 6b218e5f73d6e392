//! Numbers that nobody can guess: by them an answer is known to be to our question.

use std::hash::{BuildHasher as _, RandomState};

/// A number unlike any before. The standard library's hash tables have keys that no attacker may guess, and a hash of
/// nothing under a new key is as hard to guess.
pub fn nonce() -> u64 {
    RandomState::new().hash_one(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn numbers_differ_in_each_of_their_halves() {
        let numbers: Vec<_> = (0..100).map(|_| nonce()).collect();
        let check = |half: fn(&u64) -> u32| assert_eq!(numbers.iter().map(half).collect::<BTreeSet<_>>().len(), 100);
        check(|number| *number as u32);
        check(|number| (*number >> 32) as u32);
    }
}
