//! How long to wait before the next try: exponential, with full jitter, so that many who failed together do not come
//! back together (Brooker, "Exponential Backoff And Jitter", 2015).

use std::time::Duration;

const FIRST: Duration = Duration::from_millis(500);

/// Whoever comes back is told within a minute.
const LONGEST: Duration = Duration::from_secs(60);

/// Waits drawn from a sequence that its seed determines.
#[derive(Clone, Debug)]
pub struct Backoff {
    state: u64,
}

impl Backoff {
    pub const fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// After this many failures in a row: between nothing and twice as much as after one fewer.
    pub fn wait(&mut self, failures: u32) -> Duration {
        let doublings = failures.saturating_sub(1).min(16);
        let longest = FIRST.saturating_mul(1 << doublings).min(LONGEST);
        longest.mul_f64(self.draw())
    }

    /// Evenly from 0 to 1, without 1: SplitMix64 (Steele, Lea and Flood, 2014).
    fn draw(&mut self) -> f64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_a_limit_and_are_spread_over_all_that_is_below() {
        let mut backoff = Backoff::new(7);
        let mut check = |failures: u32, longest: Duration| {
            let waits: Vec<_> = (0..1000).map(|_| backoff.wait(failures)).collect();
            let (least, most) = (waits.iter().min().unwrap(), waits.iter().max().unwrap());
            assert!(*least < longest / 50, "after {failures}: {least:?}");
            assert!(
                *most > longest * 49 / 50 && *most < longest,
                "after {failures}: {most:?}"
            );
        };
        check(1, FIRST);
        check(2, FIRST * 2);
        check(5, FIRST * 16);
        check(8, LONGEST);
        check(u32::MAX, LONGEST);
    }

    #[test]
    fn the_same_seed_gives_the_same_waits() {
        let waits = |seed| {
            let mut backoff = Backoff::new(seed);
            (1..9).map(|failures| backoff.wait(failures)).collect::<Vec<_>>()
        };
        assert_eq!(waits(1), waits(1));
        assert_ne!(waits(1), waits(2));
    }
}
