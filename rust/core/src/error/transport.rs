//! Errors of requests that got no answer or not all of it.

use std::io;

use super::advice::advice;
use super::{Error, ErrorKind};
use crate::error::TimeoutKind;
use crate::options::Timeouts;
use crate::retry::Retry;

impl Error {
    /// The error of a request that got no answer or not all of it, with the whole chain of causes.
    pub(crate) fn from_transport(error: &reqwest::Error, timeouts: &Timeouts) -> Self {
        if error.is_timeout() && error.is_connect() {
            let limit = timeouts.connect.unwrap_or_default();
            return Error::timeout(TimeoutKind::Connect, limit);
        }
        let causes = causes(error);
        let failure = Failure::of(error, &causes);
        let place = error
            .url()
            .map(|url| format!(" to {}", url.origin().ascii_serialization()));
        let place = place.unwrap_or_default();
        let what = match failure {
            Failure::HeadTooLarge => "The headers of the answer are too large".to_owned(),
            Failure::Undecodable => "The answer could not be decoded".to_owned(),
            Failure::BrokenOff => "The connection broke before the answer was complete".to_owned(),
            Failure::Connect | Failure::ProxyDenied => format!("The connection{place} failed"),
            Failure::Other => format!("The request{place} failed"),
        };
        let mut message = format!("{what}: {causes}.");
        if let Some(advice) = advice(407, None).filter(|_| failure == Failure::ProxyDenied) {
            message = format!("{message} {advice}");
        }
        let (kind, retry) = match failure {
            Failure::HeadTooLarge | Failure::Undecodable => (ErrorKind::Response, Retry::Never),
            Failure::ProxyDenied => (ErrorKind::Connection, Retry::Never),
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
        } else if causes.contains("proxy auth") {
            Failure::ProxyDenied
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
