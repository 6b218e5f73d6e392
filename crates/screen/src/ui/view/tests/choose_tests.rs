//! Choosing from a list: the palette, themes; and copying.

use super::*;
use crate::ui::column::Column;
use crate::ui::theme::{Glyphs, Role};

fn picker(view: &Stage) -> &Picker {
    match view.typing() {
        Some(Typing::Pick(picker)) => picker,
        other => panic!("no list is open: {other:?}"),
    }
}

/// Names of the items, best first.
fn offered(keys: &str) -> Vec<String> {
    let snapshot = snapshot();
    let view = after_on(&snapshot, keys);
    let items = view.items(picker(&view), &snapshot);
    items.iter().map(|item| item.name.to_string()).collect()
}

fn theme_after(keys: &str) -> String {
    let view = after(keys);
    view.theme_choice.themes.name(view.theme()).to_owned()
}

fn point(view: &mut Stage, snapshot: &Snapshot, kind: PointerKind, x: u16, y: u16) {
    view.point(Pointer { x, y, kind }, snapshot);
}

#[test]
fn what_is_typed_finds_actions_by_beginnings_and_letters() {
    let check = |keys: &str, expected: &str| assert_eq!(offered(keys)[0], expected, "{keys}");
    check(": s o r", "sort");
    check(": g t t", "go-to-time");
    check(": q k f", "quit-keep-frame");
    check(": r e v", "sort-reverse");
    check(": c l i p b o a r d", "copy");
    assert_eq!(offered(": # # #"), Vec::<String>::new());
    assert!(!offered(":").contains(&"palette".to_owned()));
}

#[test]
fn a_target_is_found_by_its_name_and_opened() {
    assert_eq!(offered(": b r a v")[0], "bravo");
    assert!(
        !offered(":").contains(&"bravo".to_owned()),
        "targets are offered once something is typed"
    );
    let view = after(": b r a v enter");
    assert_eq!(
        (view.pages.shown, view.targets.selected()),
        (Pane::Target, Some(TargetId(3)))
    );
}

#[test]
fn what_was_used_last_stands_on_top() {
    assert_eq!(
        offered(": s o r enter : h e a l enter :")[..3],
        ["health", "sort", "overview"]
    );
    let snapshot = snapshot();
    let view = after_on(&snapshot, ": s o r enter :");
    let items = view.items(picker(&view), &snapshot);
    let rows = view.picker_rows(picker(&view), &items);
    let expected = [
        PickerRow::Heading("Used last"),
        PickerRow::Item(0),
        PickerRow::Heading("Panes"),
        PickerRow::Item(1),
    ];
    assert_eq!(rows[..4], expected);
    assert_eq!(items.len(), crate::ui::action::COMMANDS.len() - 1);
}

#[test]
fn the_choice_goes_around_and_stays_in_sight() {
    let snapshot = snapshot();
    let view = after_on(&snapshot, ": up");
    let picker = picker(&view);
    let items = view.items(picker, &snapshot);
    assert_eq!(picker.chosen, items.len() - 1);
    assert!(picker.first > 0);
    let view = after_on(&snapshot, ": up down");
    let picker = self::picker(&view);
    assert_eq!((picker.chosen, picker.first), (0, 0), "with the heading above it");
}

#[test]
fn an_action_of_no_use_is_known_as_such() {
    let mut snapshot = snapshot();
    (snapshot.taken, snapshot.now) = (Timestamp::from_secs(60), Timestamp::from_secs(60));
    let check = |keys: &str, action, expected| {
        assert_eq!(
            after_on(&snapshot, keys).is_of_use(action, &snapshot),
            expected,
            "{action:?} after {keys:?}"
        );
    };
    check("", Action::Silence, false);
    check("", Action::Live, false);
    check("space", Action::Live, true);
    check("", Action::SortNext, true);
    check("4", Action::SortNext, false);
    check("", Action::Back, false);
    check("2", Action::Back, true);
    check("", Action::OtherSpan, false);
    check("b", Action::OtherSpan, true);
}

#[test]
fn a_theme_is_worn_while_it_is_chosen() {
    let check = |keys: &str, expected: &str| assert_eq!(theme_after(keys), expected, "{keys:?}");
    check("", "dark");
    check("t", "dark");
    check("t down", "light");
    check("t down down", "high-contrast");
    check("t down esc", "dark");
    check("t down enter", "light");
    check("t n i g", "night");
    check("t n i g x x", "dark");
    check("t n i g x x enter esc", "dark");
    check("t n i g enter", "night");
    check("t n i g enter t", "night");
    check("t n i g enter t down esc", "night");
}

#[test]
fn the_footer_says_how_to_keep_a_theme() {
    let view = after("t p a p enter");
    let message = view.said.message.clone().unwrap().text;
    assert!(message.as_str().contains("theme = \"paper\""), "{message}");
}

#[test]
fn the_mouse_takes_an_item_and_a_click_beside_the_list_closes_it() {
    let snapshot = snapshot();
    let mut view = after_on(&snapshot, "t");
    // The list stands just above the footer: its last item is two rows above.
    point(&mut view, &snapshot, PointerKind::WheelDown, 10, 10);
    assert_eq!(view.theme(), 1);
    point(&mut view, &snapshot, PointerKind::Click, 40, 21);
    assert_eq!((view.theme(), view.is_typing()), (7, false));
    let mut view = after_on(&snapshot, "t down");
    point(&mut view, &snapshot, PointerKind::Click, 40, 3);
    assert_eq!((view.theme(), view.is_typing()), (0, false));
    let mut view = after_on(&snapshot, ":");
    point(&mut view, &snapshot, PointerKind::Click, 10, 4);
    assert_eq!(picker(&view).chosen, 0, "a heading is no item");
    point(&mut view, &snapshot, PointerKind::Click, 10, 7);
    assert_eq!((view.pages.shown, view.is_typing()), (Pane::Machine, false));
}

#[test]
fn a_click_on_a_key_in_the_footer_presses_it() {
    let snapshot = snapshot();
    let mut view = after_on(&snapshot, "");
    point(&mut view, &snapshot, PointerKind::Click, 2, 23);
    assert_eq!(view.pages.shown, Pane::Help);
    let mut view = after_on(&snapshot, "");
    view.tell(Severity::Info, "a message covers the keys".into());
    point(&mut view, &snapshot, PointerKind::Click, 2, 23);
    assert_eq!(view.pages.shown, Pane::Overview);
}

#[test]
fn the_wheel_scrolls_the_details_it_is_over() {
    let snapshot = with_alerts(snapshot(), &[(1, None), (2, None), (3, None)]);
    let mut view = after_on(&snapshot, "4");
    point(&mut view, &snapshot, PointerKind::WheelDown, 5, 4);
    assert_eq!(view.pages.chosen(), 2);
    point(&mut view, &snapshot, PointerKind::WheelUp, 5, 21);
    assert_eq!((view.pages.chosen(), view.pages.below_in(Pane::Alerts)), (2, 0));
}

#[test]
fn copying_takes_the_name_and_on_a_second_press_the_rest() {
    let mut snapshot = snapshot();
    let mut view = after_on(&snapshot, "");
    let copy = |view: &mut Stage, snapshot: &Snapshot| match view.update(Action::Copy, snapshot) {
        Some(Effect::Copy(text)) => text.to_string(),
        other => panic!("{other:?}"),
    };
    assert_eq!(copy(&mut view, &snapshot), "alpha");
    assert_eq!(copy(&mut view, &snapshot), "https://alpha.example/");
    assert_eq!(copy(&mut view, &snapshot), "alpha");
    snapshot.now = snapshot.now + Duration::from_secs(4);
    view.observe(&snapshot);
    assert_eq!(copy(&mut view, &snapshot), "alpha", "too late for a second press");
    view.update(Action::Down, &snapshot);
    assert_eq!(copy(&mut view, &snapshot), "echo");
}

#[test]
fn of_a_list_the_row_is_copied() {
    let snapshot = with_alert(snapshot(), Some(TargetId(2)));
    let mut view = after_on(&snapshot, "4");
    let first = view.update(Action::Copy, &snapshot);
    assert_eq!(first, Some(Effect::Copy("echo".into())));
    let Some(Effect::Copy(row)) = view.update(Action::Copy, &snapshot) else {
        panic!("nothing copied");
    };
    assert!(row.as_str().contains("echo") && row.as_str().contains("slow"), "{row}");
    assert_eq!(after("3").update(Action::Copy, &snapshot), None);
}

fn look(theme: &str) -> crate::ui::Look {
    let settings = crate::ui::Settings {
        theme: theme.into(),
        ..crate::ui::Settings::default()
    };
    settings
        .look(&Default::default(), "".into(), Window::OneMinute)
        .unwrap()
}

#[test]
fn a_reload_changes_the_theme_when_another_one_is_configured() {
    let snapshot = snapshot();
    let mut view = after_on(&snapshot, "");
    let check = |view: &mut Stage, configured: &str, expected: &str| {
        view.adopt(&look(configured));
        assert_eq!(
            view.theme_choice.themes.name(view.theme()),
            expected,
            "{configured} is configured"
        );
    };
    check(&mut view, "light", "light");
    for key in ["t", "n", "i", "g", "enter"] {
        let chord: crate::ui::keys::Chord = key.parse().unwrap();
        match view.is_typing() {
            true => drop(view.edit(chord.edit(), &snapshot)),
            false => drop(view.update(view.action(chord).unwrap(), &snapshot)),
        }
    }
    check(&mut view, "light", "night");
    check(&mut view, "paper", "paper");
}

#[test]
fn the_first_keys_are_told_until_a_key_or_for_twenty_seconds() {
    let check = |seconds: u64, action: Option<Action>, expected| {
        let mut snapshot = snapshot();
        let mut view = after_on(&snapshot, "");
        view.begin(&look("dark"));
        snapshot.now = Timestamp::from_secs(seconds);
        view.observe(&snapshot);
        if let Some(action) = action {
            view.update(action, &snapshot);
        }
        assert_eq!(view.said.hint(), expected, "{seconds}s {action:?}");
    };
    check(0, None, Hint::Shown);
    check(19, None, Hint::Shown);
    check(20, None, Hint::Gone);
    check(1, Some(Action::Down), Hint::Gone);
}

#[test]
fn the_share_of_failures_has_the_colour_of_its_threshold() {
    let mut target = snapshot().targets.remove(0);
    let mut check = |failed, level, expected| {
        target.stats.failed = failed;
        target.errors_level = level;
        let (_, role) = Column::Errors.cell(&target, 6, &Glyphs::ASCII);
        assert_eq!(role, expected, "{failed} failed, {level:?}");
    };
    check(0, Level::Ok, Role::Dim);
    check(1, Level::Ok, Role::Text);
    check(1, Level::Unknown, Role::Text);
    check(9, Level::Warning, Role::Warning);
    check(9, Level::Critical, Role::Critical);
}
