use std::io;
use std::sync::{Arc, Mutex};

use openaistream_core::{Answer, Error, ErrorKind, ProxyChoice, TransportSettings};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::calls::persistent;
use crate::listeners::{relay, Listener};
use crate::support::Session;

const NO_CREDENTIALS: u8 = 0;
const PASSWORD: u8 = 2;
const NONE_ACCEPTED: u8 = 0xFF;

/// What a client sent to a SOCKS 5 proxy (RFC 1928, RFC 1929).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Handshake {
    credentials: Option<(String, String)>,
    destination: String,
}

/// A proxy that connects to `target` and may require a password.
struct SocksProxy {
    listener: Listener,
    handshakes: Arc<Mutex<Vec<Handshake>>>,
}

impl SocksProxy {
    fn start(target: u16, password: Option<&'static str>) -> SocksProxy {
        let handshakes: Arc<Mutex<Vec<Handshake>>> = Arc::default();
        let received = Arc::clone(&handshakes);
        let listener = Listener::start(move |mut socket| {
            let received = Arc::clone(&received);
            async move {
                let Some(handshake) = read_handshake(&mut socket, password).await? else {
                    return Ok(());
                };
                received.lock().unwrap().push(handshake);
                // The reply "succeeded", bound to 0.0.0.0:0.
                socket.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).await?;
                relay(socket, target).await
            }
        });
        SocksProxy {
            listener,
            handshakes,
        }
    }

    fn handshakes(&self) -> Vec<Handshake> {
        self.handshakes.lock().unwrap().clone()
    }
}

/// The handshake up to the destination; `None` if the client closed the connection earlier.
async fn read_handshake(
    socket: &mut TcpStream,
    password: Option<&str>,
) -> io::Result<Option<Handshake>> {
    let mut handshake = Handshake::default();
    socket.read_u8().await?;
    let methods = counted(socket).await?;
    let method = match password {
        None => NO_CREDENTIALS,
        Some(_) if methods.as_bytes().contains(&PASSWORD) => PASSWORD,
        Some(_) => NONE_ACCEPTED,
    };
    socket.write_all(&[5, method]).await?;
    if method == NONE_ACCEPTED {
        return Ok(None);
    }
    if let Some(expected) = password {
        socket.read_u8().await?;
        let credentials = (counted(socket).await?, counted(socket).await?);
        let accepted = credentials.1 == expected;
        socket.write_all(&[1, u8::from(!accepted)]).await?;
        if !accepted {
            return Ok(None);
        }
        handshake.credentials = Some(credentials);
    }
    let mut head = [0; 4];
    socket.read_exact(&mut head).await?;
    let host = match head[3] {
        1 => std::net::Ipv4Addr::from(socket.read_u32().await?).to_string(),
        3 => counted(socket).await?,
        _ => std::net::Ipv6Addr::from(socket.read_u128().await?).to_string(),
    };
    handshake.destination = format!("{host}:{}", socket.read_u16().await?);
    Ok(Some(handshake))
}

/// A text preceded by its length.
async fn counted(socket: &mut TcpStream) -> io::Result<String> {
    let mut text = vec![0; socket.read_u8().await?.into()];
    socket.read_exact(&mut text).await?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}

/// Calls `host` through the proxy, with this scheme and user.
fn call(proxy: &SocksProxy, scheme: &str, user: &str, host: &str) -> Result<Answer, Error> {
    let url = format!("{scheme}://{user}127.0.0.1:{}", proxy.listener.port);
    let session = Session::through(&TransportSettings {
        proxy: ProxyChoice::Url(url),
        ..TransportSettings::default()
    });
    session.send(persistent(&format!("http://{host}/v1")))
}

#[test]
fn names_are_resolved_by_the_proxy_or_locally() {
    let server = Session::new();
    let proxy = SocksProxy::start(server.server.port(), None);
    call(&proxy, "socks5h", "", "api.invalid").expect("an answer");
    call(&proxy, "socks5", "", "127.0.0.1:8080").expect("an answer");
    let destinations: Vec<_> = proxy
        .handshakes()
        .into_iter()
        .map(|handshake| handshake.destination)
        .collect();
    assert_eq!(destinations, ["api.invalid:80", "127.0.0.1:8080"]);

    let error = call(&proxy, "socks5", "", "api.invalid").expect_err("an error");
    assert_eq!(error.kind, ErrorKind::Connection);
    assert_eq!(proxy.handshakes().len(), 2);
}

#[test]
fn user_and_password_are_sent_to_the_proxy() {
    let server = Session::new();
    let proxy = SocksProxy::start(server.server.port(), Some("p@ss"));
    call(&proxy, "socks5h", "user:p%40ss@", "api.invalid").expect("an answer");
    let credentials = Some(("user".to_owned(), "p@ss".to_owned()));
    assert_eq!(proxy.handshakes()[0].credentials, credentials);
}

#[test]
fn a_proxy_that_rejects_credentials_is_not_retried() {
    let server = Session::new();
    let proxy = SocksProxy::start(server.server.port(), Some("p@ss"));
    for user in ["", "user:wrong-word@"] {
        let error = call(&proxy, "socks5h", user, "api.invalid").expect_err("an error");
        assert_eq!(
            (error.kind, error.attempts),
            (ErrorKind::Connection, 1),
            "{error}"
        );
        assert!(error.message.contains("user:password@host:port"), "{error}");
        assert!(!format!("{error:?}").contains("wrong-word"), "{error:?}");
    }
    assert_eq!(server.server.connections(), 0);
}
