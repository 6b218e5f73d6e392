//! TLS as a client: which issuers are trusted, the handshake, and its failures in words people use.
//!
//! Shared by every kind of probe that runs over TLS. The only home of rustls.

mod roots;
mod certificate;
mod chain;
mod verifier;
mod inspection;
mod target;
pub mod options;

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use options::Identity;
use probetop_core::sample::FailureKind;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::client::Resumption;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, Error, ProtocolVersion};
use url::Host;
use verifier::Verifier;

use super::attempt::Fault;
use crate::handshake::{Offer, describe};

pub use certificate::Certificate;
pub use chain::Chain;
pub use inspection::{Inspection, Inspector};
pub use roots::Roots;
pub use target::{EXPIRES, KIND, Settings, Tls};
pub use tokio_rustls::client::TlsStream;
pub use verifier::Check;

/// Makes TLS connections. Cheap to clone.
#[derive(Clone)]
pub struct Client {
    connector: TlsConnector,
    roots: Roots,
    /// Asked for instead of the host.
    name: Option<ServerName<'static>>,
    check: Check,
    offer: Arc<Offer>,
}

impl Client {
    /// Trusts `roots` and offers the application protocols `alpn`, most wanted first.
    pub fn new(roots: Roots, alpn: &[&[u8]]) -> Self {
        Self::with(roots, Check::Full, None, alpn).expect("only an identity can be refused")
    }

    fn with(roots: Roots, check: Check, identity: Option<Identity>, alpn: &[&[u8]]) -> Result<Self, Error> {
        let provider = Arc::new(ring::default_provider());
        let verifier = Verifier::new(roots.clone(), check, &provider);
        let builder = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("ring supports the default protocol versions")
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier));
        let offer = Arc::new(Offer::new(alpn, identity.is_some()));
        let mut config = match identity {
            Some(Identity { chain, key }) => builder.with_client_auth_cert(chain, key)?,
            None => builder.with_no_client_auth(),
        };
        config.alpn_protocols = alpn.iter().map(|protocol| protocol.to_vec()).collect();
        // Every handshake is a full one: what a caller meets who comes for the first time, and the same work each
        // time, so that two probes can be compared. It also spares the cache of sessions.
        config.resumption = Resumption::disabled();
        Ok(Self {
            connector: TlsConnector::from(Arc::new(config)),
            roots,
            name: None,
            check,
            offer,
        })
    }

    /// The same, where less of the peer's certificate must hold.
    pub fn checking(roots: Roots, check: Check) -> Self {
        Self::with(roots, check, None, &[]).expect("only an identity can be refused")
    }

    pub fn is_insecure(&self) -> bool {
        self.check == Check::Nothing
    }

    /// Shakes hands as a client of `host`, whose certificate must be valid for that name or address, or for the name
    /// that is asked for instead.
    pub async fn handshake(&self, stream: TcpStream, host: &Host) -> Result<TlsStream<TcpStream>, Fault> {
        let (name, asked) = match &self.name {
            Some(name) => (name.clone(), Host::Domain(name.to_str().into_owned())),
            None => (server_name(host)?, host.clone()),
        };
        let connected = self.connector.connect(name, stream).await;
        connected.map_err(|error| fault(&error, &asked, &self.offer))
    }

    /// The peer's certificates, up to whom we trust.
    pub fn chain(&self, stream: &TlsStream<TcpStream>) -> Option<Chain> {
        Chain::of(stream.get_ref().1.peer_certificates()?, &self.roots)
    }
}

/// A client for each list of protocols that is offered.
type Clients = Vec<(&'static [&'static [u8]], Client)>;

/// Shared by all targets that trust this machine's authorities and offer the same: their certificates take a megabyte.
pub fn system(alpn: &'static [&'static [u8]]) -> Client {
    static CLIENTS: Mutex<Clients> = Mutex::new(Vec::new());
    // A panic elsewhere leaves the list as good as it was.
    let mut clients = CLIENTS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, client)) = clients.iter().find(|(offered, _)| *offered == alpn) {
        return client.clone();
    }
    let client = Client::new(Roots::system(), alpn);
    clients.push((alpn, client.clone()));
    client
}

/// The protocol version that was agreed on.
pub fn version(stream: &TlsStream<TcpStream>) -> Option<&'static str> {
    match stream.get_ref().1.protocol_version() {
        Some(ProtocolVersion::TLSv1_3) => Some("TLS 1.3"),
        Some(ProtocolVersion::TLSv1_2) => Some("TLS 1.2"),
        _ => None,
    }
}

/// Whether the application protocol that was agreed on is `protocol`.
pub fn agreed_on(stream: &TlsStream<TcpStream>, protocol: &[u8]) -> bool {
    stream.get_ref().1.alpn_protocol() == Some(protocol)
}

/// The TLS error inside an input/output error, where there is one.
pub fn fault_in(error: &io::Error) -> Option<Fault> {
    let inner = error.get_ref()?.downcast_ref::<Error>()?;
    Some(Fault::new(FailureKind::Tls, describe(inner, None, None)))
}

fn server_name(host: &Host) -> Result<ServerName<'static>, Fault> {
    match host {
        Host::Domain(name) => ServerName::try_from(name.clone()).map_err(|_| {
            Fault::new(
                FailureKind::Tls,
                format!("{name} is not a name that a certificate can be for"),
            )
        }),
        Host::Ipv4(ip) => Ok(ServerName::from(std::net::IpAddr::V4(*ip))),
        Host::Ipv6(ip) => Ok(ServerName::from(std::net::IpAddr::V6(*ip))),
    }
}

fn fault(error: &io::Error, host: &Host, offer: &Offer) -> Fault {
    if let Some(inner) = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()) {
        return Fault::new(FailureKind::Tls, describe(inner, Some(host), Some(offer)));
    }
    let fault = Fault::from(error);
    if fault.kind == FailureKind::Closed {
        Fault::new(fault.kind, "connection closed during the TLS handshake")
    } else if fault.kind == FailureKind::Reset {
        Fault::new(fault.kind, "connection reset during the TLS handshake")
    } else {
        fault
    }
}
