//! What one channel has still to tell, and when the next message goes. Pure: time and chance are given.
//!
//! Of an alert that waits only the newest word is told: the resolve takes the place of a firing nobody heard of, and says
//! since when it fired. Nothing overtakes: machines get everything in order, people get the oldest group first. When a
//! channel may not send as much as there is, or fails, all that waits shares one message.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use super::allowance::Allowance;
use super::backoff::Backoff;
use super::channel::Fault;
use super::kind::Reader;
use super::settings::Pace;
use crate::clock::Timestamp;
use crate::sample::{AlertId, ChannelState, Text};
use crate::snapshot::{Announcement, Occasion};

/// Announcements that wait at a channel; with their alerts some 4 MB.
const QUEUE_LIMIT: usize = 4096;

/// Announcements in one message for people: a screenful, the rest is a number.
const LISTED_LIMIT: usize = 10;

/// A receiver that asks for a longer rest is asked again nevertheless.
const WAIT_LIMIT: Duration = Duration::from_secs(5 * 60);

/// Everything that waits at one channel, and how the channel does.
#[derive(Debug)]
pub struct Outbox {
    reader: Reader,
    pace: Pace,
    /// How often what still fires is told again, for receivers that forget.
    renewal: Option<Duration>,
    /// By the order in which they came.
    waiting: BTreeMap<u64, Waiting>,
    /// Where each alert waits.
    places: HashMap<AlertId, u64>,
    last_place: u64,
    /// Those of the message that is being sent.
    sent: Vec<(u64, Waiting)>,
    /// What the receiver knows to fire; only when it forgets.
    firing: BTreeMap<AlertId, Announcement>,
    renewed: Timestamp,
    allowance: Allowance,
    backoff: Backoff,
    /// In a row.
    failures: u32,
    /// Nothing is sent before.
    rests_until: Timestamp,
    closing: bool,
    pub standing: Standing,
}

#[derive(Clone, Debug)]
struct Waiting {
    announcement: Announcement,
    since: Timestamp,
    /// `Renewal`s are told again and again, and counted never.
    is: Word,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Word {
    News,
    Renewal,
}

/// How a channel does, in announcements.
#[derive(Clone, Debug, PartialEq)]
pub struct Standing {
    pub state: ChannelState,
    pub delivered_total: u64,
    pub failed_total: u64,
    pub dropped_total: u64,
    pub delivered: Option<Timestamp>,
    pub error: Option<(Timestamp, Text)>,
}

/// What to do next.
#[derive(Clone, Debug, PartialEq)]
pub enum Next {
    /// Send this, and say what came of it.
    Send(Parcel),
    /// Ask again at this time, or when something came.
    Wait(Timestamp),
    /// Ask again when something came.
    Nothing,
}

/// What goes into one message.
#[derive(Clone, Debug, PartialEq)]
pub struct Parcel {
    pub group: Text,
    pub announcements: Vec<Announcement>,
    pub left_out: usize,
}

impl Outbox {
    pub fn new(reader: Reader, pace: Pace, renewal: Option<Duration>, seed: u64) -> Self {
        Self {
            reader,
            pace,
            renewal,
            waiting: BTreeMap::new(),
            places: HashMap::new(),
            last_place: 0,
            sent: Vec::new(),
            firing: BTreeMap::new(),
            renewed: Timestamp::ZERO,
            allowance: Allowance::new(pace.at_most),
            backoff: Backoff::new(seed),
            failures: 0,
            rests_until: Timestamp::ZERO,
            closing: false,
            standing: Standing {
                state: ChannelState::Idle,
                delivered_total: 0,
                failed_total: 0,
                dropped_total: 0,
                delivered: None,
                error: None,
            },
        }
    }

    /// Goes on by other settings, with all that waits; what was wrong may be put right by them.
    pub fn change(&mut self, reader: Reader, pace: Pace, renewal: Option<Duration>) {
        self.reader = reader;
        self.pace = pace;
        self.renewal = renewal;
        self.allowance.change(pace.at_most);
        self.rests_until = Timestamp::ZERO;
    }

    /// Takes what the channel is to tell.
    pub fn take(&mut self, announcement: Announcement, now: Timestamp) {
        self.put(announcement, now, Word::News);
    }

    fn put(&mut self, announcement: Announcement, now: Timestamp, is: Word) {
        let id = announcement.alert.id;
        if let Some(waiting) = self.places.get(&id).and_then(|place| self.waiting.get_mut(place)) {
            waiting.announcement = newest(&waiting.announcement, announcement);
            waiting.is = is;
            return;
        }
        if self.waiting.len() + self.sent.len() >= QUEUE_LIMIT && !self.makes_room(&announcement) {
            self.standing.dropped_total += 1;
            return;
        }
        self.last_place += 1;
        self.places.insert(id, self.last_place);
        let waiting = Waiting {
            announcement,
            since: now,
            is,
        };
        self.waiting.insert(self.last_place, waiting);
    }

    /// A resolve that is lost leaves an alert open for good, so that it takes the place of something else.
    fn makes_room(&mut self, announcement: &Announcement) -> bool {
        if announcement.occasion != Occasion::Resolved {
            return false;
        }
        let is_other = |waiting: &Waiting| waiting.announcement.occasion != Occasion::Resolved;
        let found = self.waiting.iter().find(|(_, waiting)| is_other(waiting));
        let Some(place) = found.map(|(place, _)| *place) else {
            return false;
        };
        self.remove(place);
        self.standing.dropped_total += 1;
        true
    }

    fn remove(&mut self, place: u64) -> Option<Waiting> {
        let waiting = self.waiting.remove(&place)?;
        self.places.remove(&waiting.announcement.alert.id);
        Some(waiting)
    }

    /// From here on nothing is waited for but the receiver: the program ends.
    pub fn close(&mut self) {
        self.closing = true;
        self.rests_until = Timestamp::ZERO;
    }

    /// Whether nothing waits and nothing is on its way.
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty() && self.sent.is_empty()
    }

    /// Announcements that wait or are on their way.
    pub fn waiting(&self) -> usize {
        self.waiting.len() + self.sent.len()
    }

    /// What to do at `now`; to be asked while nothing is on its way.
    pub fn next(&mut self, now: Timestamp) -> Next {
        let renewal = self.renew(now);
        let Some(first) = self.waiting.values().next() else {
            return renewal.map_or(Next::Nothing, Next::Wait);
        };
        let gathered = if self.closing {
            now
        } else {
            first.since + self.pace.gather
        };
        let wait = |until: Timestamp| Next::Wait(renewal.map_or(until, |renewal| until.min(renewal)));
        if gathered.max(self.rests_until) > now {
            return wait(gathered.max(self.rests_until));
        }
        let left = self.allowance.left(now);
        if left == Some(0) && !self.closing {
            return wait(self.allowance.next());
        }
        self.allowance.spend();
        let all_in_one = self.closing || self.failures > 0 || left.is_some_and(|left| left <= 1);
        Next::Send(match self.reader {
            Reader::Machines { at_once } => self.in_order(at_once),
            Reader::People => self.for_people(all_in_one, now),
        })
    }

    /// Puts what still fires into the queue when it is time; says when it is time again.
    fn renew(&mut self, now: Timestamp) -> Option<Timestamp> {
        let renewal = self.renewal.filter(|_| !self.closing && !self.firing.is_empty())?;
        if now >= self.renewed + renewal {
            self.renewed = now;
            let firing: Vec<_> = self.firing.values().cloned().collect();
            for announcement in firing {
                if !self.places.contains_key(&announcement.alert.id) {
                    self.put(announcement, now, Word::Renewal);
                }
            }
        }
        Some(self.renewed + renewal)
    }

    fn in_order(&mut self, at_once: usize) -> Parcel {
        let places: Vec<_> = self.waiting.keys().copied().take(at_once.max(1)).collect();
        let announcements = self.send(places);
        Parcel {
            group: common_group(&announcements),
            announcements,
            left_out: 0,
        }
    }

    /// The oldest group, or all there are, worst first.
    fn for_people(&mut self, all: bool, now: Timestamp) -> Parcel {
        let oldest = self.waiting.values().next();
        let oldest = oldest.map(|waiting| waiting.announcement.group.clone());
        let gather = self.pace.gather;
        let is_meant = |waiting: &Waiting| match all {
            true => self.closing || waiting.since + gather <= now,
            false => Some(&waiting.announcement.group) == oldest.as_ref(),
        };
        let meant = self.waiting.iter().filter(|(_, waiting)| is_meant(waiting));
        let places: Vec<_> = meant.map(|(place, _)| *place).collect();
        let mut announcements = self.send(places);
        let group = common_group(&announcements);
        announcements.sort_by_key(|told| {
            (
                told.occasion == Occasion::Resolved,
                std::cmp::Reverse(told.alert.severity),
            )
        });
        let left_out = announcements.len().saturating_sub(LISTED_LIMIT);
        announcements.truncate(LISTED_LIMIT);
        Parcel {
            group,
            announcements,
            left_out,
        }
    }

    fn send(&mut self, places: Vec<u64>) -> Vec<Announcement> {
        for place in places {
            if let Some(waiting) = self.remove(place) {
                self.sent.push((place, waiting));
            }
        }
        self.sent
            .iter()
            .map(|(_, waiting)| waiting.announcement.clone())
            .collect()
    }

    /// What is on its way has come to its receiver.
    pub fn delivered(&mut self, now: Timestamp) {
        self.failures = 0;
        self.standing.state = ChannelState::Delivering;
        self.standing.delivered = Some(now);
        self.standing.delivered_total += news(&self.sent);
        for (_, Waiting { announcement, .. }) in std::mem::take(&mut self.sent) {
            let id = announcement.alert.id;
            if self.firing.is_empty() {
                self.renewed = now;
            }
            if announcement.occasion == Occasion::Resolved {
                self.firing.remove(&id);
            } else if self.renewal.is_some() {
                self.firing.insert(id, announcement);
            }
        }
    }

    /// What is on its way has not: it waits for another try, or is given up.
    pub fn failed(&mut self, fault: Fault, now: Timestamp) {
        let sent = std::mem::take(&mut self.sent);
        let (message, given_up) = match fault {
            Fault::Lasting { message } => {
                self.failures = 0;
                (message, sent)
            }
            Fault::Passing { message, wait } => {
                self.failures = self.failures.saturating_add(1);
                let asked = wait.unwrap_or_default().min(WAIT_LIMIT);
                self.rests_until = now + self.backoff.wait(self.failures).max(asked);
                let is_old = |(_, waiting): &(u64, Waiting)| now.since(waiting.since) >= self.pace.give_up_after;
                let (old, young): (Vec<_>, Vec<_>) = sent.into_iter().partition(is_old);
                young
                    .into_iter()
                    .for_each(|(place, waiting)| self.put_back(place, waiting));
                (message, old)
            }
        };
        self.standing.state = match given_up.is_empty() {
            true => ChannelState::Retrying,
            false => ChannelState::Failing,
        };
        self.standing.failed_total += news(&given_up);
        self.standing.error = Some((now, message));
    }

    /// To where it was, with what was said of the alert since.
    fn put_back(&mut self, place: u64, mut waiting: Waiting) {
        let id = waiting.announcement.alert.id;
        if let Some(newer) = self.places.get(&id).copied().and_then(|newer| self.remove(newer)) {
            waiting.announcement = newest(&waiting.announcement, newer.announcement);
            waiting.is = newer.is;
        }
        self.places.insert(id, place);
        self.waiting.insert(place, waiting);
    }
}

fn news(sent: &[(u64, Waiting)]) -> u64 {
    sent.iter().filter(|(_, waiting)| waiting.is == Word::News).count() as u64
}

/// The newer word on the same alert. A reminder of what nobody was told yet is no reminder, and what got worse before
/// anybody heard of it has only begun.
fn newest(older: &Announcement, mut newer: Announcement) -> Announcement {
    let tells_severity = matches!(older.occasion, Occasion::Firing | Occasion::Worsened { .. });
    match newer.occasion {
        Occasion::Reminder(_) => newer.occasion = older.occasion,
        Occasion::Worsened { .. } if tells_severity => newer.occasion = older.occasion,
        Occasion::Worsened { .. }
        | Occasion::Firing
        | Occasion::Escalation(_)
        | Occasion::Flapping
        | Occasion::Resolved => {}
    }
    newer
}

/// Their group; of several the first, and how many more there are.
fn common_group(announcements: &[Announcement]) -> Text {
    let mut groups: Vec<&Text> = announcements.iter().map(|announcement| &announcement.group).collect();
    let first = groups.first().map_or_else(Text::default, |first| (*first).clone());
    groups.sort();
    groups.dedup();
    match groups.len() {
        0 | 1 => first,
        several => Text::from(format!("{first} and {} more", several - 1)),
    }
}

#[cfg(test)]
mod tests;
