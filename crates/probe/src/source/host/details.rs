//! Who runs a process, how it was called and since when, as the crate `sysinfo` tells it: of the processes that are
//! listed, while somebody looks at them, and of each only once.

use std::collections::HashMap;
use std::time::{Duration, SystemTime};

use probetop_core::clock::Timestamp;
use probetop_core::sample::{ProcessReading, Text};
use sysinfo::{Pid, ProcessRefreshKind, ProcessesToUpdate, System, Uid, UpdateKind, Users};

use super::command_line;
use super::largest::Process;

/// How long the list of users is believed to be whole where it has no name for somebody.
const USERS_EVERY: Duration = Duration::from_secs(60);

#[derive(Debug, Default)]
pub(super) struct Reader {
    known: HashMap<u32, Known>,
    users: Option<Users>,
    users_read: Option<Timestamp>,
}

/// What does not change while a process runs the same program.
#[derive(Clone, Debug)]
struct Known {
    /// The number is used again, and another program may be run by the same process: either has other details.
    started: u64,
    name: Vec<u8>,
    user: Option<Text>,
    command: Option<Text>,
    since: Option<SystemTime>,
}

impl Reader {
    /// Writes down what is known of `processes`, whose readings are `readings`, and asks about the new among them.
    pub(super) fn fill(&mut self, processes: &[Process], readings: &mut [ProcessReading], now: Timestamp) {
        let is_known = |known: &HashMap<u32, Known>, process: &Process| {
            let known = known.get(&process.pid);
            known.is_some_and(|known| known.started == process.started && known.name == process.name)
        };
        let new: Vec<&Process> = processes
            .iter()
            .filter(|process| !is_known(&self.known, process))
            .collect();
        if !new.is_empty() {
            self.ask(&new, now);
        }
        // Those that are not listed any more are forgotten.
        let listed = processes.iter().map(|process| process.pid);
        let mut known = std::mem::take(&mut self.known);
        self.known = listed.filter_map(|pid| known.remove_entry(&pid)).collect();
        for reading in readings {
            if let Some(known) = self.known.get(&reading.pid) {
                reading.user.clone_from(&known.user);
                reading.command.clone_from(&known.command);
                reading.started = known.since;
            }
        }
    }

    fn ask(&mut self, new: &[&Process], now: Timestamp) {
        let Ok(mut system) = System::new() else { return };
        let pids: Vec<Pid> = new.iter().map(|process| Pid::from_u32(process.pid)).collect();
        let kind = ProcessRefreshKind::nothing()
            .with_cmd(UpdateKind::Always)
            .with_user(UpdateKind::Always)
            .without_tasks();
        system.refresh_processes_specifics(ProcessesToUpdate::Some(&pids), true, kind);
        for process in new {
            // One that has ended meanwhile is not asked about again: nothing will be known of it.
            let found = system.process(Pid::from_u32(process.pid));
            let known = Known {
                started: process.started,
                name: process.name.clone(),
                user: found.and_then(|found| found.user_id()).map(|uid| self.user(uid, now)),
                command: found.and_then(|found| command_line::shown(found.cmd())),
                since: found.and_then(|found| started(found.start_time())),
            };
            self.known.insert(process.pid, known);
        }
    }

    /// The name, or the number of whom the machine has no name for: somebody of a container, or of a directory server.
    fn user(&mut self, uid: &Uid, now: Timestamp) -> Text {
        let name = |users: &Option<Users>| {
            let user = users.as_ref()?.get_user_by_id(uid)?;
            Some(Text::clean(user.name()))
        };
        let is_old = self.users_read.is_none_or(|read| now.since(read) >= USERS_EVERY);
        if name(&self.users).is_none() && is_old {
            (self.users, self.users_read) = (Users::new_with_refreshed_list().ok(), Some(now));
        }
        name(&self.users).unwrap_or_else(|| Text::from(uid.to_string()))
    }
}

/// When a process was started, by its number; `None`: there is none of it.
pub(super) fn started_at(pid: u32) -> Option<SystemTime> {
    let mut system = System::new().ok()?;
    let pid = Pid::from_u32(pid);
    let kind = ProcessRefreshKind::nothing().without_tasks();
    system.refresh_processes_specifics(ProcessesToUpdate::Some(&[pid]), true, kind);
    started(system.process(pid)?.start_time())
}

/// `start_time` is in seconds since 1970; 0 where the system did not tell.
fn started(start_time: u64) -> Option<SystemTime> {
    let since = (start_time > 0).then(|| Duration::from_secs(start_time))?;
    SystemTime::UNIX_EPOCH.checked_add(since)
}

#[cfg(test)]
mod tests {
    use probetop_core::clock::Clock;

    use super::*;

    fn own(name: &[u8], started: u64) -> Process {
        Process {
            pid: std::process::id(),
            parent: None,
            name: name.to_vec(),
            started,
            cpu_ratio: 0.0,
            rss_bytes: 1,
        }
    }

    fn fill(reader: &mut Reader, process: &Process) -> ProcessReading {
        let mut readings = [process.reading()];
        reader.fill(std::slice::from_ref(process), &mut readings, Timestamp::from_secs(1));
        let [reading] = readings;
        reading
    }

    #[test]
    fn of_this_process_all_is_known() {
        let reading = fill(&mut Reader::default(), &own(b"test", 1));
        let program = std::env::args().next().expect("it was called by a name");
        let command = reading.command.expect("the system tells");
        assert!(
            command.as_str().starts_with(&program[..program.len().min(200)]),
            "{command}"
        );
        assert!(reading.user.is_some_and(|user| !user.as_str().is_empty()));
        assert!(reading.started.expect("the system tells") <= Clock::system().wall() + Duration::from_secs(1));
    }

    #[test]
    fn a_process_is_asked_about_once_and_again_when_it_runs_something_else() {
        let mut reader = Reader::default();
        fill(&mut reader, &own(b"test", 1));
        let mark = |reader: &mut Reader| {
            let known = reader.known.get_mut(&std::process::id()).expect("it was asked about");
            known.command = Some("marked".into());
        };
        let is_marked = |reading: &ProcessReading| reading.command.as_ref().is_some_and(|it| it.as_str() == "marked");
        mark(&mut reader);
        assert!(is_marked(&fill(&mut reader, &own(b"test", 1))));
        assert!(
            !is_marked(&fill(&mut reader, &own(b"other", 1))),
            "it runs another program"
        );
        mark(&mut reader);
        assert!(
            !is_marked(&fill(&mut reader, &own(b"other", 2))),
            "it is another process"
        );
    }

    #[test]
    fn who_is_not_listed_any_more_is_forgotten() {
        let mut reader = Reader::default();
        fill(&mut reader, &own(b"test", 1));
        reader.fill(&[], &mut [], Timestamp::from_secs(2));
        assert!(reader.known.is_empty());
    }

    #[test]
    fn a_process_that_is_gone_has_no_details() {
        let gone = Process {
            pid: u32::MAX - 1,
            ..own(b"gone", 1)
        };
        let reading = fill(&mut Reader::default(), &gone);
        assert_eq!((reading.user, reading.command, reading.started), (None, None, None));
    }
}
