//! What a `demo://` target may say about itself.

use std::sync::Arc;

use probetop_core::sample::Phase;
use probetop_core::setting::Finding;
use probetop_core::suggest;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use url::Url;

use super::scenario::Endpoint;
use crate::source::Probe;
use crate::source::http::{self, Http};
use crate::source::kind::{Crowd, Kind, KindSettings, ProbeContext};

/// The same keys as an HTTP target: it is probed as one.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Settings(pub http::Settings);

pub static KIND: Kind = Kind {
    name: "demo",
    schemes: &["demo"],
    about: "an endpoint of the built-in service; demo:// alone is all of it",
    example: "demo://checkout",
    phases: &Phase::HTTP,
    ..Kind::of::<Settings>()
};

impl KindSettings for Settings {
    const KIND: &'static Kind = &KIND;

    fn check(&self, url: &Url) -> Vec<Finding> {
        let endpoint = url.host_str().unwrap_or_default();
        if !endpoint.is_empty() && Endpoint::from_name(endpoint).is_none() {
            let hint = suggest::closest(endpoint, Endpoint::ALL.map(Endpoint::name));
            let known = Endpoint::ALL.map(Endpoint::name).join(", ");
            let message = format!("the built-in service has no endpoint {endpoint:?}{hint}; it has {known}");
            return vec![Finding::new("url", message)];
        }
        self.0.findings(url)
    }

    fn probe(&self, url: &Url, context: ProbeContext<'_>) -> Result<Arc<dyn Probe>, String> {
        let endpoint = context.demo.address_of(url, context.clock)?;
        Ok(Arc::new(Http::try_new(
            context.clock.clone(),
            &endpoint,
            &self.0,
            context.in_flight,
        )?))
    }

    fn crowd(&self, url: &Url, context: ProbeContext<'_>) -> Result<Arc<dyn Crowd>, String> {
        let endpoint = context.demo.address_of(url, context.clock)?;
        self.0.crowd(&endpoint, context)
    }

    fn warnings(&self) -> Vec<Finding> {
        self.0.doubts()
    }
}
