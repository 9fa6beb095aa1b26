//! Calls without streaming: a request and its complete response.

use std::path::Path;
use std::time::SystemTime;

use bytes::Bytes;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::StatusCode;

use crate::error::{page_advice, request_id, Beginning, Error, ErrorKind, Failed, Reported};
use crate::http::clock::Clock;
use crate::http::exchange::{content_type, Exchange};
use crate::http::request::Request;
use crate::http::retry::Attempts;
use crate::http::trace::Trace;
use crate::http::transport::Transport;
use crate::json::Document;
use crate::options::TimeoutKind;
use crate::received::{Body, Content, InvalidBody};
use crate::save::save;
use crate::usage::ReportedUsage;
use crate::waits::Wait;

/// The accepted content encodings, which reqwest decodes.
const ENCODINGS: &str = "gzip, br, zstd, deflate";

/// The header with the server's id of the request.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The response to a successful call, with the expected content.
#[derive(Debug, Clone)]
pub struct Answer {
    pub content: Content,
    head: Head,
}

/// The metadata of a response.
#[derive(Debug, Clone)]
struct Head {
    status: StatusCode,
    headers: HeaderMap,
    content_type: String,
    /// The number of attempts.
    attempts: u32,
    beginning: Beginning,
}

impl Answer {
    /// Reads a stored answer to `request` from JSON; `None` if it is not the expected response.
    pub(crate) fn stored(request: &Request, body: Bytes) -> Option<Self> {
        let head = Head {
            status: StatusCode::OK,
            headers: HeaderMap::new(),
            content_type: "application/json".to_owned(),
            attempts: 0,
            beginning: Beginning::default(),
        };
        let content = head.read(request, body).ok()?;
        Some(Answer { content, head })
    }

    /// Reads the answer to `request` in the results of a batch, from JSON.
    ///
    /// # Errors
    /// Fails if the status is an error, or if the body is not the expected response.
    pub(crate) fn of_batch(
        request: &Request,
        status: u16,
        request_id: Option<&str>,
        body: Bytes,
    ) -> Result<Self, Error> {
        let secrets = request.secrets();
        let id = request_id.and_then(|id| HeaderValue::from_str(id).ok());
        let head = Head {
            status: StatusCode::from_u16(status).unwrap_or(StatusCode::OK),
            headers: id.map(|id| (REQUEST_ID, id)).into_iter().collect(),
            content_type: "application/json".to_owned(),
            attempts: 1,
            beginning: Beginning::of(&body, secrets),
        };
        if !head.status.is_success() {
            let error = Error::from_status(&Failed {
                status: head.status,
                headers: &head.headers,
                body: &body,
                wait: None,
                secrets,
                path: request.url.path(),
            });
            return Err(Error {
                attempts: head.attempts,
                ..request.explained(error)
            });
        }
        match head.read(request, body) {
            Ok(content) => Ok(Answer { content, head }),
            Err(invalid) => Err(head.error(invalid, request)),
        }
    }

    /// Replaces the document of a response.
    pub(crate) fn with_json(self, document: Document) -> Self {
        Answer {
            content: Content::Json(document),
            ..self
        }
    }

    /// Its approximate size in bytes.
    pub(crate) fn bytes(&self) -> usize {
        match &self.content {
            Content::Json(document) => document.source().len(),
            Content::Text(text) => text.len(),
            Content::Bytes(bytes) => bytes.len(),
            Content::Nothing => 0,
        }
    }

    /// Creates the error of a response with unexpected content.
    pub fn unreadable(&self, expected: &str, why: &str) -> Error {
        self.head.unreadable(expected, why)
    }
}

impl Head {
    fn read(&self, request: &Request, body: Bytes) -> Result<Content, InvalidBody> {
        let body = Body {
            bytes: body,
            status: self.status.as_u16(),
            content_type: &self.content_type,
            secrets: request.secrets(),
            options: request.options,
        };
        body.read(request.expected)
    }

    fn error(&self, invalid: InvalidBody, request: &Request) -> Error {
        match invalid {
            InvalidBody::Unreadable(expected, why) => self.unreadable(expected, &why),
            InvalidBody::Error(reported) => self.reported(reported, request),
            InvalidBody::Interrupted(error) => Error {
                status: error.status.or(Some(self.status.as_u16())),
                request_id: request_id(&self.headers),
                ..error
            },
        }
    }

    fn reported(&self, reported: Reported, request: &Request) -> Error {
        let reported_status = reported.status.and_then(|it| StatusCode::from_u16(it).ok());
        let tokens = || request.forecast().total();
        let now = SystemTime::now();
        let failed = Failed {
            status: self.status,
            headers: &self.headers,
            body: self.beginning.bytes(),
            wait: reported_status.and_then(|reported_status| {
                Wait::of_refusal(reported_status, &self.headers, tokens, now)
            }),
            secrets: request.secrets(),
            path: request.url.path(),
        };
        Error::in_place_of_answer(&failed, reported)
    }

    fn unreadable(&self, expected: &str, why: &str) -> Error {
        let status = self.status.as_u16();
        let response = format!(
            "The response (HTTP {status}, content type \"{}\")",
            self.content_type
        );
        let excerpt = self.beginning.quote();
        let message = if excerpt.is_empty() {
            format!("{response} is empty; {expected} was expected.")
        } else {
            let advice = page_advice(&self.content_type);
            format!("{response} is not {expected}: {why}. It starts with: {excerpt}{advice}")
        };
        Error {
            status: Some(status),
            request_id: request_id(&self.headers),
            body: Some(self.beginning.body()),
            attempts: self.attempts,
            ..Error::new(ErrorKind::Response, message)
        }
    }
}

/// Sends `request` and waits for the complete response, with retries.
///
/// # Errors
/// Fails with any status but 2xx, with transport errors, and if a limit of the request's options is
/// exceeded.
pub async fn send(
    transport: &Transport,
    request: &Request,
    trace: &Trace,
) -> Result<Answer, Error> {
    send_and_keep(transport, request, trace, None).await
}

/// Sends `request` and saves the body of the response to the file at `path`, without keeping it in
/// memory. The file appears when it is complete.
///
/// # Errors
/// Returns the errors of [`send`], and an error if the file cannot be written.
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
    let ongoing = request.record.request();
    let answer = attempt(transport, request, trace, path).await;
    ongoing.ends(answer.as_ref().err());
    answer
}

/// Sends the request until it succeeds or another attempt cannot help.
async fn attempt(
    transport: &Transport,
    request: &Request,
    trace: &Trace,
    path: Option<&Path>,
) -> Result<Answer, Error> {
    request.admitted().await?;
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
        let failed = match receive(&exchange, attempts.begin(), path).await {
            Ok(answer) => {
                let Head {
                    status, headers, ..
                } = &answer.head;
                attempts.succeeded(status.as_u16(), request_id(headers).as_deref());
                request.count_use(match &answer.content {
                    Content::Json(document) => ReportedUsage::of(document.root()),
                    _ => ReportedUsage::default(),
                });
                return Ok(answer);
            }
            Err(error) => request.explained(error),
        };
        if let Some(pace) = &request.pace {
            pace.failed(&failed);
        }
        if let Err(error) = attempts.wait_after(failed).await {
            if let Some(pace) = &request.pace {
                pace.record_final_failure(&error);
            }
            return Err(error);
        }
        let admitted = clock.limit(TimeoutKind::Total, request.admitted());
        admitted.await??;
    }
}

async fn receive(
    exchange: &Exchange<'_>,
    attempts: u32,
    path: Option<&Path>,
) -> Result<Answer, Error> {
    let mut response = exchange.respond().await?;
    let status = response.status();
    let headers = response.headers().clone();
    let content_type = content_type(&response);
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
    let head = Head {
        status,
        headers,
        content_type,
        attempts,
        beginning: Beginning::of(&body, exchange.request.secrets()),
    };
    let content = match path {
        Some(_) => Ok(Content::Nothing),
        None => head.read(exchange.request, body),
    };
    match content {
        Ok(content) => Ok(Answer { content, head }),
        Err(invalid) => Err(head.error(invalid, exchange.request)),
    }
}
