//! Certificate files: trusted certificates and the client certificate.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use reqwest::{Certificate, Identity};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::CertificateDer;
use rustls::RootCertStore;

use crate::error::Error;

/// Environment variables that name a file of trusted certificates: OpenSSL's and curl's.
const BUNDLE_VARIABLES: [&str; 2] = ["SSL_CERT_FILE", "CURL_CA_BUNDLE"];

/// A file in PEM format. Two values are equal only if the file has not been written in between, so
/// that renewed certificates are loaded.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct PemFile {
    path: PathBuf,
    modified: Option<SystemTime>,
    /// The environment variable that names the file.
    variable: Option<&'static str>,
}

impl PemFile {
    pub fn new(path: &Path) -> Self {
        PemFile {
            path: path.to_owned(),
            modified: std::fs::metadata(path)
                .and_then(|file| file.modified())
                .ok(),
            variable: None,
        }
    }

    /// The trusted certificates that the environment names. `environment` returns the value of a
    /// variable.
    pub fn of_environment(environment: impl Fn(&str) -> Option<String>) -> Option<Self> {
        BUNDLE_VARIABLES.iter().find_map(|variable| {
            let path = environment(variable).filter(|path| !path.is_empty())?;
            Some(PemFile {
                variable: Some(variable),
                ..PemFile::new(Path::new(&path))
            })
        })
    }

    /// The certificates in the file. Certificates that TLS cannot use, which are found in some
    /// company bundles, are skipped; at least one must remain.
    pub fn trusted(&self) -> Result<Vec<Certificate>, Error> {
        let bytes = self.read()?;
        let mut usable = RootCertStore::empty();
        let certificates: Vec<Certificate> = CertificateDer::pem_slice_iter(&bytes)
            .filter_map(Result::ok)
            .filter(|certificate| usable.add(certificate.clone()).is_ok())
            .filter_map(|certificate| Certificate::from_der(&certificate).ok())
            .collect();
        if certificates.is_empty() {
            return Err(self.refused(
                "does not contain a certificate in PEM format. To convert a file in DER format \
                 (.cer, .der): `openssl x509 -inform der -in FILE -out FILE.pem`",
            ));
        }
        Ok(certificates)
    }

    pub fn identity(&self) -> Result<Identity, Error> {
        Identity::from_pem(&self.read()?).map_err(|_| {
            self.refused(
                "does not contain a certificate and its unencrypted private key in PEM format. To \
                 convert a file in PKCS #12 format (.p12, .pfx): `openssl pkcs12 -nodes -in \
                 FILE -out FILE.pem`",
            )
        })
    }

    /// The error for a file with unusable content.
    pub fn refused(&self, why: &str) -> Error {
        let named = self
            .variable
            .map(|variable| format!(" (set by the environment variable {variable})"));
        let named = named.unwrap_or_default();
        Error::argument(format!("The file {}{named} {why}.", self.path.display()))
    }

    fn read(&self) -> Result<Vec<u8>, Error> {
        std::fs::read(&self.path).map_err(|error| self.refused(&format!("cannot be read: {error}")))
    }
}
