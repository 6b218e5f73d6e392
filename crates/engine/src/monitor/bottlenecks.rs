//! What holds something up. Every few seconds the signs of all targets, of the machine and of probetop itself become the
//! list of bottlenecks; where there are many targets they are read in turn, so that no tick is long.
//!
//! How often each cause was seen is remembered for five minutes, in one bit for each list.

use std::collections::BTreeMap;
use std::time::Duration;

use probetop_core::clock::Timestamp;
use probetop_core::sample::{TargetId, Text, Window};
use probetop_core::setting::selector::HOST;
use probetop_core::snapshot::{Bottleneck, Resource};

use super::Monitor;
use super::host::Machine;
use super::judgement::Moment;
use super::target::Watched;
use crate::judge::bottleneck::{
    self, Basis, Cause, Finding, MachineFacts, OwnFacts, Seen, Sign, Standing, TargetFacts,
};
use crate::metric::{Scratch, Tracks};

/// From one list to the next: an eye follows one that changes this often.
const EVERY: Duration = Duration::from_secs(5);

/// Until the first, from the first tick on: a share of failures needs three seconds of probes.
const FIRST: Duration = Duration::from_secs(2);

/// Targets that are read in one tick: phases of a minute cost 2 to 4 us at a probe a second. No more than these are all
/// read when a list is due, more in turn, so many at each tick.
const TARGETS_PER_TICK_LIMIT: usize = 400;

/// Lists over which the frequency is taken: five minutes.
const LISTS_KEPT: u32 = 60;
const KEPT: u64 = (1 << LISTS_KEPT) - 1;

/// A cause stays on the list for a minute after it was seen: what comes and goes can be read.
const SHOWN: u64 = (1 << 12) - 1;

/// How probetop calls itself on the list.
const OWN_NAME: &str = "probetop";

/// What was seen, and how often.
#[derive(Clone, Debug, Default)]
pub(super) struct Bottlenecks {
    /// When the next list is due; `None` before the first tick.
    due: Option<Timestamp>,
    /// Position of the target that is looked at next.
    next: usize,
    /// Of those targets that gave any.
    signs: BTreeMap<TargetId, Vec<Sign>>,
    /// By cause, of which there are as many as rules.
    causes: BTreeMap<Cause, Memory>,
    /// Lists so far, up to those that are kept.
    lists: u32,
    dropped_before: u64,
}

/// One cause over the last lists.
#[derive(Clone, Debug)]
struct Memory {
    /// The newest list is bit 0.
    seen: u64,
    since: Timestamp,
    /// When it was seen last.
    last: Timestamp,
    newest: Finding,
}

impl Bottlenecks {
    /// Whether it is time for a list.
    fn is_due(&mut self, now: Timestamp) -> bool {
        let due = *self.due.get_or_insert(now + FIRST);
        if now >= due {
            self.due = Some(now + EVERY);
        }
        now >= due
    }

    /// Reads the next few targets.
    fn look_at_targets(&mut self, count: usize, targets: &mut [Watched], scratch: &mut Scratch) {
        for _ in 0..count {
            self.next %= targets.len();
            let watched = &mut targets[self.next];
            self.next += 1;
            let signs = signs(watched, scratch);
            if signs.is_empty() {
                self.signs.remove(&watched.id());
            } else {
                self.signs.insert(watched.id(), signs);
            }
        }
    }

    /// Forgets what targets showed that are not watched any more.
    pub(super) fn retain(&mut self, is_watched: impl Fn(TargetId) -> bool) {
        self.signs.retain(|id, _| is_watched(*id));
    }

    /// Takes in what was found for the next list.
    fn note(&mut self, findings: Vec<Finding>, now: Timestamp) {
        self.lists = (self.lists + 1).min(LISTS_KEPT);
        for memory in self.causes.values_mut() {
            memory.seen = memory.seen << 1 & KEPT;
        }
        for finding in findings {
            let memory = self.causes.entry(finding.cause).or_insert_with(|| Memory {
                seen: 0,
                since: now,
                last: now,
                newest: finding.clone(),
            });
            if memory.seen & SHOWN == 0 {
                memory.since = now;
            }
            memory.seen |= 1;
            memory.last = now;
            memory.newest = finding;
        }
        self.causes.retain(|_, memory| memory.seen != 0);
    }

    /// What was found of a cause, as it was seen last.
    pub(super) fn find(&self, resource: Resource, recommendation: &Text) -> Option<&Finding> {
        let mut causes = self.causes.iter();
        let is_meant = |cause: &Cause| cause.resource == resource && cause.recommendation == recommendation.as_str();
        causes
            .find(|(cause, _)| is_meant(cause))
            .map(|(_, memory)| &memory.newest)
    }

    /// As of the last list, the most urgent first.
    /// `standing` is how a finding's subject stands now.
    pub(super) fn shown(&self, standing: impl Fn(&Finding) -> Standing) -> Vec<Bottleneck> {
        let memories = self.causes.values().filter(|memory| memory.is_shown());
        let row = |memory: &Memory| memory.row(self.lists, standing(&memory.newest));
        let mut rows: Vec<_> = memories.map(row).collect();
        bottleneck::rank(&mut rows);
        rows
    }
}

impl Memory {
    fn is_shown(&self) -> bool {
        let needed = match self.newest.cause.basis {
            Basis::Window => 1,
            Basis::Moment => 2,
        };
        (self.seen & SHOWN).count_ones() >= needed
    }

    fn row(&self, lists: u32, standing: Standing) -> Bottleneck {
        let frequency = f64::from(self.seen.count_ones()) / f64::from(lists.max(1));
        let is_over = self.seen & self.holding() == 0 || standing.is_over(&self.newest.cause);
        let until = is_over.then_some(self.last);
        self.newest.row(frequency, (self.since, until), standing)
    }

    /// The lists of which one must have seen it for it to hold: a gauge that is looked at for one second of five may miss one.
    fn holding(&self) -> u64 {
        match self.newest.cause.basis {
            Basis::Window => 0b1,
            Basis::Moment => 0b11,
        }
    }
}

impl Monitor {
    /// Reads some targets, and makes the list when it is time.
    pub(super) fn find_bottlenecks(&mut self) {
        let bottlenecks = &mut self.insight.bottlenecks;
        let is_due = bottlenecks.is_due(self.now);
        let count = match self.targets.len() {
            few @ ..=TARGETS_PER_TICK_LIMIT if is_due => few,
            ..=TARGETS_PER_TICK_LIMIT => 0,
            _ => TARGETS_PER_TICK_LIMIT,
        };
        bottlenecks.look_at_targets(count, &mut self.targets, &mut self.scratch);
        if !is_due {
            return;
        }
        let findings = self.findings();
        let bottlenecks = &mut self.insight.bottlenecks;
        bottlenecks.note(findings, self.now);
        bottlenecks.dropped_before = self.dropped;
    }

    /// Everything that was seen when each was read last, by cause.
    fn findings(&mut self) -> Vec<Finding> {
        let index = &self.index;
        self.insight.bottlenecks.signs.retain(|id, _| index.contains_key(id));
        let own = bottleneck::own_signs(&OwnFacts {
            lag: self
                .totals
                .starts
                .read(Window::OneMinute, Tracks::LAG, &mut self.scratch)
                .stats
                .lag,
            usage: self.own,
            dropped: self.dropped.saturating_sub(self.insight.bottlenecks.dropped_before),
        });
        let moment = Moment {
            now: self.now,
            unbroken_since: self.table.unbroken_since(),
        };
        let machine = self.machine.as_ref().and_then(|machine| machine_facts(machine, moment));
        let machine = machine.map_or_else(Vec::new, |facts| bottleneck::machine_signs(&facts));
        let (host, probetop): (Text, Text) = (HOST.into(), OWN_NAME.into());
        let alone = |subject| {
            move |sign| Seen {
                subject,
                target: None,
                sign,
            }
        };
        let of_targets = self.insight.bottlenecks.signs.iter().flat_map(|(id, signs)| {
            let subject = &self.targets[index[id]].planned.info.name;
            let target = Some(*id);
            signs.iter().map(move |sign| Seen { subject, target, sign })
        });
        let machine = machine.iter().map(alone(&host));
        let own = own.iter().map(alone(&probetop));
        bottleneck::join(own.chain(machine).chain(of_targets), self.targets.len())
    }
}

fn machine_facts(machine: &Machine, moment: Moment) -> Option<MachineFacts> {
    Some(MachineFacts {
        reading: machine.fresh(moment)?,
        verdicts: machine.named_verdicts(moment),
    })
}

/// Nothing of a target that was not probed within the last minute.
fn signs(watched: &mut Watched, scratch: &mut Scratch) -> Vec<Sign> {
    let latency = watched.latency_verdict(scratch);
    let errors = watched.error_verdict(scratch);
    let tracks = Tracks::LATENCY | Tracks::PHASES;
    let detail = watched.series.read(Window::OneMinute, tracks, scratch);
    if detail.stats.attempts + detail.stats.overruns + detail.stats.not_made() == 0 {
        return Vec::new();
    }
    bottleneck::target_signs(&TargetFacts {
        info: &watched.planned.info,
        detail: &detail,
        latency,
        errors,
        failure: watched.series.failures().next().map(|record| &record.failure),
        gauges: watched.gauges(),
        gauge_verdicts: watched.gauge_verdicts(),
    })
}
