//! Makes the probe that a target's settings ask for.

use std::sync::{Arc, OnceLock};

use url::Url;

use super::Probe;
use super::demo;
use super::http::Http;
use super::kind::KindSettings;
use super::tcp::Tcp;
use crate::clock::Clock;

/// What probes share: the clock, and the demo service once a target needs it.
#[derive(Debug)]
pub struct Factory {
    clock: Clock,
    demo: OnceLock<Result<demo::Service, String>>,
}

impl Factory {
    pub fn new(clock: Clock) -> Self {
        Self {
            clock,
            demo: OnceLock::new(),
        }
    }

    /// # Errors
    /// Says what is wrong with the URL or the settings, or that the system refuses what the probe needs.
    pub fn probe(&self, url: &Url, settings: &KindSettings, in_flight: u16) -> Result<Arc<dyn Probe>, String> {
        let clock = self.clock.clone();
        Ok(match settings {
            KindSettings::Http(settings) => Arc::new(Http::try_new(clock, url, settings, in_flight)?),
            KindSettings::Tcp(settings) => Arc::new(Tcp::try_new(clock, url, settings)?),
            KindSettings::Demo(demo::Settings(settings)) => {
                let endpoint = self.demo_url(url)?;
                Arc::new(Http::try_new(clock, &endpoint, settings, in_flight)?)
            }
        })
    }

    /// Where the built-in service answers for `demo://ENDPOINT`; starts it the first time.
    fn demo_url(&self, url: &Url) -> Result<Url, String> {
        let start = || demo::Service::start(self.clock.clone()).map_err(|error| error.to_string());
        let service = self.demo.get_or_init(start).as_ref();
        let service = service.map_err(|error| format!("the demo service cannot start: {error}"))?;
        let endpoint = url.host_str().unwrap_or_default();
        Url::parse(&format!("{}/{endpoint}", service.base_url())).map_err(|error| error.to_string())
    }
}
