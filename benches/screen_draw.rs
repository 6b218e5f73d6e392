//! What a frame costs: time to draw and bytes to send, with 20 and with 10,000 targets, and of the heat map.
//!
//! `cargo bench --bench screen_draw` fails where a frame costs many times what comparing two of them does.

#[path = "../tests/support/fixture_snapshot.rs"]
mod fixture_snapshot;
#[path = "support/cost.rs"]
mod cost;

use std::sync::Arc;

use cost::Cost;
use divan::Bencher;
use probetop_core::sample::Window;
use probetop_core::snapshot::{Query, Rows, Snapshot};
use probetop_screen::ui::action::Action;
use probetop_screen::ui::keys::KeyMap;
use probetop_screen::ui::stage::Stage;
use probetop_screen::ui::terminal::encoder::Encoder;
use probetop_screen::ui::theme::{Depth, Glyphs, Theme};
use probetop_screen::ui::view::Pane;
use probetop_screen::ui::widget::timeline::Motion;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

const TICK: u64 = 3600;
const SIZES: [(u16, u16); 2] = [(200, 50), (80, 24)];

fn main() {
    for size in SIZES {
        let (first, next) = bytes(20, size);
        println!(
            "20 targets at {}x{}: first frame {first} bytes, then {next} bytes a second",
            size.0, size.1
        );
    }
    divan::main();
    check_ratios();
}

/// A frame beside what the library needs to compare two of them cell by cell.
fn check_ratios() {
    println!();
    let size = (200, 50);
    let [few, many] = [20, 10_000].map(|count| {
        let mut frames = Frames::of(count, view(size));
        Cost::of(
            &format!("a frame of {count} targets"),
            cost::median(|| cost::spent(|| frames.draw())),
        )
    });
    let frames = Frames::of(20, view(size));
    let (one, other) = (frames.picture(0), frames.picture(1));
    let compared = Cost::of(
        "comparing two frames",
        cost::median(|| cost::spent(|| one.diff(&other))),
    );
    few.within(15.0, &compared, "drawing is a small part of a second");
    many.within(5.0, &few, "what is not seen is not drawn");
}

/// What a second costs with a filter: 10,000 rows held against words, and against conditions.
#[divan::bench(args = ["", "shop eu", "= level == 'critical'", "= level == 'critical' || p95 > duration('200ms')"])]
fn filter_10_000_rows(bencher: Bencher, filter: &str) {
    let snapshot = fixture_snapshot::answer(10_000, TICK, &without_series());
    let mut view = view((200, 50));
    view.targets.filter.set(filter.into());
    bencher.bench_local(|| view.observe(&snapshot));
}

fn without_series() -> Query {
    Query {
        series: Rows::None,
        detail: Rows::None,
        ..Query::default()
    }
}

fn view(size: (u16, u16)) -> Stage {
    Stage::new(
        "bench".into(),
        Arc::new(KeyMap::default()),
        Motion::Sweep,
        Window::OneMinute,
        size,
    )
}

fn theme() -> Theme {
    Theme::try_new("dark", Depth::Colors256, Glyphs::UNICODE).expect("the theme is built in")
}

/// Bytes of the first frame, and of those of the minute after it on average.
fn bytes(count: usize, size: (u16, u16)) -> (usize, usize) {
    const FRAMES: u64 = 60;
    let (theme, mut view, mut encoder) = (theme(), view(size), Encoder::default());
    let area = Rect::new(0, 0, size.0, size.1);
    let mut shown = Buffer::empty(area);
    let (mut first, mut rest) = (0, 0);
    for tick in TICK..=TICK + FRAMES {
        let snapshot = fixture_snapshot::with_targets(count, tick);
        view.observe(&snapshot);
        let mut next = Buffer::empty(area);
        view.render(area, &mut next, &snapshot, &theme);
        if tick == TICK {
            first = encoder.repaint(&shown, &next).len();
        } else {
            rest += encoder.changes(&shown, &next).len();
        }
        shown = next;
    }
    (first, rest / FRAMES as usize)
}

/// A whole frame of the heat map; at most 2 ms at 200x60 is the aim.
#[divan::bench(args = [(200, 60), (80, 24)])]
fn heat_map(bencher: Bencher, size: (u16, u16)) {
    let theme = theme();
    let mut view = view(size);
    let area = Rect::new(0, 0, size.0, size.1);
    let frames = [TICK, TICK + 1, TICK + 2].map(|tick| {
        let snapshot = fixture_snapshot::with_targets(20, tick);
        view.update(Action::Heat, &snapshot);
        fixture_snapshot::answer(20, tick, &view.query(None, &snapshot).unwrap_or_default())
    });
    let mut encoder = Encoder::default();
    let mut shown = Buffer::empty(area);
    let mut turn = 0;
    bencher.bench_local(|| {
        turn = (turn + 1) % frames.len();
        view.observe(&frames[turn]);
        let mut next = Buffer::empty(area);
        view.render(area, &mut next, &frames[turn], &theme);
        let bytes = encoder.changes(&shown, &next);
        shown = next;
        bytes
    });
}

/// A whole frame: the snapshot observed, the rows sorted, the screen drawn, the changes encoded.
#[divan::bench(args = [20, 10_000])]
fn frame_at_200x50(bencher: Bencher, count: usize) {
    frame(bencher, count, view((200, 50)));
}

/// The same of the timeline; the aim is 2 ms.
#[divan::bench(args = [20])]
fn timeline_at_200x60(bencher: Bencher, count: usize) {
    let mut view = view((200, 60));
    view.pages.shown = Pane::Timeline;
    frame(bencher, count, view);
}

fn frame(bencher: Bencher, count: usize, view: Stage) {
    let mut frames = Frames::of(count, view);
    bencher.bench_local(|| frames.draw());
}

/// Snapshots to draw in turn, and what is on the screen.
struct Frames {
    view: Stage,
    theme: Theme,
    snapshots: Vec<Snapshot>,
    encoder: Encoder,
    shown: Buffer,
    turn: usize,
}

impl Frames {
    fn of(count: usize, mut view: Stage) -> Self {
        let mut asked = without_series();
        let mut snapshots = Vec::new();
        for tick in TICK..TICK + 4 {
            let snapshot = fixture_snapshot::answer(count, tick, &asked);
            view.observe(&snapshot);
            asked = view.query(None, &snapshot).unwrap_or_default();
            snapshots.push(snapshot);
        }
        // Before the first one the view has asked for nothing.
        snapshots.remove(0);
        let area = Rect::new(0, 0, view.size.0, view.size.1);
        Self {
            view,
            theme: theme(),
            snapshots,
            encoder: Encoder::default(),
            shown: Buffer::empty(area),
            turn: 0,
        }
    }

    fn picture(&self, turn: usize) -> Buffer {
        let mut picture = Buffer::empty(self.shown.area);
        self.view
            .render(picture.area, &mut picture, &self.snapshots[turn], &self.theme);
        picture
    }

    /// The next frame as bytes.
    fn draw(&mut self) -> Vec<u8> {
        self.turn = (self.turn + 1) % self.snapshots.len();
        self.view.observe(&self.snapshots[self.turn]);
        let next = self.picture(self.turn);
        let bytes = self.encoder.changes(&self.shown, &next).to_vec();
        self.shown = next;
        bytes
    }
}
