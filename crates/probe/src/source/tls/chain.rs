//! The certificates between a peer and whom we trust: which of them ends first.
//!
//! A certificate that lasts for months is worth nothing once its issuer's has ended.

use std::time::SystemTime;

use probetop_core::sample::{Fact, Gauge, Text};
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::{CertificateError, Error, OtherError};

use super::certificate::{Certificate, End};
use super::roots::Roots;
use crate::handshake::OfIssuer;

/// A longer way to an authority is not looked along; real ones have two or three certificates.
const CHAIN_LIMIT: usize = 10;

/// The certificates of a peer, as far as they lead to somebody we trust.
#[derive(Clone, Debug, PartialEq)]
pub struct Chain {
    /// The end of the peer's own certificate.
    pub own: End,
    /// The issuer whose certificate ends before that.
    pub sooner: Option<(Text, End)>,
}

impl Chain {
    /// What the peer `presented`, its own certificate first. `None`: that one cannot be read.
    ///
    /// Issuers are found by name, from the peer's own certificate upwards, until one is among `roots`: peers also send
    /// certificates that nobody needs, such as those by which older clients know an authority, and their ends tell
    /// nothing. Where several certificates have one name, the chain lasts as long as the longest of them.
    pub fn of(presented: &[CertificateDer<'_>], roots: &Roots) -> Option<Self> {
        let (own, others) = presented.split_first()?;
        let leaf = Certificate::read(own)?;
        let mut chain = Self {
            own: leaf.ends,
            sooner: None,
        };
        if roots.name(own) {
            return Some(chain);
        }
        let others: Vec<_> = others
            .iter()
            .take(CHAIN_LIMIT)
            .filter_map(|der| Certificate::read(der))
            .collect();
        let mut below = &leaf;
        for _ in 0..CHAIN_LIMIT {
            if let Some(anchor) = roots.anchor(&below.issuer_name) {
                if let Some(anchor) = anchor {
                    chain.consider(&anchor.name, anchor.ends);
                }
                break;
            }
            let issuers = others.iter().filter(|other| other.subject_name == below.issuer_name);
            let Some(issuer) = issuers
                .max_by_key(|issuer| issuer.ends)
                .filter(|_| !below.signed_by_itself)
            else {
                break;
            };
            chain.consider(&issuer.subject, issuer.ends);
            below = issuer;
        }
        Some(chain)
    }

    fn consider(&mut self, name: &Text, ends: End) {
        if ends < self.ends() {
            self.sooner = Some((name.clone(), ends));
        }
    }

    /// When the first of them ends, and with it all of them.
    pub fn ends(&self) -> End {
        self.sooner.as_ref().map_or(self.own, |(_, ends)| *ends)
    }

    /// Days from `wall` until then.
    pub fn gauge(&self, wall: SystemTime) -> Gauge {
        self.ends().gauge(wall)
    }

    /// Whose certificate that is, where it is not the peer's own.
    pub fn fact(&self) -> Option<Fact> {
        let (name, ends) = self.sooner.as_ref()?;
        let date = ends.date().unwrap_or_else(|| Text::clean("a date that cannot be told"));
        Some(Fact {
            name: "certificate_ends_first".into(),
            value: Text::from(format!("that of the issuer {name}, {date}")),
        })
    }
}

/// The same error with the issuer it is about, where it is not about the peer's own certificate.
pub(super) fn with_issuer(error: Error, presented: &[CertificateDer<'_>]) -> Error {
    let Error::InvalidCertificate(problem) = error else {
        return error;
    };
    let date = match &problem {
        CertificateError::ExpiredContext { not_after, .. } => not_after.as_secs(),
        CertificateError::NotValidYetContext { not_before, .. } => not_before.as_secs(),
        _ => return problem.into(),
    };
    let mut read = presented
        .iter()
        .take(CHAIN_LIMIT)
        .filter_map(|der| Certificate::read(der));
    let is_of = |one: &Certificate| one.ends.is_at(date) || one.begins.is_at(date);
    if read.next().is_none_or(|own| is_of(&own)) {
        return problem.into();
    }
    match read.find(is_of) {
        Some(issuer) => CertificateError::Other(OtherError(std::sync::Arc::new(OfIssuer {
            issuer: issuer.subject,
            problem,
        })))
        .into(),
        None => problem.into(),
    }
}

#[cfg(test)]
mod tests {
    use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd};

    use super::*;

    type Authority = CertifiedIssuer<'static, KeyPair>;

    fn params(name: &str, year: i32, is_ca: bool) -> CertificateParams {
        let mut params = CertificateParams::new(["shop.example".to_owned()]).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        params.not_after = date_time_ymd(year, 1, 1);
        if is_ca {
            params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        }
        params
    }

    fn root(name: &str, year: i32) -> Authority {
        CertifiedIssuer::self_signed(params(name, year, true), KeyPair::generate().unwrap()).unwrap()
    }

    fn between(name: &str, year: i32, by: &Authority) -> Authority {
        CertifiedIssuer::signed_by(params(name, year, true), KeyPair::generate().unwrap(), by).unwrap()
    }

    fn leaf(year: i32, by: &Authority) -> CertificateDer<'static> {
        let signed = params("shop", year, false).signed_by(&KeyPair::generate().unwrap(), by);
        signed.unwrap().der().clone()
    }

    fn check(presented: &[&CertificateDer<'static>], roots: &[&Authority], year: &str, sooner: Option<&str>) {
        let presented: Vec<_> = presented.iter().map(|der| (*der).clone()).collect();
        let roots = Roots::only(roots.iter().map(|root| root.der().clone()));
        let chain = Chain::of(&presented, &roots).unwrap();
        assert_eq!(&chain.ends().date().unwrap().as_str()[..4], year);
        assert_eq!(chain.sooner.as_ref().map(|(name, _)| name.as_str()), sooner);
    }

    #[test]
    fn the_first_certificate_of_the_chain_to_end_decides() {
        let top = root("Top", 2040);
        let middle = between("Middle", 2031, &top);
        check(&[&leaf(2030, &middle), middle.der()], &[&top], "2030", None);
        check(&[&leaf(2033, &middle), middle.der()], &[&top], "2031", Some("Middle"));
        check(&[&leaf(2033, &top)], &[&root("Top", 2032)], "2032", Some("Top"));
        // Nobody we know: what the peer showed is all there is.
        check(&[&leaf(2033, &middle), middle.der()], &[], "2031", Some("Middle"));
        check(&[&leaf(2033, &middle)], &[], "2033", None);
        check(&[top.der()], &[&top], "2040", None);
    }

    #[test]
    fn certificates_that_nobody_needs_decide_nothing() {
        let (top, old) = (root("Top", 2040), root("Old", 2021));
        let middle = between("Middle", 2035, &top);
        // The authority again, as clients knew it that trust an older one.
        let crossed = between("Top", 2022, &old);
        let leaf = leaf(2030, &middle);
        check(&[&leaf, middle.der(), crossed.der(), old.der()], &[&top], "2030", None);
        check(
            &[&leaf, middle.der(), crossed.der(), old.der()],
            &[&old],
            "2021",
            Some("Old"),
        );
        let shorter = between("Middle", 2029, &top);
        check(&[&leaf, shorter.der(), middle.der()], &[&top], "2030", None);
    }
}
