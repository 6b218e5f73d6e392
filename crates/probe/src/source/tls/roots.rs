//! Whose certificates are trusted: authorities, and single certificates that were named themselves.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use probetop_core::sample::Text;
use tokio_rustls::rustls::client::verify_server_cert_signed_by_trust_anchor;
use tokio_rustls::rustls::crypto::WebPkiSupportedAlgorithms;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, UnixTime};
use tokio_rustls::rustls::server::ParsedCertificate;
use tokio_rustls::rustls::{Error, RootCertStore};

use super::certificate::{Certificate, End};
use super::options::PEM_LIMIT_BYTES;
use crate::file;

/// Certificates that are trusted, as authorities and in their own right. Cheap to clone.
#[derive(Clone)]
pub struct Roots(Arc<Trusted>);

struct Trusted {
    store: RootCertStore,
    /// As they were named: a peer that shows one of them needs no issuer.
    named: HashSet<CertificateDer<'static>>,
    anchors: HashMap<Vec<u8>, Option<Anchor>>,
}

/// An authority whose own certificate is at hand.
#[derive(Clone, Debug)]
pub struct Anchor {
    pub name: Text,
    pub ends: End,
}

impl Roots {
    /// This machine's store (`SSL_CERT_FILE` and `SSL_CERT_DIR` are honoured), or Mozilla's list where it has none, as
    /// in an empty container. Read once; that takes some milliseconds.
    pub fn system() -> Self {
        static SYSTEM: OnceLock<Roots> = OnceLock::new();
        SYSTEM
            .get_or_init(|| {
                let own = Self::only(rustls_native_certs::load_native_certs().certs);
                if own.is_empty() { Self::mozilla() } else { own }
            })
            .clone()
    }

    /// These certificates and no others; those that cannot be read are left out.
    pub fn only(certificates: impl IntoIterator<Item = CertificateDer<'static>>) -> Self {
        let named: HashSet<_> = certificates.into_iter().collect();
        let mut store = RootCertStore::empty();
        store.add_parsable_certificates(named.iter().cloned());
        let mut anchors: HashMap<Vec<u8>, Option<Anchor>> = HashMap::new();
        for read in named.iter().filter_map(|der| Certificate::read(der)) {
            let (name, ends) = (read.subject, read.ends);
            // Of several certificates of one authority, the one that lasts longest decides.
            let known = anchors.entry(read.subject_name).or_default();
            if known.as_ref().is_none_or(|known| known.ends < ends) {
                *known = Some(Anchor { name, ends });
            }
        }
        Self(Arc::new(Trusted { store, named, anchors }))
    }

    /// Names and keys, without the certificates: nothing is known of their ends.
    fn mozilla() -> Self {
        let mut store = RootCertStore::empty();
        store.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        let names = store.roots.iter().map(|root| (root.subject.to_vec(), None));
        Self(Arc::new(Trusted {
            anchors: names.collect(),
            named: HashSet::new(),
            store,
        }))
    }

    /// The certificates in the PEM file at `path`, and no others.
    ///
    /// # Errors
    /// Says why the file cannot be used.
    pub fn from_file(path: &Path) -> Result<Self, String> {
        let unusable = |why: &dyn fmt::Display| format!("certificates in {} cannot be read: {why}", path.display());
        let pem = file::read(path, PEM_LIMIT_BYTES).map_err(|error| unusable(&error))?;
        let certificates: Vec<_> = CertificateDer::pem_slice_iter(&pem)
            .collect::<Result<_, _>>()
            .map_err(|error| unusable(&error))?;
        let roots = Self::only(certificates);
        if roots.is_empty() {
            return Err(unusable(&"it holds none; write a PEM file of the issuers to trust"));
        }
        Ok(roots)
    }

    fn is_empty(&self) -> bool {
        self.0.store.is_empty()
    }

    /// Whether that very certificate was named.
    pub fn name(&self, certificate: &CertificateDer<'_>) -> bool {
        let named: &HashSet<CertificateDer<'_>> = &self.0.named;
        named.contains(certificate)
    }

    /// What is known of the authority of this name, where it is one of these.
    pub fn anchor(&self, name: &[u8]) -> Option<Option<&Anchor>> {
        self.0.anchors.get(name).map(Option::as_ref)
    }

    /// Whether `own` holds on the date `now`: it was named itself, as every tool takes the file it is given, or one of
    /// these authorities issued it, over `intermediates`. For which name it is, is another question.
    ///
    /// # Errors
    /// Why it does not.
    pub fn verify(
        &self,
        own: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
        algorithms: WebPkiSupportedAlgorithms,
    ) -> Result<(), Error> {
        if self.name(own) {
            return match Certificate::read(own) {
                Some(read) => read.holds(now),
                None => Err(tokio_rustls::rustls::CertificateError::BadEncoding.into()),
            };
        }
        let parsed = ParsedCertificate::try_from(own)?;
        verify_server_cert_signed_by_trust_anchor(&parsed, &self.0.store, intermediates, now, algorithms.all)
    }
}

impl fmt::Debug for Roots {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Roots({})", self.0.store.len())
    }
}
