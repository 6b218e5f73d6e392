//! Listens to k6's dashboard now and then: a short reading of its events, beside the attempt and not part of it. What
//! goes wrong here is told as a fact, because the run may be well without its dashboard.
//!
//! k6 does not end while somebody listens, so no reading stays open.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use probetop_core::clock::{Clock, Timestamp};
use url::Url;

use super::super::{ANSWER_LIMIT_BYTES, Told, page_settings};
use super::{Dashboard, Settings};
use crate::source::Attempt;
use crate::source::aside::{Effort, aside};
use crate::source::every::Every;
use crate::source::http::Http;
use crate::source::idle::Connection;
use crate::source::kind::ProbeContext;
use crate::source::page::PageSettings;

/// k6 tells something new every ten seconds unless told otherwise; half of that is never a period behind.
const PERIOD: Duration = Duration::from_secs(5);

/// All that k6 repeats comes at once; after a silence as long as this there is no more of it.
const PAUSE: Duration = Duration::from_millis(250);

/// A reading takes no longer, however much there is to say.
const PATIENCE: Duration = Duration::from_secs(2);

pub(super) struct Listener {
    clock: Clock,
    http: Http,
    every: Every,
    heard: Mutex<Heard>,
}

#[derive(Default)]
struct Heard {
    dashboard: Dashboard,
    trouble: Option<String>,
}

/// The address of the events of the dashboard at `dashboard`.
///
/// # Errors
/// Says what is wrong with it. Quotes nothing, because URLs hold secrets.
pub(super) fn url(dashboard: &str) -> Result<Url, String> {
    let mut url = Url::parse(dashboard)
        .map_err(|error| format!("the dashboard's URL is none: {error}; write http://HOST:5665"))?;
    if !matches!(url.scheme(), "http" | "https") || !matches!(url.path(), "" | "/") {
        return Err("the dashboard's URL has no path and begins with http; write http://HOST:5665".to_owned());
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("the dashboard's URL holds credentials; k6 asks for none, so leave them out".to_owned());
    }
    url.set_path("/events");
    Ok(url)
}

impl Listener {
    /// # Errors
    /// Says what in `dashboard` or `settings` cannot be used, and what to do about it.
    pub(super) fn try_new(dashboard: &str, settings: &Settings, context: ProbeContext<'_>) -> Result<Self, String> {
        let page_settings = PageSettings {
            accept: "text/event-stream",
            ..page_settings(&settings.headers, Connection::Fresh, settings.ip)
        };
        let http = Http::try_new(
            context.clock.clone(),
            &url(dashboard)?,
            &page_settings.settings(),
            context.in_flight,
        )?;
        Ok(Self {
            clock: context.clock.clone(),
            http: http.keeping_body().pausing(PAUSE),
            every: Every::new(PERIOD),
            heard: Mutex::default(),
        })
    }

    /// What is known of the newest period, after a reading if it is time for one.
    pub(super) async fn listen(&self, deadline: Timestamp) -> Told {
        let now = self.clock.now();
        if self.every.is_due(now) {
            let since = self.heard().dashboard.since();
            let deadline = deadline.min(now + PATIENCE);
            let (attempt, body) = self.http.fetch_events(since, deadline).await;
            let trouble = trouble(&attempt);
            // One probe at a time reads: whose turn it is was settled above.
            let mut dashboard = self.heard().dashboard.clone();
            if trouble.is_none() {
                dashboard = aside(Effort::Bytes(body.len()), move || {
                    dashboard.take(&body);
                    dashboard
                })
                .await;
            } else {
                dashboard = Dashboard::default();
            }
            let mut heard = self.heard();
            heard.dashboard = dashboard;
            heard.trouble = trouble;
        }
        let heard = self.heard();
        let mut told = heard.dashboard.tell();
        if let Some(trouble) = &heard.trouble {
            told.fact("dashboard", trouble);
        }
        told
    }

    fn heard(&self) -> MutexGuard<'_, Heard> {
        // A panic elsewhere leaves what was whole when it was put here.
        self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Why the reading tells nothing.
fn trouble(attempt: &Attempt) -> Option<String> {
    if let Some(failure) = attempt.outcome.failure() {
        return Some(format!("{}: {}", failure.kind.name(), failure.message.as_str()));
    }
    // Half of it would be the older half.
    let too_much = attempt.answer.as_deref()?.body_bytes >= ANSWER_LIMIT_BYTES;
    too_much.then(|| "more events than are read at a time".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dashboard_is_named_by_its_host_alone() {
        let check = |dashboard: &str, expected: Option<&str>| {
            let url = url(dashboard).ok().map(String::from);
            assert_eq!(url.as_deref(), expected, "{dashboard}");
        };
        check("http://gen.example:5665", Some("http://gen.example:5665/events"));
        check("https://[::1]/", Some("https://[::1]/events"));
        check("gen.example:5665", None);
        check("http://gen.example/ui", None);
        check("http://u:secret@gen.example", None);
        check("", None);
    }
}
