use std::net::TcpListener;
use std::sync::Arc;

use openaistream_core::stream::{EventKind, EventStream};
use openaistream_core::{
    Answer, Body, Error, ErrorKind, LogLevel, ProxyChoice, Secrets, Trace, TransportSettings,
    Transports,
};
use openaistream_server::{Ending, Reply};

use crate::calls::persistent;
use crate::certificates::{trusting, Authority, TemporaryFile};
use crate::listeners::{Listener, TunnelProxy};
use crate::support::{delta, event_stream, header, incomplete, read_all, request, Session, KEY};

const OPENED: &str = "HTTP/1.1 200 Connection established\r\n\r\n";
const PASSWORD: &str = "p@ss-word";
/// The credentials `user:p@ss-word` in Basic authentication.
const CREDENTIALS: &str = "Basic dXNlcjpwQHNzLXdvcmQ=";
/// No name server resolves this name, so it is only reachable through a proxy.
const HOST: &str = "api.invalid";

/// A session that uses the proxy at `port`, with user and password.
fn through(port: u16) -> Session {
    Session::through(&settings(port))
}

fn settings(port: u16) -> TransportSettings {
    TransportSettings {
        proxy: ProxyChoice::Url(format!("http://user:p%40ss-word@127.0.0.1:{port}")),
        ..TransportSettings::default()
    }
}

fn assert_no_password(shown: &str) {
    for secret in [PASSWORD, "p%40ss-word", CREDENTIALS, KEY] {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
}

#[test]
fn a_proxy_receives_complete_plain_requests() {
    let proxy = Session::new();
    let session = through(proxy.server.port());
    let trace = Arc::new(Trace::new(3, LogLevel::Off, Secrets::of(KEY)));
    let call = persistent(&format!("http://{HOST}/v1"));
    session.send_traced(call, &trace).expect("an answer");

    let seen = proxy.seen();
    assert_eq!(seen.target, format!("http://{HOST}/v1/models"));
    assert_eq!(header(&seen, "proxy-authorization"), Some(CREDENTIALS));
    let lines: String = trace
        .take()
        .into_iter()
        .map(|line| line.text + "\n")
        .collect();
    let way = format!(
        " through the proxy http://127.0.0.1:{}",
        proxy.server.port()
    );
    assert!(lines.contains(&way), "{lines}");
    assert_no_password(&lines);
}

/// A TLS server behind a proxy that responds to CONNECT requests with this answer.
struct Behind {
    proxy: TunnelProxy,
    session: Session,
    _server: Listener,
    _bundle: TemporaryFile,
}

impl Behind {
    fn new(answer: &'static str, opens: bool) -> Behind {
        let authority = Authority::new("Company");
        let bundle = TemporaryFile::new(&authority.certificate);
        let issued = authority.issue(&[HOST]);
        // The session needs the proxy, and the proxy the server behind it, which in turn needs the
        // session's own server.
        let front = Session::new();
        let server = Listener::tls(issued.server(), front.server.port());
        let proxy = TunnelProxy::start(answer, opens.then_some(server.port));
        let mut session = Session::through(&TransportSettings {
            tls: true,
            ca_bundle: trusting(&bundle).ca_bundle,
            ..settings(proxy.listener.port)
        });
        session.server = front.server;
        Behind {
            proxy,
            session,
            _server: server,
            _bundle: bundle,
        }
    }

    fn send(&self) -> Result<Answer, Error> {
        self.session.send(persistent(&format!("https://{HOST}/v1")))
    }

    fn chat(&self) -> EventStream {
        let body = Body::Json("{}".into());
        let url = format!("https://{HOST}/v1");
        let call = request(&url, "POST", &["chat", "completions"], body);
        self.session
            .stream(call, EventKind::Chat, Default::default())
    }

    /// The error if a proxy rejects a tunnel.
    fn refused(answer: &'static str) -> (Error, usize) {
        let behind = Behind::new(answer, false);
        let error = behind.send().expect_err("an error");
        assert_eq!(error.kind, ErrorKind::Connection, "{error}");
        assert_no_password(&format!("{error:?}"));
        let place = format!(
            "to https://{HOST} through the proxy http://127.0.0.1:{}",
            behind.proxy.listener.port
        );
        assert!(error.message.contains(&place), "{error}");
        assert_eq!(behind.session.server.connections(), 0);
        (error, behind.proxy.heads().len())
    }
}

#[test]
fn a_proxy_opens_a_tunnel_for_tls_and_sees_no_key() {
    let behind = Behind::new(OPENED, true);
    behind.send().expect("an answer");

    let heads = behind.proxy.heads();
    assert_eq!(heads.len(), 1);
    let head = &heads[0];
    assert!(
        head.starts_with(&format!("CONNECT {HOST}:443 HTTP/1.1\r\n")),
        "{head}"
    );
    let sent = format!("proxy-authorization: {}", CREDENTIALS.to_lowercase());
    assert!(head.to_lowercase().contains(&sent), "{head}");
    assert!(!head.contains(KEY), "{head}");

    let seen = behind.session.seen();
    assert_eq!(
        header(&seen, "authorization"),
        Some(format!("Bearer {KEY}").as_str())
    );
    assert_eq!(header(&seen, "proxy-authorization"), None);
}

#[test]
fn a_proxy_that_requires_credentials_is_not_retried() {
    let proxy = Session::answering([Reply::body(407, "text/plain", "Who are you?")]);
    let session = through(proxy.server.port());
    let error = session.send(persistent(&format!("http://{HOST}/v1")));
    let error = error.expect_err("an error");
    assert_eq!((error.kind, error.status), (ErrorKind::Status, Some(407)));
    assert!(error.message.contains("user:password@host:port"), "{error}");
    assert_no_password(&format!("{error:?}"));
    assert_eq!(proxy.server.requests().len(), 1);

    let answer = "HTTP/1.1 407 Proxy Authentication Required\r\n\
                  Proxy-Authenticate: Basic realm=\"net\"\r\nContent-Length: 0\r\n\r\n";
    let (error, times) = Behind::refused(answer);
    assert!(error.message.contains("user:password@host:port"), "{error}");
    assert_eq!((error.attempts, times), (1, 1));
}

#[test]
fn proxy_failures_are_distinguished_from_server_failures() {
    let (error, _) = Behind::refused("HTTP/1.1 403 Forbidden\r\n\r\n");
    assert!(
        error
            .message
            .ends_with("The proxy rejected the connection to this host."),
        "{error}"
    );
    let (error, _) = Behind::refused("");
    assert!(
        error.message.contains("The proxy closed the connection"),
        "{error}"
    );
    assert_eq!(error.attempts, 3);
}

#[test]
fn a_broken_tunnel_keeps_received_events() {
    let behind = Behind::new(OPENED, true);
    behind.session.server.reply(Reply {
        ending: Ending::Close,
        ..event_stream([delta("a"), delta("b")])
    });
    let (texts, end) = read_all(&behind.chat());
    assert_eq!(texts, ["a", "b"]);
    let error = incomplete(end);
    assert_eq!(
        error.partial.map(|partial| partial.text).as_deref(),
        Some("ab")
    );
}

#[test]
fn an_unreachable_proxy_is_reported() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let free = listener.local_addr().unwrap().port();
    drop(listener);
    let call = request(
        &format!("http://{HOST}/v1"),
        "GET",
        &["models"],
        Body::Empty,
    );
    let error = through(free).send(call).expect_err("an error");
    assert_eq!(error.kind, ErrorKind::Connection);
    let place = format!("to http://{HOST} through the proxy http://127.0.0.1:{free} failed");
    assert!(error.message.contains(&place), "{error}");
    assert!(error.message.to_lowercase().contains("refused"), "{error}");
    assert_no_password(&format!("{error:?}"));
}

#[test]
fn a_proxy_may_use_tls() {
    let authority = Authority::new("Company");
    let bundle = TemporaryFile::new(&authority.certificate);
    let inner = Session::new();
    let front = Listener::tls(
        authority.issue(&["localhost"]).server(),
        inner.server.port(),
    );
    let session = Session::through(&TransportSettings {
        proxy: ProxyChoice::Url(format!("https://user@localhost:{}", front.port)),
        ca_bundle: trusting(&bundle).ca_bundle,
        ..TransportSettings::default()
    });
    let call = persistent(&format!("http://{HOST}/v1"));
    session.send(call).expect("an answer");
    assert_eq!(inner.seen().target, format!("http://{HOST}/v1/models"));
}

#[test]
fn an_invalid_proxy_is_an_argument_error() {
    for url in [
        "ftp://user:p@ss-word@host",
        "http://user:p@ss-word@host:port",
        "http://",
    ] {
        let settings = TransportSettings {
            proxy: ProxyChoice::Url(url.to_owned()),
            ..TransportSettings::default()
        };
        let error = Transports::default().get(&settings).expect_err("an error");
        assert_eq!(error.kind, ErrorKind::Argument);
        assert!(
            error.message.starts_with("The proxy is not a valid URL"),
            "{error}"
        );
        assert_no_password(&error.message);
    }
}
