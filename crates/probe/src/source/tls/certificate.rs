//! What a certificate says of itself. The only home of the X.509 parser.

use std::net::IpAddr;
use std::sync::LazyLock;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use probetop_core::sample::{Gauge, GaugeName, Text};
use tokio_rustls::rustls::pki_types::UnixTime;
use tokio_rustls::rustls::{CertificateError, Error};
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::FromDer;
use x509_parser::x509::X509Name;

use super::EXPIRES;

/// The rest of a long list of names helps nobody; the count of all is told.
const NAMES_SHOWN: usize = 8;

const DAY_S: f64 = 86_400.0;

/// The parts of a certificate that people ask for.
#[derive(Clone, Debug, PartialEq)]
pub struct Certificate {
    pub subject: Text,
    pub issuer: Text,
    /// The names and addresses it is for.
    pub names: Text,
    /// Hexadecimal, as authorities print it.
    pub serial: Text,
    pub begins: End,
    pub ends: End,
    pub signed_by_itself: bool,
    /// By which it is found as somebody's issuer.
    pub subject_name: Vec<u8>,
    pub issuer_name: Vec<u8>,
    for_servers: bool,
}

impl Certificate {
    /// `None`: these bytes are no certificate.
    pub fn read(der: &[u8]) -> Option<Self> {
        let (_, certificate) = X509Certificate::from_der(der).ok()?;
        Some(Self {
            subject: distinguished(certificate.subject()),
            issuer: distinguished(certificate.issuer()),
            names: names(&certificate),
            serial: Text::from(certificate.raw_serial_as_string()),
            begins: End(certificate.validity().not_before.timestamp()),
            ends: End(certificate.validity().not_after.timestamp()),
            signed_by_itself: certificate.subject().as_raw() == certificate.issuer().as_raw(),
            subject_name: contents(certificate.subject()).to_vec(),
            issuer_name: contents(certificate.issuer()).to_vec(),
            for_servers: is_for_servers(&certificate),
        })
    }

    /// Whether it may be used by a server on the date `now`.
    ///
    /// # Errors
    /// Why it may not.
    pub fn holds(&self, now: UnixTime) -> Result<(), Error> {
        let at = i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
        let moment = |End(seconds): End| UnixTime::since_unix_epoch(Duration::from_secs(seconds.max(0).unsigned_abs()));
        let problem = if at < self.begins.0 {
            CertificateError::NotValidYetContext {
                time: now,
                not_before: moment(self.begins),
            }
        } else if at > self.ends.0 {
            CertificateError::ExpiredContext {
                time: now,
                not_after: moment(self.ends),
            }
        } else if !self.for_servers {
            CertificateError::InvalidPurpose
        } else {
            return Ok(());
        };
        Err(problem.into())
    }
}

/// The last second a certificate is valid in, since the Unix epoch; also the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct End(i64);

impl End {
    /// Days from `wall` until then, as the gauge [`EXPIRES`].
    pub fn gauge(self, wall: SystemTime) -> Gauge {
        static NAME: LazyLock<GaugeName> = LazyLock::new(|| EXPIRES.name.into());
        Gauge::new(NAME.clone(), self.days(wall))
    }

    /// Whether that is `seconds` after the Unix epoch.
    pub fn is_at(self, seconds: u64) -> bool {
        i64::try_from(seconds) == Ok(self.0)
    }

    /// Negative: it is over.
    fn days(self, wall: SystemTime) -> f64 {
        let now_s = match wall.duration_since(UNIX_EPOCH) {
            Ok(since) => since.as_secs_f64(),
            Err(before) => -before.duration().as_secs_f64(),
        };
        (self.0 as f64 - now_s) / DAY_S
    }

    /// As `2027-02-01T12:00:00Z`.
    pub fn date(self) -> Option<Text> {
        // The formatter knows no year beyond 9999, which is what certificates without an end say (RFC 5280, 4.1.2.5).
        const YEAR_10000_S: u64 = 253_402_300_800;
        let since = u64::try_from(self.0).ok().filter(|since| *since < YEAR_10000_S)?;
        let date = UNIX_EPOCH + Duration::from_secs(since);
        Some(Text::from(humantime::format_rfc3339_seconds(date).to_string()))
    }
}

/// A name without the head that says how long it is, as lists of authorities keep it.
fn contents<'a>(name: &'a X509Name<'_>) -> &'a [u8] {
    let raw = name.as_raw();
    // X.690, 8.1.3: one byte of length, or one that says how many follow.
    let head = match raw.get(1) {
        Some(length) if length & 0x80 != 0 => 2 + usize::from(length & 0x7f),
        _ => 2,
    };
    raw.get(head..).unwrap_or_default()
}

/// RFC 5280, 4.2.1.12: what says nothing may be used for all.
fn is_for_servers(certificate: &X509Certificate<'_>) -> bool {
    match certificate.extended_key_usage() {
        Ok(Some(usage)) => usage.value.any || usage.value.server_auth,
        Ok(None) | Err(_) => true,
    }
}

/// The common name, or all of the name where there is none.
fn distinguished(name: &X509Name<'_>) -> Text {
    let common = name.iter_common_name().find_map(|attribute| attribute.as_str().ok());
    let organization = name.iter_organization().find_map(|attribute| attribute.as_str().ok());
    match (common, organization) {
        (Some(common), Some(organization)) => Text::from(format!("{common} ({organization})")),
        (Some(one), None) | (None, Some(one)) => Text::clean(one),
        (None, None) => Text::from(name.to_string()),
    }
}

fn names(certificate: &X509Certificate<'_>) -> Text {
    let Ok(Some(extension)) = certificate.subject_alternative_name() else {
        return Text::clean("");
    };
    let all = &extension.value.general_names;
    let mut shown: Vec<_> = all.iter().filter_map(general_name).take(NAMES_SHOWN).collect();
    if all.len() > shown.len() {
        shown.push(format!("… ({} in all)", all.len()));
    }
    Text::from(shown.join(", "))
}

fn general_name(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::DNSName(name) | GeneralName::RFC822Name(name) | GeneralName::URI(name) => Some((*name).to_owned()),
        GeneralName::IPAddress(bytes) => {
            let v4 = <[u8; 4]>::try_from(*bytes).map(IpAddr::from);
            let ip = v4.or_else(|_| <[u8; 16]>::try_from(*bytes).map(IpAddr::from));
            ip.ok().map(|ip| ip.to_string())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rcgen::{CertificateParams, DnType, KeyPair, SanType, date_time_ymd};

    use super::*;

    fn certificate(change: impl FnOnce(&mut CertificateParams)) -> Vec<u8> {
        let mut params = CertificateParams::new(["shop.example".to_owned()]).unwrap();
        params.not_after = date_time_ymd(2030, 1, 2);
        change(&mut params);
        params
            .self_signed(&KeyPair::generate().unwrap())
            .unwrap()
            .der()
            .to_vec()
    }

    fn check_names(names: Vec<SanType>, expected: &str) {
        let der = certificate(|params| params.subject_alt_names = names);
        assert_eq!(Certificate::read(&der).unwrap().names.as_str(), expected);
    }

    #[test]
    fn a_certificate_tells_names_issuer_and_end() {
        let der = certificate(|params| {
            params.distinguished_name.push(DnType::CommonName, "shop\u{1b}[31m");
            params.distinguished_name.push(DnType::OrganizationName, "Shops");
            params.serial_number = Some(vec![0x0a, 0xff].into());
        });
        let read = Certificate::read(&der).unwrap();
        assert_eq!(read.subject.as_str(), "shop[31m (Shops)");
        assert_eq!(read.issuer, read.subject);
        assert!(read.signed_by_itself);
        assert_eq!(read.names.as_str(), "shop.example");
        assert_eq!(read.serial.as_str(), "0a:ff");
        assert_eq!(read.ends.date().unwrap().as_str(), "2030-01-02T00:00:00Z");
    }

    #[test]
    fn names_and_addresses_are_listed_and_long_lists_cut() {
        let name = |name: &str| SanType::DnsName(name.try_into().unwrap());
        check_names(vec![], "");
        check_names(
            vec![name("*.example"), SanType::IpAddress([127, 0, 0, 1].into())],
            "*.example, 127.0.0.1",
        );
        check_names(vec![SanType::IpAddress(std::net::Ipv6Addr::LOCALHOST.into())], "::1");
        check_names(vec![name("a"); 100], "a, a, a, a, a, a, a, a, … (100 in all)");
    }

    #[test]
    fn days_count_down_to_the_end_and_below_zero() {
        let ends = Certificate::read(&certificate(|_| {})).unwrap().ends;
        let end = UNIX_EPOCH + Duration::from_secs(1_893_542_400);
        assert_eq!(ends.days(end), 0.0);
        assert_eq!(ends.days(end - Duration::from_secs(86_400 * 30)), 30.0);
        assert_eq!(ends.days(end + Duration::from_secs(43_200)), -0.5);
        assert_eq!(ends.gauge(end).name.as_str(), EXPIRES.name);
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_parser_panic(
            at in any::<prop::sample::Index>(), byte in any::<u8>(), end in any::<prop::sample::Index>()
        ) {
            let mut der = certificate(|_| {});
            let at = at.index(der.len());
            der[at] = byte;
            let _ = Certificate::read(&der);
            let _ = Certificate::read(&der[..end.index(der.len())]);
        }
    }
}
