//! Opens links to one endpoint, over TLS or not.

use std::net::SocketAddr;

use probetop_core::sample::{Answer, Failure, Phase, Word};

use super::attempt::Stopwatch;
use super::endpoint::Endpoint;
use super::link::Link;
use super::tls::{self, Roots};

pub struct Dialer {
    endpoint: Endpoint,
    /// `None`: without TLS.
    tls: Option<tls::Client>,
    /// The application protocols to offer, most wanted first.
    alpn: &'static [&'static [u8]],
}

impl Dialer {
    pub const fn plain(endpoint: Endpoint) -> Self {
        Self {
            endpoint,
            tls: None,
            alpn: &[],
        }
    }

    /// Trusts this machine's certificate authorities.
    pub fn secure(endpoint: Endpoint, alpn: &'static [&'static [u8]]) -> Self {
        Self {
            endpoint,
            tls: Some(tls::system(alpn)),
            alpn,
        }
    }

    /// Trusts `roots` instead.
    pub fn trusting(mut self, roots: Roots) -> Self {
        self.tls = self.tls.map(|_| tls::Client::new(roots, self.alpn));
        self
    }

    /// Goes through the phases DNS, connect and TLS. What is known of the peer then is all of `answer`, even if nothing
    /// more comes of it.
    pub async fn open<'a>(
        &self,
        watch: &mut Stopwatch,
        answer: &'a mut Option<Answer>,
    ) -> Result<(Link, SocketAddr, &'a mut Answer), Failure> {
        let (stream, address) = self.endpoint.connect(watch).await?;
        let mut link = Link::from(stream);
        if let Some(client) = &self.tls {
            link = watch
                .phase(Phase::Tls, link.secure(client, &self.endpoint.host))
                .await?;
        }
        let answer = answer.insert(Answer {
            address: Some(address),
            tls: link.tls_version().map(Word::of),
            ..Answer::default()
        });
        Ok((link, address, answer))
    }
}
