//! What listens here and is watched, signals to processes, what one chart draws together, and what the footer says of keys.

use probetop_core::sample::{HostReading, ProcessReading, Severity};
use probetop_core::snapshot::{Errand, HostLimits, HostSnapshot, Notice, Offer, SignalKind};

use super::*;
use crate::ui::keys::Chord;

/// Presses keys and gives what the last one asks for.
fn press(view: &mut Stage, keys: &str, snapshot: &Snapshot) -> Option<Effect> {
    let mut effect = None;
    for key in keys.split_whitespace() {
        let chord: Chord = key.parse().unwrap();
        effect = match (view.is_typing(), view.action(chord)) {
            (true, _) => view.edit(chord.edit(), snapshot),
            (false, Some(action)) => view.update(action, snapshot),
            (false, None) => {
                view.say_unbound(chord, snapshot);
                None
            }
        };
    }
    effect
}

fn message(view: &Stage) -> Option<String> {
    view.said.message.as_ref().map(|message| message.text.to_string())
}

fn offer(name: &str) -> Offer {
    Offer {
        name: name.into(),
        url: format!("https://{name}.example/").as_str().into(),
        about: "answers".into(),
    }
}

#[test]
fn what_listens_here_is_asked_for_listed_and_watched_with_a_key() {
    let snapshot = snapshot();
    let mut view = after_on(&snapshot, "3");
    let asked = press(&mut view, "d", &snapshot);
    assert_eq!(asked, Some(Effect::Errand(Errand::Discover)));
    assert_eq!(press(&mut view, "enter", &snapshot), None, "nothing is found yet");
    view.discovered(Ok(vec![offer("delta"), offer("nginx")]), &snapshot);
    let Some(Typing::Pick(picker)) = view.typing().cloned() else {
        panic!("the list stays");
    };
    let items = view.items(&picker, &snapshot);
    let names: Vec<_> = items.iter().map(|item| item.name.as_str()).collect();
    assert_eq!(names, ["[x] delta", "[ ] nginx"], "one of them is watched already");
    assert_eq!(press(&mut view, "enter", &snapshot), None, "and is not watched twice");
    let watched = press(&mut view, "down enter", &snapshot);
    assert_eq!(watched, Some(Effect::Errand(Errand::Watch(offer("nginx")))));
    assert!(view.is_typing(), "one seldom comes alone");
    press(&mut view, "esc", &snapshot);
    assert_eq!(view.pages.shown, Pane::Overview);
}

#[test]
fn that_nothing_can_be_told_of_what_listens_is_said_in_the_list() {
    let snapshot = snapshot();
    let mut view = after_on(&snapshot, "d");
    assert!(view.nothing_to_pick(Menu::Discovered).starts_with("asking"));
    view.discovered(Err("on Linux only".into()), &snapshot);
    assert_eq!(view.nothing_to_pick(Menu::Discovered), "on Linux only");
    view.discovered(Ok(Vec::new()), &snapshot);
    assert_eq!(view.nothing_to_pick(Menu::Discovered), "nothing listens here");
}

fn with_processes(mut snapshot: Snapshot) -> Snapshot {
    let process = |pid: u32, started: Option<SystemTime>| ProcessReading {
        pid,
        name: "worker".into(),
        cpu_ratio: f64::from(pid),
        rss_bytes: 1,
        pss_bytes: None,
        parent: None,
        user: None,
        command: None,
        started,
    };
    let reading = HostReading {
        processes: vec![process(7, Some(SystemTime::UNIX_EPOCH)), process(3, None)],
        ..HostReading::default()
    };
    snapshot.host = Some(HostSnapshot {
        level: Level::Ok,
        clears: None,
        set_aside: false,
        reason: None,
        limits: HostLimits::default(),
        reading: Arc::new(reading),
        history: Arc::default(),
    });
    snapshot
}

fn with_signals(snapshot: &Snapshot, keys: &str) -> Stage {
    let mut view = after_on(snapshot, keys);
    view.signals = SignalPolicy::Allowed;
    view
}

#[test]
fn a_signal_is_sent_to_a_process_only_when_it_was_confirmed() {
    let snapshot = with_processes(snapshot());
    let mut view = with_signals(&snapshot, "3");
    assert_eq!(
        press(&mut view, "K enter enter enter", &snapshot),
        None,
        "enter alone says no"
    );
    assert!(!view.is_typing());
    let sent = press(&mut view, "K enter enter down enter", &snapshot);
    let Some(Effect::Errand(Errand::Signal(signal))) = sent else {
        panic!("nothing is sent: {sent:?}");
    };
    assert_eq!(
        (signal.pid, signal.started, signal.signal),
        (7, SystemTime::UNIX_EPOCH, SignalKind::Terminate)
    );
    let killed = press(&mut view, "K enter up enter down enter", &snapshot);
    assert!(matches!(killed, Some(Effect::Errand(Errand::Signal(signal))) if signal.signal == SignalKind::Kill));
}

#[test]
fn no_signal_is_offered_where_none_may_be_sent() {
    let snapshot = with_processes(snapshot());
    let check = |mut view: Stage, keys: &str, expected: &str| {
        assert_eq!(press(&mut view, keys, &snapshot), None);
        assert!(!view.is_typing());
        let said = message(&view).expect("it is said");
        assert!(said.contains(expected), "{said}");
    };
    check(after_on(&snapshot, "3"), "K", "--allow-signals");
    check(with_signals(&snapshot, "1"), "K", "on the machine page");
    check(with_signals(&snapshot, "3"), "K down enter", "not known");
}

#[test]
fn targets_are_drawn_together_with_the_chosen_one_until_they_are_unmarked() {
    let snapshot = snapshot();
    let mut view = after_on(&snapshot, "");
    let drawn = |view: &Stage| -> Vec<(Option<usize>, String)> {
        let drawn = view.drawn_together(&snapshot).into_iter();
        drawn
            .map(|(number, target)| (number, target.info.name.to_string()))
            .collect()
    };
    assert_eq!(drawn(&view), []);
    let first = view.target(&snapshot).unwrap().info.name.to_string();
    press(&mut view, "*", &snapshot);
    assert_eq!(drawn(&view), [(Some(0), first.clone())]);
    press(&mut view, "down", &snapshot);
    let second = view.target(&snapshot).unwrap().info.name.to_string();
    assert_eq!(drawn(&view), [(Some(0), first.clone()), (None, second.clone())]);
    press(&mut view, "*", &snapshot);
    assert_eq!(drawn(&view), [(Some(0), first.clone()), (Some(1), second.clone())]);
    press(&mut view, "up *", &snapshot);
    assert_eq!(
        drawn(&view),
        [(Some(1), second), (None, first)],
        "who stays keeps its number"
    );
}

#[test]
fn a_message_leaves_with_the_next_key() {
    let mut snapshot = snapshot();
    snapshot.monitor.notice = Some(Notice {
        at: Timestamp::from_secs(1),
        severity: Severity::Info,
        text: "configuration reloaded".into(),
    });
    let notice = snapshot.monitor.notice.clone().unwrap();
    let mut view = after_on(&snapshot, "");
    view.tell(Severity::Info, "written".into());
    assert!(view.said.is_new(&notice));
    press(&mut view, "down", &snapshot);
    assert_eq!(message(&view), None);
    assert!(!view.said.is_new(&notice), "what the engine said was read as well");
}

#[test]
fn a_key_that_does_nothing_says_so() {
    let snapshot = snapshot();
    let mut view = after_on(&snapshot, "");
    press(&mut view, "ctrl-y", &snapshot);
    assert_eq!(
        message(&view).as_deref(),
        Some("ctrl-y does nothing here; ? shows every key")
    );
}

#[test]
fn sorting_goes_back_to_where_it_came_from() {
    let check = |keys: &str| {
        assert_eq!(
            after(keys).targets.table.column,
            after("").targets.table.column,
            "{keys}"
        )
    };
    check("s <");
    check("< >");
    check("> > < <");
    let column = |keys: &str| after(keys).processes.0;
    assert_eq!(column("3 <"), ProcessColumn::Tree);
    assert_eq!(column("3 s <"), ProcessColumn::Cpu);
}
