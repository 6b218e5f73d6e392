//! Keeping the target that does worst chosen, without fluttering between two that do equally badly.

use std::cmp::Ordering;
use std::time::Duration;

use probetop_core::clock::Timestamp;
use probetop_core::sample::TargetId;
use probetop_core::snapshot::{Feed, Snapshot, TargetSnapshot};

use super::Targets;
use crate::ui::standing::Standing;

/// Whom the selection goes with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Follow {
    /// The worst as long as nobody has chosen: as it begins, and only while all targets are listed.
    #[default]
    Unmoved,
    Nobody,
    /// The worst of the rows, chosen at that moment.
    Worst {
        since: Timestamp,
    },
}

/// A target of the same level takes the place only after this, so that there is time to read.
const DWELL: Duration = Duration::from_secs(5);

/// And only when it does worse by a tenth.
const MARGIN: f64 = 1.1;

/// The share of failed probes that counts as much as a p95 at its threshold.
const ERROR_RATIO: f64 = 0.01;

impl Targets {
    /// Whether the selection goes with the worst target.
    pub fn is_following(&self) -> bool {
        matches!(self.follow, Follow::Worst { .. })
    }

    /// Follows the worst target, or nobody any more. Returns what to say.
    pub(super) fn toggle_follow(&mut self, snapshot: &Snapshot) -> &'static str {
        match self.follow {
            Follow::Unmoved | Follow::Nobody => {
                self.follow = Follow::Worst { since: snapshot.now };
                if let Some(worst) = self.worst(snapshot) {
                    self.table.selected = Some(worst.info.id);
                }
                "following the worst target until another is chosen"
            }
            Follow::Worst { .. } => {
                self.follow = Follow::Nobody;
                "not following any more"
            }
        }
    }

    /// Whoever chooses another target than `before` leads from now on.
    pub(super) fn follow_no_more(&mut self, before: Option<TargetId>) {
        if self.table.selected != before {
            self.follow = Follow::Nobody;
        }
    }

    /// Chooses the worst target, if it is time to. What was is left alone. `lists_all`: the page that is shown lists all targets.
    pub(super) fn follow(&mut self, feed: Feed, lists_all: bool, snapshot: &Snapshot) {
        // Timeline and heat map look back over an axis that is live.
        let (Feed::Live, Feed::Live) = (feed, snapshot.feed) else {
            return;
        };
        let since = match self.follow {
            Follow::Worst { since } => since,
            Follow::Unmoved if lists_all => return self.choose_if_graver(snapshot),
            Follow::Unmoved | Follow::Nobody => return,
        };
        let Some(worst) = self.worst(snapshot) else { return };
        let is_shown = |_: &&TargetSnapshot| self.table.selected_row(snapshot).is_some();
        let chosen = self.selected().and_then(|id| snapshot.target(id)).filter(is_shown);
        let has_dwelt = snapshot.now.since(since) >= DWELL;
        let shall_change = match (self.table.selected == Some(worst.info.id), chosen) {
            (true, _) => false,
            (false, None) => true,
            (false, Some(chosen)) => {
                worst.level > chosen.level || has_dwelt && badness(worst) > badness(chosen) * MARGIN
            }
        };
        if shall_change {
            self.table.selected = Some(worst.info.id);
            self.follow = Follow::Worst { since: snapshot.now };
        }
    }

    /// Chooses the worst target where it stands worse than the chosen one, not where its figures do: nobody asked for that.
    fn choose_if_graver(&mut self, snapshot: &Snapshot) {
        let rank = |target: &TargetSnapshot| Standing::of(target).rank();
        let Some(worst) = self.worst(snapshot) else { return };
        let chosen = self.selected().and_then(|id| snapshot.target(id));
        if chosen.is_none_or(|chosen| rank(worst) > rank(chosen)) {
            self.table.selected = Some(worst.info.id);
        }
    }

    /// The worst target among the rows, the first of equals.
    fn worst<'a>(&self, snapshot: &'a Snapshot) -> Option<&'a TargetSnapshot> {
        let rows = self.table.rows.iter().filter_map(|index| snapshot.targets.get(*index));
        rows.reduce(|worst, target| match compare(target, worst) {
            Ordering::Greater => target,
            Ordering::Less | Ordering::Equal => worst,
        })
    }
}

fn compare(a: &TargetSnapshot, b: &TargetSnapshot) -> Ordering {
    let by_figures = || badness(a).total_cmp(&badness(b));
    Standing::of(a)
        .rank()
        .cmp(&Standing::of(b).rank())
        .then_with(by_figures)
}

/// How bad a target's figures are among those of its level: how many times its threshold the p95 is, or how many times a
/// hundredth the share of failed probes, whichever is more.
fn badness(target: &TargetSnapshot) -> f64 {
    let threshold = target
        .apdex
        .map(|apdex| f64::from(apdex.threshold.0))
        .filter(|us| *us > 0.0);
    let p95 = target.stats.latency.p95.map(|p95| f64::from(p95.0));
    let slowness = p95.zip(threshold).map_or(0.0, |(p95, threshold)| p95 / threshold);
    let failing = target.stats.error_ratio().unwrap_or_default() / ERROR_RATIO;
    slowness.max(failing)
}
