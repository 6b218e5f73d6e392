//! The one judge of certificates during a handshake.

use std::sync::Arc;

use tokio_rustls::rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use tokio_rustls::rustls::client::verify_server_name;
use tokio_rustls::rustls::crypto::{
    CryptoProvider, WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature,
};
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::server::ParsedCertificate;
use tokio_rustls::rustls::{DigitallySignedStruct, Error, SignatureScheme};

use super::chain;
use super::roots::Roots;

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

/// Checks as much of a certificate as a target wants; and always that the peer has the key of the one it shows.
#[derive(Debug)]
pub(super) struct Verifier {
    roots: Roots,
    check: Check,
    algorithms: WebPkiSupportedAlgorithms,
}

impl Verifier {
    pub(super) fn new(roots: Roots, check: Check, provider: &Arc<CryptoProvider>) -> Self {
        Self {
            roots,
            check,
            algorithms: provider.signature_verification_algorithms,
        }
    }

    /// The same verdict outside a handshake: `presented` is the peer's own certificate, its issuers behind it.
    ///
    /// # Errors
    /// Why it does not hold.
    pub(super) fn verify(
        &self,
        presented: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        now: UnixTime,
    ) -> Result<(), Error> {
        let (own, intermediates) = presented.split_first().ok_or(Error::NoCertificatesPresented)?;
        if self.check == Check::Nothing {
            return Ok(());
        }
        let verified = self.roots.verify(own, intermediates, now, self.algorithms);
        verified.map_err(|error| chain::with_issuer(error, presented))?;
        match self.check {
            Check::Full => verify_server_name(&ParsedCertificate::try_from(own)?, name),
            Check::Issuer | Check::Nothing => Ok(()),
        }
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        own: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let mut presented = Vec::with_capacity(1 + intermediates.len());
        presented.push(own.clone());
        presented.extend(intermediates.iter().cloned());
        self.verify(&presented, name, now)?;
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signed, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}
