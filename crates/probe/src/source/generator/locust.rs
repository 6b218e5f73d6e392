//! locust by its web interface: `/stats/requests`, which it makes anew every two seconds.

mod answer;

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use probetop_core::clock::Timestamp;
use probetop_core::sample::{Phase, Purpose};
use probetop_core::setting::Finding;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use url::Url;

use super::presence::Presence;
use super::{FAILURE_LEVELS, page_settings};
use crate::source::idle::Connection;
use crate::source::kind::{Kind, KindGauge, KindSettings, ProbeContext};
use crate::source::page::{Page, PageSettings, http_url};
use crate::source::{AddressFamily, Attempt, Probe};

pub use answer::Stats;

/// Where locust listens unless told otherwise.
const PORT: u16 = 8089;

pub static KIND: Kind = Kind {
    name: "locust",
    schemes: &["locust", "locust+https"],
    about: "a load test that locust runs, by its web interface",
    example: "locust://localhost:8089",
    purpose: Purpose::Generator,
    rate: Some("rate_achieved_per_s"),
    phases: &Phase::HTTP,
    gauges: &[
        KindGauge::told("users", "users that are running"),
        KindGauge::told("workers", "workers that are connected"),
        KindGauge::told("rate_achieved_per_s", "requests a second, over the last ten seconds"),
        KindGauge::judged(
            "failure_ratio",
            "share of the requests of the last ten seconds that failed",
            FAILURE_LEVELS,
        ),
        KindGauge::told("p50_us", "median response time of the last ten seconds"),
        KindGauge::told("p95_us", "p95 of the response time of the last ten seconds"),
    ],
    ..Kind::of::<Settings>()
};

/// The keys of a `locust://` target beside those that every target has.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Request headers.
    pub headers: BTreeMap<String, String>,
    /// Whether the connection is kept for the next probe or made anew each time.
    pub connection: Connection,
    /// IP version to use: `any`, `4` or `6`.
    pub ip: AddressFamily,
}

impl Settings {
    fn page_settings(&self) -> PageSettings<'_> {
        page_settings(&self.headers, self.connection, self.ip)
    }
}

impl fmt::Debug for Settings {
    /// Headers carry credentials: names are shown, values are not.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("headers", &self.headers.keys().collect::<Vec<_>>())
            .field("connection", &self.connection)
            .field("ip", &self.ip)
            .finish()
    }
}

impl KindSettings for Settings {
    const KIND: &'static Kind = &KIND;

    fn check(&self, url: &Url) -> Vec<Finding> {
        self.page_settings().check(url)
    }

    fn probe(&self, url: &Url, context: ProbeContext<'_>) -> Result<Arc<dyn Probe>, String> {
        Ok(Arc::new(Locust::try_new(url, self, context)?))
    }
}

/// Follows one run.
pub struct Locust {
    stats: Page,
    presence: Presence,
}

impl Locust {
    /// # Errors
    /// Says what in `url` or `settings` cannot be used, and what to do about it.
    pub fn try_new(url: &Url, settings: &Settings, context: ProbeContext<'_>) -> Result<Self, String> {
        let url = stats_url(http_url(url, Some(PORT), "")?);
        Ok(Self {
            stats: Page::try_new(context, &url, settings.page_settings())?,
            presence: Presence::default(),
        })
    }

    async fn attempt(&self, deadline: Timestamp) -> Attempt {
        let mut reading = self.stats.read(deadline).await;
        if let Some(stats) = reading.parse(Stats::read).await {
            stats.tell().add_to(reading.attempt.answer.as_deref_mut());
        }
        reading.attempt
    }
}

/// Below the path where locust is served, which is another than `/` behind a proxy (`--web-base-path`).
fn stats_url(mut url: Url) -> Url {
    let base = url.path().trim_end_matches('/').to_owned();
    url.set_path(&format!("{base}/stats/requests"));
    url
}

impl Probe for Locust {
    fn probe(&self, deadline: Timestamp) -> Pin<Box<dyn Future<Output = Attempt> + Send + '_>> {
        Box::pin(self.presence.attempt(move || self.attempt(deadline)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locust_may_be_served_below_a_path() {
        let check = |url: &str, expected: &str| {
            let asked = http_url(&Url::parse(url).unwrap(), Some(PORT), "").unwrap();
            assert_eq!(stats_url(asked).as_str(), expected, "{url}");
        };
        check("locust://gen", "http://gen:8089/stats/requests");
        check("locust+https://gen/load/", "https://gen/load/stats/requests");
    }
}
