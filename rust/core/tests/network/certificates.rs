//! Certificates created for a test, and their files.

use std::fs;
use std::path::PathBuf;
use std::process;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::Arc;

use openaistream_core::{ProxyChoice, TransportSettings};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustls::crypto::ring::default_provider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, SupportedProtocolVersion};

/// A certificate and its private key, both as PEM.
pub struct Issued {
    pub certificate: String,
    pub key: String,
}

impl Issued {
    /// A server with this certificate.
    pub fn server(&self) -> ServerConfig {
        let versions = ServerConfig::builder_with_provider(default_provider().into());
        let versions = versions.with_safe_default_protocol_versions().unwrap();
        let config = versions.with_no_client_auth();
        config
            .with_single_cert(vec![self.der()], self.key())
            .unwrap()
    }

    /// A server with this certificate that requires a client certificate issued by `authority`.
    pub fn server_for_clients_of(
        &self,
        authority: &Authority,
        version: &'static SupportedProtocolVersion,
    ) -> ServerConfig {
        let mut roots = RootCertStore::empty();
        let trusted = CertificateDer::from_pem_slice(authority.certificate.as_bytes()).unwrap();
        roots.add(trusted).unwrap();
        let provider = Arc::new(default_provider());
        let clients = WebPkiClientVerifier::builder_with_provider(roots.into(), provider.clone());
        let versions = ServerConfig::builder_with_provider(provider);
        let versions = versions.with_protocol_versions(&[version]).unwrap();
        let config = versions.with_client_cert_verifier(clients.build().unwrap());
        config
            .with_single_cert(vec![self.der()], self.key())
            .unwrap()
    }

    /// The client certificate, followed by its key.
    pub fn identity(&self) -> String {
        format!("{}{}", self.certificate, self.key)
    }

    fn der(&self) -> CertificateDer<'static> {
        CertificateDer::from_pem_slice(self.certificate.as_bytes()).unwrap()
    }

    fn key(&self) -> PrivateKeyDer<'static> {
        PrivateKeyDer::from_pem_slice(self.key.as_bytes()).unwrap()
    }
}

/// An authority that issues certificates.
pub struct Authority {
    pub certificate: String,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    pub fn new(name: &str) -> Authority {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap().pem();
        let issuer = Issuer::new(params, key);
        Authority {
            certificate,
            issuer,
        }
    }

    /// A certificate for these host names and addresses.
    pub fn issue(&self, names: &[&str]) -> Issued {
        self.issue_with(params(names))
    }

    pub fn issue_with(&self, params: CertificateParams) -> Issued {
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap().pem();
        let key = key.serialize_pem();
        Issued { certificate, key }
    }
}

pub fn params(names: &[&str]) -> CertificateParams {
    let names: Vec<String> = names.iter().map(ToString::to_string).collect();
    CertificateParams::new(names).unwrap()
}

/// A self-signed certificate.
pub fn self_signed(params: &CertificateParams) -> Issued {
    let key = KeyPair::generate().unwrap();
    Issued {
        certificate: params.self_signed(&key).unwrap().pem(),
        key: key.serialize_pem(),
    }
}

/// A file that is removed when dropped.
pub struct TemporaryFile(pub PathBuf);

impl TemporaryFile {
    pub fn new(content: &str) -> TemporaryFile {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("openaistream-{}-{number}.pem", process::id());
        let path = std::env::temp_dir().join(name);
        fs::write(&path, content).unwrap();
        TemporaryFile(path)
    }
}

impl Drop for TemporaryFile {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

/// TLS settings without a proxy, which trust the system's certificates.
pub fn direct() -> TransportSettings {
    TransportSettings {
        proxy: ProxyChoice::Direct,
        tls: true,
        ..TransportSettings::default()
    }
}

/// The same, trusting the certificates in `bundle`.
pub fn trusting(bundle: &TemporaryFile) -> TransportSettings {
    TransportSettings {
        ca_bundle: Some(bundle.0.clone()),
        ..direct()
    }
}
