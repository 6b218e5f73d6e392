//! TLS as a client: which issuers are trusted, the handshake, and its failures in words people use.
//!
//! Shared by every kind of probe that runs over TLS. The only home of rustls.

mod certificate;
mod inspection;
mod target;
mod lenient;
pub mod options;

use std::io;
use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::client::Resumption;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::{
    CertificateError, ClientConfig, Error, InvalidMessage, PeerIncompatible, ProtocolVersion, RootCertStore,
};
use url::Host;

use lenient::Lenient;
use options::{Identity, PEM_LIMIT_BYTES};

use super::attempt::Fault;
use crate::file;
use crate::sample::FailureKind;

pub use certificate::{Certificate, End};
pub use inspection::{Inspection, Inspector};
pub use target::{EXPIRES, KIND, Settings, Tls};
pub use tokio_rustls::client::TlsStream;

/// Issuers whose certificates are trusted. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Roots(Arc<RootCertStore>);

impl Roots {
    /// This machine's store (`SSL_CERT_FILE` and `SSL_CERT_DIR` are honoured), or Mozilla's list where it has none, as
    /// in an empty container. Read once; that takes some milliseconds.
    pub fn system() -> Self {
        static SYSTEM: OnceLock<Roots> = OnceLock::new();
        SYSTEM
            .get_or_init(|| {
                let mut store = RootCertStore::empty();
                store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
                if store.is_empty() {
                    store.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
                }
                Self(Arc::new(store))
            })
            .clone()
    }

    /// These issuers and no others; certificates that cannot be read are left out.
    pub fn only(certificates: impl IntoIterator<Item = CertificateDer<'static>>) -> Self {
        let mut store = RootCertStore::empty();
        store.add_parsable_certificates(certificates);
        Self(Arc::new(store))
    }

    /// The issuers in the PEM file at `path`, and no others.
    ///
    /// # Errors
    /// Says why the file cannot be used.
    pub fn from_file(path: &Path) -> Result<Self, String> {
        let unusable =
            |why: &dyn std::fmt::Display| format!("certificates in {} cannot be read: {why}", path.display());
        let pem = file::read(path, PEM_LIMIT_BYTES).map_err(|error| unusable(&error))?;
        let certificates: Vec<_> = CertificateDer::pem_slice_iter(&pem)
            .collect::<Result<_, _>>()
            .map_err(|error| unusable(&error))?;
        let roots = Self::only(certificates);
        if roots.0.is_empty() {
            return Err(unusable(&"it holds none; write a PEM file of the issuers to trust"));
        }
        Ok(roots)
    }
}

/// How much of a peer's certificate must hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Check {
    /// Issuer, dates and name.
    #[default]
    Full,
    /// Issuer and dates, whatever the name.
    Issuer,
    /// Nothing: the connection is encrypted, to whomever.
    Nothing,
}

/// Whose certificates are accepted.
enum Trust {
    /// Of these issuers, for the name asked for.
    Roots(Roots),
    /// Of these issuers, for whatever name.
    Issuers(Roots),
    Anybody,
}

/// Makes TLS connections. Cheap to clone.
#[derive(Clone)]
pub struct Client {
    connector: TlsConnector,
    /// Asked for instead of the host.
    name: Option<ServerName<'static>>,
    /// It accepts any certificate.
    insecure: bool,
}

impl Client {
    /// Trusts `roots` and offers the application protocols `alpn`, most wanted first.
    pub fn new(roots: Roots, alpn: &[&[u8]]) -> Self {
        Self::with(Trust::Roots(roots), None, alpn).expect("only an identity can be refused")
    }

    fn with(trust: Trust, identity: Option<Identity>, alpn: &[&[u8]]) -> Result<Self, Error> {
        let provider = Arc::new(ring::default_provider());
        let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .expect("ring supports the default protocol versions");
        let insecure = matches!(trust, Trust::Anybody);
        let builder = match trust {
            Trust::Roots(roots) => builder.with_root_certificates(roots.0),
            Trust::Issuers(roots) => builder
                .dangerous()
                .with_custom_certificate_verifier(Arc::new(Lenient::of_issuers(roots, provider))),
            Trust::Anybody => builder
                .dangerous()
                .with_custom_certificate_verifier(Arc::new(Lenient::of_anybody(provider))),
        };
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
            name: None,
            insecure,
        })
    }

    /// The same, where less of the peer's certificate must hold.
    pub fn checking(roots: Roots, check: Check) -> Self {
        let trust = match check {
            Check::Full => Trust::Roots(roots),
            Check::Issuer => Trust::Issuers(roots),
            Check::Nothing => Trust::Anybody,
        };
        Self::with(trust, None, &[]).expect("only an identity can be refused")
    }

    pub const fn is_insecure(&self) -> bool {
        self.insecure
    }

    /// Shakes hands as a client of `host`, whose certificate must be valid for that name or address, or for the name
    /// that is asked for instead.
    pub async fn handshake(&self, stream: TcpStream, host: &Host) -> Result<TlsStream<TcpStream>, Fault> {
        let (name, asked) = match &self.name {
            Some(name) => (name.clone(), Host::Domain(name.to_str().into_owned())),
            None => (server_name(host)?, host.clone()),
        };
        let connected = self.connector.connect(name, stream).await;
        connected.map_err(|error| fault(&error, &asked))
    }
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

/// When the peer's certificate ends.
pub fn certificate_ends(stream: &TlsStream<TcpStream>) -> Option<End> {
    let own = stream.get_ref().1.peer_certificates()?.first()?;
    Certificate::read(own).map(|own| own.ends)
}

/// The TLS error inside an input/output error, where there is one.
pub fn fault_in(error: &io::Error) -> Option<Fault> {
    let inner = error.get_ref()?.downcast_ref::<Error>()?;
    Some(Fault::new(FailureKind::Tls, describe(inner, None)))
}

fn server_name(host: &Host) -> Result<ServerName<'static>, Fault> {
    match host {
        Host::Domain(name) => ServerName::try_from(name.clone()).map_err(|_| {
            Fault::new(
                FailureKind::Tls,
                format!("{name} is no name that a certificate can be for"),
            )
        }),
        Host::Ipv4(ip) => Ok(ServerName::from(std::net::IpAddr::V4(*ip))),
        Host::Ipv6(ip) => Ok(ServerName::from(std::net::IpAddr::V6(*ip))),
    }
}

fn fault(error: &io::Error, host: &Host) -> Fault {
    if let Some(inner) = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()) {
        return Fault::new(FailureKind::Tls, describe(inner, Some(host)));
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

fn describe(error: &Error, host: Option<&Host>) -> String {
    match error {
        Error::InvalidCertificate(problem) => certificate(problem, host),
        Error::AlertReceived(alert) => format!("peer broke the handshake off: {}", words(&format!("{alert:?}"))),
        Error::InvalidMessage(InvalidMessage::InvalidContentType) => "peer does not speak TLS".to_owned(),
        Error::InvalidMessage(_) => "peer sent something that is not TLS".to_owned(),
        Error::PeerIncompatible(
            PeerIncompatible::ServerDoesNotSupportTls12Or13 | PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig,
        ) => "peer speaks neither TLS 1.2 nor TLS 1.3".to_owned(),
        other => other.to_string(),
    }
}

fn certificate(problem: &CertificateError, host: Option<&Host>) -> String {
    match problem {
        CertificateError::ExpiredContext { time, not_after } => {
            format!("certificate expired {} ago", span(*not_after, *time))
        }
        CertificateError::NotValidYetContext { time, not_before } => {
            format!("certificate becomes valid in {}", span(*time, *not_before))
        }
        CertificateError::NotValidForNameContext { presented, .. } => wrong_name(presented, host),
        CertificateError::UnknownIssuer => {
            "certificate issued by an unknown authority, or by itself (self-signed)".to_owned()
        }
        CertificateError::Revoked => "certificate is revoked".to_owned(),
        CertificateError::BadEncoding => "certificate cannot be read".to_owned(),
        // The second: the issuer of that name has a key of another sort.
        CertificateError::BadSignature | CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => {
            "certificate is not signed by its issuer".to_owned()
        }
        CertificateError::UnsupportedSignatureAlgorithmContext { .. } => {
            "certificate is signed by an algorithm that is not accepted".to_owned()
        }
        other => format!("certificate does not hold: {other}"),
    }
}

/// `presented` holds each name as `DnsName("…")` or `IpAddress(…)`.
fn wrong_name(presented: &[String], host: Option<&Host>) -> String {
    /// The rest of a long list helps nobody.
    const SHOWN: usize = 3;
    let bare = |name: &String| {
        let inner = name.split_once('(').map_or(name.as_str(), |(_, inner)| inner);
        inner.trim_end_matches(')').trim_matches('"').to_owned()
    };
    let mut names: Vec<_> = presented.iter().take(SHOWN).map(bare).collect();
    if presented.len() > SHOWN {
        names.push("…".to_owned());
    }
    let is_for = if names.is_empty() {
        "no name at all".to_owned()
    } else {
        names.join(", ")
    };
    match host {
        Some(host) => format!("certificate is for {is_for}, not for {host}"),
        None => format!("certificate is for {is_for}"),
    }
}

/// The time between two moments, in its largest unit.
fn span(from: UnixTime, to: UnixTime) -> String {
    let span = Duration::from_secs(to.as_secs().saturating_sub(from.as_secs()));
    let (count, unit) = match span.as_secs() {
        seconds @ 0..60 => (seconds, "second"),
        seconds @ 60..3600 => (seconds / 60, "minute"),
        seconds @ 3600..86_400 => (seconds / 3600, "hour"),
        seconds => (seconds / 86_400, "day"),
    };
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {unit}{plural}")
}

/// `HandshakeFailure` as `handshake failure`.
fn words(name: &str) -> String {
    let mut words = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() && !words.is_empty() && !words.ends_with(|last: char| last.is_ascii_uppercase()) {
            words.push(' ');
        }
        words.push(c.to_ascii_lowercase());
    }
    words
}

#[cfg(test)]
mod tests {
    use tokio_rustls::rustls::AlertDescription;

    use super::*;

    fn check(error: Error, expected: &str) {
        let host = Host::Domain("localhost".to_owned());
        assert_eq!(describe(&error, Some(&host)), expected);
    }

    fn at(days: u64) -> UnixTime {
        UnixTime::since_unix_epoch(Duration::from_secs(days * 86_400))
    }

    #[test]
    fn certificates_that_do_not_hold_say_why() {
        let expired = CertificateError::ExpiredContext {
            time: at(10),
            not_after: at(7),
        };
        check(expired.into(), "certificate expired 3 days ago");
        let early = CertificateError::NotValidYetContext {
            time: at(7),
            not_before: at(8),
        };
        check(early.into(), "certificate becomes valid in 1 day");
        let other = |names: &[&str]| CertificateError::NotValidForNameContext {
            expected: ServerName::try_from("localhost").unwrap(),
            presented: names.iter().map(ToString::to_string).collect(),
        };
        check(
            other(&["DnsName(\"other.example\")"]).into(),
            "certificate is for other.example, not for localhost",
        );
        check(
            other(&[]).into(),
            "certificate is for no name at all, not for localhost",
        );
        check(
            other(&["a(1)", "b", "c", "d"]).into(),
            "certificate is for 1, b, c, …, not for localhost",
        );
        let another_key = CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext {
            signature_algorithm_id: vec![],
            public_key_algorithm_id: vec![],
        };
        check(another_key.into(), "certificate is not signed by its issuer");
        check(
            CertificateError::UnknownIssuer.into(),
            "certificate issued by an unknown authority, or by itself (self-signed)",
        );
    }

    #[test]
    fn a_peer_that_breaks_off_is_quoted() {
        check(
            Error::AlertReceived(AlertDescription::HandshakeFailure),
            "peer broke the handshake off: handshake failure",
        );
        check(
            Error::InvalidMessage(InvalidMessage::InvalidContentType),
            "peer does not speak TLS",
        );
    }

    #[test]
    fn spans_are_told_in_their_largest_unit() {
        let check = |seconds, expected| {
            let to = UnixTime::since_unix_epoch(Duration::from_secs(seconds));
            assert_eq!(span(at(0), to), expected);
        };
        check(1, "1 second");
        check(119, "1 minute");
        check(7200, "2 hours");
        check(86_400 * 3 + 5, "3 days");
    }
}
