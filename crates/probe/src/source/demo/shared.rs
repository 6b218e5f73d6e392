//! The one demo service of a process, started when the first target needs it.

use std::sync::OnceLock;

use probetop_core::clock::Clock;
use url::Url;

use super::Service;
use crate::source::kind::BuiltIn;

#[derive(Debug, Default)]
pub struct SharedDemo(OnceLock<Result<Service, String>>);

impl BuiltIn for SharedDemo {
    fn address_of(&self, url: &Url, clock: &Clock) -> Result<Url, String> {
        let start = || Service::start(clock.clone()).map_err(|error| error.to_string());
        let service = self.0.get_or_init(start).as_ref();
        let service = service.map_err(|error| format!("the demo service cannot start: {error}"))?;
        let endpoint = url.host_str().unwrap_or_default();
        Url::parse(&format!("{}/{endpoint}", service.base_url())).map_err(|error| error.to_string())
    }
}
