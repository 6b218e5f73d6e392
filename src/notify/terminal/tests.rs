//! What the terminal is asked to do for messages, one after the other.

use std::time::SystemTime;

use probetop_core::clock::Timestamp;

use super::*;

fn told(occasion: AnnouncementReason, id: u64, severity: Severity) -> Announcement {
    let mut announcement = example().announcements.remove(0);
    announcement.occasion = occasion;
    announcement.alert.id = AlertId(id);
    announcement.alert.name = "slow".into();
    announcement.alert.subject = format!("shop-{id}").into();
    announcement.alert.severity = severity;
    announcement.alert.reason = "errors 30% > 5%".into();
    announcement
}

fn example() -> Message {
    Message::example(Timestamp::ZERO, SystemTime::UNIX_EPOCH)
}

fn message(announcements: Vec<Announcement>, left_out: usize) -> Message {
    Message {
        announcements,
        left_out,
        ..example()
    }
}

#[test]
fn the_title_names_the_worst_that_fires_and_is_given_back_when_nothing_does() {
    let terminal = Terminal::new(Settings::default(), None);
    let check = |announcement: Announcement, left_out, bell, expected: Option<&str>| {
        let attention = terminal.attention(&message(vec![announcement], left_out));
        let title = expected.map_or(Title::GivenBack, |title| Title::Ours(title.into()));
        assert_eq!((attention.bell, attention.title), (bell, title));
        assert_eq!(attention.popup, None);
    };
    let (warning, critical) = (Severity::Warning, Severity::Critical);
    let (rung, silent) = (Bell::Rung, Bell::Silent);
    check(
        told(AnnouncementReason::Firing, 1, warning),
        0,
        rung,
        Some("warning: slow on shop-1"),
    );
    check(
        told(AnnouncementReason::Firing, 2, critical),
        0,
        rung,
        Some("critical: slow on shop-2 (+1)"),
    );
    check(
        told(AnnouncementReason::Firing, 3, warning),
        0,
        rung,
        Some("critical: slow on shop-2 (+2)"),
    );
    check(
        told(AnnouncementReason::Reminder(2), 3, warning),
        0,
        rung,
        Some("critical: slow on shop-2 (+2)"),
    );
    check(
        told(AnnouncementReason::Resolved, 2, critical),
        0,
        silent,
        Some("warning: slow on shop-3 (+1)"),
    );
    check(
        told(AnnouncementReason::Resolved, 9, critical),
        0,
        silent,
        Some("warning: slow on shop-3 (+1)"),
    );
    check(
        told(AnnouncementReason::Resolved, 1, warning),
        0,
        silent,
        Some("warning: slow on shop-3"),
    );
    check(told(AnnouncementReason::Resolved, 3, warning), 0, silent, None);
    check(
        told(AnnouncementReason::Firing, 4, warning),
        0,
        rung,
        Some("warning: slow on shop-4"),
    );
    check(told(AnnouncementReason::Resolved, 5, warning), 7, silent, None);
}

#[test]
fn what_is_switched_off_is_left_alone() {
    let settings = Settings {
        bell: false,
        title: false,
        desktop: Desktop::Osc777,
    };
    let terminal = Terminal::new(settings, None);
    let attention = terminal.attention(&message(
        vec![told(AnnouncementReason::Firing, 1, Severity::Critical)],
        2,
    ));
    let popup = Popup {
        sequence: PopupSequence::Osc777,
        title: "critical: slow on shop-1, and 2 more".into(),
        body: "errors 30% > 5%".into(),
    };
    let expected = Attention {
        bell: Bell::Silent,
        title: Title::AsItIs,
        popup: Some(popup),
    };
    assert_eq!(attention, expected);
}

#[tokio::test]
async fn without_a_screen_there_is_nothing_to_ring() {
    let told = message(vec![told(AnnouncementReason::Firing, 1, Severity::Critical)], 0);
    let nowhere = Terminal::new(Settings::default(), None).deliver(&told).await;
    let message = "there is no terminal: probetop runs without its screen".into();
    assert_eq!(nowhere, Err(Fault::Lasting { message }));
    let (sender, receiver) = std::sync::mpsc::channel();
    let attend: Attend = Arc::new(move |attention| sender.send(attention).unwrap());
    Terminal::new(Settings::default(), Some(attend))
        .deliver(&told)
        .await
        .unwrap();
    assert_eq!(receiver.try_recv().unwrap().bell, Bell::Rung);
}
