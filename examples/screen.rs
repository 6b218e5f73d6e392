//! Plays fixture snapshots on the terminal.
#[path = "../tests/support/fixture_snapshot.rs"]
mod fixture_snapshot;

use probetop::sample::Window;
use probetop::snapshot::Query;
use probetop::ui::theme::Environment;
use probetop::ui::{Event, Request, Settings};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

fn main() -> anyhow::Result<()> {
    let count = std::env::args().nth(1).and_then(|n| n.parse().ok()).unwrap_or(12);
    let theme = std::env::args().nth(2).unwrap_or("dark".into());
    let settings = Settings {
        theme,
        ascii: std::env::var("ASCII").is_ok(),
        ..Default::default()
    };
    let look = settings
        .look(
            &Environment::read(|name| std::env::var(name).ok()),
            "shop.toml".into(),
            Window::OneMinute,
        )
        .map_err(|problems| anyhow::anyhow!(problems.join("\n")))?;
    let _ = fixture_snapshot::with_targets;
    let (sender, receiver) = mpsc::channel();
    let query = Arc::new(Mutex::new(Query::default()));
    let tick = Arc::new(Mutex::new(3600u64));
    let (q, t, s) = (query.clone(), tick.clone(), sender.clone());
    std::thread::spawn(move || {
        loop {
            std::thread::sleep(Duration::from_secs(1));
            let now = {
                let mut t = t.lock().unwrap();
                *t += 1;
                *t
            };
            let query = q.lock().unwrap().clone();
            if s.send(Event::Snapshot(Arc::new(fixture_snapshot::answer(count, now, &query))))
                .is_err()
            {
                return;
            }
        }
    });
    let again = sender.clone();
    let exit = probetop::ui::run(look, receiver, sender, move |request| match request {
        Request::Query(asked) => {
            *query.lock().unwrap() = asked.clone();
            let now = *tick.lock().unwrap();
            let _ = again.send(Event::Snapshot(Arc::new(fixture_snapshot::answer(count, now, &asked))));
        }
        Request::Export => {
            let _ = again.send(Event::Notice {
                severity: probetop::sample::Severity::Info,
                text: "exported to probetop-20261121-010203.json".into(),
            });
        }
        Request::Reload | Request::Processes(_) => {}
    })?;
    let _ = exit;
    Ok(())
}
