//! Sends a request and receives its answer.

use bytes::Bytes;
use reqwest::header::{HeaderValue, ACCEPT_ENCODING, CONTENT_TYPE, USER_AGENT};
use reqwest::Response;

use crate::error::{quote, request_id, Error, ErrorKind};
use crate::multipart;
use crate::request::{Body, Request};
use crate::trace::Trace;
use crate::transport::{user_agent, Transport};

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
    /// The beginning of the body as errors quote it, free of secrets.
    excerpt: String,
}

impl Answer {
    /// The error of an answer whose body is not what the call returns.
    pub fn unreadable(&self, expected: &str, why: &str) -> Error {
        let mut error = Error::new(
            ErrorKind::Response,
            format!(
                "The server answered HTTP {} with content type \"{}\" where {expected} was \
                 expected: {why}. The answer begins: {}",
                self.status, self.content_type, self.excerpt
            ),
        );
        error.status = Some(self.status);
        error.request_id = self.request_id.clone();
        error
    }
}

/// Sends `request` and waits for the whole answer.
///
/// # Errors
/// Every status but 2xx, and every failure on the way.
pub async fn send(transport: &Transport, request: Request, trace: &Trace) -> Result<Answer, Error> {
    let secret = request.secret();
    let hide = |error: Error| error.without(secret.as_deref());
    let response = respond(transport, request, ENCODINGS, trace)
        .await
        .map_err(hide)?;
    let status = response.status().as_u16();
    let content_type = content_type(&response);
    let request_id = request_id(response.headers());
    let body = response
        .bytes()
        .await
        .map_err(|error| hide(Error::from_transport(&error)))?;
    trace.body_received(&body);
    let excerpt = quote(&body, secret.as_deref());
    Ok(Answer {
        status,
        content_type,
        request_id,
        body,
        excerpt,
    })
}

/// Sends `request` and waits for the head of a successful answer.
pub(crate) async fn respond(
    transport: &Transport,
    request: Request,
    encodings: &'static str,
    trace: &Trace,
) -> Result<Response, Error> {
    let secret = request.secret();
    let Request {
        method,
        url,
        headers,
        body,
        ..
    } = request;
    let origin = url.origin().ascii_serialization();
    let mut builder = transport
        .request(method, url)
        .header(USER_AGENT, user_agent())
        .header(ACCEPT_ENCODING, HeaderValue::from_static(encodings));
    builder = builder.headers(headers);
    let shown;
    (builder, shown) = match body {
        Body::Empty => (builder, Bytes::new()),
        Body::Json(json) => (builder.body(json.clone()), json),
        // After the headers, because the form brings the content type that tells its boundary.
        Body::Form(fields) => {
            let (form, summary) = multipart::form(&fields).await?;
            (builder.multipart(form), summary.into())
        }
    };
    let wire_request = builder
        .build()
        .map_err(|error| Error::from_transport(&error))?;
    trace.connection(&format!("Connecting to {origin}"));
    trace.request(&wire_request);
    trace.body_sent(&shown);
    let response = transport
        .execute(wire_request)
        .await
        .map_err(|error| Error::from_transport(&error))?;
    trace.response(&response);
    if response.status().is_success() {
        return Ok(response);
    }
    Err(refusal(response, secret.as_deref(), trace).await)
}

/// The error of an answer whose status is not 2xx.
async fn refusal(response: Response, secret: Option<&str>, trace: &Trace) -> Error {
    let status = response.status();
    let headers = response.headers().clone();
    // A body that breaks off says less, but the status still counts.
    let body = response.bytes().await.unwrap_or_default();
    trace.body_received(&body);
    Error::from_status(status, &headers, &body, secret)
}

pub(crate) fn content_type(response: &Response) -> String {
    let value = response.headers().get(CONTENT_TYPE);
    value
        .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
        .unwrap_or_default()
}
