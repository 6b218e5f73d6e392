//! A recorded run as a sealed journal, and the plans of configurations as bytes.

use std::time::SystemTime;

use probetop::config::{Config, Overrides};
use probetop::run::plan;
use probetop_core::clock::Timestamp;
use probetop_core::sample::{Mark, MarkOrigin, TargetId};
use probetop_core::snapshot::{Query, Rows, Scope};
use probetop_engine::journal::Chunk;
use probetop_engine::monitor::{Input, Monitor, Plan};

use crate::support::recording;

fn sealed(inputs: &[Input]) -> Vec<u8> {
    let mut chunk = Chunk::new(Timestamp::ZERO);
    inputs.iter().for_each(|input| chunk.push(input));
    chunk.seal()
}

fn opened(sealed: &[u8]) -> Vec<Input> {
    let chunk = Chunk::open(sealed).unwrap();
    chunk.inputs(0..chunk.end()).collect::<Result<_, _>>().unwrap()
}

/// Ninety seconds of the built-in service, its first incident among them.
#[test]
fn a_run_that_was_sealed_shows_in_every_second_what_it_showed_live() {
    let config = recording::config();
    let text = std::fs::read_to_string("tests/fixtures/history/demo.inputs").unwrap();
    let inputs = recording::read(&text, &config);
    let sealed = sealed(&inputs);
    assert!(
        sealed.len() < text.len() / 2,
        "{} bytes for {} of text",
        sealed.len(),
        text.len()
    );
    let replayed = opened(&sealed);
    assert_eq!(replayed, inputs);
    let everything = Query {
        detail: Rows::All,
        course: Some(Scope::All),
        ..Query::default()
    };
    let begin = || {
        let plan = plan(&config, &recording::targets(&config));
        Monitor::new(plan, Timestamp::ZERO, SystemTime::UNIX_EPOCH)
    };
    let (mut live, mut again) = (begin(), begin());
    for (input, replay) in inputs.into_iter().zip(replayed) {
        let is_tick = matches!(input, Input::Tick(_));
        assert_eq!(live.apply(input), again.apply(replay));
        if is_tick {
            let second = live.now().second();
            assert!(
                live.snapshot(&everything) == again.snapshot(&everything),
                "second {second} differs"
            );
        }
    }
}

fn comes_back(name: &str, toml: &str) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("probetop.toml");
    std::fs::write(&path, toml).unwrap();
    let overrides = Overrides {
        file: Some(path),
        ..Overrides::default()
    };
    let config = Config::load(&overrides, &|_| None).unwrap_or_else(|problems| panic!("{name}: {problems}"));
    let targets: Vec<_> = (0..).map(TargetId).zip(config.targets.rows()).collect();
    let plan: Plan = plan(&config, &targets);
    let input = Input::Plan {
        at: Timestamp::from_secs(3),
        plan: Box::new(plan),
    };
    assert_eq!(opened(&sealed(std::slice::from_ref(&input))), [input], "{name}");
}

#[test]
fn the_plan_of_each_fixture_comes_back_as_it_was() {
    let mut plans = 0;
    for file in std::fs::read_dir("tests/fixtures/verdicts").unwrap() {
        let path = file.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let toml = text.split("\n---\n").next().unwrap();
        comes_back(&path.display().to_string(), toml);
        plans += 1;
    }
    assert!(plans > 5, "only {plans}");
}

#[test]
fn a_plan_with_everything_comes_back_as_it_was() {
    comes_back("everything", EVERYTHING);
}

const EVERYTHING: &str = r#"
[alerts]
remind = "10m"
notify = ["ops"]
escalate = [{ after = "15m", notify = ["ops"] }, { after = "1h", severity = "critical" }]
flapping = { turns = 3, within = "10m" }

[[notify]]
name = "ops"
kind = "webhook"
url = "http://127.0.0.1:9/hook"

[[target]]
name = "db"
url = "postgres://127.0.0.1/"
rate = { warning = 10.0 }
gauges = { connections_used_ratio = { warning = 0.7, critical = 0.9, for = "10s" } }

[[target]]
name = "shop"
url = "https://user:secret@127.0.0.1/"
group = "web"
depends_on = ["host", "db"]
latency = { warning = "300ms", critical = "1s", quantile = 0.99, window = "1m", hysteresis = 0.2 }
errors = { warning = 0.01, critical = 0.1 }

[[alert]]
name = "slow"
on = ["group:web", "kind:h*"]
when = "p95 > duration('500ms') && rate > 1.0"
clear_when = "p95 < duration('300ms')"
window = "5m"
for = "30s"
trigger = { count = 3, of = 5 }
severity = "critical"

[[alert]]
name = "table"
below = { rate = 0.5 }
above = { p99 = "2s", gauge = { queue = 10 } }
no_data = "alert"

[[alert]]
name = "machine"
on = ["host"]
when = "cpu > 0.9"

[[objective]]
name = "fast"
goal = "99.9% under 1.5s"
on = ["shop"]

[[maintenance]]
name = "night"
daily = "23:30"
duration = "1h"
days = ["fri"]

[[maintenance]]
name = "move"
start = 2026-11-20T22:00:00Z
duration = "2h"
on = ["db"]
"#;

/// What stands before the body of a sealed chunk: magic, version and checksum, which fuzzing adds itself.
const HEAD_BYTES: usize = 9;

/// `PROBETOP_UPDATE_FIXTURES=1` writes the seeds anew; another version of the encoding needs it.
#[test]
fn the_seeds_of_fuzzing_are_chunks_of_this_version() {
    let config = recording::config();
    let text = std::fs::read_to_string("tests/fixtures/history/demo.inputs").unwrap();
    let recorded = recording::read(&text, &config);
    let tick = recorded.iter().find(|input| matches!(input, Input::Tick(_))).unwrap();
    let mark = Input::Mark(Mark {
        at: Timestamp::from_secs(1),
        label: "stage 2".into(),
        origin: MarkOrigin::Script,
    });
    let planned = Input::Plan {
        at: Timestamp::ZERO,
        plan: Box::new(plan(&config, &recording::targets(&config))),
    };
    let check = |name: &str, inputs: &[Input]| {
        let path = format!("fuzz/seeds/journal/{name}");
        let chunk = sealed(inputs);
        if std::env::var_os("PROBETOP_UPDATE_FIXTURES").is_some() {
            std::fs::write(&path, &chunk[HEAD_BYTES..]).unwrap();
        }
        let seed = std::fs::read(&path).unwrap();
        assert!(seed == chunk[HEAD_BYTES..], "{path} is of another version");
    };
    check("samples", &recorded[..40]);
    check(
        "plan",
        &[planned, Input::Look(Some(TargetId(0))), tick.clone(), Input::End],
    );
    check("marks", &[mark.clone(), tick.clone(), mark, tick.clone(), Input::End]);
}
