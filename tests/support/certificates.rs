//! An authority of our own and certificates of every sort, good and bad, all for `localhost` and made anew.

use std::path::{Path, PathBuf};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use tokio_rustls::rustls::pki_types::CertificateDer;

/// Files that nginx reads.
pub struct Files {
    pub certificate: PathBuf,
    pub key: PathBuf,
}

pub struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub fn new() -> Self {
        let mut params = CertificateParams::new([]).unwrap();
        params
            .distinguished_name
            .push(rcgen::DnType::CommonName, "probetop tests");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    pub fn root(&self) -> CertificateDer<'static> {
        self.0.der().clone()
    }

    pub fn root_pem(&self) -> String {
        self.0.pem()
    }

    pub fn good(&self, folder: &Path) -> Files {
        self.issue(folder, "good", params("localhost"))
    }

    pub fn expired(&self, folder: &Path) -> Files {
        let mut params = params("localhost");
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(2021, 1, 1);
        self.issue(folder, "expired", params)
    }

    pub fn not_yet_valid(&self, folder: &Path) -> Files {
        let mut params = params("localhost");
        params.not_before = date_time_ymd(3000, 1, 1);
        params.not_after = date_time_ymd(3001, 1, 1);
        self.issue(folder, "early", params)
    }

    pub fn wrong_name(&self, folder: &Path) -> Files {
        self.issue(folder, "wrong", params("other.example"))
    }

    /// A good certificate over an issuer between, whose own ended years ago where `expired`, and ends in 2090 otherwise.
    pub fn over_an_issuer(&self, folder: &Path, expired: bool) -> Files {
        let mut between = CertificateParams::new([]).unwrap();
        between.distinguished_name.push(rcgen::DnType::CommonName, "between");
        between.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        between.not_after = date_time_ymd(if expired { 2021 } else { 2090 }, 1, 1);
        let between = CertifiedIssuer::signed_by(between, KeyPair::generate().unwrap(), &self.0).unwrap();
        let key = KeyPair::generate().unwrap();
        let own = params("localhost").signed_by(&key, &between).unwrap();
        let name = if expired { "over-expired" } else { "over" };
        write(folder, name, &format!("{}{}", own.pem(), between.pem()), &key)
    }

    fn issue(&self, folder: &Path, name: &str, params: CertificateParams) -> Files {
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap();
        write(folder, name, &certificate.pem(), &key)
    }
}

pub fn self_signed(folder: &Path) -> Files {
    let key = KeyPair::generate().unwrap();
    let certificate = params("localhost").self_signed(&key).unwrap();
    write(folder, "self", &certificate.pem(), &key)
}

/// What `openssl req -x509` makes: a server's certificate, signed by itself and marked as an authority's.
pub fn self_signed_authority(folder: &Path) -> Files {
    let key = KeyPair::generate().unwrap();
    let mut params = params("localhost");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let certificate = params.self_signed(&key).unwrap();
    write(folder, "own-ca", &certificate.pem(), &key)
}

fn params(name: &str) -> CertificateParams {
    CertificateParams::new([name.to_owned()]).unwrap()
}

fn write(folder: &Path, name: &str, pem: &str, key: &KeyPair) -> Files {
    let files = Files {
        certificate: folder.join(format!("{name}.pem")),
        key: folder.join(format!("{name}.key")),
    };
    std::fs::write(&files.certificate, pem).unwrap();
    std::fs::write(&files.key, key.serialize_pem()).unwrap();
    files
}
