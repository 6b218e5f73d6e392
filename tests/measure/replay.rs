//! A recorded run, lived through again: what was shown then is what going back shows.
//!
//! `PROBETOP_UPDATE_FIXTURES=1 cargo test --test measure replay::` records anew: ninety seconds of the built-in service.

use std::time::Duration;

use probetop::run::plan;
use probetop_engine::monitor::Input;
use ratatui::buffer::Buffer;

use crate::support::past::{Watch, looks_same};
use crate::support::recording;

/// Before the incident, within it, and after it.
const SECONDS: [u64; 4] = [12, 47, 63, 80];

/// Those whose time axis ends with the second that is shown.
const PANES: [&str; 8] = ["1", "2", "3", "4", "5", "6", "7", "8"];

/// Those whose time axis goes on to now: they show a second as it was where they are held still at it.
const TIMELINES: [&str; 4] = ["9", "9 o", "0", "0 o"];

/// Ninety seconds of the built-in service, its first incident among them.
fn demo() -> String {
    let path = "tests/fixtures/history/demo.inputs";
    if std::env::var_os("PROBETOP_UPDATE_FIXTURES").is_some() {
        std::fs::write(path, recording::record(90)).unwrap();
    }
    std::fs::read_to_string(path).unwrap()
}

#[test]
fn every_line_is_read() {
    let text = demo();
    let inputs = recording::read(&text, &recording::config());
    assert_eq!(inputs.len(), text.lines().count());
}

/// Lives through the recording, and calls at the tick of each of [`SECONDS`].
fn live(mut at: impl FnMut(&mut Watch, u64)) -> Watch {
    let config = recording::config();
    let mut watch = Watch::new(plan(&config, &recording::targets(&config)), Duration::from_secs(3600));
    for input in recording::read(&demo(), &config) {
        let is_tick = matches!(input, Input::Tick(_));
        watch.take(input);
        let second = watch.monitor.now().second();
        if is_tick && SECONDS.contains(&second) {
            at(&mut watch, second);
        }
    }
    watch
}

#[test]
fn each_second_looks_the_same_live_and_by_going_back() {
    let mut shown = Vec::new();
    let mut watch = live(|watch, second| {
        shown.extend(PANES.map(|keys| (keys, second, watch.frame(keys, second))));
    });
    assert_eq!(shown.len(), PANES.len() * SECONDS.len());
    // Forward as they came, and backward.
    for (keys, second, live) in shown.iter().chain(shown.iter().rev()) {
        let back = watch.frame(keys, *second);
        assert_ne!(*live, back, "the header tells them apart");
        assert!(looks_same(live, &back), "pane {keys} of second {second} differs");
    }
}

#[test]
fn each_second_looks_the_same_live_and_held() {
    let mut shown = Vec::new();
    let mut watch = live(|watch, second| {
        shown.extend(TIMELINES.map(|keys| (keys, second, watch.hold(keys))));
    });
    assert_eq!(shown.len(), TIMELINES.len() * SECONDS.len());
    for (keys, second, (live, mut view)) in shown {
        let held = watch.draw(&mut view);
        assert_ne!(live, held, "the header tells them apart");
        assert!(looks_same(&live, &held), "pane {keys} of second {second} differs");
    }
}

#[test]
fn the_same_inputs_give_the_same_frames() {
    let frames = || {
        let mut frames: Vec<(&str, u64, Buffer)> = Vec::new();
        live(|watch, second| {
            let panes = PANES.iter().chain(&TIMELINES);
            frames.extend(panes.map(|keys| (*keys, second, watch.frame(keys, second))));
        });
        frames
    };
    for ((keys, second, once), (_, _, again)) in frames().into_iter().zip(frames()) {
        assert!(once == again, "pane {keys} of second {second} differs");
    }
}
