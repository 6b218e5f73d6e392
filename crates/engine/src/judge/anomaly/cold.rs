//! First requests on new connections against all requests: where connections are made anew now and then, and cost far
//! more than usual, callers meet it as rare slow requests that no percentile explains.
//!
//! Where every probe has a connection of its own, the first is the usual one and nothing is odd.

use probetop_core::clock::Timestamp;
use probetop_core::snapshot::AnomalyKind;

use super::baseline::Usual;
use super::streak::{Look, Streak, Turn};
use super::{Sighting, Stage};

/// First requests in a window: they are rare.
const WINDOW_FIRSTS: usize = 3;

/// At least twice as slow, and an outlier (Iglewicz and Hoaglin 1993); below half as slow again it is usual.
const ODD_LOG: f64 = std::f64::consts::LN_2;
const ODD_Z: f64 = 3.5;
const USUAL_LOG: f64 = 0.405;

/// One request varies more than the mean of the middle three of five points.
const ONE_AGAINST_WINDOW: f64 = 2.1;

/// Windows of all requests without a window of first ones, after which nothing is known of them any more.
const FORGOTTEN_AFTER: u16 = 60;

/// As many while something is odd: about a minute. Where no connection is made anew, nothing can be said of the first request on
/// one, and what was odd is over.
const OVER_AFTER: u16 = 12;

#[derive(Clone, Debug, Default)]
pub(super) struct ColdWatch {
    firsts: [f32; WINDOW_FIRSTS],
    filled: usize,
    began: Timestamp,
    streak: Streak,
    sighting: Option<Sighting>,
    age: u16,
}

impl ColdWatch {
    pub(super) fn sighting(&self) -> Option<&Sighting> {
        self.sighting.as_ref()
    }

    /// Takes the logarithm of a first request's latency. While nothing is usual yet, it is passed over.
    pub(super) fn record(&mut self, log: f64, now: Timestamp, usual: Option<&Usual>) {
        let Some(usual) = usual else { return };
        if self.filled == 0 {
            self.began = now;
        }
        self.firsts[self.filled] = log as f32;
        self.filled += 1;
        if self.filled < WINDOW_FIRSTS {
            return;
        }
        (self.filled, self.age) = (0, 0);
        self.firsts.sort_unstable_by(f32::total_cmp);
        self.close(f64::from(self.firsts[WINDOW_FIRSTS / 2]), usual);
    }

    /// A window of all requests has passed.
    pub(super) fn grow_old(&mut self) {
        self.age = self.age.saturating_add(1);
        let limit = match self.sighting {
            Some(_) => OVER_AFTER,
            None => FORGOTTEN_AFTER,
        };
        if self.age > limit {
            *self = Self::default();
        }
    }

    fn close(&mut self, log: f64, usual: &Usual) {
        let above = log - usual.centre;
        let z = above / (usual.scale * ONE_AGAINST_WINDOW);
        let look = if above >= ODD_LOG && z > ODD_Z {
            Look::Odd
        } else if above < USUAL_LOG {
            Look::Usual
        } else {
            Look::Unclear
        };
        let seen = |since| Sighting {
            kind: AnomalyKind::ColdStart,
            since,
            seen: log.exp(),
            usual: usual.centre.exp(),
            score: z,
            stage: Stage::Open,
        };
        match self.streak.step(look, self.began, self.sighting.is_some()) {
            Some(Turn::Opens(since)) => self.sighting = Some(seen(since)),
            Some(Turn::Ends) => self.sighting = None,
            None if look == Look::Odd => self.sighting = self.sighting.map(|open| seen(open.since)),
            None => {}
        }
    }
}
