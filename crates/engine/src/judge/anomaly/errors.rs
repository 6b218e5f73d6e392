//! Failures against the target's own usual share of them, by the binomial tail: one failure of a target that never
//! fails is less than ten of one that always does, and neither is news.

use probetop_core::clock::Timestamp;
use probetop_core::snapshot::AnomalyKind;

use super::streak::{Look, Streak, Turn};
use super::{ADOPTED_AFTER, Sighting, Stage, WINDOW_POINTS};
use crate::judge::tail::binomial_at_least;

/// A window this improbable is odd; two in a row come about by chance once in a million.
const ODD_BELOW: f64 = 1e-3;

/// A window this probable is usual.
const USUAL_ABOVE: f64 = 0.05;

/// More failures than usual by less than this share are no burst, however many probes prove it.
const RISE_NEEDED: f64 = 0.02;

/// What each window leaves of those before it: half are forgotten after 160, a quarter of an hour at a probe a second.
const KEPT_SHARE: f64 = 1.0 - 1.0 / 230.0;

/// Attempts before anything is usual.
const ATTEMPTS_NEEDED: f64 = 30.0;

#[derive(Clone, Debug, Default)]
pub(super) struct ErrorWatch {
    window: Count,
    points: usize,
    began: Timestamp,
    past: Count,
    streak: Streak,
    sighting: Option<Sighting>,
    /// Odd windows and those of an anomaly: they count as usual once they are over, or have stayed.
    fresh: Count,
    lasted: u16,
}

#[derive(Clone, Copy, Debug, Default)]
struct Count {
    attempts: f64,
    failed: f64,
}

impl Count {
    fn add(&mut self, other: Self) {
        self.attempts += other.attempts;
        self.failed += other.failed;
    }

    /// With half a failure of one attempt more than there were (Jeffreys): nobody fails never.
    fn share(&self) -> f64 {
        (self.failed + 0.5) / (self.attempts + 1.0)
    }
}

impl ErrorWatch {
    pub(super) fn sighting(&self) -> Option<&Sighting> {
        self.sighting.as_ref()
    }

    /// Takes what a tick brought.
    pub(super) fn point(&mut self, attempts: u64, failed: u64, now: Timestamp) {
        if self.points == 0 {
            self.began = now;
        }
        self.window.add(Count {
            attempts: attempts as f64,
            failed: failed as f64,
        });
        self.points += 1;
        if self.points == WINDOW_POINTS {
            self.points = 0;
            let window = std::mem::take(&mut self.window);
            self.close(window);
        }
    }

    fn close(&mut self, window: Count) {
        if self.sighting.is_some_and(|sighting| sighting.stage == Stage::Adopted) {
            self.sighting = None;
        }
        let look = self.look(window);
        match self.streak.step(look, self.began, self.sighting.is_some()) {
            Some(Turn::Opens(since)) => {
                self.lasted = 0;
                self.sighting = Some(self.seen(window, since));
            }
            Some(Turn::Ends) => self.sighting = None,
            None => {}
        }
        match self.sighting {
            Some(sighting) => self.follow(window, look, sighting.since),
            None if look == Look::Odd => self.fresh.add(window),
            None => {
                self.past.attempts *= KEPT_SHARE;
                self.past.failed *= KEPT_SHARE;
                self.past.add(window);
                self.past.add(std::mem::take(&mut self.fresh));
            }
        }
    }

    fn look(&self, window: Count) -> Look {
        if self.past.attempts < ATTEMPTS_NEEDED {
            return Look::Usual;
        }
        let (usual, seen) = (self.past.share(), window.failed / window.attempts);
        let chance = binomial_at_least(window.failed as u64, window.attempts as u64, usual);
        // Twice as many, or half of what is left.
        let matters = seen >= (2.0 * usual).min(f64::midpoint(usual, 1.0)) && seen - usual >= RISE_NEEDED;
        if chance < ODD_BELOW && matters {
            Look::Odd
        } else if chance > USUAL_ABOVE {
            Look::Usual
        } else {
            Look::Unclear
        }
    }

    fn follow(&mut self, window: Count, look: Look, since: Timestamp) {
        self.fresh.add(window);
        self.lasted += 1;
        let mut sighting = match look {
            Look::Odd => self.seen(window, since),
            // What was seen stays until it is over: it is why the anomaly is told.
            Look::Unclear | Look::Usual => self.sighting.unwrap_or_else(|| self.seen(window, since)),
        };
        if self.lasted >= ADOPTED_AFTER {
            sighting.stage = Stage::Adopted;
            self.past = std::mem::take(&mut self.fresh);
        }
        self.sighting = Some(sighting);
    }

    fn seen(&self, window: Count, since: Timestamp) -> Sighting {
        let usual = self.past.share();
        let expected = window.attempts * usual;
        Sighting {
            kind: AnomalyKind::ErrorBurst,
            since,
            seen: window.failed / window.attempts,
            usual,
            score: (window.failed - expected) / (expected * (1.0 - usual)).sqrt(),
            stage: Stage::Open,
        }
    }
}
