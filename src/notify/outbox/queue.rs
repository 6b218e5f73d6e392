//! What waits at one channel, in the order in which it came, and what is on its way.

use std::collections::{BTreeMap, HashMap, HashSet};

use probetop_core::clock::Timestamp;
use probetop_core::sample::AlertId;
use probetop_core::snapshot::{Announcement, AnnouncementReason};

/// Announcements that wait at a channel; with their alerts some 4 MB.
pub const QUEUE_LIMIT: usize = 4096;

/// Each alert waits at most once, with the newest word on it.
#[derive(Debug, Default)]
pub(super) struct Queue {
    /// By the order in which they came.
    waiting: BTreeMap<u64, Waiting>,
    /// Where each alert waits.
    places: HashMap<AlertId, u64>,
    last_place: u64,
    /// The messages that are being sent, by number: what is in each, and the place of each.
    sent: HashMap<u64, Vec<(u64, Waiting)>>,
    /// The alerts in them. The next word on one of these waits until it is known what became of this one.
    under_way: HashSet<AlertId>,
    last_message: u64,
}

/// One announcement since it came.
#[derive(Clone, Debug)]
pub(super) struct Waiting {
    pub announcement: Announcement,
    pub since: Timestamp,
    pub is: Word,
}

/// What is told again and again is not news, and counted never.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Word {
    News,
    Renewal,
}

impl Queue {
    /// Takes one more, and says how many were lost for want of room.
    pub(super) fn put(&mut self, announcement: Announcement, now: Timestamp, is: Word) -> u64 {
        let id = announcement.alert.id;
        if let Some(waiting) = self.places.get(&id).and_then(|place| self.waiting.get_mut(place)) {
            waiting.supersede(announcement, is);
            return 0;
        }
        let is_full = self.len() >= QUEUE_LIMIT;
        if is_full && !self.makes_room(&announcement) {
            return 1;
        }
        self.last_place += 1;
        self.places.insert(id, self.last_place);
        let waiting = Waiting {
            announcement,
            since: now,
            is,
        };
        self.waiting.insert(self.last_place, waiting);
        u64::from(is_full)
    }

    /// A resolve that is lost leaves an alert open for good, so that it takes the place of something else.
    fn makes_room(&mut self, announcement: &Announcement) -> bool {
        if announcement.occasion != AnnouncementReason::Resolved {
            return false;
        }
        let is_other = |waiting: &Waiting| waiting.announcement.occasion != AnnouncementReason::Resolved;
        let found = self.waiting.iter().find(|(_, waiting)| is_other(waiting));
        let Some(place) = found.map(|(place, _)| *place) else {
            return false;
        };
        self.remove(place);
        true
    }

    fn remove(&mut self, place: u64) -> Option<Waiting> {
        let waiting = self.waiting.remove(&place)?;
        self.places.remove(&waiting.announcement.alert.id);
        Some(waiting)
    }

    /// Those that wait or are on their way.
    pub(super) fn len(&self) -> usize {
        self.waiting.len() + self.under_way.len()
    }

    /// Messages on their way.
    pub(super) fn messages(&self) -> usize {
        self.sent.len()
    }

    /// The number of the newest message.
    pub(super) const fn last_message(&self) -> u64 {
        self.last_message
    }

    /// Whether there is word on this alert.
    pub(super) fn holds(&self, id: AlertId) -> bool {
        self.places.contains_key(&id) || self.under_way.contains(&id)
    }

    /// The one that has waited longest and may go.
    pub(super) fn oldest(&self) -> Option<&Waiting> {
        self.waiting.values().find(|waiting| self.may_go(waiting))
    }

    fn may_go(&self, waiting: &Waiting) -> bool {
        !self.under_way.contains(&waiting.announcement.alert.id)
    }

    /// Sends the oldest that are meant, at most so many, as a message of this number.
    pub(super) fn send(&mut self, at_most: usize, is_meant: impl Fn(&Waiting) -> bool) -> (u64, Vec<Announcement>) {
        let meant = self
            .waiting
            .iter()
            .filter(|(_, waiting)| self.may_go(waiting) && is_meant(waiting));
        let places: Vec<_> = meant.map(|(place, _)| *place).take(at_most).collect();
        let sent: Vec<_> = places
            .into_iter()
            .filter_map(|place| Some((place, self.remove(place)?)))
            .collect();
        let announcements: Vec<_> = sent.iter().map(|(_, waiting)| waiting.announcement.clone()).collect();
        self.under_way.extend(announcements.iter().map(|told| told.alert.id));
        self.last_message += 1;
        self.sent.insert(self.last_message, sent);
        (self.last_message, announcements)
    }

    /// What was on its way in this message, with the place of each.
    pub(super) fn take_sent(&mut self, message: u64) -> Vec<(u64, Waiting)> {
        let sent = self.sent.remove(&message).unwrap_or_default();
        for (_, waiting) in &sent {
            self.under_way.remove(&waiting.announcement.alert.id);
        }
        sent
    }

    /// Everything that waits or is on its way, in the order in which it came.
    pub(super) fn all(&self) -> Vec<&Waiting> {
        let sent = self.sent.values().flatten().map(|(place, waiting)| (*place, waiting));
        let mut all: Vec<_> = self
            .waiting
            .iter()
            .map(|(place, waiting)| (*place, waiting))
            .chain(sent)
            .collect();
        all.sort_unstable_by_key(|(place, _)| *place);
        all.into_iter().map(|(_, waiting)| waiting).collect()
    }

    /// To where it was, with what was said of the alert since.
    pub(super) fn put_back(&mut self, place: u64, mut waiting: Waiting) {
        let id = waiting.announcement.alert.id;
        if let Some(newer) = self.places.get(&id).copied().and_then(|newer| self.remove(newer)) {
            waiting.supersede(newer.announcement, newer.is);
        }
        self.places.insert(id, place);
        self.waiting.insert(place, waiting);
    }
}

impl Waiting {
    /// Takes the newer word on the same alert. News that nobody heard stay news.
    fn supersede(&mut self, newer: Announcement, is: Word) {
        self.announcement = newest(&self.announcement, newer);
        if is == Word::News {
            self.is = is;
        }
    }
}

/// The newer word on the same alert. A reminder of what nobody was told yet is not a reminder, and what got worse before
/// anybody heard of it has only begun.
fn newest(older: &Announcement, mut newer: Announcement) -> Announcement {
    let tells_severity = matches!(
        older.occasion,
        AnnouncementReason::Firing | AnnouncementReason::Worsened { .. }
    );
    match newer.occasion {
        AnnouncementReason::Reminder(_) => newer.occasion = older.occasion,
        AnnouncementReason::Worsened { .. } if tells_severity => newer.occasion = older.occasion,
        AnnouncementReason::Worsened { .. }
        | AnnouncementReason::Firing
        | AnnouncementReason::Escalation(_)
        | AnnouncementReason::Flapping
        | AnnouncementReason::Resolved => {}
    }
    newer
}
