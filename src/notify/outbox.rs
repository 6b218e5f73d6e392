//! What one channel has still to tell, and when the next message goes. Pure: time and chance are given.
//!
//! Of an alert that waits only the newest word is told: the resolve takes the place of a firing nobody heard of, and says
//! since when it fired. Several messages are on their way at once ([`AT_ONCE_LIMIT`]), never two about the same alert, so
//! that of one alert nothing overtakes. The oldest goes first, people get it group by group. When a channel may not send
//! as much as there is, or fails, all that waits shares one message; while it fails, one message at a time tries it.

mod queue;

use std::collections::BTreeMap;
use std::time::Duration;

use queue::{Queue, Waiting, Word};

pub use queue::QUEUE_LIMIT;

use probetop_core::clock::Timestamp;
use probetop_core::sample::{AlertId, ChannelState, Text};
use probetop_core::snapshot::{Announcement, AnnouncementReason};

use super::allowance::Allowance;
use super::backoff::Backoff;
use super::channel::Fault;
use super::kind::Reader;
use super::settings::Pace;

/// Announcements in one message for people: a screenful, the rest is a number.
const LISTED_LIMIT: usize = 10;

/// Messages on their way at once: a thousand to a receiver that takes 50 ms for each arrive in little more than a second.
/// A mail server that counts a client's connections allows 50.
pub const AT_ONCE_LIMIT: usize = 48;

/// A receiver that asks for a longer rest is asked again nevertheless.
const WAIT_LIMIT: Duration = Duration::from_secs(5 * 60);

/// Everything that waits at one channel, and how the channel does.
#[derive(Debug)]
pub struct Outbox {
    reader: Reader,
    pace: Pace,
    /// How often what still fires is told again, for receivers that forget.
    renewal: Option<Duration>,
    queue: Queue,
    /// What the receiver knows to fire; only when it forgets.
    firing: BTreeMap<AlertId, Announcement>,
    renewed: Timestamp,
    allowance: Allowance,
    backoff: Backoff,
    /// In a row. What was on its way together and failed has failed once.
    failures: u32,
    /// Messages from this number on count as another failure.
    counts_from: u64,
    /// Nothing is sent before.
    rests_until: Timestamp,
    closing: bool,
    /// Counts what changes that which the next run would have to tell.
    revision: u64,
    pub standing: Standing,
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
    Send(Batch),
    /// Ask again at this time, or when something came.
    Wait(Timestamp),
    /// Ask again when something came.
    Nothing,
}

/// What goes into one message.
#[derive(Clone, Debug, PartialEq)]
pub struct Batch {
    /// By which it is said what came of it.
    pub number: u64,
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
            queue: Queue::default(),
            firing: BTreeMap::new(),
            renewed: Timestamp::ZERO,
            allowance: Allowance::new(pace.at_most),
            backoff: Backoff::new(seed),
            failures: 0,
            counts_from: 0,
            rests_until: Timestamp::ZERO,
            closing: false,
            revision: 0,
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
        if announcement.occasion == AnnouncementReason::Resolved {
            // Should the resolve be lost, the receiver forgets: what is over is renewed no more.
            self.firing.remove(&announcement.alert.id);
        }
        self.revision += 1;
        self.standing.dropped_total += self.queue.put(announcement, now, Word::News);
    }

    /// From here on nothing is waited for but the receiver: the program ends.
    pub fn close(&mut self) {
        self.closing = true;
        self.rests_until = Timestamp::ZERO;
    }

    /// Whether nothing waits and nothing is on its way.
    pub fn is_empty(&self) -> bool {
        self.queue.len() == 0
    }

    /// Announcements that wait or are on their way.
    pub fn waiting(&self) -> usize {
        self.queue.len()
    }

    /// The news that the receiver has not got yet, in the order in which they came.
    pub fn untold(&self) -> impl Iterator<Item = &Announcement> {
        let all = self.queue.all().into_iter();
        all.filter(|waiting| waiting.is == Word::News)
            .map(|waiting| &waiting.announcement)
    }

    /// Changes with [`Outbox::untold`].
    pub const fn revision(&self) -> u64 {
        self.revision
    }

    /// What to do at `now`; to be asked until there is nothing to send.
    pub fn next(&mut self, now: Timestamp) -> Next {
        let renewal = self.renew(now);
        let Some(first) = self.queue.oldest() else {
            return renewal.map_or(Next::Nothing, Next::Wait);
        };
        let at_once = if self.failures > 0 { 1 } else { AT_ONCE_LIMIT };
        if self.queue.messages() >= at_once {
            return renewal.map_or(Next::Nothing, Next::Wait);
        }
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
                if !self.queue.holds(announcement.alert.id) {
                    self.standing.dropped_total += self.queue.put(announcement, now, Word::Renewal);
                }
            }
        }
        Some(self.renewed + renewal)
    }

    fn in_order(&mut self, at_once: usize) -> Batch {
        let (number, announcements) = self.queue.send(at_once.max(1), |_| true);
        Batch {
            number,
            group: common_group(&announcements),
            announcements,
            left_out: 0,
        }
    }

    /// The oldest group, or all there are, worst first.
    fn for_people(&mut self, all: bool, now: Timestamp) -> Batch {
        let oldest = self.queue.oldest().map(|waiting| waiting.announcement.group.clone());
        let (closing, gather) = (self.closing, self.pace.gather);
        let (number, mut announcements) = self.queue.send(usize::MAX, |waiting| match all {
            true => closing || waiting.since + gather <= now,
            false => Some(&waiting.announcement.group) == oldest.as_ref(),
        });
        let group = common_group(&announcements);
        announcements.sort_by_key(|told| {
            (
                told.occasion == AnnouncementReason::Resolved,
                std::cmp::Reverse(told.alert.severity),
            )
        });
        let left_out = announcements.len().saturating_sub(LISTED_LIMIT);
        announcements.truncate(LISTED_LIMIT);
        Batch {
            number,
            group,
            announcements,
            left_out,
        }
    }

    /// The message of this number has come to its receiver.
    pub fn delivered(&mut self, number: u64, now: Timestamp) {
        self.failures = 0;
        self.revision += 1;
        self.standing.state = ChannelState::Delivering;
        self.standing.delivered = Some(now);
        let sent = self.queue.take_sent(number);
        self.standing.delivered_total += news(&sent);
        for (_, Waiting { announcement, .. }) in sent {
            let id = announcement.alert.id;
            if self.firing.is_empty() {
                self.renewed = now;
            }
            if announcement.occasion == AnnouncementReason::Resolved {
                self.firing.remove(&id);
            } else if self.renewal.is_some() {
                self.firing.insert(id, announcement);
            }
        }
    }

    /// The message of this number has not: what is in it waits for another try, or is given up.
    pub fn failed(&mut self, number: u64, fault: Fault, now: Timestamp) {
        let sent = self.queue.take_sent(number);
        let (message, given_up) = match fault {
            Fault::Lasting { message } => {
                self.failures = 0;
                (message, sent)
            }
            Fault::Passing { message, wait } => {
                self.rest(number, wait.unwrap_or_default().min(WAIT_LIMIT), now);
                let is_old = |(_, waiting): &(u64, Waiting)| now.since(waiting.since) >= self.pace.give_up_after;
                let (old, young): (Vec<_>, Vec<_>) = sent.into_iter().partition(is_old);
                young
                    .into_iter()
                    .for_each(|(place, waiting)| self.queue.put_back(place, waiting));
                (message, old)
            }
        };
        for (_, Waiting { announcement, .. }) in &given_up {
            if announcement.occasion == AnnouncementReason::Resolved {
                self.firing.remove(&announcement.alert.id);
            }
        }
        self.revision += u64::from(!given_up.is_empty());
        self.standing.state = match given_up.is_empty() {
            true => ChannelState::Retrying,
            false => ChannelState::Failing,
        };
        self.standing.failed_total += news(&given_up);
        self.standing.error = Some((now, message));
    }

    /// Leaves the receiver alone for a while, at least as long as it asked for.
    fn rest(&mut self, number: u64, asked: Duration, now: Timestamp) {
        let mut rest = asked;
        if number >= self.counts_from {
            self.failures = self.failures.saturating_add(1);
            self.counts_from = self.queue.last_message() + 1;
            rest = rest.max(self.backoff.wait(self.failures));
        }
        self.rests_until = self.rests_until.max(now + rest);
    }
}

fn news(sent: &[(u64, Waiting)]) -> u64 {
    sent.iter().filter(|(_, waiting)| waiting.is == Word::News).count() as u64
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
