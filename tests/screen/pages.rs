//! What the user sees beyond the pages as they begin: what is typed, chosen, held and compared, as text with a layer of styles.

use std::sync::Arc;
use std::time::Duration;

use probetop_core::clock::Timestamp;
use probetop_core::snapshot::{AnomalyWatch, Snapshot};
use probetop_screen::ui::action::COMMANDS;
use probetop_screen::ui::theme::{Depth, Glyphs};
use probetop_screen::ui::view::Pane;
use ratatui::style::Color;

use crate::drawn::{draw, picture};
use crate::support::fixture_snapshot;
use crate::support::screen::{SIZES, TICK, ask, press, render, theme, view};

fn check_pane(name: &str, keys: &str) {
    let theme = theme(Depth::TrueColor, Glyphs::UNICODE);
    for (width, height) in SIZES {
        let buf = draw(12, (width, height), keys, &theme);
        insta::assert_snapshot!(format!("{name}_{width}x{height}"), picture(&buf));
    }
}

#[test]
fn a_filter_finds_processes_beyond_the_largest() {
    let theme = theme(Depth::TrueColor, Glyphs::UNICODE);
    let shown = picture(&draw(12, (160, 50), "3 / n g i n x enter", &theme));
    assert!(shown.contains("processes 2/214 /nginx"), "{shown}");
    assert!(shown.contains("nginx: cache manager"), "{shown}");
    let shown = picture(&draw(12, (160, 50), "3", &theme));
    assert!(!shown.contains("nginx: cache manager"), "{shown}");
    // Of the largest the memory is told in which what they share counts once.
    assert!(shown.contains("memory") && shown.contains("pss"), "{shown}");
}

#[test]
fn charts_take_the_form_and_the_scale_that_were_chosen() {
    let theme = theme(Depth::TrueColor, Glyphs::UNICODE);
    let check = |name: &str, size, keys: &str| {
        insta::assert_snapshot!(name, picture(&draw(12, size, keys, &theme)));
    };
    check("heat_of_one_target", (80, 24), "down 0 o");
    check("heat_in_place_of_a_chart", (160, 50), "H");
    check("heat_in_place_of_a_chart_80x24", (80, 24), "2 H G");
    check("scale_fixed", (160, 50), "A");
    check("scale_robust", (160, 50), "A A");
    check("scale_same", (160, 50), "E");
    check("heat_robust", (80, 24), "0 A A");
}

#[test]
fn the_lists_of_choices_look_as_designed() {
    let check = |name: &str, size, keys, depth, glyphs| {
        insta::assert_snapshot!(
            format!("choose_{name}"),
            picture(&draw(12, size, keys, &theme(depth, glyphs)))
        );
    };
    let full = (Depth::TrueColor, Glyphs::UNICODE);
    check("action_80x24", (80, 24), ":", full.0, full.1);
    check("action_160x50", (160, 50), ":", full.0, full.1);
    check("action_40x10", (40, 10), ":", full.0, full.1);
    check("action_typed", (80, 24), ": s o r", full.0, full.1);
    check("action_none", (80, 24), ": x y z z y", full.0, full.1);
    check("theme_80x24", (80, 24), "t down", full.0, full.1);
    check("theme_40x10", (40, 10), "t down", full.0, full.1);
    check("action_ascii", (80, 24), ": down", Depth::None, Glyphs::ASCII);
}

#[test]
fn the_load_that_runs_is_in_the_header_and_below_the_chart() {
    let theme = theme(Depth::TrueColor, Glyphs::UNICODE);
    let draw = |size, keys, state| {
        let mut view = view(size);
        let before = fixture_snapshot::with_generator(fixture_snapshot::with_targets(6, TICK), TICK, state);
        view.observe(&before);
        press(&mut view, &before, keys);
        let snapshot = fixture_snapshot::answer(6, TICK, &ask(&view, &before));
        let snapshot = fixture_snapshot::with_generator(snapshot, TICK, state);
        view.observe(&snapshot);
        picture(&render(&snapshot, &view, &theme))
    };
    insta::assert_snapshot!("load_160x50", draw((160, 50), "", "running"));
    insta::assert_snapshot!("load_target_160x50", draw((160, 50), "2", "running"));
    insta::assert_snapshot!("load_ended_200x60", draw((200, 60), "", "ended"));
    insta::assert_snapshot!("load_120x30", draw((120, 30), "", "running"));
}

#[test]
fn the_past_and_its_marks_look_as_designed() {
    let draw = |size, keys, depth, glyphs| {
        let mut view = view(size);
        let before = fixture_snapshot::with_marks(fixture_snapshot::with_targets(6, TICK), TICK);
        view.observe(&before);
        press(&mut view, &before, keys);
        let snapshot = fixture_snapshot::answer(6, TICK, &ask(&view, &before));
        let snapshot = fixture_snapshot::with_marks(snapshot, TICK);
        view.observe(&snapshot);
        picture(&render(&snapshot, &view, &theme(depth, glyphs)))
    };
    let check = |name: &str, size, keys| {
        let frame = draw(size, keys, Depth::TrueColor, Glyphs::UNICODE);
        insta::assert_snapshot!(format!("past_{name}"), frame);
    };
    check("live_160x50", (160, 50), "");
    check("target_160x50", (160, 50), "2 [");
    check("target_80x24", (80, 24), "2 space");
    check("target_1h", (120, 40), "2 - - -");
    check("overview_80x24", (80, 24), "(");
    check("narrow", (40, 10), "[");
    check("oldest", (80, 24), "[ home");
    check("mark", (80, 24), "( m s t a g e");
    check("time", (80, 24), "T - 5 m");
    check("timeline_160x50", (160, 50), "9 pageup left left");
    check("timeline_80x24", (80, 24), "9 ( (");
    check("timeline_held", (80, 24), "9 space left");
    check("timeline_5m_of_one", (120, 30), "9 o - left");
    check("timeline_scrolling", (120, 30), "9 x");
    check("timeline_narrow", (40, 10), "9 left G");
    check("export", (80, 24), "e");
    check("export_narrow", (40, 10), "e");
    let ascii = draw((80, 24), "2 space", Depth::None, Glyphs::ASCII);
    insta::assert_snapshot!("past_ascii", ascii);
    let ascii = draw((80, 24), "9 pageup", Depth::None, Glyphs::ASCII);
    insta::assert_snapshot!("past_timeline_ascii", ascii);
}

#[test]
fn what_happens_on_the_way_looks_as_designed() {
    let theme = theme(Depth::TrueColor, Glyphs::UNICODE);
    let check = |name: &str, count, keys: &str| {
        insta::assert_snapshot!(name, picture(&draw(count, (80, 24), keys, &theme)));
    };
    check("frozen", 12, "space");
    check("typing_a_filter", 12, "/ a p i");
    check("filtered", 12, "/ a p i enter");
    check("nothing_matches", 12, "/ z z z enter");
    check("no_targets", 0, "");
    check("scrolled", 200, "G");
    check("sorted_by_name", 12, "s");
    check("target_that_fails", 12, "down enter");
    check("target_scrolled", 12, "enter G");
    check("long_axis", 12, "- - -");
    check("help_searched", 12, "? / z o o m enter");
    let words = "/ = space p 9 5 space > space d u r a t i o n ( ' 2 0 0 m s ' )";
    check("condition_typed_halfway", 12, "/ = space p 9 5 space > space p 5 9");
    check("condition_kept", 12, &format!("{words} enter"));
    check("processes_filtered", 12, "3 / n g i n x enter");
    check("processes_none_left", 12, "3 / z z z enter");
    check("alerts_filtered", 12, "4 / c h e c k o u t enter");
    check("alerts_none_left", 12, "4 / z z z enter");
    check("following_the_worst", 12, "W W W");
}

#[test]
fn the_lists_of_columns_and_filters_look_as_designed() {
    check_pane("columns", "c down down space down space");
    check_pane("filters", "@ down");
}

#[test]
fn the_columns_that_are_usually_off_look_as_designed() {
    let theme = theme(Depth::TrueColor, Glyphs::UNICODE);
    let keys = format!("c {} esc", "space down ".repeat(25));
    insta::assert_snapshot!("every_other_column", picture(&draw(12, (240, 24), &keys, &theme)));
}

#[test]
fn what_is_compared_looks_as_designed() {
    let check = |name: &str, size, keys: &str, depth, glyphs| {
        insta::assert_snapshot!(name, picture(&draw(12, size, keys, &theme(depth, glyphs))));
    };
    let (colour, unicode) = (Depth::TrueColor, Glyphs::UNICODE);
    check("compared_160x50", (160, 50), "b", colour, unicode);
    check("compared_80x24", (80, 24), "b", colour, unicode);
    check("compared_40x10", (40, 10), "b", colour, unicode);
    check("compared_80x24_ascii", (80, 24), "b", Depth::None, Glyphs::ASCII);
    check("compared_spans_160x50", (160, 50), "b 2", colour, unicode);
    check(
        "compared_spans_on_the_timeline_160x50",
        (160, 50),
        "b 9",
        colour,
        unicode,
    );
    check(
        "compared_spans_80x24_ascii",
        (80, 24),
        "b 2",
        Depth::None,
        Glyphs::ASCII,
    );
    check("compared_machine_160x50", (160, 50), "b 8 G", colour, unicode);
    check("choosing_a_span", (80, 24), "v", colour, unicode);
}

#[test]
fn every_preset_looks_as_designed() {
    check_pane("preset_latency", "O l a t e n c y enter");
    check_pane("preset_machine", "O m a c h i n e enter");
    check_pane("preset_incident", "O i n c i d e n t enter");
    check_pane("preset_wall", "O w a l l enter");
}

#[test]
fn a_block_with_the_focus_or_the_whole_screen_looks_as_designed() {
    let theme = theme(Depth::TrueColor, Glyphs::UNICODE);
    let check = |name: &str, size, keys: &str| {
        insta::assert_snapshot!(name, picture(&draw(12, size, keys, &theme)));
    };
    check("choosing_a_preset", (80, 24), "O down");
    check("focus_in_an_overview", (80, 24), "O i n c i d e n t enter F down");
    check("focus_in_a_target", (160, 50), "2 F F");
    check("focus_below_the_screen", (80, 24), "3 F F F F F F F");
    check("whole_table", (160, 50), "f");
    check("whole_chart", (160, 50), "F F f");
    check("whole_machine", (160, 50), "F F F f");
    check("whole_strip", (80, 24), "F F f");
    check("whole_alerts", (80, 24), "O i n c i d e n t enter F f");
    check("whole_timeline", (80, 24), "O i n c i d e n t enter F F F f");
    check("whole_heat", (80, 24), "O l a t e n c y enter F F f F");
    check("whole_gauges", (80, 24), "3 f");
    check("whole_cores", (80, 24), "3 f F");
    check("whole_resources", (80, 24), "3 f F F");
    check("whole_sockets", (80, 24), "3 f F F F");
    check("whole_disks", (80, 24), "3 f F F F F");
    check("whole_networks", (80, 24), "3 f F F F F F");
    check("whole_processes", (40, 10), "3 f F F F F F F");
    check("whole_windows", (80, 24), "2 f");
    check("whole_phases", (80, 24), "2 f F");
    check("whole_answer", (80, 24), "2 f F F");
    check("whole_target_chart", (80, 24), "2 f F F F");
    check("whole_distribution", (80, 24), "2 f F F F F");
    check("whole_failures", (80, 24), "2 f F F F F F");
    check("whole_list", (80, 24), "4 f");
    check("whole_details", (40, 10), "4 f F down");
}

#[test]
fn what_is_done_in_a_list_looks_as_designed() {
    let theme = theme(Depth::TrueColor, Glyphs::UNICODE);
    let check = |name: &str, size, keys: &str| {
        insta::assert_snapshot!(name, picture(&draw(12, size, keys, &theme)));
    };
    check("incident_silenced", (80, 24), "4 down down down down down");
    check("incident_flapping_scrolled", (80, 24), "4 down down down down l l");
    check("channel_that_fails", (80, 24), "4 G up up up up up up");
    check("incident_that_ended", (160, 50), "4 G");
    check("typing_a_note", (80, 24), "4 N r o l l e d space b a c k");
    check("silenced_by_key", (80, 24), "z z");
    check("acknowledged_by_key", (80, 24), "4 a");
    check("apdex_of_a_target", (80, 24), "5 G");
    check("objective_without_probes", (80, 24), "5 down down down down");
    check("component_of_the_health", (80, 24), "6 G up");
    check("correlation", (80, 24), "7 G");
    check("narrow_analysis", (60, 18), "7");
    check("narrow_objectives", (100, 30), "5");
}

#[test]
fn an_empty_pane_says_what_would_fill_it() {
    let theme = theme(Depth::None, Glyphs::UNICODE);
    let check = |keys: &str, words: &str| {
        for size in [(80, 24), (40, 10)] {
            let snapshot = Snapshot::empty(std::time::SystemTime::UNIX_EPOCH);
            let mut view = view(size);
            view.observe(&snapshot);
            press(&mut view, &snapshot, keys);
            let text = picture(&render(&snapshot, &view, &theme));
            assert!(text.contains(words), "after {keys:?} at {size:?}:\n{text}");
        }
    };
    check("4", "[[alert]]");
    check("5", "[[objective]]");
    check("6", "No score yet.");
    check("7", "Nothing stands out.");
    check("0", "No targets yet.");
    check("9", "Nothing was measured yet.");
    check("8", "Nothing to compare with yet.");
}

#[test]
fn the_analysis_pane_says_from_when_anomalies_can_be_known() {
    let theme = theme(Depth::None, Glyphs::UNICODE);
    let check = |mut snapshot: Snapshot, known_from, words: &str, said: bool| {
        let mut analysis = (*snapshot.analysis).clone();
        analysis.anomaly_watch = Some(AnomalyWatch {
            since: Timestamp::ZERO,
            known_from,
            unknown_targets: 1,
        });
        snapshot.analysis = Arc::new(analysis);
        for size in [(80, 24), (40, 10)] {
            let mut view = view(size);
            view.observe(&snapshot);
            press(&mut view, &snapshot, "7");
            let text = picture(&render(&snapshot, &view, &theme));
            assert_eq!(text.contains(words), said, "{words:?} at {size:?}:\n{text}");
        }
    };
    let full = || fixture_snapshot::with_targets(12, TICK);
    let taken = full().taken;
    check(
        full(),
        Some(taken + Duration::from_secs(60)),
        "anomalies: learning until ",
        true,
    );
    check(full(), Some(taken), "anomalies: ", false);
    let empty = || Snapshot::empty(std::time::SystemTime::UNIX_EPOCH);
    check(empty(), None, "anomalies: waiting", true);
    check(
        empty(),
        Some(Timestamp::from_secs(60)),
        "anomalies: learning until 00:01:00",
        true,
    );
}

#[test]
fn every_pane_is_named_and_every_tab_in_reach_at_any_width() {
    const KEYS: [&str; 11] = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "0", "?"];
    let theme = theme(Depth::None, Glyphs::UNICODE);
    for width in (40..240).step_by(9) {
        for (pane, key) in Pane::ALL.into_iter().zip(KEYS) {
            let buf = draw(12, (width, 24), key, &theme);
            let line = picture(&buf);
            let line = line.lines().next().unwrap();
            let page = pane.page();
            let (title, short) = (format!("{key} {}", page.title), format!("{key}{}", page.short_title));
            let is_named = line.contains(&title) || line.replace(' ', "").contains(&short);
            assert!(is_named, "{width}: {line:?}");
            for other in KEYS {
                assert!(line.contains(other), "{width}: {other:?} is not in {line:?}");
            }
        }
    }
}

#[test]
fn tabs_have_the_same_names_whichever_pane_is_shown() {
    let theme = theme(Depth::None, Glyphs::UNICODE);
    for width in (80..240).step_by(9) {
        let first_line = |key: &str| {
            let buf = draw(12, (width, 24), key, &theme);
            picture(&buf).lines().next().unwrap().to_owned()
        };
        for key in ["2", "3", "4", "5", "6", "7", "8", "9", "0", "?"] {
            assert_eq!(first_line(key), first_line("1"), "{width}");
        }
    }
}

#[test]
fn a_screen_too_small_says_so() {
    let theme = theme(Depth::None, Glyphs::UNICODE);
    let buf = draw(12, (29, 10), "", &theme);
    assert!(picture(&buf).starts_with("probetop needs 30x6\n"));
}

#[test]
fn no_screen_without_colour_has_a_colour() {
    let theme = theme(Depth::None, Glyphs::UNICODE);
    for keys in [
        "", "2", "3", "4", "5", "6", "7", "9", "9 left", "0", "H", "b 8", "b 2", "?", "space", "/ a", "4 N a", "e",
        "m a", "T", ":", "t", "O", "c", "@",
    ] {
        let buf = draw(12, (160, 50), keys, &theme);
        let coloured = buf
            .content
            .iter()
            .find(|cell| cell.fg != Color::Reset || cell.bg != Color::Reset);
        assert_eq!(coloured, None, "after {keys:?}");
    }
}

#[test]
fn an_ascii_screen_is_ascii() {
    let theme = theme(Depth::TrueColor, Glyphs::ASCII);
    for keys in [
        "", "2", "3", "4", "5", "6", "7", "9", "9 left", "0", "H", "b 8", "b 2", "?", "space", "/ a", "4 N a", "e",
        "m a", "T", ":", "t", "O", "c", "@",
    ] {
        let buf = draw(12, (160, 50), keys, &theme);
        let stray = buf.content.iter().find(|cell| !cell.symbol().is_ascii());
        assert_eq!(stray, None, "after {keys:?}");
    }
}

#[test]
fn the_same_inputs_draw_the_same_cells() {
    let theme = theme(Depth::TrueColor, Glyphs::UNICODE);
    assert_eq!(draw(12, (160, 50), "2", &theme), draw(12, (160, 50), "2", &theme));
}

#[test]
fn help_shows_every_action_with_its_keys() {
    let theme = theme(Depth::None, Glyphs::UNICODE);
    let text = picture(&draw(12, (120, 140), "?", &theme));
    for command in COMMANDS {
        assert!(text.contains(command.help), "{}", command.name);
        assert!(text.contains(&command.keys.join(" ")), "{}", command.name);
    }
}
