//! The `tls` keys of a target: whom it trusts, who it says it is, and which name it asks for.

use std::path::{Path, PathBuf};

use probetop_core::setting::Finding;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tokio_rustls::rustls::pki_types::pem::{self, PemObject as _};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};

use super::{Check, Client, Roots};
use crate::file;
use crate::handshake::describe;

/// The authorities of a whole system have 0.2 MB.
pub const PEM_LIMIT_BYTES: u64 = 4 * 1024 * 1024;

/// How TLS is spoken with a target, beyond what all targets share.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Options {
    /// PEM file of the authorities to trust instead of this machine's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca: Option<PathBuf>,
    /// PEM file of the certificate that says who we are, its issuers behind it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_certificate: Option<PathBuf>,
    /// PEM file of that certificate's key; looked for in the certificate's file when left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_key: Option<PathBuf>,
    /// The name to ask for, and that the certificate must be for; the host of the URL when left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server_name: Option<String>,
    /// Accept any certificate: whoever sits in between can read along.
    pub insecure: bool,
}

/// What a client certificate proves to the peer.
pub struct Identity {
    pub chain: Vec<CertificateDer<'static>>,
    pub key: PrivateKeyDer<'static>,
}

impl Options {
    /// What is wrong with the keys and the files they name.
    pub fn findings(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        if self.insecure && self.ca.is_some() {
            let message = "insecure accepts any certificate, so that ca has no meaning; remove one of the two";
            findings.push(Finding::new("insecure", message));
        }
        if self.client_key.is_some() && self.client_certificate.is_none() {
            let message = "client_key belongs to a certificate; add client_certificate";
            findings.push(Finding::new("client_key", message));
        }
        let key = if self.client_key.is_some() {
            "client_key"
        } else {
            "client_certificate"
        };
        let identity = match self.chain() {
            Ok(_) => (key, self.key().map(drop)),
            // Where both are in one file that cannot be read, once is enough.
            Err(message) => ("client_certificate", Err(message)),
        };
        let results = [
            ("ca", self.roots().map(drop)),
            identity,
            ("server_name", self.server_name().map(drop)),
        ];
        for (key, result) in results {
            findings.extend(result.err().map(|message| Finding::new(key, message)));
        }
        if findings.is_empty()
            && let Err(message) = self.client(&[])
        {
            findings.push(Finding::new("client_certificate", message));
        }
        findings
    }

    /// A client that offers the application protocols `alpn`.
    ///
    /// # Errors
    /// Says which file cannot be used, and why.
    pub fn client(&self, alpn: &[&[u8]]) -> Result<Client, String> {
        let identity = match (self.chain()?, self.key()?) {
            (Some(chain), Some(key)) => Some(Identity { chain, key }),
            (_, _) => None,
        };
        let check = if self.insecure { Check::Nothing } else { Check::Full };
        let client = Client::with(self.roots()?, check, identity, alpn);
        let mut client = client.map_err(|error| {
            let why = describe(&error, None, None);
            format!("client_certificate and its key do not fit: {why}")
        })?;
        client.name = self.server_name()?;
        Ok(client)
    }

    /// The same for other peers: they are not told who we are, nor asked for another's name, and their certificates are
    /// checked unless they may go `unchecked` where the target's own does.
    pub fn for_strangers(&self, unchecked: bool) -> Self {
        Self {
            ca: self.ca.clone(),
            insecure: self.insecure && unchecked,
            ..Self::default()
        }
    }

    fn roots(&self) -> Result<Roots, String> {
        match &self.ca {
            Some(file) => Ok(Roots::only(certificates("ca", file)?)),
            None => Ok(Roots::system()),
        }
    }

    fn chain(&self) -> Result<Option<Vec<CertificateDer<'static>>>, String> {
        let file = self.client_certificate.as_deref();
        file.map(|file| certificates("client_certificate", file)).transpose()
    }

    fn key(&self) -> Result<Option<PrivateKeyDer<'static>>, String> {
        let (name, file) = match (&self.client_key, &self.client_certificate) {
            (Some(file), _) => ("client_key", file),
            (None, Some(file)) => ("client_certificate", file),
            (None, None) => return Ok(None),
        };
        let pem = read(name, file)?;
        let key = PrivateKeyDer::from_pem_slice(&pem);
        key.map(Some).map_err(|error| match error {
            pem::Error::NoItemsFound if name == "client_certificate" => {
                format!("{} has no private key; add client_key", file.display())
            }
            other => unreadable(name, file, &other, "an unencrypted private key"),
        })
    }

    fn server_name(&self) -> Result<Option<ServerName<'static>>, String> {
        let Some(name) = &self.server_name else { return Ok(None) };
        let parsed = ServerName::try_from(name.clone());
        let parsed =
            parsed.map_err(|_| format!("server_name {name:?} is not a host name; write for example \"a.example\""));
        parsed.map(Some)
    }
}

fn certificates(name: &str, file: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let pem = read(name, file)?;
    let read = CertificateDer::pem_slice_iter(&pem).collect::<Result<Vec<_>, _>>();
    let read = read.and_then(|found| {
        if found.is_empty() {
            Err(pem::Error::NoItemsFound)
        } else {
            Ok(found)
        }
    });
    read.map_err(|error| unreadable(name, file, &error, "a certificate"))
}

fn read(name: &str, path: &Path) -> Result<Vec<u8>, String> {
    file::read(path, PEM_LIMIT_BYTES).map_err(|error| {
        format!(
            "{name} {} cannot be read: {}",
            path.display(),
            super::super::attempt::reason(&error)
        )
    })
}

fn unreadable(name: &str, file: &Path, error: &pem::Error, wanted: &str) -> String {
    let file = file.display();
    match error {
        pem::Error::NoItemsFound => format!("{name} {file} holds no PEM block with {wanted}"),
        _ => format!("{name} {file} is not PEM; name a file with {wanted} in PEM"),
    }
}
