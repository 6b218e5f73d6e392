//! A handshake that is finished before the certificate is judged, so that a bad one can still be looked at.
//!
//! Nothing may be sent over such a connection: whom it leads to is known only afterwards.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use futures_util::FutureExt;
use probetop_core::sample::{FailureKind, Text};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{ServerName, UnixTime};
use tokio_rustls::rustls::{CertificateError, Error};
use url::Host;

use super::certificate::Certificate;
use super::{Chain, Check, Client, Roots, TlsStream, Verifier, server_name, version};
use crate::handshake::describe;
use crate::source::attempt::Fault;

/// Shakes hands with whoever answers, and then says what to think of it. Cheap to clone.
#[derive(Clone)]
pub struct Inspector {
    /// Takes any certificate for now, but only from a peer that has its key.
    client: Client,
    verifier: Arc<Verifier>,
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
    /// Which of the certificates ends first.
    pub chain: Option<Chain>,
    /// Why the peer is not to be trusted.
    pub verdict: Result<(), Fault>,
}

impl Inspector {
    /// Trusts `roots` and offers the application protocols `alpn`, most wanted first.
    pub fn new(roots: Roots, alpn: &[&[u8]]) -> Self {
        let client = Client::with(roots.clone(), Check::Nothing, None, alpn);
        Self {
            client: client.expect("only an identity can be refused"),
            verifier: Arc::new(Verifier::new(roots, Check::Full, &Arc::new(ring::default_provider()))),
        }
    }

    /// Shakes hands as a client of `host`, and judges its certificate by the date `wall`.
    pub async fn inspect(&self, stream: TcpStream, host: &Host, wall: SystemTime) -> Result<Inspection, Fault> {
        let name = server_name(host)?;
        let mut stream = self.client.handshake(stream, host).await?;
        let inspection = self.judge(&stream, host, &name, wall);
        // Says goodbye as far as that takes no time: a peer that listens need not log a connection that was lost.
        let _ = stream.shutdown().now_or_never();
        Ok(inspection)
    }

    fn judge(&self, stream: &TlsStream<TcpStream>, host: &Host, name: &ServerName<'_>, wall: SystemTime) -> Inspection {
        let connection = &stream.get_ref().1;
        let chain = connection.peer_certificates().unwrap_or_default();
        let certificate = chain.first().and_then(|own| Certificate::read(own));
        let now = UnixTime::since_unix_epoch(wall.duration_since(UNIX_EPOCH).unwrap_or_default());
        let verdict = self.verifier.verify(chain, name, now).map_err(|error| {
            let message = match (&error, &certificate) {
                (Error::InvalidCertificate(problem), Some(own)) if is_of_issuer(problem, own) => unknown_issuer(own),
                _ => describe(&error, Some(host), None),
            };
            Fault::new(FailureKind::Tls, message)
        });
        let cipher = connection.negotiated_cipher_suite();
        Inspection {
            version: version(stream),
            cipher: cipher.and_then(|suite| suite.suite().as_str()).map(Text::clean),
            alpn: connection.alpn_protocol().map(Text::clean_bytes),
            chain_length: chain.len(),
            certificate,
            chain: self.client.chain(stream),
            verdict,
        }
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
