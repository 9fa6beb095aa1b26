//! Connection pools: one reqwest client for each combination of settings.

use std::collections::HashMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use reqwest::redirect;
use tokio::sync::Notify;
use tokio::task::yield_now;
use tokio::time::timeout;

use crate::error::{Error, ErrorKind};
use crate::http::certificates::PemFile;
use crate::http::connecting::Noting;
use crate::http::proxy::{ProxyChoice, Route};

/// How long to wait for the rest of a response after the end of its stream, so that the connection
/// can be reused. Readers of the stream do not wait for this.
pub(crate) const DRAIN: Duration = Duration::from_millis(50);
/// How often a task yields to the task of a connection.
const GIVE_BACK_TURNS: usize = 4;
/// How long an idle connection is kept; servers close theirs after about a minute.
const IDLE_CONNECTION: Duration = Duration::from_secs(30);
/// The maximum size of the response headers in bytes.
pub(crate) const MAX_HEADER_BYTES: usize = 256 << 10;

/// Connection settings. Equal settings share connections.
#[derive(Clone, PartialEq, Eq, Hash, Default)]
pub struct TransportSettings {
    pub proxy: ProxyChoice,
    /// Whether TLS may be needed. Without TLS no certificate store is loaded, so plain HTTP starts
    /// faster and works on machines without certificates.
    pub tls: bool,
    /// The timeout for establishing a connection.
    pub connect_timeout: Option<Duration>,
    /// A file of trusted certificates (PEM) to use instead of the system's. Defaults to the file
    /// named by `SSL_CERT_FILE` or `CURL_CA_BUNDLE`.
    pub ca_bundle: Option<PathBuf>,
    /// A file with a client certificate and its private key (PEM).
    pub client_certificate: Option<PathBuf>,
}

/// A pool of connections.
#[derive(Clone)]
pub struct Transport {
    pub(crate) client: reqwest::Client,
    /// The proxy.
    pub(crate) route: Arc<Route>,
    returning: Arc<Returning>,
}

/// Connections that are about to return to the pool.
#[derive(Debug, Default)]
struct Returning {
    count: AtomicUsize,
    changed: Notify,
    /// The server keeps responses open after the end of their stream, so waiting is useless.
    lingers: AtomicBool,
}

/// Does not show the proxy, whose URL may contain a password.
impl fmt::Debug for Transport {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Transport").finish_non_exhaustive()
    }
}

impl Transport {
    fn new(client: reqwest::Client, route: Route) -> Self {
        Transport {
            client,
            route: Arc::new(route),
            returning: Arc::default(),
        }
    }

    /// Waits briefly for a connection that is about to return to the pool, because reusing it is
    /// faster than opening another.
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

    /// Records whether the server kept a response open after its end.
    pub(crate) fn note_linger(&self, lingers: bool) {
        self.returning.lingers.store(lingers, Ordering::Relaxed);
    }

    /// Announces a connection that returns to the pool when the guard is dropped.
    pub(crate) fn returning(&self) -> impl Drop + Send + use<> {
        self.returning.count.fetch_add(1, Ordering::AcqRel);
        Return(Arc::clone(&self.returning))
    }

    /// Lets the task of a connection return it to the pool after its response has been read.
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

/// The connection pools of a process.
#[derive(Default)]
pub struct Transports {
    clients: Mutex<HashMap<Way, Transport>>,
}

impl Transports {
    /// The client for `settings`, created on first use.
    ///
    /// The environment is read each time, because scripts may change it.
    pub fn get(&self, settings: &TransportSettings) -> Result<Transport, Error> {
        let way = Way::find(settings)?;
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = clients.get(&way) {
            return Ok(client.clone());
        }
        let transport = Transport::new(way.build()?, way.route.clone());
        clients.insert(way, transport.clone());
        Ok(transport)
    }
}

/// Settings combined with the environment.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Way {
    route: Route,
    tls: bool,
    connect_timeout: Option<Duration>,
    trusted: Option<PemFile>,
    identity: Option<PemFile>,
}

impl Way {
    fn find(settings: &TransportSettings) -> Result<Way, Error> {
        let environment = |name: &str| std::env::var(name).ok();
        let route = Route::find(&settings.proxy, settings.tls, environment)?;
        let tls = settings.tls || route.needs_tls();
        let trusted = settings.ca_bundle.as_deref().map(PemFile::new);
        let of_environment = || tls.then(|| PemFile::of_environment(environment)).flatten();
        Ok(Way {
            route,
            tls,
            connect_timeout: settings.connect_timeout,
            trusted: trusted.or_else(of_environment),
            identity: settings.client_certificate.as_deref().map(PemFile::new),
        })
    }

    fn build(&self) -> Result<reqwest::Client, Error> {
        // Fails only if another part of the process has already installed a provider, which is then
        // used.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut builder = reqwest::Client::builder()
            .pool_idle_timeout(IDLE_CONNECTION)
            .tcp_nodelay(true)
            .connector_layer(Noting)
            // Our own check reports which limit was exceeded; HTTP/2 only reports a "protocol
            // error".
            .http2_max_header_list_size(4 * MAX_HEADER_BYTES as u32)
            // A redirect would send the request body, with the user's data, to another server.
            .redirect(redirect::Policy::none());
        if let Some(connect) = self.connect_timeout {
            builder = builder.connect_timeout(connect);
        }
        if let Some(file) = &self.trusted {
            builder = builder.tls_certs_only(file.trusted()?);
        }
        if let Some(file) = &self.identity {
            builder = builder.identity(file.identity()?);
        }
        if !self.tls {
            let no_certificates = rustls::ClientConfig::builder()
                .with_root_certificates(rustls::RootCertStore::empty())
                .with_no_client_auth();
            builder = builder.tls_backend_preconfigured(no_certificates);
        }
        let client = self.route.apply(builder)?.build();
        client.map_err(|error| self.not_built(&error))
    }

    fn not_built(&self, error: &reqwest::Error) -> Error {
        let cause =
            std::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string);
        match &self.identity {
            // Problems with the trusted certificates were reported when their file was read.
            Some(file) if !cause.contains("CA certificates") => file.refused(&format!(
                "does not contain a certificate with its private key: {cause}"
            )),
            _ => Error::new(
                ErrorKind::Connection,
                format!(
                    "TLS could not be set up: {cause}. Install the system's CA certificates \
                     (package ca-certificates on Debian), or set SSL_CERT_FILE to a file of \
                     certificates."
                ),
            ),
        }
    }
}

/// The value of the `User-Agent` header, unless the request sets another one.
pub fn user_agent() -> String {
    format!(
        "openaistream/{} ({}; {})",
        env!("CARGO_PKG_VERSION"),
        std::env::consts::OS,
        std::env::consts::ARCH
    )
}
