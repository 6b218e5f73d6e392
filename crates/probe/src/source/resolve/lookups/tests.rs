//! Against a resolver that answers when it is told to.

use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::SystemTime;

use super::*;

/// A resolver whose names hang until they are let go, unless they begin with `good`.
#[derive(Default)]
struct Script {
    asked: AtomicUsize,
    let_go: Mutex<HashSet<String>>,
    changed: Condvar,
}

impl Script {
    fn ask(&self, name: &str) -> io::Result<Vec<SocketAddr>> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let mut let_go = self.let_go.lock().unwrap();
        while !name.starts_with("good") && !let_go.contains(name) && !let_go.contains("*") {
            let_go = self.changed.wait(let_go).unwrap();
        }
        Ok(vec![([127, 0, 0, 1], 0).into()])
    }

    fn let_go(&self, name: &str) {
        self.let_go.lock().unwrap().insert(name.to_owned());
        self.changed.notify_all();
    }
}

fn scripted() -> (Arc<Script>, Clock, Arc<Lookups>) {
    let (script, clock) = (Arc::new(Script::default()), Clock::manual(SystemTime::UNIX_EPOCH));
    let asked = Arc::clone(&script);
    let lookups = Lookups::new(clock.clone(), move |name| asked.ask(name));
    (script, clock, lookups)
}

async fn is_answered(handle: &mut LookupHandle) -> bool {
    handle.begun().await;
    handle.answer().await.is_ok()
}

#[tokio::test]
async fn all_who_ask_for_a_name_at_once_share_one_lookup() {
    let (script, _, lookups) = scripted();
    let mut tickets: Vec<_> = (0..100).map(|_| lookups.join("slow")).collect();
    for handle in &mut tickets {
        handle.begun().await;
    }
    script.let_go("slow");
    for handle in &mut tickets {
        assert!(handle.answer().await.is_ok());
    }
    assert_eq!(script.asked.load(Ordering::Relaxed), 1);
    assert!(is_answered(&mut lookups.join("slow")).await);
    assert_eq!(
        script.asked.load(Ordering::Relaxed),
        2,
        "an answer is for those who waited for it"
    );
}

#[tokio::test]
async fn names_that_hang_leave_places_to_those_that_do_not() {
    let (script, clock, lookups) = scripted();
    assert!(is_answered(&mut lookups.join("good before")).await);
    let hanging: Vec<_> = (0..500).map(|at| lookups.join(&format!("dead {at}"))).collect();
    let mut good = lookups.join("good before");
    clock.advance(HANGING_AFTER);
    assert!(is_answered(&mut good).await, "it was prompt before and goes first");
    assert!(script.asked.load(Ordering::Relaxed) <= 2 + PROMPT_PLACES + HANGING_PLACES);
    // Those that hung are known by now, and those that never had a place are gone.
    script.let_go("*");
    drop(hanging);
    assert!(is_answered(&mut lookups.join("good anew")).await);
}

#[tokio::test]
async fn a_name_that_hung_waits_among_those_that_hang_until_it_is_prompt_again() {
    let (script, clock, lookups) = scripted();
    let mut handle = lookups.join("slow");
    handle.begun().await;
    clock.advance(HANGING_AFTER);
    script.let_go("slow");
    assert!(handle.answer().await.is_ok());
    assert_eq!(lookups.lock().standings.get("slow"), Some(&Place::Hanging));
    assert!(is_answered(&mut lookups.join("slow")).await);
    assert_eq!(lookups.lock().standings.get("slow"), Some(&Place::Prompt));
    assert_eq!(lookups.lock().taken, [0, 0]);
}

#[tokio::test]
async fn a_lookup_that_nobody_waits_for_any_more_is_not_begun() {
    let (script, _, lookups) = scripted();
    let mut running: Vec<_> = (0..PROMPT_PLACES)
        .map(|at| lookups.join(&format!("dead {at}")))
        .collect();
    drop(lookups.join("given up"));
    let mut wanted = lookups.join("wanted");
    script.let_go("*");
    for handle in running.iter_mut().chain([&mut wanted]) {
        assert!(is_answered(handle).await);
    }
    assert_eq!(script.asked.load(Ordering::Relaxed), PROMPT_PLACES + 1);
}
