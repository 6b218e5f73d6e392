//! What telling costs: a tick of 10,000 targets when nothing fires, and when 5,000 alerts do, half of them behind a
//! parent. The state file's document of as many.
//!
//! `cargo bench --bench attention`. Goals: nothing beside `tick` of the monitor's benchmark, and a few milliseconds. It
//! fails where alerts that were told cost more than telling them.

#[path = "support/cost.rs"]
mod cost;

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use cost::Cost;
use divan::Bencher;
use probetop_core::clock::Timestamp;
use probetop_core::sample::{FailureKind, Severity, Subject, TargetId, Text, Unit, Worse};
use probetop_engine::alert::announcer::{Announcer, SubjectContext};
use probetop_engine::alert::entry::Finding;
use probetop_engine::alert::policy::Policy;
use probetop_engine::alert::saved::{Moments, SavedAlerts};
use probetop_engine::alert::source::{Key, Source};
use probetop_engine::alert::state::Condition;
use probetop_engine::alert::table::AlertTable;

fn main() {
    divan::main();
    println!();
    let fired = cost::median(|| cost::spent(|| firing(5_000).0.take_announcements().len()));
    let (mut announcer, mut book) = firing(5_000);
    let (around, mut second) = (around(), 0);
    let stepped = cost::median(|| {
        second += 1;
        cost::spent(|| announcer.step(&mut book, &around, Timestamp::from_secs(second)))
    });
    Cost::of("a second of 5,000 alerts that fire", stepped).within(
        1.0,
        &Cost::of("the one in which they fired", fired),
        "what was told already costs less than telling it",
    );
}

/// Every second target stands behind the first, which is well.
struct Around([Subject; 1]);

impl SubjectContext for Around {
    fn parents(&self, of: Subject) -> &[Subject] {
        match of {
            Subject::Target(id) if id.0 % 2 == 1 => &self.0,
            Subject::Target(_) | Subject::Host | Subject::Objective => &[],
        }
    }

    fn name(&self, _of: Subject) -> Text {
        Text::default()
    }

    fn last_probe_failed(&self, _of: Subject) -> bool {
        false
    }

    fn was_heard_since(&self, _of: Subject, _since: Timestamp) -> bool {
        true
    }

    fn maintenance(&self, _of: Subject) -> Option<(Text, Timestamp)> {
        None
    }

    fn host(&self, _of: Subject) -> Option<&Text> {
        None
    }

    fn failure(&self, _of: Subject) -> Option<FailureKind> {
        Some(FailureKind::Refused)
    }
}

fn around() -> Around {
    Around([Subject::Target(TargetId(0))])
}

/// So many alerts that fire, told already.
fn firing(alerts: u32) -> (Announcer, AlertTable) {
    let (mut announcer, mut book) = (Announcer::default(), AlertTable::default());
    let policy: Arc<Policy> = Arc::default();
    for id in 1..=alerts {
        let key = Key {
            subject: Subject::Target(TargetId(id)),
            source: Source::Errors,
        };
        book.observe(key, Condition::True, &policy, Timestamp::ZERO, || Finding {
            name: "errors".into(),
            subject: format!("target-{id}").into(),
            severity: Severity::Warning,
            value: Some(1.0),
            unit: Unit::Ratio,
            worse: Worse::Higher,
            reason: "errors 100% (refused) > 5%".into(),
        });
    }
    announcer.step(&mut book, &around(), Timestamp::ZERO);
    (announcer, book)
}

/// The step alone: what is said, and to whom.
#[divan::bench(args = [0, 5_000], sample_count = 50, sample_size = 1)]
fn step(bencher: Bencher, alerts: u32) {
    let (mut announcer, mut book) = firing(alerts);
    let around = around();
    let mut second = 0;
    bencher.bench_local(|| {
        second += 1;
        announcer.step(&mut book, &around, Timestamp::from_secs(second));
    });
}

/// The tick in which all of them fire and are announced.
#[divan::bench(args = [200, 5_000], sample_count = 20, sample_size = 1)]
fn announce(bencher: Bencher, alerts: u32) {
    bencher.bench_local(|| firing(alerts).0.take_announcements().len());
}

/// The banners.
#[divan::bench(args = [0, 5_000], sample_count = 50, sample_size = 1)]
fn causes(bencher: Bencher, alerts: u32) {
    let (announcer, book) = firing(alerts);
    let around = around();
    bencher.bench_local(|| announcer.causes(&book, &around).len());
}

/// What the state file costs a second in which something changed.
#[divan::bench(args = [5_000], sample_count = 20, sample_size = 1)]
fn state_document(bencher: Bencher, alerts: u32) {
    let (announcer, book) = firing(alerts);
    let at = Moments {
        now: Timestamp::from_secs(60),
        wall: SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000),
    };
    bencher.bench_local(|| {
        serde_json::to_vec_pretty(&SavedAlerts::of(&book, &announcer, &[], at))
            .expect("a document")
            .len()
    });
}
