//! Errors of requests without a complete response.

use std::fmt;
use std::io;

use reqwest::Url;

use super::advice::PROXY_CREDENTIALS;
use super::tls::{tls_advice, tls_error};
use super::{Error, ErrorKind};
use crate::options::{TimeoutKind, Timeouts};

impl Error {
    /// Creates the error of a request without a complete response, with its whole chain of causes.
    /// `route` describes the proxy.
    pub(crate) fn from_transport(error: &reqwest::Error, timeouts: &Timeouts, route: &str) -> Self {
        let destination = Destination::of(error, route);
        if error.is_timeout() && error.is_connect() {
            let limit = timeouts.connect.unwrap_or_default();
            let mut error = Error::timeout(TimeoutKind::Connect, limit);
            error.message = format!("{} The connection was{destination}.", error.message);
            return error;
        }
        let causes = causes(error);
        let failure = Failure::of(error, &causes);
        let what = match failure {
            Failure::HeadTooLarge => "The response headers are too large".to_owned(),
            Failure::Undecodable => "The response body could not be decoded".to_owned(),
            Failure::BrokenOff => {
                "The connection was lost before the response was complete".to_owned()
            }
            Failure::Other => format!("The request{destination} failed"),
            _ => format!("The connection{destination} failed"),
        };
        let mut message = format!("{what}: {causes}.");
        if let Some(plain) = failure.describe(&destination) {
            message = format!("{plain} {message}");
        }
        let advice = match failure {
            Failure::ProxyDenied => Some(PROXY_CREDENTIALS),
            Failure::Tls(advice) => Some(advice),
            _ => proxy_advice(&causes),
        };
        if let Some(advice) = advice {
            message = format!("{message} {advice}");
        }
        let (kind, is_transient) = match failure {
            Failure::HeadTooLarge | Failure::Undecodable => (ErrorKind::Response, false),
            Failure::ProxyDenied | Failure::Tls(_) => (ErrorKind::Connection, false),
            _ => (ErrorKind::Connection, true),
        };
        Error {
            cause: Some(causes),
            is_transient,
            ..Error::new(kind, message)
        }
    }
}

/// The kinds of transport failures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Failure {
    /// No server accepts connections at this address.
    Refused,
    UnknownHost,
    Unreachable,
    /// The connection was closed before the response began.
    Closed,
    NotHttp,
    Connect,
    ProxyDenied,
    /// What to do about it.
    Tls(&'static str),
    HeadTooLarge,
    Undecodable,
    BrokenOff,
    Other,
}

impl Failure {
    fn of(error: &reqwest::Error, causes: &str) -> Failure {
        // reqwest reports all of these as decoding errors. Its decoders fail with plain I/O errors;
        // errors of the socket are wrapped in an error of hyper.
        let undecodable = error.is_decode()
            && sources(error)
                .next()
                .is_some_and(|cause| cause.is::<io::Error>());
        // hyper and its proxy connectors distinguish these errors by their messages only.
        if causes.contains("message head is too large") {
            Failure::HeadTooLarge
        } else if PROXY_DENIALS.iter().any(|text| causes.contains(text)) {
            Failure::ProxyDenied
        } else if let Some(advice) = sources(error).find_map(tls_error).and_then(tls_advice) {
            Failure::Tls(advice)
        } else if let (Some(failure), false) = (failure_of_system(error), error.is_decode()) {
            failure
        } else if causes.contains("dns error") {
            Failure::UnknownHost
        } else if let (Some(failure), false) = (failure_of_http(causes), error.is_decode()) {
            failure
        } else if error.is_connect() {
            Failure::Connect
        } else if undecodable {
            Failure::Undecodable
        } else if error.is_decode() {
            Failure::BrokenOff
        } else {
            Failure::Other
        }
    }
}

impl Failure {
    /// Describes the failure in plain words, with advice.
    fn describe(self, destination: &Destination) -> Option<String> {
        let Destination {
            server, proxied, ..
        } = destination;
        Some(match (self, proxied) {
            (Failure::Refused, false) => {
                let start = start_command(server).unwrap_or_default();
                format!(
                    "No server is listening at {server}. Check that the server is running.{start}"
                )
            }
            (Failure::Refused, true) => {
                "No proxy is listening at its address. Check that the proxy is running and that \
                 its address is correct."
                    .to_owned()
            }
            (Failure::UnknownHost, false) => format!(
                "The host of {server} could not be resolved. Check the base URL and the network \
                 connection of this machine."
            ),
            (Failure::UnknownHost, true) => {
                "The host of the proxy could not be resolved. Check the address of the proxy."
                    .to_owned()
            }
            (Failure::Unreachable, _) => format!(
                "The network has no route to {server}. Check the network connection of this \
                 machine, and the VPN if the server requires one."
            ),
            (Failure::Closed, _) => format!(
                "The server at {server} closed the connection without a response. Check its log \
                 for the reason. The base URL may need https://."
            ),
            (Failure::NotHttp, _) => format!(
                "The server at {server} does not use HTTP. Check the port. The base URL may need \
                 https://."
            ),
            _ => return None,
        })
    }
}

/// The destination of a request.
struct Destination {
    /// Host and port.
    server: String,
    origin: String,
    /// The description of the proxy.
    route: String,
    proxied: bool,
}

impl Destination {
    fn of(error: &reqwest::Error, route: &str) -> Destination {
        let url = error.url();
        let host = url.and_then(Url::host_str).unwrap_or("the server");
        let port = url.and_then(Url::port_or_known_default);
        let origin = url.map(|url| format!(" to {}", url.origin().ascii_serialization()));
        Destination {
            server: port.map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")),
            origin: origin.unwrap_or_default(),
            route: route.to_owned(),
            proxied: !route.is_empty(),
        }
    }
}

impl fmt::Display for Destination {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}{}", self.origin, self.route)
    }
}

/// How to start the program that usually listens at a port of this machine.
fn start_command(server: &str) -> Option<&'static str> {
    let (host, port) = server.rsplit_once(':')?;
    match (host, port) {
        ("localhost" | "127.0.0.1" | "[::1]", "11434") => {
            Some(" Start Ollama with `ollama serve`.")
        }
        ("localhost" | "127.0.0.1" | "[::1]", "1234") => {
            Some(" Start the server of LM Studio with `lms server start`.")
        }
        _ => None,
    }
}

/// Detects failures by the error of the operating system.
fn failure_of_system(error: &reqwest::Error) -> Option<Failure> {
    let mut kinds =
        sources(error).filter_map(|cause| Some(cause.downcast_ref::<io::Error>()?.kind()));
    kinds.find_map(|kind| match kind {
        io::ErrorKind::ConnectionRefused => Some(Failure::Refused),
        io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => {
            Some(Failure::Unreachable)
        }
        io::ErrorKind::ConnectionReset
        | io::ErrorKind::ConnectionAborted
        | io::ErrorKind::BrokenPipe => Some(Failure::Closed),
        _ => None,
    })
}

/// Detects failures by hyper's messages, because hyper has no public error kinds for them.
fn failure_of_http(causes: &str) -> Option<Failure> {
    if causes.contains("invalid HTTP version") {
        Some(Failure::NotHttp)
    } else if causes.contains("connection closed before message completed") {
        Some(Failure::Closed)
    } else {
        None
    }
}

/// Messages about missing or wrong proxy credentials: HTTP, then SOCKS.
const PROXY_DENIALS: [&str; 4] = [
    "proxy auth",
    "credentials not accepted",
    "does not support user/pass authentication",
    "implements authentication incorrectly",
];

/// Advice for failed proxy tunnels.
fn proxy_advice(causes: &str) -> Option<&'static str> {
    if causes.contains("tunnel error: unsuccessful") {
        Some("The proxy rejected the connection to this host.")
    } else if causes.contains("tunnel error: unexpected end of file") {
        Some("The proxy closed the connection instead of connecting to this host.")
    } else {
        None
    }
}

/// The innermost causes of a transport error, because reqwest's own message repeats the URL.
fn causes(error: &reqwest::Error) -> String {
    let mut texts: Vec<String> = Vec::new();
    for cause in sources(error) {
        let text = cause.to_string();
        // hyper's prefix for the part that failed.
        if text.starts_with("client error (") {
            continue;
        }
        if !texts.iter().any(|known| known.contains(&text)) {
            texts.push(text);
        }
    }
    if texts.is_empty() {
        texts.push(error.to_string());
    }
    texts.join(": ")
}

/// All causes of a transport error, outermost first.
fn sources(error: &reqwest::Error) -> impl Iterator<Item = &(dyn std::error::Error + 'static)> {
    std::iter::successors(std::error::Error::source(error), |cause| cause.source())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn start_commands_are_only_suggested_for_this_machine() {
        for host in ["localhost", "127.0.0.1", "[::1]"] {
            let command = start_command(&format!("{host}:11434"));
            assert!(command.is_some_and(|it| it.contains("`ollama serve`")));
        }
        assert!(start_command("localhost:1234").is_some_and(|it| it.contains("`lms")));
        assert_eq!(start_command("gpu.example:11434"), None);
        assert_eq!(start_command("localhost:8000"), None);
    }
}
