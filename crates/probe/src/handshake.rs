//! What goes wrong in a TLS handshake, in words people use, and whose doing it was.
//!
//! Takes the library's errors, whose own words are names of its types. Shared by what is probed and by what is told.

use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::time::Duration;

use probetop_core::sample::Text;
use tokio_rustls::rustls::pki_types::UnixTime;
use tokio_rustls::rustls::{
    AlertDescription, CertificateError, Error, InconsistentKeys, InvalidMessage, OtherError, PeerIncompatible,
};
use url::Host;

/// An issuer's certificate that does not hold on that date.
#[derive(Debug)]
pub struct OfIssuer {
    pub issuer: Text,
    pub problem: CertificateError,
}

impl fmt::Display for OfIssuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the certificate of {}", self.issuer)
    }
}

impl StdError for OfIssuer {}

/// What we bring to a handshake: much of what peers refuse is our own choice.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Offer {
    protocols: String,
    identity: bool,
}

impl Offer {
    pub fn new(alpn: &[&[u8]], identity: bool) -> Self {
        let protocols: Vec<_> = alpn.iter().map(|name| String::from_utf8_lossy(name)).collect();
        Self {
            protocols: protocols.join(", "),
            identity,
        }
    }
}

/// Of `error`, where TLS is what it is about or what is below it.
pub fn told(error: &(dyn StdError + 'static)) -> Option<String> {
    let mut causes = std::iter::successors(Some(error), |cause| (*cause).source());
    causes.find_map(|cause| {
        let carried = cause.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        let carried = carried.and_then(|inner| inner.downcast_ref::<Error>());
        let found = cause.downcast_ref::<Error>().or(carried)?;
        Some(describe(found, None, None))
    })
}

/// Of `error` in a handshake with `host`, to which we brought `offer`; both are `None` afterwards.
pub fn describe(error: &Error, host: Option<&Host>, offer: Option<&Offer>) -> String {
    match error {
        Error::InvalidCertificate(problem) => certificate(problem, host),
        Error::AlertReceived(description) => alert(*description, host, offer),
        Error::InvalidMessage(InvalidMessage::InvalidContentType) => "peer does not speak TLS".to_owned(),
        Error::InvalidMessage(_) => "peer sent something that is not TLS".to_owned(),
        Error::PeerIncompatible(
            PeerIncompatible::ServerDoesNotSupportTls12Or13 | PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig,
        ) => NO_VERSION.to_owned(),
        Error::PeerIncompatible(why) => {
            format!("probetop and the peer have too little of TLS in common: {}", words(why))
        }
        Error::PeerMisbehaved(why) => format!("peer breaks the rules of TLS: {}", words(why)),
        Error::InappropriateMessage { .. } | Error::InappropriateHandshakeMessage { .. } => {
            "peer sent a message of TLS out of turn".to_owned()
        }
        Error::NoCertificatesPresented => "peer shows no certificate".to_owned(),
        Error::DecryptError => "peer sent something that cannot be decrypted".to_owned(),
        Error::PeerSentOversizedRecord => "peer sent a record of TLS that is too long".to_owned(),
        Error::InconsistentKeys(InconsistentKeys::KeyMismatch) => "the key belongs to another certificate".to_owned(),
        Error::General(why) => why.clone(),
        other => words(other),
    }
}

const NO_VERSION: &str = "peer speaks neither TLS 1.2 nor TLS 1.3, and probetop no older one";

/// Why the peer broke the handshake off, as far as its one word tells.
fn alert(alert: AlertDescription, host: Option<&Host>, offer: Option<&Offer>) -> String {
    let said = words(&alert);
    let identity = offer.is_some_and(|offer| offer.identity);
    match alert {
        AlertDescription::ProtocolVersion => format!("{NO_VERSION}: {said}"),
        AlertDescription::CertificateRequired if !identity => {
            "peer wants a client certificate; set client_certificate where the target's kind has it".to_owned()
        }
        AlertDescription::CertificateRequired
        | AlertDescription::BadCertificate
        | AlertDescription::UnsupportedCertificate
        | AlertDescription::CertificateRevoked
        | AlertDescription::CertificateExpired
        | AlertDescription::CertificateUnknown
        | AlertDescription::UnknownCA
        | AlertDescription::AccessDenied => {
            // It cannot be about the peer's own certificate, which we would refuse, and not the peer.
            let ours = if identity {
                "our client certificate"
            } else {
                "that we show no client certificate"
            };
            format!("peer does not accept {ours}: {said}")
        }
        AlertDescription::UnrecognisedName => match host {
            Some(host) => format!("peer does not know the name that it is asked for, {host}"),
            None => "peer does not know the name that it is asked for".to_owned(),
        },
        AlertDescription::NoApplicationProtocol => match offer {
            Some(Offer { protocols, .. }) => format!("peer supports none of the offered protocols: {protocols}"),
            None => "peer supports none of the offered protocols".to_owned(),
        },
        AlertDescription::HandshakeFailure | AlertDescription::InsufficientSecurity => {
            let shown = if identity { "" } else { ", no client certificate" };
            format!(
                "peer broke the handshake off: {said}; what probetop offers does not suit it: TLS 1.2 and 1.3, \
                 ECDHE with AES-GCM or ChaCha20{shown}"
            )
        }
        _ => format!("peer broke the handshake off: {said}"),
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
        CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => {
            "certificate is not meant for servers (extended key usage)".to_owned()
        }
        CertificateError::UnhandledCriticalExtension => {
            "certificate has a critical extension that is not known here".to_owned()
        }
        CertificateError::Other(other) => uncommon(other, host),
        other => format!("certificate does not hold: {}", words(other)),
    }
}

/// What the library has no words of its own for: it passes on what checks certificates below it.
fn uncommon(other: &OtherError, host: Option<&Host>) -> String {
    if let Some(OfIssuer { issuer, problem }) = other.0.downcast_ref() {
        return match certificate(problem, host).strip_prefix("certificate ") {
            Some(what) => format!("certificate of the issuer {issuer} {what}"),
            None => format!("certificate of the issuer {issuer} does not hold"),
        };
    }
    match other.0.to_string().as_str() {
        "CaUsedAsEndEntity" => {
            "certificate is an authority's, and not one of those that are trusted; name that very one in `ca`"
                .to_owned()
        }
        "UnsupportedCertVersion" => "certificate is of version 1 of X.509; only version 3 is accepted".to_owned(),
        other => format!("certificate does not hold: {}", words(&other)),
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
        // RFC 9110, 4.3.5: an address stands there as one.
        Some(host @ (Host::Ipv4(_) | Host::Ipv6(_))) if has_as_name(presented, host) => format!(
            "certificate is for {host} as a name, not as an address; have it issued with an IP address as its \
             alternative name"
        ),
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

/// A name of the library as words: `HandshakeFailure` as `handshake failure`.
fn words(name: &impl fmt::Debug) -> String {
    let name = format!("{name:?}");
    let mut words = String::new();
    for c in name.chars() {
        let begins = c.is_ascii_uppercase() && !words.ends_with(|last: char| last.is_ascii_uppercase());
        let parts = !c.is_ascii_alphanumeric() || begins;
        if parts && !words.is_empty() && !words.ends_with(' ') {
            words.push(' ');
        }
        if c.is_ascii_alphanumeric() {
            words.push(c);
        }
    }
    words.trim_end().to_ascii_lowercase()
}

/// Whether an address stands among the names.
fn has_as_name(presented: &[String], address: &Host) -> bool {
    let address = address.to_string();
    let address = address.trim_matches(['[', ']']);
    presented
        .iter()
        .any(|name| name.starts_with("DnsName(") && name.contains(&format!("\"{address}\"")))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tokio_rustls::rustls::pki_types::ServerName;

    use super::*;

    fn check(error: Error, expected: &str) {
        let host = Host::Domain("localhost".to_owned());
        assert_eq!(describe(&error, Some(&host), Some(&Offer::default())), expected);
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
        let as_name = CertificateError::NotValidForNameContext {
            expected: ServerName::try_from("127.0.0.1").unwrap(),
            presented: vec!["DnsName(\"127.0.0.1\")".to_owned()],
        };
        assert_eq!(
            describe(&as_name.into(), Some(&Host::parse("127.0.0.1").unwrap()), None),
            "certificate is for 127.0.0.1 as a name, not as an address; have it issued with an IP address as its \
             alternative name"
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
    fn what_the_library_has_no_words_for_is_told_without_its_names() {
        let other = |name: &'static str| {
            let inner: Box<dyn StdError + Send + Sync> = name.into();
            CertificateError::Other(OtherError(Arc::from(inner)))
        };
        check(
            other("CaUsedAsEndEntity").into(),
            "certificate is an authority's, and not one of those that are trusted; name that very one in `ca`",
        );
        check(
            other("PathLenConstraintViolated").into(),
            "certificate does not hold: path len constraint violated",
        );
        let below = io::Error::new(io::ErrorKind::InvalidData, Error::from(CertificateError::Revoked));
        assert_eq!(told(&below).as_deref(), Some("certificate is revoked"));
        assert_eq!(told(&io::Error::from(io::ErrorKind::NotFound)), None);
    }

    #[test]
    fn a_peer_that_breaks_off_is_quoted() {
        check(
            Error::AlertReceived(AlertDescription::UserCanceled),
            "peer broke the handshake off: user canceled",
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
