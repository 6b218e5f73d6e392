//! A handshake that is finished before the certificate is judged, so that a bad one can still be looked at.
//!
//! Nothing may be sent over such a connection: whom it leads to is known only afterwards.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use futures_util::FutureExt;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use tokio_rustls::rustls::client::{Resumption, verify_server_cert_signed_by_trust_anchor, verify_server_name};
use tokio_rustls::rustls::crypto::{
    CryptoProvider, WebPkiSupportedAlgorithms, ring, verify_tls12_signature, verify_tls13_signature,
};
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::server::ParsedCertificate;
use tokio_rustls::rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
};
use url::Host;

use super::certificate::Certificate;
use super::{Roots, TlsStream, describe, fault, server_name, version};
use crate::sample::{FailureKind, Text};
use crate::source::attempt::Fault;

/// Shakes hands with whoever answers, and then says what to think of it. Cheap to clone.
#[derive(Clone)]
pub struct Inspector {
    connector: TlsConnector,
    roots: Arc<RootCertStore>,
    algorithms: WebPkiSupportedAlgorithms,
}

/// What a handshake told.
#[derive(Debug)]
pub struct Inspection {
    pub version: Option<&'static str>,
    pub cipher: Option<Text>,
    /// The application protocol that was agreed on.
    pub alpn: Option<Text>,
    /// Certificates the peer sent, its own included.
    pub chain_length: usize,
    /// The peer's own; `None` where it cannot be read.
    pub certificate: Option<Certificate>,
    /// Why the peer is not to be trusted.
    pub verdict: Result<(), Fault>,
}

impl Inspector {
    /// Trusts `roots` and offers the application protocols `alpn`, most wanted first.
    pub fn new(roots: Roots, alpn: &[&[u8]]) -> Self {
        let provider: Arc<CryptoProvider> = ring::default_provider().into();
        let algorithms = provider.signature_verification_algorithms;
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("ring supports the default protocol versions")
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(JudgedLater(algorithms)))
            .with_no_client_auth();
        config.alpn_protocols = alpn.iter().map(|protocol| protocol.to_vec()).collect();
        config.resumption = Resumption::disabled();
        Self {
            connector: TlsConnector::from(Arc::new(config)),
            roots: roots.0,
            algorithms,
        }
    }

    /// Shakes hands as a client of `host`, and judges its certificate by the date `wall`.
    pub async fn inspect(&self, stream: TcpStream, host: &Host, wall: SystemTime) -> Result<Inspection, Fault> {
        let name = server_name(host)?;
        let connected = self.connector.connect(name.clone(), stream).await;
        let mut stream = connected.map_err(|error| fault(&error, host))?;
        let inspection = self.judge(&stream, host, &name, wall);
        // Says goodbye as far as that takes no time: a peer that listens need not log a connection that was lost.
        let _ = stream.shutdown().now_or_never();
        Ok(inspection)
    }

    fn judge(&self, stream: &TlsStream<TcpStream>, host: &Host, name: &ServerName<'_>, wall: SystemTime) -> Inspection {
        let connection = &stream.get_ref().1;
        let chain = connection.peer_certificates().unwrap_or_default();
        let certificate = chain.first().and_then(|own| Certificate::read(own));
        let verdict = self.verify(chain, name, wall).map_err(|error| {
            let message = match (&error, &certificate) {
                (Error::InvalidCertificate(problem), Some(own)) if is_of_issuer(problem, own) => unknown_issuer(own),
                _ => describe(&error, Some(host)),
            };
            Fault::new(FailureKind::Tls, message)
        });
        let cipher = connection.negotiated_cipher_suite();
        Inspection {
            version: version(stream),
            cipher: cipher.map(|suite| Text::from(format!("{:?}", suite.suite()))),
            alpn: connection.alpn_protocol().map(Text::clean_bytes),
            chain_length: chain.len(),
            certificate,
            verdict,
        }
    }

    fn verify(&self, chain: &[CertificateDer<'_>], name: &ServerName<'_>, wall: SystemTime) -> Result<(), Error> {
        let (own, intermediates) = chain.split_first().ok_or(Error::NoCertificatesPresented)?;
        let own = ParsedCertificate::try_from(own)?;
        let now = UnixTime::since_unix_epoch(wall.duration_since(UNIX_EPOCH).unwrap_or_default());
        let algorithms = self.algorithms.all;
        verify_server_cert_signed_by_trust_anchor(&own, &self.roots, intermediates, now, algorithms)?;
        verify_server_name(&own, name)
    }
}

/// Whether `problem` is that nobody whom we trust issued the certificate. One that is signed by itself may bear the name
/// of an authority by chance, and then fails by that one's key.
fn is_of_issuer(problem: &CertificateError, own: &Certificate) -> bool {
    match problem {
        CertificateError::UnknownIssuer => true,
        CertificateError::BadSignature | CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => {
            own.signed_by_itself
        }
        _ => false,
    }
}

fn unknown_issuer(own: &Certificate) -> String {
    if own.signed_by_itself {
        "certificate is signed by itself, not by an authority".to_owned()
    } else {
        format!("certificate issued by an unknown authority: {}", own.issuer)
    }
}

/// Takes any certificate for now, but only from a peer that has its key.
#[derive(Debug)]
struct JudgedLater(WebPkiSupportedAlgorithms);

impl ServerCertVerifier for JudgedLater {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signed, &self.0)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &self.0)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_schemes()
    }
}
