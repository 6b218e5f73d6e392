//! The sole owner of the measuring state: [`Monitor::apply`] takes inputs and gives what the world is to be told,
//! [`Monitor::snapshot`] answers queries. Nothing else changes it.
//!
//! Pure and synchronous. The same inputs in the same order give the same snapshots and the same alerts, whatever the
//! speed. A clone is the state as it stood: freezing the screen is a clone that hears no more inputs.

mod plan;
mod input;
mod observe;
mod totals;
mod threshold_state;
mod target;
mod host;
mod silence;
mod reason;
mod gap;
mod judgement;
mod marks;
mod stretch;
mod course;
mod evidence;
mod anomalies;
mod trends;
mod correlations;
mod insight;
mod bottlenecks;
mod objectives;
mod health;
mod attention;
mod fate;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use attention::SuppressionIndex;
use gap::Gap;
use health::Scores;
use host::Machine;
use insight::Insight;
use marks::Marks;
use objectives::Objectives;
use probetop_core::clock::Timestamp;
use probetop_core::sample::{ChannelReport, Mark, OwnUsage, TargetId, TargetInfo, TargetMap, Tick, Window};
use probetop_core::snapshot::{AlertBoard, Announcement, MonitorSnapshot, Notice, Present, Query, Snapshot};
use target::Watched;
use threshold_state::Policies;
use totals::Totals;

use crate::alert::announcer::Announcer;
use crate::alert::rule::Rule;
use crate::alert::table::AlertTable;
use crate::judge::verdict::Verdict;
use crate::metric::{Scratch, Step, Tracks};

pub use attention::Attention;
pub use input::Input;
pub use marks::MARKS_LIMIT;
pub use plan::{Plan, PlannedTarget};
pub use stretch::{Comparing, WholeSteps, compare};

/// Everything measured so far.
#[derive(Clone, Debug)]
pub struct Monitor {
    now: Timestamp,
    gap: Option<Gap>,
    /// See [`Monitor::gap_least`].
    gap_least: Duration,
    /// No probe has ended since the last tick.
    is_quiet: bool,
    wall_origin: SystemTime,
    own: OwnUsage,
    dropped: u64,
    totals: Totals,
    targets: Vec<Watched>,
    index: TargetMap<usize>,
    rules: Vec<Rule>,
    machine: Option<Machine>,
    objectives: Objectives,
    scores: Scores,
    table: AlertTable,
    announcer: Announcer,
    insight: Insight,
    suppression_index: SuppressionIndex,
    channels: Arc<[ChannelReport]>,
    /// The board of the last tick; snapshots between ticks share it.
    board: Arc<AlertBoard>,
    notice: Option<Notice>,
    marks: Marks,
    scratch: Scratch,
}

impl Monitor {
    /// Watches by `plan` from `now` on.
    pub fn new(plan: Plan, now: Timestamp, wall: SystemTime) -> Self {
        let mut monitor = Self {
            now,
            gap: None,
            gap_least: Duration::MAX,
            is_quiet: true,
            wall_origin: origin_of(wall, now),
            own: OwnUsage::default(),
            dropped: 0,
            totals: Totals::new(now),
            targets: Vec::new(),
            index: TargetMap::default(),
            rules: Vec::new(),
            machine: None,
            objectives: Objectives::default(),
            scores: Scores::new(now),
            table: AlertTable::default(),
            announcer: Announcer::default(),
            insight: Insight::default(),
            suppression_index: SuppressionIndex::default(),
            channels: Arc::default(),
            board: Arc::default(),
            notice: None,
            marks: Marks::default(),
            scratch: Scratch::default(),
        };
        monitor.configure(plan, now);
        monitor
    }

    fn configure(&mut self, plan: Plan, now: Timestamp) {
        let mut before: HashMap<_, _> = self.targets.drain(..).map(|watched| (watched.id(), watched)).collect();
        let mut policies = Policies::default();
        for planned in plan.targets {
            let rules = plan::rules_for(&plan.rules, &planned.info);
            let watched = match before.remove(&planned.info.id) {
                Some(watched) => watched.replanned(planned, rules, &mut policies, now),
                None => Watched::new(planned, rules, &mut policies, now),
            };
            self.targets.push(watched);
        }
        self.index = self
            .targets
            .iter()
            .enumerate()
            .map(|(at, watched)| (watched.id(), at))
            .collect();
        let targets = self.targets.iter();
        self.gap_least = gap::length_least(targets.map(|watched| watched.planned.info.interval));
        self.rules = plan.rules;
        self.machine = plan.host.map(|thresholds| match self.machine.take() {
            Some(machine) => machine.replanned(thresholds, &mut policies),
            None => Machine::new(thresholds, &mut policies, now),
        });
        self.marks.retain(|id| self.index.contains_key(&id));
        self.replan_insight(plan.analysis, now);
        self.objectives.follow(plan.objectives, &self.targets, now);
        self.scores.follow(plan.health, &mut self.targets);
        self.watch_over(plan.attention);
        self.resolve_what_is_gone(now);
    }

    /// What a copy takes: all that grows with targets, objectives, alerts and time.
    pub fn bytes(&self) -> usize {
        let machine = self.machine.as_ref().map_or(0, Machine::heap_bytes);
        size_of::<Self>()
            + self.targets.iter().map(Watched::bytes).sum::<usize>()
            + self.index.capacity() * size_of::<(TargetId, usize)>()
            + self.totals.heap_bytes()
            + size_of_val(self.rules.as_slice())
            + self.objectives.heap_bytes()
            + self.table.heap_bytes()
            + self.scores.heap_bytes()
            + self.scratch.heap_bytes()
            + machine
    }

    /// The newest tick.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Every target that is watched, and how it stands since the last tick.
    pub fn targets(&self) -> impl ExactSizeIterator<Item = (&TargetInfo, &Verdict)> {
        self.targets
            .iter()
            .map(|watched| (&*watched.planned.info, &watched.standing))
    }

    /// How the machine stands since the last tick; `None`: it is not watched.
    pub fn machine(&self) -> Option<&Verdict> {
        self.machine.as_ref().map(|machine| &machine.standing)
    }

    /// Every mark set so far, oldest first.
    pub fn marks(&self) -> Arc<[Mark]> {
        self.marks.list()
    }

    /// The alerts as of the last tick.
    pub fn alerts(&self) -> &AlertBoard {
        &self.board
    }

    /// The wall clock at [`Timestamp::ZERO`], as of the last tick.
    pub fn wall_origin(&self) -> SystemTime {
        self.wall_origin
    }

    /// Takes the next input, in the order in which inputs became known. Gives what the world is to be told, in order.
    pub fn apply(&mut self, input: Input) -> Vec<Announcement> {
        let mut owed = Vec::new();
        match input {
            Input::Observed(observation) => self.observe(observation),
            Input::Plan { at, plan } => self.configure(*plan, at),
            Input::Notice(notice) => self.notice = Some(notice),
            Input::Restored(saved) => owed = self.restore(&saved),
            Input::Act(act) => self.act(act),
            Input::Look(target) => self.insight.look_at(target),
            Input::Mark(mark) => self.mark(mark),
            Input::Tick(tick) => self.tick(&tick),
            Input::End => self.conclude(),
        }
        owed.append(&mut self.announcer.take_announcements());
        owed
    }

    fn tick(&mut self, tick: &Tick) {
        self.marks.tick(tick);
        if let Some(gap) = self.gap_before(tick.now) {
            self.pause(gap);
        }
        self.is_quiet = true;
        self.now = tick.now;
        self.wall_origin = origin_of(tick.wall, tick.now);
        self.own = tick.own;
        self.dropped = tick.dropped;
        self.rotate();
        self.judge();
        self.marks.alerts(&self.board, self.now);
    }

    fn conclude(&mut self) {
        for watched in &mut self.targets {
            watched.conclude(self.now);
        }
    }

    /// How the channels of notification do, in the order of the configuration.
    pub fn channels(&self) -> &[ChannelReport] {
        &self.channels
    }

    /// What it knows itself of the present.
    pub fn present(&self) -> Present {
        Present {
            now: self.now,
            marks: self.marks.list(),
            ..Present::default()
        }
    }

    /// Answers from the state of the last tick, as long as that is the present.
    pub fn snapshot(&mut self, query: &Query) -> Snapshot {
        let present = self.present();
        self.snapshot_from(query, present)
    }

    /// Answers from the state of the last tick, seen from `present`. The one place where a snapshot is made.
    pub fn snapshot_from(&mut self, query: &Query, present: Present) -> Snapshot {
        let Present {
            now,
            marks,
            history,
            stores,
            comparison,
        } = present;
        let step = Step::at_most(query.axis.step());
        let course = query.course.and_then(|scope| self.course(scope, query.axis, step));
        let evidence = query
            .evidence
            .as_ref()
            .map(|matter| Arc::new(self.evidence(matter, query.axis, step)));
        let scratch = &mut self.scratch;
        Snapshot {
            taken: self.now,
            now,
            wall_origin: self.wall_origin,
            window: query.window,
            axis: query.axis,
            feed: query.feed,
            axis_end: step.newest(self.now).unwrap_or_default(),
            targets: self
                .targets
                .iter_mut()
                .map(|watched| watched.snapshot(query, step, scratch))
                .collect(),
            host: self
                .machine
                .as_ref()
                .and_then(|machine| machine.snapshot(query.axis, step)),
            alerts: Arc::clone(&self.board),
            analysis: self.insight.shown(),
            objectives: self.objectives.snapshot(query.axis, step),
            health: self.scores.health.clone(),
            health_course: self.scores.course(query.axis, step),
            channels: Arc::clone(&self.channels),
            cursor: None,
            comparison,
            course,
            evidence,
            marks,
            monitor: MonitorSnapshot {
                own: self.own,
                samples_total: self.totals.samples,
                failed_total: self.totals.failed,
                overruns_total: self.totals.overruns,
                cut_off_total: self.totals.cut_off,
                dropped_total: self.dropped,
                lag: self
                    .totals
                    .starts
                    .read(Window::OneMinute, Tracks::LAG, scratch)
                    .stats
                    .lag,
                history,
                stores,
                notice: self.notice.clone(),
            },
        }
    }

    fn rotate(&mut self) {
        self.totals.rotate(self.now, &mut self.scratch);
        if let Some(machine) = &mut self.machine {
            machine.rotate(self.now);
        }
    }
}

fn origin_of(wall: SystemTime, now: Timestamp) -> SystemTime {
    wall.checked_sub(now.since_origin()).unwrap_or(SystemTime::UNIX_EPOCH)
}
