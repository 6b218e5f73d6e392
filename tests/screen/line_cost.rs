//! What the header tells of the line to the terminal, and what telling it costs.

use std::time::Duration;

use probetop_core::clock::Timestamp;
use probetop_screen::ui::budget::{Budget, Form, Saving};
use probetop_screen::ui::meter::{Flush, Meter, Reading};
use probetop_screen::ui::stage::Stage;
use probetop_screen::ui::terminal::encoder::Encoder;
use probetop_screen::ui::theme::{Depth, Glyphs};
use probetop_screen::ui::widget::timeline::Motion;
use ratatui::buffer::Buffer;

use crate::support::fixture_snapshot;
use crate::support::screen::{SIZES, TICK, ask, press, render, theme, view};

fn drawn(tick: u64, keys: &str, prepare: &dyn Fn(&mut Stage), size: (u16, u16)) -> Buffer {
    let mut view = view(size);
    let before = fixture_snapshot::with_targets(5, tick);
    view.observe(&before);
    press(&mut view, &before, keys);
    prepare(&mut view);
    let snapshot = fixture_snapshot::answer(5, tick, &ask(&view, &before));
    view.observe(&snapshot);
    render(&snapshot, &view, &theme(Depth::None, Glyphs::UNICODE))
}

/// The header's second line.
fn second_line(keys: &str, prepare: &dyn Fn(&mut Stage), size: (u16, u16)) -> String {
    let frame = drawn(TICK, keys, prepare, size);
    (0..size.0).map(|x| frame[(x, 1)].symbol().to_owned()).collect()
}

fn reading(view: &mut Stage) {
    view.cost.reading = Reading {
        bytes_per_s: 873,
        flush: Some(Duration::from_micros(230)),
    };
}

/// What a budget far too small has done after so many seconds.
fn saving(seconds: usize) -> Option<Saving> {
    let wanted = Form {
        motion: Motion::Scroll,
        depth: Depth::Colors256,
        every: 1,
    };
    let mut budget = Budget::new(10, wanted);
    (0..seconds).for_each(|_| budget.tick(5000));
    budget.saving()
}

#[test]
fn the_cost_is_shown_when_it_is_asked_for_at_every_width() {
    let check = |size, keys, expected: &str, shown: bool| {
        let line = second_line(keys, &reading, size);
        assert_eq!(line.contains(expected), shown, "{expected:?} in {line:?}");
    };
    for size in SIZES {
        check(size, "", "873B/s", false);
        check(size, "%", "873B/s", size.0 > 40);
        check(size, "% %", "873B/s", false);
    }
    check((60, 20), "%", "873B/s  230µs", true);
    check((80, 24), "%", "line 873B/s flush  230µs", true);
    check((160, 50), "%", "line 873B/s flush  230µs sweep", true);
    check((160, 50), "% x", "line 873B/s flush  230µs scroll", true);
}

#[test]
fn what_the_budget_has_done_is_shown_unasked() {
    let check = |seconds, expected: &str| {
        let line = second_line("", &|view| view.cost.saving = saving(seconds), (160, 50));
        assert!(line.contains(expected), "{expected:?} in {line:?}");
    };
    check(1, "budget: sweep  ");
    check(2, "budget: sweep, 16 colours  ");
    check(4, "budget: sweep, no colours, every 2s  ");
    check(100, "over budget: sweep, no colours, every 30s  ");
}

#[test]
fn a_line_that_stood_still_is_told_for_half_a_minute() {
    let mut view = view((80, 24));
    view.cost.stood_still(Duration::from_secs(12));
    let mut told = 0;
    for tick in TICK..TICK + 60 {
        let snapshot = fixture_snapshot::with_targets(5, tick);
        view.observe(&snapshot);
        let frame = render(&snapshot, &view, &theme(Depth::None, Glyphs::ASCII));
        let line: String = (0..80).map(|x| frame[(x, 1)].symbol().to_owned()).collect();
        told += u32::from(line.contains("line stood still for 12s"));
    }
    assert_eq!(told, 30);
}

/// The figure is drawn anew each second, and measures what it costs itself.
#[test]
fn the_cost_costs_next_to_nothing() {
    let spent = |keys: &str| {
        let mut meter = Meter::new(Timestamp::from_secs(TICK));
        let mut encoder = Encoder::default();
        let mut shown: Option<Buffer> = None;
        let mut bytes = 0;
        for tick in TICK..TICK + 120 {
            let now = Timestamp::from_secs(tick);
            let cost = meter.clone().reading(now);
            meter.reading(now);
            let frame = drawn(tick, keys, &|view| view.cost.reading = cost, (160, 50));
            let changes = match &shown {
                None => encoder.repaint(&Buffer::empty(frame.area), &frame),
                Some(shown) => encoder.changes(shown, &frame),
            };
            if tick > TICK + 20 {
                bytes += changes.len();
            }
            meter.note(Flush {
                bytes: changes.len() as u64,
                began: now,
                ended: now + Duration::from_micros(150 + tick * 37 % 100),
            });
            shown = Some(frame);
        }
        bytes / 100
    };
    let (without, with) = (spent(""), spent("%"));
    println!("{without} bytes a second, {with} with the cost on the screen");
    assert!(with <= without + 5, "{without} {with}");
}
