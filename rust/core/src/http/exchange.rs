//! One attempt: sends a request and receives the response headers.

use std::sync::Arc;

use std::pin::pin;
use std::time::SystemTime;

use bytes::Bytes;
use http_body::Body as _;
use reqwest::header::{
    HeaderMap, HeaderValue, ACCEPT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, LOCATION, USER_AGENT,
};
use reqwest::{Method, Response, StatusCode, Url};
use tokio::task::yield_now;

use crate::error::{Error, ErrorKind, Failed};
use crate::http::clock::{poll_once, Clock};
use crate::http::connecting::noting_connections;
use crate::http::multipart;
use crate::http::request::{Body, Request};
use crate::http::trace::Trace;
use crate::http::transfer::{CountedBody, Direction, Transfer};
use crate::http::transport::{user_agent, Transport, MAX_HEADER_BYTES};
use crate::options::TimeoutKind;
use crate::waits::Wait;

/// The maximum number of redirects.
const MAX_REDIRECTS: usize = 10;
/// The maximum memory allocated for a body before its bytes arrive.
const FIRST_BODY_BYTES: u64 = 128 << 20;
/// The maximum number of bytes read from the body of a failed response.
const MAX_ERROR_BYTES: u64 = 8 << 20;

/// Makes attempts with one request, within its timeouts.
#[derive(Clone, Copy)]
pub(crate) struct Exchange<'a> {
    pub transport: &'a Transport,
    pub request: &'a Request,
    pub clock: &'a Clock,
    pub trace: &'a Trace,
    /// The accepted content encodings.
    pub encodings: &'static str,
}

impl Exchange<'_> {
    /// Sends the request and waits for the headers of a successful response.
    pub async fn respond(&self) -> Result<Response, Error> {
        self.transport.settle().await;
        let mut url = self.request.url.clone();
        for _ in 0..=MAX_REDIRECTS {
            let response = self.send(&url).await?;
            if response.status().is_success() {
                return Ok(response);
            }
            let next = redirect(&self.request.method, &url, &response);
            match next.filter(|_| self.request.can_be_repeated()) {
                Some(next) => url = next,
                None => return Err(self.refusal(response).await),
            }
            self.trace.redirect(&url);
        }
        let message = format!(
            "The server redirected more than {MAX_REDIRECTS} times, the last time to {url}."
        );
        Err(Error::new(ErrorKind::Response, message))
    }

    /// The next chunk of the response body; `None` at the end.
    pub async fn next_piece(&self, response: &mut Response) -> Result<Option<Bytes>, Error> {
        let piece = self
            .clock
            .limit(TimeoutKind::Idle, response.chunk())
            .await?;
        piece.map_err(|error| self.error(&error))
    }

    /// The next chunk, if it has already arrived. Yields once, so that the task of the connection
    /// can deliver it.
    pub async fn arrived_piece(
        &self,
        response: &mut Response,
    ) -> Option<Result<Option<Bytes>, Error>> {
        let mut piece = poll_once(pin!(response.chunk())).await;
        if piece.is_none() {
            yield_now().await;
            piece = poll_once(pin!(response.chunk())).await;
        }
        piece.map(|piece| piece.map_err(|error| self.error(&error)))
    }

    /// The whole body; an error if it is larger than `most` bytes.
    pub async fn body(&self, response: &mut Response, most: u64) -> Result<Bytes, Error> {
        let announced_length = response.content_length().unwrap_or(0);
        let too_large = || {
            let message = format!("The response is larger than `max_bytes` ({most} bytes).");
            Error::new(ErrorKind::Response, message)
        };
        if announced_length > most {
            return Err(too_large());
        }
        let transfer = self.request.transfer.as_ref();
        if let Some(transfer) = transfer {
            transfer.begin(Direction::Down, response.content_length());
        }
        // A wrong Content-Length must not allocate too much memory.
        let mut body = Vec::with_capacity(announced_length.min(FIRST_BODY_BYTES) as usize);
        while let Some(piece) = self.next_piece(response).await? {
            if (body.len() + piece.len()) as u64 > most {
                return Err(too_large());
            }
            body.extend_from_slice(&piece);
            if let Some(transfer) = transfer {
                transfer.add(Direction::Down, piece.len());
            }
        }
        Ok(body.into())
    }

    async fn send(&self, url: &Url) -> Result<Response, Error> {
        let mut builder = self
            .transport
            .client
            .request(self.request.method.clone(), url.clone())
            .header(USER_AGENT, user_agent())
            .header(ACCEPT_ENCODING, HeaderValue::from_static(self.encodings))
            .headers(self.request.headers.clone());
        let shown;
        (builder, shown) = match &self.request.body {
            Body::Empty => (builder, Bytes::new()),
            Body::Json(json) => (builder.body(json.clone()), json.clone()),
            // Set after the other headers, because the form has its own content type with the
            // boundary.
            Body::Form(fields) => {
                // Opening a pipe blocks until a writer opens it.
                let form = multipart::form(fields);
                let (form, summary) = self.clock.limit(TimeoutKind::Total, form).await??;
                (builder.multipart(form), summary.into())
            }
        };
        let mut wire_request = builder.build().map_err(|error| self.error(&error))?;
        if let Some(transfer) = &self.request.transfer {
            count(&mut wire_request, transfer);
        }
        self.trace.connection(&format!(
            "Connecting to {}{}",
            url.origin().ascii_serialization(),
            self.transport.route.describe(url)
        ));
        self.trace.request(&wire_request);
        self.trace.body_sent(&shown);
        let record = &self.request.record;
        record.sending();
        let answered = noting_connections(record, self.transport.client.execute(wire_request));
        let response = self.clock.limit(TimeoutKind::FirstByte, answered).await?;
        let response = response.map_err(|error| self.error(&error))?;
        record.responded(response.headers());
        self.trace.response(&response);
        if let (Some(pace), true) = (&self.request.pace, response.status().is_success()) {
            pace.answered(response.headers(), || self.request.forecast().total());
        }
        if header_bytes(response.headers()) > MAX_HEADER_BYTES {
            let message = format!("The response headers are larger than {MAX_HEADER_BYTES} bytes.");
            return Err(Error::new(ErrorKind::Response, message));
        }
        Ok(response)
    }

    /// Creates the error of a response with a status other than 2xx.
    async fn refusal(&self, mut response: Response) -> Error {
        let status = response.status();
        let headers = response.headers().clone();
        // If the body is incomplete, the status is still reported.
        let body = self
            .body(&mut response, MAX_ERROR_BYTES)
            .await
            .unwrap_or_default();
        self.trace.body_received(&body);
        let tokens = || self.request.forecast().total();
        Error::from_status(&Failed {
            status,
            headers: &headers,
            body: &body,
            wait: Wait::of_refusal(status, &headers, tokens, SystemTime::now()),
            secrets: self.request.secrets(),
            path: self.request.url.path(),
        })
    }

    fn error(&self, error: &reqwest::Error) -> Error {
        let timeouts = &self.request.options.timeouts;
        let target = error.url().unwrap_or(&self.request.url);
        Error::from_transport(error, timeouts, &self.transport.route.describe(target))
    }
}

/// Counts the bytes of a request body while it is sent.
fn count(request: &mut reqwest::Request, transfer: &Arc<Transfer>) {
    let announced_length = request.headers().get(CONTENT_LENGTH);
    let announced_length = announced_length.and_then(|length| length.to_str().ok()?.parse().ok());
    let Some(body) = request.body_mut().take() else {
        return;
    };
    // A form contains file streams; its length is only in the header.
    transfer.begin(Direction::Up, announced_length.or(body.size_hint().exact()));
    let counted = CountedBody::new(body, Arc::clone(transfer));
    *request.body_mut() = Some(reqwest::Body::wrap(counted));
}

/// The target of a redirect, if it has the same origin and keeps the method.
///
/// The status codes 301, 302 and 303 turn a POST into a GET (RFC 9110, section 15.4), which would
/// drop the body. Another origin must not receive the request, which is meant for this one.
fn redirect(method: &Method, url: &Url, response: &Response) -> Option<Url> {
    let keeps_method = match response.status() {
        StatusCode::TEMPORARY_REDIRECT | StatusCode::PERMANENT_REDIRECT => true,
        StatusCode::MOVED_PERMANENTLY | StatusCode::FOUND | StatusCode::SEE_OTHER => {
            method == Method::GET
        }
        _ => false,
    };
    let location = response.headers().get(LOCATION)?.to_str().ok()?;
    let next = url.join(location).ok()?;
    (keeps_method && next.origin() == url.origin()).then_some(next)
}

fn header_bytes(headers: &HeaderMap) -> usize {
    headers
        .iter()
        .map(|(name, value)| name.as_str().len() + value.len())
        .sum()
}

pub(crate) fn content_type(response: &Response) -> String {
    let value = response.headers().get(CONTENT_TYPE);
    value
        .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
        .unwrap_or_default()
}
