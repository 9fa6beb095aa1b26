//! Plain calls: a request and its whole answer.

use std::path::Path;

use bytes::Bytes;

use crate::error::{page_advice, request_id, Beginning, Error, ErrorKind, TimeoutKind};
use crate::exchange::{content_type, Exchange};
use crate::options::Clock;
use crate::request::Request;
use crate::retry::Attempts;
use crate::save::save;
use crate::trace::Trace;
use crate::transport::Transport;

/// What an answer may be packed with; reqwest unpacks it.
const ENCODINGS: &str = "gzip, br, zstd, deflate";

/// A whole answer of a successful call.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    /// The header `content-type`, `""` if there is none.
    pub content_type: String,
    /// The header `x-request-id`.
    pub request_id: Option<String>,
    pub body: Bytes,
    /// How often the request was sent.
    pub attempts: u32,
    beginning: Beginning,
}

impl Answer {
    /// An answer that came earlier and was kept: JSON.
    pub(crate) fn kept(body: Bytes) -> Self {
        Answer {
            status: 200,
            content_type: "application/json".to_owned(),
            request_id: None,
            body,
            attempts: 0,
            beginning: Beginning::default(),
        }
    }

    /// The error of an answer whose body is not what the call returns.
    pub fn unreadable(&self, expected: &str, why: &str) -> Error {
        let message = format!(
            "The answer (HTTP {}, content type \"{}\") is not {expected}: {why}. It begins: {}{}",
            self.status,
            self.content_type,
            self.beginning.quote(),
            page_advice(&self.content_type)
        );
        Error {
            status: Some(self.status),
            request_id: self.request_id.clone(),
            body: Some(self.beginning.body()),
            attempts: self.attempts,
            ..Error::new(ErrorKind::Response, message)
        }
    }
}

/// Sends `request` and waits for the whole answer, again where that may help.
///
/// # Errors
/// Every status but 2xx, every failure on the way, and every limit of the request's options.
pub async fn send(
    transport: &Transport,
    request: &Request,
    trace: &Trace,
) -> Result<Answer, Error> {
    send_and_keep(transport, request, trace, None).await
}

/// The same, with the body of the answer in the file at `path`, which is there when all of it has
/// come, and never whole in memory.
///
/// # Errors
/// Those of [`send`], and where the file cannot be written.
pub async fn download(
    transport: &Transport,
    request: &Request,
    trace: &Trace,
    path: &Path,
) -> Result<Answer, Error> {
    send_and_keep(transport, request, trace, Some(path)).await
}

async fn send_and_keep(
    transport: &Transport,
    request: &Request,
    trace: &Trace,
    path: Option<&Path>,
) -> Result<Answer, Error> {
    request.admitted().await;
    let clock = Clock::start(request.options.timeouts);
    let exchange = Exchange {
        transport,
        request,
        clock: &clock,
        trace,
        encodings: ENCODINGS,
    };
    let mut attempts = Attempts::new(request, &clock, trace);
    loop {
        let failed = match receive(&exchange, attempts.current(), path).await {
            Ok(answer) => {
                attempts.succeeded(answer.status, answer.request_id.as_deref());
                return Ok(answer);
            }
            Err(error) => error.without(request.secrets()),
        };
        if let Some(pace) = &request.pace {
            pace.failed(&failed);
        }
        attempts.wait_after(failed).await?;
        let admitted = clock.limit(TimeoutKind::Total, request.admitted());
        admitted.await?;
    }
}

async fn receive(
    exchange: &Exchange<'_>,
    attempts: u32,
    path: Option<&Path>,
) -> Result<Answer, Error> {
    let mut response = exchange.respond().await?;
    let status = response.status().as_u16();
    let content_type = content_type(&response);
    let request_id = request_id(response.headers());
    let body = match path {
        None => {
            let most = exchange.request.options.max_bytes;
            exchange.body(&mut response, most).await?
        }
        Some(path) => {
            save(exchange, &mut response, path).await?;
            Bytes::new()
        }
    };
    drop(response);
    exchange.transport.give_back().await;
    exchange.trace.body_received(&body);
    let beginning = Beginning::of(&body, exchange.request.secrets());
    Ok(Answer {
        status,
        content_type,
        request_id,
        body,
        attempts,
        beginning,
    })
}
