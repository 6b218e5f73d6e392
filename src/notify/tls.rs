//! TLS to receivers: whom this machine trusts, or the issuers in a file.

use std::io;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use probetop_probe::file;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

pub use tokio_rustls::client::TlsStream;

/// The authorities of a whole system have 0.2 MB.
const CERTIFICATES_LIMIT_BYTES: u64 = 4 * 1024 * 1024;

/// Trusts this machine's issuers, or Mozilla's where it has none.
pub fn system() -> ClientConfig {
    static TLS: OnceLock<ClientConfig> = OnceLock::new();
    let make = || {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        if roots.is_empty() {
            roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        }
        trusting(roots)
    };
    TLS.get_or_init(make).clone()
}

fn trusting(roots: RootCertStore) -> ClientConfig {
    ClientConfig::builder_with_provider(ring::default_provider().into())
        .with_safe_default_protocol_versions()
        .expect("ring supports the default protocol versions")
        .with_root_certificates(roots)
        .with_no_client_auth()
}

/// The client's side of one server.
pub struct Client {
    connector: TlsConnector,
    server: ServerName<'static>,
}

impl Client {
    /// To the server of that name or address, which shows a certificate of an issuer in `ca`, or of one that this machine
    /// trusts.
    ///
    /// # Errors
    /// Says why the certificates cannot be read, or that nothing can be called so.
    pub fn try_new(host: &str, ca: Option<&Path>) -> Result<Self, String> {
        let config = match ca {
            Some(path) => trusting(issuers(path)?),
            None => system(),
        };
        let server = ServerName::try_from(host.to_owned());
        let server = server.map_err(|_| format!("{host:?} is not a name that a certificate could be for"))?;
        Ok(Self {
            connector: TlsConnector::from(Arc::new(config)),
            server,
        })
    }

    /// # Errors
    /// What went wrong in the handshake.
    pub async fn handshake(&self, stream: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        self.connector.connect(self.server.clone(), stream).await
    }
}

/// The certificates in the PEM file at `path`.
fn issuers(path: &Path) -> Result<RootCertStore, String> {
    let unusable = |why: String| format!("certificates in {} cannot be read: {why}", path.display());
    let pem = file::read(path, CERTIFICATES_LIMIT_BYTES).map_err(|error| unusable(error.to_string()))?;
    let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(certificates.unwrap_or_default());
    if roots.is_empty() {
        return Err(unusable(
            "it holds none; write a PEM file of the issuers to trust".to_owned(),
        ));
    }
    Ok(roots)
}
