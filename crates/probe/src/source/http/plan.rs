//! What is asked of one URL, how it gets there, and what is made of the answer.
//!
//! It never changes, so that any number of users may ask by one plan, each over a [`super::pool::Pool`] of their own.

use hyper::header::HeaderName;
use url::Url;

use super::body::{BodyLimit, Keep};
use super::clients::Clients;
use super::connection::protocols;
use super::expectation::Expectations;
use super::origin::Scheme;
use super::request::Request;
use super::route::Route;
use super::settings::{HttpVersion, Permission, Settings};
use super::tally;
use crate::source::idle::Connection;
use crate::source::{resolve, tls};

#[derive(Clone)]
pub(super) struct Plan {
    pub request: Request,
    pub connection: Connection,
    pub version: HttpVersion,
    pub redirects: u8,
    pub redirects_may: Vec<Permission>,
    pub route: Route,
    pub body_limit: BodyLimit,
    pub expectations: Expectations,
    /// The header of the answers whose values are counted.
    pub tally: Option<HeaderName>,
    /// `None`: the one that all targets share.
    pub tls: Option<Clients>,
}

impl Plan {
    /// # Errors
    /// Says what in `url` or `settings` cannot be used, and what to do about it.
    pub(super) fn try_new(url: &Url, settings: &Settings) -> Result<Self, String> {
        let request = Request::try_new(url, settings)?;
        resolve::check(&request.origin.host, settings.ip)?;
        let tls = Clients::of(settings)?;
        if tls.is_none() && request.origin.scheme == Scheme::Https {
            // Reading the machine's store takes milliseconds that should not be somebody's latency.
            tls::system(protocols(HttpVersion::Auto));
        }
        let expectations = Expectations::try_new(&settings.expect)?;
        let keep = if expectations.look_at_body() {
            Keep::Bytes
        } else {
            Keep::Length
        };
        Ok(Self {
            request,
            connection: settings.connection,
            version: settings.http_version,
            redirects: settings.redirects,
            redirects_may: settings.redirects_may.clone(),
            route: Route::of(settings)?,
            body_limit: BodyLimit {
                limit_bytes: settings.body_limit_bytes,
                keep,
                pause: None,
            },
            expectations,
            tally: settings.tally.as_deref().map(tally::header).transpose()?,
            tls,
        })
    }

    /// How many connections one probe may leave: one at each stop of its way, and at each address.
    pub(super) fn stops(&self) -> usize {
        usize::from(self.redirects) + self.route.width()
    }

    /// For the target's `own` origin, or for others, where redirects lead.
    pub(super) fn tls(&self, own: bool) -> tls::Client {
        match &self.tls {
            Some(clients) if own => clients.own.clone(),
            Some(clients) => clients.strangers.clone(),
            None => tls::system(protocols(HttpVersion::Auto)),
        }
    }
}
