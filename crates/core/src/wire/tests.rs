//! What is written is read back as it was, and any bytes are read without harm.

mod strategies;

use std::time::{Duration, SystemTime};

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use strategies::{duration, float, observation, text, time};

use super::*;
use crate::sample::{
    Act, AlertId, Mark, MarkOrigin, Micros, Observation, Outcome, OwnUsage, Phase, Phases, Sample, TargetId, Tick,
};

fn written<T: Wire>(base: Timestamp, entries: &[T]) -> Writer {
    let mut writer = Writer::new(base);
    entries.iter().for_each(|entry| entry.write(&mut writer));
    writer
}

fn read<T: Wire>(base: Timestamp, entries: &[u8], shared: &[u8]) -> Result<Vec<T>, Damage> {
    let mut known = Known::default();
    let mut reader = Reader::new(base, entries, shared, &mut known);
    let mut read = Vec::new();
    while !reader.is_at_end() {
        read.push(T::read(&mut reader)?);
    }
    Ok(read)
}

fn comes_back<T: Wire + PartialEq + fmt::Debug>(base: Timestamp, entries: &[T]) {
    let writer = written(base, entries);
    assert_eq!(read(base, writer.entries(), writer.shared()).as_deref(), Ok(entries));
}

proptest! {
    #[test]
    fn observations_come_back_as_they_were(base in time(), observations in vec(observation(), 0..20)) {
        comes_back(base, &observations);
    }

    #[test]
    fn what_else_happens_comes_back_as_it_was(
        base in time(),
        at in time(),
        label in text(),
        id in any::<u64>(),
        length in option::of(duration()),
        before in any::<bool>(),
        wall in 0_u64..1_u64 << 40,
        cpu_ratio in option::of(float()),
    ) {
        use MarkOrigin::{Alert, Clock, Generator, Keyboard, Reload, Script};
        let marks = [Keyboard, Script, Reload, Clock, Generator, Alert]
            .map(|origin| Mark { at, label: label.clone(), origin });
        comes_back(base, &marks);
        let id = AlertId(id);
        comes_back(base, &[Act::Acknowledge(id), Act::Silence(id, length), Act::Note(id, label)]);
        let distance = Duration::from_millis(wall);
        let wall = if before { SystemTime::UNIX_EPOCH - distance } else { SystemTime::UNIX_EPOCH + distance };
        let own = OwnUsage { cpu_ratio, rss_bytes: cpu_ratio.map(|_| id.0) };
        comes_back(base, &[Tick { now: at, wall, dropped: id.0, own }]);
    }

    /// Any entry is read without those before it.
    #[test]
    fn an_entry_is_read_alone(base in time(), observations in vec(observation(), 2..8)) {
        let mut writer = Writer::new(base);
        let mut begins = Vec::new();
        for observation in &observations {
            begins.push(writer.entries().len());
            observation.write(&mut writer);
        }
        for (begin, observation) in begins.iter().zip(&observations) {
            let mut known = Known::default();
            let mut reader = Reader::new(base, &writer.entries()[*begin..], writer.shared(), &mut known);
            prop_assert_eq!(&Observation::read(&mut reader), &Ok(observation.clone()));
        }
    }

    #[test]
    fn any_bytes_are_read_without_harm(entries in vec(any::<u8>(), 0..300), shared in vec(any::<u8>(), 0..300)) {
        let _ = read::<Observation>(Timestamp::ZERO, &entries, &shared);
    }

    /// Of what was whole once.
    #[test]
    fn damaged_bytes_are_read_without_harm(
        observations in vec(observation(), 1..5),
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
        is_shared in any::<bool>(),
    ) {
        let writer = written(Timestamp::ZERO, &observations);
        let (mut entries, mut shared) = (writer.entries().to_vec(), writer.shared().to_vec());
        let damaged = if is_shared { &mut shared } else { &mut entries };
        if !damaged.is_empty() {
            let at = at.index(damaged.len());
            damaged[at] = byte;
        }
        let _ = read::<Observation>(Timestamp::ZERO, &entries, &shared);
    }

    #[test]
    fn entries_that_were_cut_short_are_an_error(observation in observation(), keep in 0.0..1.0) {
        let writer = written(Timestamp::ZERO, &[observation]);
        let kept = (writer.entries().len() as f64 * keep) as usize;
        if kept > 0 {
            prop_assert_eq!(read::<Observation>(Timestamp::ZERO, &writer.entries()[..kept], writer.shared()), Err(Damage));
        }
    }
}

#[test]
fn a_list_that_claims_to_be_endless_is_refused() {
    let mut known = Known::default();
    let claims = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f];
    let mut reader = Reader::new(Timestamp::ZERO, &claims, &[], &mut known);
    assert_eq!(Vec::<u64>::read(&mut reader), Err(Damage));
}

/// One that is like those before takes as much as its figures do.
#[test]
fn a_usual_sample_takes_few_bytes() {
    let mut phases = Phases::default();
    for phase in Phase::HTTP {
        phases.add(phase, Micros(1_500));
    }
    let sample = |second| Sample {
        target: TargetId(3),
        intended: Timestamp::from_secs(second),
        lag: Micros(80),
        latency: Micros(7_500),
        outcome: Outcome::Ok,
        phases,
        answer: Some(Box::new(Answer {
            protocol: Some("HTTP/1.1".into()),
            status: Some(200),
            body_bytes: 512,
            ..Answer::default()
        })),
    };
    let mut writer = Writer::new(Timestamp::ZERO);
    (1..=100).for_each(|second| sample(second).write(&mut writer));
    let bytes = writer.entries().len() + writer.shared().len();
    assert!(bytes < 100 * 26, "{bytes} bytes for 100 samples");
}
