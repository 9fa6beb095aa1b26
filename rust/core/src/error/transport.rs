//! Errors of requests that got no answer or not all of it.

use std::io;

use super::advice::advice;
use super::tls::{tls_advice, tls_error};
use super::{Error, ErrorKind};
use crate::error::TimeoutKind;
use crate::options::Timeouts;
use crate::retry::Retry;

impl Error {
    /// The error of a request that got no answer or not all of it, with the whole chain of causes.
    /// `route` tells what stands between.
    pub(crate) fn from_transport(error: &reqwest::Error, timeouts: &Timeouts, route: &str) -> Self {
        let place = error
            .url()
            .map(|url| format!(" to {}", url.origin().ascii_serialization()));
        let place = place.unwrap_or_default() + route;
        if error.is_timeout() && error.is_connect() {
            let limit = timeouts.connect.unwrap_or_default();
            let mut error = Error::timeout(TimeoutKind::Connect, limit);
            error.message = format!("{} It was{place}.", error.message);
            return error;
        }
        let causes = causes(error);
        let failure = Failure::of(error, &causes);
        let what = match failure {
            Failure::HeadTooLarge => "The headers of the answer are too large".to_owned(),
            Failure::Undecodable => "The answer could not be decoded".to_owned(),
            Failure::BrokenOff => "The connection broke before the answer was complete".to_owned(),
            Failure::Connect | Failure::ProxyDenied | Failure::Tls(_) => {
                format!("The connection{place} failed")
            }
            Failure::Other => format!("The request{place} failed"),
        };
        let mut message = format!("{what}: {causes}.");
        let advice = match failure {
            Failure::ProxyDenied => advice(407, None),
            Failure::Tls(advice) => Some(advice),
            _ => proxy_advice(&causes),
        };
        if let Some(advice) = advice {
            message = format!("{message} {advice}");
        }
        let (kind, retry) = match failure {
            Failure::HeadTooLarge | Failure::Undecodable => (ErrorKind::Response, Retry::Never),
            Failure::ProxyDenied | Failure::Tls(_) => (ErrorKind::Connection, Retry::Never),
            _ => (ErrorKind::Connection, Retry::BackOff),
        };
        Error {
            cause: Some(causes),
            retry,
            ..Error::new(kind, message)
        }
    }
}

/// What failed, of the things that are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Failure {
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
        // reqwest calls all of this a failure to decode. Its decoders fail with an I/O error of
        // their own; the socket's stand inside an error of hyper.
        let undecodable = error.is_decode()
            && sources(error)
                .next()
                .is_some_and(|cause| cause.is::<io::Error>());
        // hyper and its proxies have no names for these but their texts.
        if causes.contains("message head is too large") {
            Failure::HeadTooLarge
        } else if PROXY_DENIALS.iter().any(|text| causes.contains(text)) {
            Failure::ProxyDenied
        } else if let Some(advice) = sources(error).find_map(tls_error).and_then(tls_advice) {
            Failure::Tls(advice)
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

/// What is said where a proxy wants credentials, or others: of HTTP, then of SOCKS.
const PROXY_DENIALS: [&str; 4] = [
    "proxy auth",
    "credentials not accepted",
    "does not support user/pass authentication",
    "implements authentication incorrectly",
];

/// What a proxy did with a tunnel, which the causes name in few words.
fn proxy_advice(causes: &str) -> Option<&'static str> {
    if causes.contains("tunnel error: unsuccessful") {
        Some("The proxy refused to connect to this host.")
    } else if causes.contains("tunnel error: unexpected end of file") {
        Some("The proxy closed the connection instead of connecting to this host.")
    } else {
        None
    }
}

/// The innermost causes of a transport error; reqwest's own outer text repeats the URL.
fn causes(error: &reqwest::Error) -> String {
    let mut texts: Vec<String> = Vec::new();
    for cause in sources(error) {
        let text = cause.to_string();
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
