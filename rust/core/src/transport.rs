//! Connections: one reqwest client, and so one pool, for each way of reaching servers.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use reqwest::{redirect, Proxy};

use crate::error::{Error, ErrorKind};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Which proxy stands between.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub enum ProxyChoice {
    /// What the environment says: `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`, `NO_PROXY`.
    #[default]
    Environment,
    /// None.
    Direct,
    /// The one at this URL.
    Url(String),
}

/// How servers are reached. Equal settings share connections.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct TransportSettings {
    pub proxy: ProxyChoice,
    /// Whether TLS may be needed. Without it no certificate store is loaded, so plain HTTP to the
    /// own machine works, at once, where no certificates are installed.
    pub tls: bool,
}

/// A pool of connections.
pub type Transport = reqwest::Client;

/// The pools of connections of one process.
#[derive(Debug, Default)]
pub struct Transports {
    clients: Mutex<HashMap<TransportSettings, Transport>>,
}

impl Transports {
    /// The client for `settings`, made when it is first asked for.
    pub fn get(&self, settings: &TransportSettings) -> Result<Transport, Error> {
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = clients.get(settings) {
            return Ok(client.clone());
        }
        let client = build(settings)?;
        clients.insert(settings.clone(), client.clone());
        Ok(client)
    }
}

fn build(settings: &TransportSettings) -> Result<Transport, Error> {
    // Fails only when another part of the process chose a provider before, which is then used.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = reqwest::Client::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .tcp_nodelay(true)
        // A redirect would carry the request's body, and with it people's data, to another place.
        .redirect(redirect::Policy::none());
    if !settings.tls {
        let no_certificates = rustls::ClientConfig::builder()
            .with_root_certificates(rustls::RootCertStore::empty())
            .with_no_client_auth();
        builder = builder.tls_backend_preconfigured(no_certificates);
    }
    builder = match &settings.proxy {
        ProxyChoice::Environment => builder,
        ProxyChoice::Direct => builder.no_proxy(),
        ProxyChoice::Url(url) => builder.proxy(Proxy::all(url).map_err(|_| {
            // Not quoted, for it may hold a password.
            Error::argument("The proxy is no URL such as \"http://host:8080\".")
        })?),
    };
    builder.build().map_err(|error| {
        let cause = std::error::Error::source(&error)
            .map_or_else(|| error.to_string(), |source| source.to_string());
        Error::new(
            ErrorKind::Connection,
            format!(
                "TLS could not be set up: {cause}. Install the system's CA certificates \
                 (package ca-certificates on Debian), or name a file of them in SSL_CERT_FILE."
            ),
        )
    })
}

/// What requests say of their sender.
pub(crate) fn user_agent() -> String {
    format!(
        "openaistream/{} ({}; {}) R",
        env!("CARGO_PKG_VERSION"),
        std::env::consts::OS,
        std::env::consts::ARCH
    )
}
