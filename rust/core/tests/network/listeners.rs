//! Servers in front of the local server that forward its bytes: TLS and tunnels.

use std::future::Future;
use std::io;
use std::sync::{Arc, Mutex};

use rustls::ServerConfig;
use tokio::io::{copy_bidirectional, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};
use tokio_rustls::server::TlsStream;
use tokio_rustls::TlsAcceptor;

/// Accepts connections on a free port of 127.0.0.1 until it is dropped.
pub struct Listener {
    pub port: u16,
    runtime: Option<Runtime>,
}

impl Listener {
    /// A listener that passes each connection to `serve`.
    pub fn start<S, F>(serve: S) -> Listener
    where
        S: Fn(TcpStream) -> F + Send + 'static,
        F: Future<Output = io::Result<()>> + Send + 'static,
    {
        let mut builder = Builder::new_multi_thread();
        let runtime = builder.worker_threads(1).enable_all().build().unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let port = listener.local_addr().unwrap().port();
        runtime.spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                // The client reports failures of a connection.
                tokio::spawn(serve(socket));
            }
        });
        Listener {
            port,
            runtime: Some(runtime),
        }
    }

    /// A listener that terminates TLS and forwards to `target`.
    pub fn tls(config: ServerConfig, target: u16) -> Listener {
        let config = Arc::new(config);
        Listener::start(move |socket| {
            let config = Arc::clone(&config);
            async move { relay(accept(config, socket).await?, target).await }
        })
    }

    /// The base URL of a server on this machine with the name `host`.
    pub fn url(&self, scheme: &str, host: &str) -> String {
        format!("{scheme}://{host}:{}/v1", self.port)
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// Accepts TLS. A client that is rejected receives the reason before its connection is closed.
pub async fn accept(
    config: Arc<ServerConfig>,
    socket: TcpStream,
) -> io::Result<TlsStream<TcpStream>> {
    match TlsAcceptor::from(config)
        .accept(socket)
        .into_fallible()
        .await
    {
        Ok(stream) => Ok(stream),
        Err((error, mut socket)) => {
            // Unread bytes would cause a reset, and the client might not receive the reason.
            socket.shutdown().await?;
            tokio::io::copy(&mut socket, &mut tokio::io::sink()).await?;
            Err(error)
        }
    }
}

/// Forwards bytes to a port of this machine and back.
pub async fn relay(mut client: impl AsyncRead + AsyncWrite + Unpin, port: u16) -> io::Result<()> {
    let mut server = TcpStream::connect(("127.0.0.1", port)).await?;
    copy_bidirectional(&mut client, &mut server).await?;
    Ok(())
}

/// A proxy whose tunnels all lead to one port.
pub struct TunnelProxy {
    pub listener: Listener,
    heads: Arc<Mutex<Vec<String>>>,
}

impl TunnelProxy {
    /// Responds to each CONNECT request with `answer`, and then forwards to `target`, if any.
    pub fn start(answer: &'static str, target: Option<u16>) -> TunnelProxy {
        let heads: Arc<Mutex<Vec<String>>> = Arc::default();
        let seen = Arc::clone(&heads);
        let listener = Listener::start(move |mut socket| {
            let seen = Arc::clone(&seen);
            async move {
                let head = read_head(&mut socket).await?;
                seen.lock().unwrap().push(head);
                socket.write_all(answer.as_bytes()).await?;
                match target {
                    Some(port) => relay(socket, port).await,
                    None => Ok(()),
                }
            }
        });
        TunnelProxy { listener, heads }
    }

    /// The headers of the received requests.
    pub fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }
}

async fn read_head(socket: &mut TcpStream) -> io::Result<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(socket.read_u8().await?);
    }
    Ok(String::from_utf8_lossy(&head).into_owned())
}
