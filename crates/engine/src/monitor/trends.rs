//! The trends of all figures that may creep: each looked at in turn, a few in a tick.

mod course;
mod figure;

use std::collections::BTreeMap;
use std::time::Duration;

use course::Course;
use figure::Figure;
use probetop_core::clock::Timestamp;
use probetop_core::sample::{OwnUsage, TargetId, Text};
use probetop_core::snapshot::Trend;

use super::host::Machine;
use super::target::Watched;
use crate::judge::trend;
use crate::metric::Scratch;

/// Figures looked at in a tick, 0.1 ms each: a thousand take 50 s.
const FIGURES_A_TICK: usize = 20;

/// A trend is told when so many looks in a row saw it: of a thousand figures ten look like one at any time.
const LOOKS_NEEDED: u8 = 3;

/// Trends that are remembered: more creep only where something is wrong with all.
const TREND_LIMIT: usize = 200;

/// A round takes a minute, or longer where there are more figures than a minute has room for.
const ROUND_S: u64 = 60;

/// Remembers where the turn is, and what creeps.
#[derive(Clone, Debug, Default)]
pub(super) struct Trends {
    machine_memory: Course,
    own_memory: Course,
    /// The second this round began in, and the target whose turn it is.
    round_began: u64,
    turn: usize,
    seen: BTreeMap<Key, Seen>,
    shown: Vec<Trend>,
}

/// A target, the name of what it is about, and the figure's.
type Key = (Option<TargetId>, Text, Text);

#[derive(Clone, Debug)]
struct Seen {
    looks: u8,
    trend: Trend,
}

impl Trends {
    /// Takes the figures of a tick, and looks at those whose turn it is.
    pub(super) fn step(
        &mut self,
        targets: &[Watched],
        machine: Option<&Machine>,
        own: OwnUsage,
        now: Timestamp,
        scratch: &mut Scratch,
    ) {
        let reading = machine.and_then(|machine| machine.reading.as_deref());
        let total = reading.map(|host| host.memory.total_bytes as f64);
        self.machine_memory
            .push(reading.map(|host| host.memory.used_bytes as f64), now);
        self.own_memory.push(own.rss_bytes.map(|bytes| bytes as f64), now);
        let is_over = now.second().saturating_sub(self.round_began) >= ROUND_S && self.turn >= targets.len();
        if is_over {
            (self.round_began, self.turn) = (now.second(), 0);
            self.look(Figure::memory("host", &self.machine_memory, total));
            self.look(Figure::memory("probetop", &self.own_memory, total));
        }
        let looked = self.look_at_targets(targets, now, scratch);
        if is_over || looked > 0 {
            self.refresh();
        }
    }

    /// Goes on with the round, evenly over its time; gives how many figures were looked at.
    fn look_at_targets(&mut self, targets: &[Watched], now: Timestamp, scratch: &mut Scratch) -> usize {
        let passed = now.second().saturating_sub(self.round_began) + 1;
        let due = targets.len() as u64 * passed.min(ROUND_S) / ROUND_S;
        let mut looked = 0;
        while (self.turn as u64) < due && looked < FIGURES_A_TICK {
            for figure in figure::of_target(&targets[self.turn], now, scratch) {
                self.look(figure);
                looked += 1;
            }
            self.turn += 1;
        }
        looked
    }

    fn look(&mut self, figure: Figure) {
        let key = (figure.target, figure.subject.clone(), figure.name.clone());
        let fit = trend::creep(&figure.points, figure.worse, figure.least_change());
        let Some(fit) = fit else {
            self.seen.remove(&key);
            return;
        };
        if self.seen.len() >= TREND_LIMIT && !self.seen.contains_key(&key) {
            return;
        }
        let looks = self.seen.get(&key).map_or(0, |seen| seen.looks);
        let seen = Seen {
            looks: looks.saturating_add(1).min(LOOKS_NEEDED),
            trend: figure.trend(&fit),
        };
        self.seen.insert(key, seen);
    }

    /// Forgets those that are about nothing any more.
    pub(super) fn retain(&mut self, is_about: impl Fn(Option<TargetId>) -> bool) {
        self.seen.retain(|(target, ..), _| is_about(*target));
        self.refresh();
    }

    /// Soonest at their limit first.
    pub(super) fn shown(&self) -> &[Trend] {
        &self.shown
    }

    fn refresh(&mut self) {
        let sure = self.seen.values().filter(|seen| seen.looks >= LOOKS_NEEDED);
        self.shown = sure.map(|seen| seen.trend.clone()).collect();
        let order = |trend: &Trend| trend.reaches_limit_in.unwrap_or(Duration::MAX);
        self.shown
            .sort_by(|a, b| (order(a), &a.subject, &a.figure).cmp(&(order(b), &b.subject, &b.figure)));
    }
}
