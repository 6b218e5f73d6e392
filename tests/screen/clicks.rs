//! The mouse and the eyes agree: what a click chooses is what lay under it.

use probetop_core::snapshot::Snapshot;
use probetop_screen::ui::stage::Stage;
use probetop_screen::ui::theme::{Depth, Glyphs, Role};
use probetop_screen::ui::view::{Pane, Pointer, PointerKind};
use proptest::prelude::*;
use ratatui::buffer::Cell;

use crate::drawn::lines;
use crate::support::fixture_snapshot;
use crate::support::screen::{TICK, ask, press, render, theme, view};

/// The lines of the screen, and which of them are marked as chosen ones: not the heading of the block that has the focus.
fn seen(snapshot: &Snapshot, view: &Stage) -> (Vec<String>, Vec<usize>) {
    let theme = theme(Depth::TrueColor, Glyphs::UNICODE);
    let mark = theme.style(Role::Selection).bg;
    let frame = render(snapshot, view, &theme);
    let lines = lines(&frame);
    // The cursor of a chart is a column; what is chosen is a row.
    let rows = frame.content.chunks(usize::from(frame.area.width)).enumerate();
    let is_marked = |cells: &[Cell]| cells.iter().filter(|cell| Some(cell.bg) == mark).count() >= 5;
    let marked = rows.filter(|(_, cells)| is_marked(cells)).map(|(y, _)| y);
    let marked = marked.filter(|y| !lines[*y].contains(Glyphs::UNICODE.focus)).collect();
    (lines, marked)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn a_click_never_lands_on_another_row_than_the_one_seen(
        pane in prop::sample::select(Pane::ALL.into_iter().filter(|pane| !pane.has_cursor()).collect::<Vec<_>>()),
        size in prop::sample::select(vec![(40, 10), (80, 24), (160, 50), (200, 60), (93, 31)]),
        keys in prop::sample::select(vec!["", "down down", "G", "pagedown", "s s S", "F F", "f"]),
        count in 1usize..60,
        at in (0.0f64..1.0, 0.0f64..1.0),
    ) {
        let mut view = view(size);
        let snapshot = fixture_snapshot::with_targets(count, TICK);
        view.observe(&snapshot);
        view.update(pane.page().action, &snapshot);
        press(&mut view, &snapshot, keys);
        let snapshot = fixture_snapshot::answer(count, TICK, &ask(&view, &snapshot));
        view.observe(&snapshot);
        let (x, y) = ((at.0 * f64::from(size.0)) as u16, (at.1 * f64::from(size.1)) as u16);
        let (before, marked_before) = seen(&snapshot, &view);
        let shown = view.pages.shown;
        view.point(Pointer { x, y, kind: PointerKind::Click }, &snapshot);
        let (after, marked) = seen(&snapshot, &view);
        let row = usize::from(y);
        let words = |line: &str| line.split_whitespace().take(3).map(str::to_owned).collect::<Vec<_>>();
        let was_chosen = |y: usize| marked_before.iter().any(|old| words(&before[*old]) == words(&after[y]));
        // A second click on the chosen row, a tab or a key of the bottom line leads elsewhere, and a heading sorts: then the
        // chosen row has moved. So it has where a longer description leaves the list less room.
        let chosen = marked.iter().find(|y| !marked_before.contains(*y) && !was_chosen(**y));
        if let Some(chosen) = chosen.filter(|_| view.pages.shown == shown) {
            let (seen, taken) = (words(&before[row]), words(&after[*chosen]));
            prop_assert_eq!(seen, taken, "{:?} {:?} {:?} clicked {},{}", shown, size, keys, x, y);
        }
    }
}
