//! Blocks by key and mouse: the focus, the whole screen and back, and what the overview is made of.

use probetop_core::snapshot::{HostLimits, HostSnapshot, Scope};

use super::*;
use crate::ui::layout::overview::place;
use crate::ui::pane::block;

fn snapshot_with_host() -> Snapshot {
    Snapshot {
        host: Some(host()),
        ..with_alerts(snapshot(), &[(7, None), (8, None)])
    }
}

fn host() -> HostSnapshot {
    HostSnapshot {
        limits: HostLimits::default(),
        level: Level::Ok,
        clears: None,
        set_aside: false,
        reason: None,
        reading: Arc::default(),
        history: Arc::default(),
    }
}

fn after(keys: &str) -> Stage {
    after_on(&snapshot_with_host(), keys)
}

fn blocks(view: &Stage) -> Vec<Block> {
    view.geometry().blocks().iter().map(|(block, _)| *block).collect()
}

const ALERTS: Block = Block::Listed(Listed::Alerts);
const MACHINE: Block = Block::Machine(MachinePart::Whole);
const PROCESSES: Block = Block::Machine(MachinePart::Processes);

#[test]
fn the_focus_goes_round_the_blocks_of_each_pane() {
    let check = |keys: &str, expected| assert_eq!(after(keys).pages.focus(), expected, "after {keys:?}");
    check("", None);
    check("F", Some(Block::Targets));
    check("F F", Some(Block::Chart));
    check("F F F", Some(Block::Machine(MachinePart::Whole)));
    check("F F F F", None);
    check("2 F", Some(Block::Target(TargetPart::Windows)));
    check("3 F", Some(Block::Machine(MachinePart::Gauges)));
    check("4 F F", Some(Block::Details));
    check("4 F F F", None);
    check("9 F", None);
    check("F F 4", None);
    check("F F 4 1", Some(Block::Chart));
}

#[test]
fn a_block_takes_the_whole_body_and_gives_it_back() {
    let check = |keys: &str, expected| assert_eq!(after(keys).pages.expanded(), expected, "after {keys:?}");
    check("", None);
    check("f", Some(Block::Targets));
    check("f f", None);
    check("f esc", None);
    check("F F f", Some(Block::Chart));
    check("F F f F", Some(Block::Machine(MachinePart::Whole)));
    check("F F f F F", Some(Block::Targets));
    check("F F f esc", None);
    check("F F f 2", None);
    check("4 F F f", Some(Block::Details));
    check("4 F F f F", Some(Block::List));
    check("9 f", None);
    assert_eq!(after("F F f esc").pages.focus(), Some(Block::Chart));
    // What esc takes back first is the screen, and then the filter.
    assert_eq!(after("/ a enter f esc").targets.filter.text(), "a");
    assert_eq!(after("/ a enter f esc esc").targets.filter.text(), "");
}

#[test]
fn without_blocks_the_keys_say_so() {
    for keys in ["9 f", "9 F", "? f"] {
        let view = after(keys);
        let words = view.said.message.as_ref().map(|message| message.text.as_str());
        assert_eq!(words, Some("this pane is one block"), "{keys:?}");
    }
}

#[test]
fn up_and_down_choose_a_target_unless_another_block_has_the_focus() {
    let snapshot = snapshot_with_host();
    let first = after("").targets.selected();
    let check = |keys: &str, moves_target| {
        let view = after_on(&snapshot, keys);
        assert_eq!(view.targets.selected() != first, moves_target, "after {keys:?}");
    };
    check("down", true);
    check("F down", true);
    check("F F down", true);
    check("F F f down", true);
    check("O i n c i d e n t enter down", true);
    check("O i n c i d e n t enter F down", false);
    let view = after("O i n c i d e n t enter F down");
    assert_eq!(
        (view.pages.focus(), view.pages.chosen()),
        (Some(Block::Listed(Listed::Alerts)), 1)
    );
    let chosen = effect_of(&snapshot, "O i n c i d e n t enter F down a");
    assert_eq!(chosen, Some(Effect::Act(Act::Acknowledge(AlertId(8)))));
    // What an alert of the block is about opens as it does from the pane.
    assert_eq!(after("O i n c i d e n t enter F enter").pages.shown, Pane::Machine);
}

#[test]
fn what_is_chosen_in_the_block_with_the_focus_is_copied() {
    let check = |keys: &str, expected: &str| {
        let copied = effect_of(&snapshot_with_host(), keys);
        assert_eq!(copied, Some(Effect::Copy(expected.into())), "after {keys:?}");
    };
    check("y", "alpha");
    check("O i n c i d e n t enter y", "alpha");
    check("O i n c i d e n t enter F y", "echo");
}

#[test]
fn a_menu_about_the_table_is_seen_beside_it() {
    let check = |keys: &str, expected| assert_eq!(after(keys).pages.expanded(), expected, "after {keys:?}");
    check("f c", Some(Block::Targets));
    check("F F f c", None);
    check("F F f @", None);
}

#[test]
fn a_list_without_the_focus_shows_its_most_urgent_rows() {
    let alerts: Vec<_> = (1..40).map(|id| (id, None)).collect();
    let snapshot = with_alerts(snapshot_with_host(), &alerts);
    let first = |keys: &str| after_on(&snapshot, keys).pages.offset_in(Pane::Alerts);
    assert!(first("4 G") > 0);
    assert_eq!(first("4 G 1 O i n c i d e n t enter"), 0);
    assert!(first("4 G 1 O i n c i d e n t enter F") > 0);
    assert_eq!(first("4 G 1 O i n c i d e n t enter F F"), 0);
}

#[test]
fn a_preset_is_shown_while_it_is_chosen() {
    let check = |keys: &str, expected: &str| assert_eq!(after(keys).preset().name, expected, "after {keys:?}");
    check("", "standard");
    check("O", "standard");
    check("O down", "latency");
    check("O down esc", "standard");
    check("O down enter", "latency");
    check("O down enter O", "latency");
    check("O down enter O down down enter", "incident");
    check("O w a l l", "wall");
    check("O z z z", "standard");
    check("3 O down", "latency");
    assert_eq!(after("3 O").pages.shown, Pane::Overview);
}

#[test]
fn a_block_that_has_left_the_overview_has_no_focus() {
    assert_eq!(after("F F F O w a l l enter").pages.focus(), None);
    assert_eq!(after("F O l a t enter").pages.focus(), Some(Block::Targets));
}

#[test]
fn the_query_asks_for_what_the_blocks_show() {
    let snapshot = snapshot_with_host();
    let check = |keys: &str, course, processes| {
        let view = after_on(&snapshot, keys);
        let query = view.query(None, &snapshot).unwrap();
        assert_eq!(query.course, course, "after {keys:?}");
        assert_eq!(view.shows_processes(), processes, "after {keys:?}");
    };
    check("", None, false);
    check("O i n c i d e n t enter", Some(Scope::All), false);
    check("O i n c i d e n t enter f", None, false);
    check("O i n c i d e n t enter 2", None, false);
    check("O m a c h i n e enter", None, true);
    check("3", None, true);
}

#[test]
fn what_is_compared_is_asked_for_where_the_table_or_its_pane_shows_it() {
    let snapshot = snapshot_with_host();
    let check = |keys: &str, expected| {
        let query = after_on(&snapshot, keys).query(None, &snapshot).unwrap();
        assert_eq!(query.comparison.is_some(), expected, "after {keys:?}");
    };
    check("", true);
    check("8", true);
    check("2", false);
    check("O w a l l enter", true);
    check("F F f", false);
    check("c d e l t a space esc", false);
    check("c d e l t a space esc 8", true);
}

#[test]
fn details_of_the_chosen_target_are_asked_for_where_they_are_shown() {
    let layout = toml::from_str(r#"rows = [["targets"], ["phases", "failures"]]"#).unwrap();
    let layouts = std::collections::BTreeMap::from([("mine".to_owned(), layout)]);
    let snapshot = snapshot_with_host();
    let mut view = after_on(&snapshot, "");
    assert_eq!(view.query(None, &snapshot).unwrap().detail, Rows::None);
    view.presets = crate::ui::preset::resolve("mine", &layouts).unwrap();
    view.settle(&snapshot);
    let selected = view.targets.selected().unwrap();
    assert_eq!(view.query(None, &snapshot).unwrap().detail, Rows::Only(vec![selected]));
}

#[test]
fn a_click_gives_the_focus_and_one_on_the_heading_the_whole_screen() {
    let snapshot = snapshot_with_host();
    let mut view = after_on(&snapshot, "O i n c i d e n t enter");
    let area = |wanted: Block, view: &Stage| {
        let mut blocks = view.geometry().blocks().iter();
        blocks.find(|(block, _)| *block == wanted).unwrap().1
    };
    let click = |view: &mut Stage, x: u16, y: u16| {
        let kind = PointerKind::Click;
        assert_eq!(view.point(Pointer { x, y, kind }, &snapshot), None);
    };
    let alerts = area(Block::Listed(Listed::Alerts), &view);
    click(&mut view, 5, alerts.y + 1);
    assert_eq!(
        (view.pages.focus(), view.pages.shown),
        (Some(Block::Listed(Listed::Alerts)), Pane::Overview)
    );
    click(&mut view, 5, alerts.y);
    assert_eq!(view.pages.expanded(), Some(Block::Listed(Listed::Alerts)));
    let whole = area(Block::Listed(Listed::Alerts), &view);
    click(&mut view, 5, whole.y);
    assert_eq!(view.pages.expanded(), None);
    // A click on the chosen row opens it, once its list has the focus.
    click(&mut view, 5, alerts.y + 1);
    assert_eq!(view.pages.shown, Pane::Machine);
    let mut view = after_on(&snapshot, "O i n c i d e n t enter F");
    let table = area(Block::Targets, &view);
    click(&mut view, 5, table.y + 2);
    assert_eq!((view.pages.focus(), view.pages.shown), (None, Pane::Overview));
    assert_eq!(view.targets.table.selected_row(&snapshot), Some(1));
}

#[test]
fn what_stands_first_is_left_out_last() {
    let check = |keys: &str, size, expected: &[Block]| {
        let snapshot = snapshot_with_host();
        let mut view = after_on(&snapshot, keys);
        view.resize(size, &snapshot);
        assert_eq!(blocks(&view), expected, "after {keys:?} at {size:?}");
    };
    use Block::{Cards, Chart, Heat, Targets, Timeline};
    check("", (160, 50), &[Targets, Chart, MACHINE]);
    check("", (80, 24), &[Targets, Chart, MACHINE]);
    // The row of the banner is reserved there as well.
    check("", (40, 10), &[Targets]);
    check("", (30, 6), &[Targets]);
    check("O l a t e n c y enter", (160, 50), &[Targets, Chart, Heat]);
    check("O l a t e n c y enter", (80, 24), &[Targets, Chart, Heat]);
    check("O l a t e n c y enter", (40, 10), &[Targets]);
    check("O m a c h i n e enter", (160, 50), &[MACHINE, PROCESSES, Targets]);
    check("O m a c h i n e enter", (80, 24), &[MACHINE, PROCESSES, Targets]);
    check("O i n c i d e n t enter", (80, 24), &[ALERTS, Targets, Timeline]);
    check("O i n c i d e n t enter", (40, 10), &[ALERTS, Targets]);
    check("O w a l l enter", (200, 60), &[Cards]);
}

/// Any composition at any size.
#[test]
fn blocks_never_overlap_and_none_is_smaller_than_it_can_speak() {
    use proptest::prelude::*;
    let snapshot = snapshot_with_host();
    let view = after_on(&snapshot, "");
    let names = proptest::sample::subsequence((0..Block::NAMED.len()).collect::<Vec<_>>(), 1..8);
    let case = (
        names.prop_shuffle(),
        prop::collection::vec((0u16..4, 1u16..4, 0u8..3), 8),
        1u16..500,
        1u16..200,
    );
    proptest!(ProptestConfig::with_cases(512), |((names, weights, width, height) in case)| {
        let preset = composed(&names, &weights);
        let body = ratatui::layout::Rect::new(0, 3, width, height);
        let measure = |block| block::measure(block, usize::from(width), &snapshot, &view);
        let placed = place(&preset, body, measure);
        let is_alone = placed.blocks.iter().filter(|(block, area)| *block != Block::Machine(MachinePart::Whole) || area.height > 2).count() == 1;
        for (index, (block, area)) in placed.blocks.iter().enumerate() {
            prop_assert!(area.is_empty() || body.intersection(*area) == *area, "{block:?} {area:?}");
            for (other, theirs) in &placed.blocks[..index] {
                prop_assert!(area.intersection(*theirs).is_empty(), "{block:?} {area:?} on {other:?} {theirs:?}");
            }
            let size = measure(*block).unwrap();
            let is_strip = *block == Block::Machine(MachinePart::Whole) && area.height <= 2;
            let fits = usize::from(area.height) >= size.least_height.min(size.most_height)
                && usize::from(area.width) + 2 >= size.least_width;
            prop_assert!(fits || is_strip || is_alone, "{block:?} {area:?} {size:?}");
        }
        let is_any = names.iter().any(|name| measure(Block::NAMED[*name].0).is_some());
        prop_assert_eq!(placed.blocks.is_empty(), !is_any);
    });
}

/// Rows, cells and stacks as the weights have it.
fn composed(names: &[usize], weights: &[(u16, u16, u8)]) -> crate::ui::preset::Preset {
    use crate::ui::preset::{Cell, Preset, Row, Share};
    let share = |weight| {
        if weight == 0 {
            Share::Need
        } else {
            Share::Weight(weight)
        }
    };
    let mut rows: Vec<Row> = Vec::new();
    for (name, (height, width, place)) in names.iter().zip(weights) {
        let block = (Block::NAMED[*name].0, share(*height));
        let cell = || Cell {
            width: *width,
            blocks: vec![block],
        };
        match (place, rows.last_mut()) {
            (1, Some(row)) => row.cells.push(cell()),
            (2, Some(row)) => row.cells[0].blocks.push(block),
            _ => rows.push(Row {
                height: share(*height),
                cells: vec![cell()],
            }),
        }
    }
    Preset {
        name: "any".into(),
        about: String::new(),
        rows,
    }
}
