//! A message as a letter: plain text that reads well on a phone, in a thread with the others about the same thing.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use lettre::Message as Letter;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, SinglePart};
use probetop_core::sample::Text;
use probetop_core::snapshot::Announcement;

use crate::notify::channel::Fault;
use crate::notify::message::Message;
use crate::notify::words;

/// RFC 3834: nobody's absence notes shall answer this.
const AUTOMATIC: (HeaderName, &str) = (HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated");

/// Writes the letter. A message that is sent again is the same letter, which receivers may know by its id.
pub(super) fn write(from: &Mailbox, to: &[Mailbox], subject: &str, message: &Message) -> Result<Letter, Fault> {
    let thread = thread_id(message, from);
    let (name, value) = AUTOMATIC;
    let mut letter = Letter::builder()
        .from(from.clone())
        .date(message.wall(message.at))
        .subject(Text::clean(subject).as_str())
        .message_id(Some(letter_id(message, from)))
        // A letter that nobody has got ties the others together, whichever of them arrives first.
        .in_reply_to(thread.clone())
        .references(thread)
        .raw_header(HeaderValue::new(name, value.to_owned()));
    for to in to {
        letter = letter.to(to.clone());
    }
    let letter = letter.singlepart(SinglePart::plain(body(message)));
    letter.map_err(|error| Fault::Lasting {
        message: error.to_string().into(),
    })
}

/// The same for all letters about one thing that began on one day: what comes back next week is a new thread.
fn thread_id(message: &Message, from: &Mailbox) -> String {
    let mut hasher = DefaultHasher::new();
    (message.machine.as_str(), message.group.as_str()).hash(&mut hasher);
    let began = message
        .announcements
        .iter()
        .map(|announcement| words::beginning(message, &announcement.alert))
        .min();
    let day = began.map(|since| since.chars().take(10).collect::<String>());
    day.hash(&mut hasher);
    id("thread", hasher.finish(), from)
}

/// The same for the same message only.
fn letter_id(message: &Message, from: &Mailbox) -> String {
    let mut hasher = DefaultHasher::new();
    (message.machine.as_str(), message.group.as_str(), message.left_out).hash(&mut hasher);
    message.wall_origin.hash(&mut hasher);
    for announcement in &message.announcements {
        (announcement.occasion, announcement.at, announcement.alert.id).hash(&mut hasher);
    }
    id("alert", hasher.finish(), from)
}

fn id(what: &str, number: u64, from: &Mailbox) -> String {
    format!("<probetop.{what}.{number:016x}@{}>", from.email.domain())
}

fn body(message: &Message) -> String {
    let mut lines = Vec::new();
    for announcement in &message.announcements {
        describe(message, announcement, &mut lines);
        lines.push(String::new());
    }
    if message.left_out > 0 {
        lines.push(format!("and {} more", message.left_out));
        lines.push(String::new());
    }
    // The dashes and the blank begin a signature, which many readers fold away.
    lines.push("-- ".to_owned());
    lines.push(format!("probetop on {}", message.machine));
    lines.join("\r\n")
}

fn describe(message: &Message, announcement: &Announcement, lines: &mut Vec<String>) {
    let alert = &announcement.alert;
    lines.push(words::line(announcement));
    lines.push(String::new());
    let until = alert.resolved.unwrap_or(announcement.at);
    let lasted = words::length(alert.lasted(until).saturating_sub(announcement.carried));
    lines.push(format!("since: {} ({lasted})", words::beginning(message, alert)));
    if let Some(resolved) = alert.resolved {
        lines.push(format!("until: {}", words::moment(message, announcement, resolved)));
    }
    lines.push(format!("reason: {}", alert.reason));
    if let Some(worst) = alert.worst {
        lines.push(format!("worst: {}", alert.unit.show(worst)));
    }
    if let Some(action) = &alert.action {
        lines.push(format!("action: {action}"));
    }
    if !alert.timeline.is_empty() {
        lines.push(String::new());
    }
    for entry in alert.timeline.iter() {
        let moment = words::turn(message, entry);
        let time = moment.trim_end_matches(" UTC").rsplit(' ').next().unwrap_or_default();
        lines.push(
            format!("{time} {} {}", entry.turn.name(), entry.text)
                .trim_end()
                .to_owned(),
        );
    }
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use probetop_core::clock::Timestamp;
    use proptest::prelude::*;

    use super::*;

    const HEADERS: [&str; 11] = [
        "Auto-Submitted",
        "Content-Transfer-Encoding",
        "Content-Type",
        "Date",
        "From",
        "In-Reply-To",
        "MIME-Version",
        "Message-ID",
        "References",
        "Subject",
        "To",
    ];

    proptest! {
        /// Whatever is told by whomever, and whatever a template makes of it.
        #[test]
        fn no_text_becomes_a_header(said in proptest::collection::vec("(?s).*|[\r\n: .a-zA-Z=?<>@\u{0}-\u{9f}]*", 5)) {
            let mut message = Message::example(Timestamp::ZERO, SystemTime::UNIX_EPOCH);
            message.machine = said[0].as_str().into();
            message.group = said[1].as_str().into();
            message.announcements[0].alert.name = said[2].as_str().into();
            message.announcements[0].alert.reason = said[3].as_str().into();
            let mailbox: Mailbox = "Ops <ops@example.com>".parse().unwrap();
            let letter = write(&mailbox, std::slice::from_ref(&mailbox), &said[4], &message).unwrap();
            let text = String::from_utf8(letter.formatted()).unwrap();
            prop_assert!(text.is_ascii());
            let (head, _) = text.split_once("\r\n\r\n").unwrap();
            let joined = head.replace("\r\n ", " ");
            prop_assert!(!joined.replace("\r\n", "").contains(['\r', '\n']));
            let mut names: Vec<_> = joined.split("\r\n").map(|line| line.split(':').next().unwrap()).collect();
            names.sort_unstable();
            prop_assert_eq!(names, HEADERS);
        }
    }
}
