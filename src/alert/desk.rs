//! Whom is told what: takes what the book found and decides what the world hears of it.

use super::book::Book;
use crate::clock::Timestamp;
use crate::snapshot::Announcement;

/// Remembers what was told.
#[derive(Clone, Debug, Default)]
pub struct Desk {
    announcements: Vec<Announcement>,
}

impl Desk {
    /// Takes the tick's findings, after every alert took its step.
    pub fn step(&mut self, book: &mut Book, _now: Timestamp) {
        for ended in book.take_ended() {
            book.file(&ended);
        }
    }

    /// What is to be told since this was last asked, in order.
    pub fn take_announcements(&mut self) -> Vec<Announcement> {
        std::mem::take(&mut self.announcements)
    }
}
