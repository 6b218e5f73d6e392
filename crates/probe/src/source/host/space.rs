//! How full a mounted file system is, asked on a thread that may be left behind: a server that is gone never answers.

use std::collections::HashMap;
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

use rustix::fs::{StatVfs, statvfs};

/// A file system answers from memory, in microseconds; one that takes longer is waited for without holding up the rest.
const PATIENCE: Duration = Duration::from_millis(500);

/// What is at a mount point.
pub(super) struct Answer {
    pub(super) is_directory: bool,
    /// `None`: it cannot be asked.
    pub(super) space: Option<StatVfs>,
}

/// Asks one after the other.
#[derive(Debug)]
pub(super) struct Spaces {
    ask: fn(&Path) -> Answer,
    patience: Duration,
    /// `None`: the next question starts one.
    asker: Option<Asker>,
    /// By mount point, those that wait for an answer: one thread each, and none more however often they are asked.
    waiting: HashMap<String, Asker>,
}

#[derive(Debug)]
struct Asker {
    questions: Sender<String>,
    answers: Receiver<Answer>,
}

impl Default for Spaces {
    fn default() -> Self {
        Self::asking(ask, PATIENCE)
    }
}

fn ask(point: &Path) -> Answer {
    Answer {
        is_directory: point.is_dir(),
        space: statvfs(point).ok(),
    }
}

impl Spaces {
    fn asking(ask: fn(&Path) -> Answer, patience: Duration) -> Self {
        Self {
            ask,
            patience,
            asker: None,
            waiting: HashMap::new(),
        }
    }

    /// `None`: no answer yet, or no thread to ask on.
    pub(super) fn of(&mut self, point: &str) -> Option<Answer> {
        if let Some(waiting) = self.waiting.get(point) {
            let late = waiting.answers.try_recv().ok()?;
            self.waiting.remove(point);
            return Some(late);
        }
        let asker = match self.asker.take() {
            Some(asker) => asker,
            None => Asker::start(self.ask)?,
        };
        asker.questions.send(point.to_owned()).ok()?;
        match asker.answers.recv_timeout(self.patience) {
            Ok(answer) => {
                self.asker = Some(asker);
                Some(answer)
            }
            Err(RecvTimeoutError::Timeout) => {
                self.waiting.insert(point.to_owned(), asker);
                None
            }
            Err(RecvTimeoutError::Disconnected) => None,
        }
    }

    /// How many file systems do not answer.
    pub(super) fn silent(&self) -> usize {
        self.waiting.len()
    }

    /// Forgets those that are mounted no more.
    pub(super) fn keep(&mut self, is_mounted: impl Fn(&str) -> bool) {
        self.waiting.retain(|point, _| is_mounted(point));
    }
}

impl Asker {
    fn start(ask: fn(&Path) -> Answer) -> Option<Self> {
        let (questions, asked) = channel::<String>();
        let (answer, answers) = channel();
        let work = move || {
            for point in asked {
                if answer.send(ask(Path::new(&point))).is_err() {
                    return;
                }
            }
        };
        thread::Builder::new().name("disk space".to_owned()).spawn(work).ok()?;
        Some(Self { questions, answers })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[test]
    fn a_file_system_that_does_not_answer_holds_up_no_other_and_is_heard_when_it_does() {
        static DEAD: Mutex<()> = Mutex::new(());
        let held = DEAD.lock().unwrap();
        let ask = |point: &Path| {
            let _alive = (point == Path::new("/dead")).then(|| DEAD.lock());
            Answer {
                is_directory: true,
                space: None,
            }
        };
        let mut spaces = Spaces::asking(ask, Duration::from_millis(20));
        for _ in 0..3 {
            assert!(spaces.of("/dead").is_none());
            assert_eq!(spaces.silent(), 1);
        }
        spaces.patience = Duration::from_secs(60);
        assert!(spaces.of("/alive").is_some());
        drop(held);
        probetop_core::clock::wait_until("it answers", || spaces.of("/dead").is_some());
        assert_eq!(spaces.silent(), 0);
    }

    #[test]
    fn the_root_has_space() {
        let answer = Spaces::default().of("/").unwrap();
        assert!(answer.is_directory && answer.space.is_some_and(|space| space.f_blocks > 0));
        let nowhere = Spaces::default().of("/no/such/place").unwrap();
        assert!(!nowhere.is_directory && nowhere.space.is_none());
    }
}
