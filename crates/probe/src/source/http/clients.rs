//! TLS as one target wants it.

use super::connection::protocols;
use super::settings::{HttpVersion, Permission, Settings};
use crate::source::tls;

/// For the target itself, and for others.
#[derive(Clone)]
pub(super) struct Clients {
    pub own: tls::Client,
    /// For other origins, where redirects lead.
    pub strangers: tls::Client,
}

impl Clients {
    /// `None`: the target wants nothing of its own.
    pub(super) fn of(settings: &Settings) -> Result<Option<Self>, String> {
        if settings.tls == tls::options::Options::default() && settings.http_version == HttpVersion::Auto {
            return Ok(None);
        }
        let protocols = protocols(settings.http_version);
        let unchecked = settings.redirects_may.contains(&Permission::SkipVerification);
        Ok(Some(Self {
            own: settings.tls.client(protocols)?,
            strangers: settings.tls.for_strangers(unchecked).client(protocols)?,
        }))
    }
}
