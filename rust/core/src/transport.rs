//! Connections: one reqwest client, and so one pool, for each way of reaching servers.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use reqwest::{redirect, Certificate, Identity, Proxy};
use tokio::sync::Notify;
use tokio::task::yield_now;
use tokio::time::timeout;

use crate::error::{Error, ErrorKind};

/// How long the rest of an answer is awaited after the end of its stream was announced, so that
/// the connection can serve the next request. Whoever reads the stream does not wait for this.
pub(crate) const DRAIN: Duration = Duration::from_millis(50);
/// How often a task steps back so that a connection's own task can run.
const GIVE_BACK_TURNS: usize = 4;
/// How long an idle connection is kept; servers close theirs after a minute or so.
const IDLE_CONNECTION: Duration = Duration::from_secs(30);

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
    /// How long a connection may take to make.
    pub connect_timeout: Option<Duration>,
    /// A file of certificates (PEM) to trust instead of the system's.
    pub ca_bundle: Option<PathBuf>,
    /// A file with a certificate and its private key (PEM), for servers that ask for one.
    pub client_certificate: Option<PathBuf>,
}

/// A pool of connections.
#[derive(Debug, Clone)]
pub struct Transport {
    pub(crate) client: reqwest::Client,
    returning: Arc<Returning>,
}

/// Connections that are about to come back to the pool.
#[derive(Debug, Default)]
struct Returning {
    count: AtomicUsize,
    changed: Notify,
    /// The server keeps its answers open after their end: there is nothing to wait for.
    lingers: AtomicBool,
}

impl Transport {
    fn new(client: reqwest::Client) -> Self {
        Transport {
            client,
            returning: Arc::default(),
        }
    }

    /// Waits a moment for a connection that is about to come back, because to share it is faster
    /// than to make another.
    pub(crate) async fn settle(&self) {
        if self.returning.lingers.load(Ordering::Relaxed) {
            return;
        }
        let settled = async {
            loop {
                let changed = self.returning.changed.notified();
                if self.returning.count.load(Ordering::Acquire) == 0 {
                    return;
                }
                changed.await;
            }
        };
        let _ = timeout(DRAIN, settled).await;
    }

    /// Remembers whether the server kept an answer open after its end.
    pub(crate) fn note_linger(&self, lingers: bool) {
        self.returning.lingers.store(lingers, Ordering::Relaxed);
    }

    /// Tells that a connection comes back when what is returned here is dropped.
    pub(crate) fn returning(&self) -> impl Drop + Send + use<> {
        self.returning.count.fetch_add(1, Ordering::AcqRel);
        Return(Arc::clone(&self.returning))
    }

    /// Lets the task of a connection whose answer was read put it back into the pool.
    pub(crate) async fn give_back(&self) {
        for _ in 0..GIVE_BACK_TURNS {
            yield_now().await;
        }
    }
}

struct Return(Arc<Returning>);

impl Drop for Return {
    fn drop(&mut self) {
        self.0.count.fetch_sub(1, Ordering::AcqRel);
        self.0.changed.notify_waiters();
    }
}

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
        let transport = Transport::new(build(settings)?);
        clients.insert(settings.clone(), transport.clone());
        Ok(transport)
    }
}

fn build(settings: &TransportSettings) -> Result<reqwest::Client, Error> {
    // Fails only when another part of the process chose a provider before, which is then used.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = reqwest::Client::builder()
        .pool_idle_timeout(IDLE_CONNECTION)
        .tcp_nodelay(true)
        // A redirect would carry the request's body, and with it people's data, to another place.
        .redirect(redirect::Policy::none());
    if let Some(connect) = settings.connect_timeout {
        builder = builder.connect_timeout(connect);
    }
    if let Some(path) = &settings.ca_bundle {
        let trusted = Certificate::from_pem_bundle(&pem(path)?)
            .ok()
            .filter(|certificates| !certificates.is_empty())
            .ok_or_else(|| not_pem(path, "certificates"))?;
        builder = builder.tls_certs_only(trusted);
    }
    if let Some(path) = &settings.client_certificate {
        let identity = Identity::from_pem(&pem(path)?)
            .map_err(|_| not_pem(path, "a certificate with its private key"))?;
        builder = builder.identity(identity);
    }
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

fn pem(path: &Path) -> Result<Vec<u8>, Error> {
    std::fs::read(path)
        .map_err(|error| Error::argument(format!("{} cannot be read: {error}.", path.display())))
}

fn not_pem(path: &Path, expected: &str) -> Error {
    Error::argument(format!(
        "{} does not hold {expected} in PEM format.",
        path.display()
    ))
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
