//! Chunks: what is written is read back, from any tick on, and their index finds it.

use std::time::{Duration, SystemTime};

use probetop_core::sample::{Mark, MarkOrigin, Observation, OwnUsage, Phase, Purpose, Severity, TargetId, Tick};
use probetop_core::snapshot::Notice;
use probetop_core::wire::VERSION;

use super::*;
use crate::judge::level::ErrorThresholds;

fn planned(id: u32) -> PlannedTarget {
    PlannedTarget {
        info: Arc::new(TargetInfo {
            id: TargetId(id),
            name: "checkout".into(),
            url: "http://checkout/".into(),
            kind: "http".into(),
            purpose: Purpose::default(),
            host: None,
            group: None,
            interval: Duration::from_secs(1),
            timeout: Duration::from_secs(5),
            in_flight: 5,
            phases: Phase::HTTP.into(),
        }),
        latency: None,
        errors: ErrorThresholds::default(),
        rate: None,
        gauges: Vec::new(),
    }
}

fn tick(second: u64) -> Input {
    Input::Tick(Tick {
        now: Timestamp::from_secs(second),
        wall: SystemTime::UNIX_EPOCH,
        dropped: 0,
        own: OwnUsage::default(),
    })
}

/// One of each kind that has no tests of its own, and a tick, in each of so many seconds.
fn inputs(seconds: u64) -> Vec<Input> {
    let of = |second: u64| {
        let at = Timestamp::from_secs(second);
        [
            Input::Plan {
                at,
                plan: Box::new(Plan {
                    targets: vec![planned(second as u32)],
                    ..Plan::default()
                }),
            },
            Input::Notice(Notice {
                at,
                severity: Severity::Info,
                text: "loaded again".into(),
            }),
            Input::Look(Some(TargetId(second as u32))),
            Observation::Skipped { target: TargetId(0) }.into(),
            Input::Mark(Mark {
                at,
                label: format!("second {second}").into(),
                origin: MarkOrigin::Script,
            }),
            tick(second),
        ]
    };
    (1..=seconds)
        .flat_map(of)
        .chain([Input::Look(None), Input::End])
        .collect()
}

fn chunk(inputs: &[Input]) -> Chunk {
    let mut chunk = Chunk::new(Timestamp::ZERO);
    inputs.iter().for_each(|input| chunk.push(input));
    chunk
}

fn read(chunk: &Chunk, positions: Range<usize>) -> Vec<Input> {
    chunk.inputs(positions).collect::<Result<_, _>>().unwrap()
}

#[test]
fn inputs_come_back_in_their_order_from_the_beginning_and_from_any_tick() {
    let inputs = inputs(20);
    let mut chunk = chunk(&inputs);
    assert_eq!(read(&chunk, 0..chunk.end()), inputs);
    chunk.close();
    for second in 0..=20 {
        let from = chunk.position_after(Timestamp::from_millis(second * 1000 + 999));
        assert_eq!(
            read(&chunk, from..chunk.end()),
            inputs[6 * second as usize..],
            "from {second}"
        );
        assert_eq!(read(&chunk, 0..from), inputs[..6 * second as usize], "to {second}");
    }
}

#[test]
fn a_sealed_chunk_says_all_that_it_said_before() {
    let inputs = inputs(20);
    let chunk = chunk(&inputs);
    let opened = Chunk::open(&chunk.seal()).unwrap();
    assert_eq!(read(&opened, 0..opened.end()), inputs);
    let at = Timestamp::from_secs(7);
    assert_eq!(opened.position_after(at), chunk.position_after(at));
    assert_eq!(opened.seal(), chunk.seal());
}

#[test]
fn bytes_that_are_no_whole_chunk_are_refused_and_say_why() {
    let sealed = chunk(&inputs(3)).seal();
    let check = |bytes: &[u8], expected: &str| {
        assert_eq!(Chunk::open(bytes).map(drop).unwrap_err().to_string(), expected);
    };
    check(b"", "this is not a chunk of a journal");
    check(b"{\"schema\":", "this is not a chunk of a journal");
    let mut newer = sealed.clone();
    newer[4] += 1;
    let (read, written) = (VERSION, VERSION + 1);
    check(
        &newer,
        &format!(
            "a chunk of a journal of version {written}, and this probetop reads version {read}; use the one that wrote it"
        ),
    );
    for length in 5..sealed.len() {
        check(&sealed[..length], "a chunk of a journal is damaged");
    }
    for at in 5..sealed.len() {
        let mut damaged = sealed.clone();
        damaged[at] ^= 0x10;
        check(&damaged, "a chunk of a journal is damaged");
    }
}

/// A checksum says nothing about whoever made it.
#[test]
fn a_chunk_that_lies_is_read_without_harm() {
    let sealed = chunk(&inputs(3)).seal();
    for at in 9..sealed.len() {
        for value in [0, 1, 0x7f, 0x80, 0xff] {
            let mut lying = sealed.clone();
            lying[at] = value;
            let checksum = crc32fast::hash(&lying[9..]).to_le_bytes();
            lying[5..9].copy_from_slice(&checksum);
            let Ok(opened) = Chunk::open(&lying) else { continue };
            let read = opened.inputs(0..opened.end());
            assert!(read.count() <= lying.len());
        }
    }
}

#[test]
fn what_a_reload_takes_is_counted_by_its_targets() {
    let plan = Plan {
        targets: vec![planned(0); 10_000],
        ..Plan::default()
    };
    let mut chunk = Chunk::new(Timestamp::ZERO);
    chunk.push(&Input::Plan {
        at: Timestamp::ZERO,
        plan: Box::new(plan),
    });
    assert!(chunk.heap_bytes() >= 10_000 * size_of::<PlannedTarget>());
}

#[test]
fn stops_lie_evenly_between_and_not_close_together() {
    let mut chunk = Chunk::new(Timestamp::ZERO);
    let mut ends = vec![0];
    for second in 1..=100 {
        chunk.push(&Observation::Skipped { target: TargetId(0) }.into());
        chunk.push(&tick(second));
        ends.push(chunk.end());
    }
    let check = |from: usize, expected: &[usize]| {
        let expected: Vec<_> = expected.iter().map(|second| ends[*second]).collect();
        assert_eq!(chunk.stops(ends[from]..ends[100]), expected);
    };
    check(0, &[24, 48, 72]);
    check(50, &[62, 74, 86]);
    check(75, &[85, 95]);
    check(90, &[]);
    check(100, &[]);
}
