//! What an init does: waits for the children that others left to us. As the first process of a container we get every one
//! whose parent has ended, and nobody else can ever take them away.
//!
//! Our own children are waited for by whoever started them, who wants their status: they are known here from before their
//! number can be anybody's until their status was taken, and left alone.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, WaitOptions, getpid, waitpid};

/// The init of a machine or a container.
const INIT: i32 = 1;

/// Between two looks. A zombie costs a row of the process table and nothing else.
const PAUSE: Duration = Duration::from_secs(1);

/// Children that somebody here waits for. The lock is held while one is started: until it is known, nobody looks.
static OWN: Mutex<BTreeSet<i32>> = Mutex::new(BTreeSet::new());

/// Takes over the part of an init, where that is what we are.
pub fn reap_as_init() {
    if getpid().as_raw_nonzero().get() == INIT {
        let thread = thread::Builder::new().name("orphans".to_owned());
        // Without it, they stay.
        let _ = thread.spawn(|| {
            loop {
                thread::sleep(PAUSE);
                reap();
            }
        });
    }
}

/// Waits for each child that has ended and is not our own. Says how many there were; none where there is no /proc.
pub fn reap() -> usize {
    let own = lock();
    let Ok(processes) = fs::read_dir("/proc") else { return 0 };
    let us = getpid().as_raw_nonzero().get();
    let reaped = processes.flatten().filter(|process| {
        let id = process.file_name().to_str().and_then(|name| name.parse().ok());
        let Some(id) = id.filter(|id| !own.contains(id)) else {
            return false;
        };
        let stat = fs::read_to_string(process.path().join("stat")).unwrap_or_default();
        // Fails when it has been waited for meanwhile.
        let wait = |id| matches!(waitpid(Some(id), WaitOptions::NOHANG), Ok(Some(_)));
        is_zombie_of(us, &stat) && Pid::from_raw(id).is_some_and(wait)
    });
    reaped.count()
}

/// `123 (a name) Z 1 …`; a name may hold anything.
fn is_zombie_of(parent: i32, stat: &str) -> bool {
    let fields = stat.rsplit_once(") ").map_or("", |(_, fields)| fields);
    let mut fields = fields.split(' ');
    fields.next() == Some("Z") && fields.next().and_then(|id| id.parse().ok()) == Some(parent)
}

/// A child that somebody here waits for, as long as this lives.
#[derive(Debug)]
pub struct Own(Option<i32>);

impl Own {
    /// Starts a child and says which it is.
    ///
    /// # Errors
    /// As `start`.
    pub fn start<T>(
        start: impl FnOnce() -> io::Result<T>,
        id: impl FnOnce(&T) -> Option<u32>,
    ) -> io::Result<(T, Self)> {
        let mut own = lock();
        let child = start()?;
        let id = id(&child).and_then(|id| i32::try_from(id).ok());
        own.extend(id);
        Ok((child, Self(id)))
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        if let Some(id) = self.0 {
            lock().remove(&id);
        }
    }
}

fn lock() -> MutexGuard<'static, BTreeSet<i32>> {
    OWN.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zombie_is_known_whatever_it_is_called() {
        let check = |stat, expected| assert_eq!(is_zombie_of(1, stat), expected, "{stat}");
        check("7 (sh) Z 1 7 7 0", true);
        check("7 (a) Z 2) Z 1 7", true);
        check("7 (a) Z 1) S 1 7", false);
        check("7 (sh) Z 2 7", false);
        check("7 (sh) S 1 7", false);
        check("", false);
    }
}
