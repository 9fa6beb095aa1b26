//! Resumes the stream of a stored response after a lost connection.
//!
//! Events are numbered, and for five minutes a new stream can start after any of them. Later only
//! the complete response is available
//! (<https://platform.openai.com/docs/guides/background#streaming-a-background-response>).

use std::time::Duration;

use memchr::memmem;
use reqwest::header::{HeaderValue, ACCEPT, CONTENT_TYPE};
use reqwest::{Method, Response, Url};
use tokio::time::sleep;

use super::kind::is_final;
use crate::error::Error;
use crate::expected::Expected;
use crate::http::address::{add_query, append};
use crate::http::back_off::pause_after;
use crate::http::exchange::{content_type, Exchange};
use crate::http::request::{Body, Request};
use crate::http::retry::Attempts;
use crate::json::{Array, Document, Node};
use crate::options::TimeoutKind;

/// The interval between polls of a response that is not final: the first, and the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const MAX_PAUSE: Duration = Duration::from_secs(5);

/// Query parameters that start a stream of a response.
const OF_STREAM: [&str; 2] = ["stream", "starting_after"];

/// How to request a response again.
#[derive(Clone)]
pub(super) struct Stored {
    /// Requests the complete response; without an id the URL is that of all responses.
    request: Request,
    has_id: bool,
}

/// The position in the stream of a stored response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bookmark {
    pub response_id: String,
    /// The number of the last event, if the server numbers them.
    pub sequence_number: Option<i64>,
}

/// What the server has of an interrupted response.
pub(super) enum Found {
    /// A stream of the missing events.
    Rest(Response),
    /// The final response.
    Whole(Document),
}

impl Stored {
    /// How to resume the response to a request; `None` if the server generates it only during the
    /// request.
    pub fn of(request: &Request) -> Option<Stored> {
        let segments: Vec<&str> = request.url.path_segments()?.collect();
        let (has_id, fields) = match (&request.method, segments.as_slice(), &request.body) {
            (&Method::GET, [.., "responses", _], _) => (true, Vec::new()),
            (&Method::POST, [.., "responses"], Body::Json(body)) => (false, of_background(body)?),
            _ => return None,
        };
        let mut request = Request {
            method: Method::GET,
            body: Body::Empty,
            expected: Expected::Object,
            ..request.clone()
        };
        request.headers.remove(CONTENT_TYPE);
        drop_query(&mut request.url, &OF_STREAM);
        add_query(&mut request.url, &fields);
        Some(Stored { request, has_id })
    }

    /// The id of the response, if it was requested by id.
    pub fn response_id(&self) -> Option<String> {
        let id = self.request.url.path_segments()?.next_back()?;
        self.has_id.then(|| id.to_owned())
    }

    /// Requests what follows the last event, after `broke` interrupted a stream. `tries` counts the
    /// attempts since the last event.
    ///
    /// # Errors
    /// Returns the last error if there are no attempts left.
    pub async fn find(
        &self,
        exchange: &Exchange<'_>,
        bookmark: &Bookmark,
        broke: Error,
        tries: &mut u32,
    ) -> Result<Found, Error> {
        // If a stream ended normally without new events, there is nothing to resume, for example
        // because the response was cancelled.
        if *tries > 0 && broke.ended_in_order() {
            return self.whole(exchange, bookmark).await;
        }
        let mut failed = broke;
        loop {
            again_after(exchange, failed, tries).await?;
            let Some(number) = bookmark.sequence_number else {
                return self.whole(exchange, bookmark).await;
            };
            let request = self.rest(bookmark, number)?;
            let exchange = Exchange {
                request: &request,
                ..*exchange
            };
            match exchange.respond().await {
                Ok(response) if !content_type(&response).contains("json") => {
                    return Ok(Found::Rest(response));
                }
                Err(error) if error.status != Some(400) => failed = error,
                // The response is too old to be streamed, or this server does not resume streams.
                _ => return self.whole(&exchange, bookmark).await,
            }
        }
    }

    /// Polls the response until it is final.
    async fn whole(&self, exchange: &Exchange<'_>, bookmark: &Bookmark) -> Result<Found, Error> {
        let request = self.of_id(bookmark, &[])?;
        let exchange = Exchange {
            request: &request,
            ..*exchange
        };
        let mut pause = FIRST_PAUSE;
        loop {
            let response = look(&exchange).await?;
            if is_final(response.root()) {
                return Ok(Found::Whole(response));
            }
            let waited = exchange.clock.limit(TimeoutKind::Total, sleep(pause));
            waited.await?;
            pause = (pause * 3 / 2).min(MAX_PAUSE);
        }
    }

    fn rest(&self, bookmark: &Bookmark, number: i64) -> Result<Request, Error> {
        let [stream, starting_after] = OF_STREAM.map(str::to_owned);
        let fields = [
            (stream, "true".to_owned()),
            (starting_after, number.to_string()),
        ];
        let mut request = self.of_id(bookmark, &fields)?;
        let events = HeaderValue::from_static("text/event-stream");
        request.headers.insert(ACCEPT, events);
        Ok(request)
    }

    fn of_id(&self, bookmark: &Bookmark, query: &[(String, String)]) -> Result<Request, Error> {
        let mut request = self.request.clone();
        if !self.has_id {
            append(
                &mut request.url,
                std::slice::from_ref(&bookmark.response_id),
            )?;
        }
        add_query(&mut request.url, query);
        request
            .headers
            .insert(ACCEPT, HeaderValue::from_static("*/*"));
        Ok(request)
    }
}

/// Requests the current state of the response, with retries.
async fn look(exchange: &Exchange<'_>) -> Result<Document, Error> {
    let mut attempts = Attempts::new(exchange.request, exchange.clock, exchange.trace);
    loop {
        attempts.begin();
        match answer(exchange).await {
            Ok(response) => return Ok(response),
            Err(error) => attempts.wait_after(error).await?,
        }
    }
}

async fn answer(exchange: &Exchange<'_>) -> Result<Document, Error> {
    let options = &exchange.request.options;
    let mut response = exchange.respond().await?;
    let content_type = content_type(&response);
    let body = exchange.body(&mut response, options.max_bytes).await?;
    Document::parse_with(body.clone(), options.large_integers).map_err(|error| {
        let secrets = exchange.request.secrets();
        Error::unexpected(
            "a response",
            &error.to_string(),
            &body,
            &content_type,
            secrets,
        )
    })
}

/// Waits until the next attempt is due: the first one immediately, others after the usual back-off.
///
/// # Errors
/// Returns `failed` if there are no attempts left.
async fn again_after(
    exchange: &Exchange<'_>,
    mut failed: Error,
    tries: &mut u32,
) -> Result<(), Error> {
    let is_last = *tries >= exchange.request.options.max_retries;
    let max_wait = exchange.request.options.max_wait;
    let pause = pause_after(&failed, (*tries).max(1), max_wait);
    let pause = match *tries {
        0 => pause.map(|_| Duration::ZERO),
        _ => pause,
    };
    let Some(pause) = pause.filter(|_| !is_last) else {
        return Err(failed);
    };
    *tries += 1;
    failed.attempts = *tries;
    exchange.trace.retry(&failed, pause);
    let record = &exchange.request.record;
    record.failed(Duration::ZERO, &failed, Some(pause));
    exchange.clock.limit(TimeoutKind::Total, sleep(pause)).await
}

/// The query for a stored response, from the body of the request that creates it in the background;
/// `None` if it does not.
fn of_background(body: &[u8]) -> Option<Vec<(String, String)>> {
    // Bodies with images are large, and most do not use the background mode.
    memmem::find(body, b"\"background\"")?;
    let body = Document::parse(body).ok()?;
    let root = body.root();
    if root.get("background").and_then(Node::as_bool) != Some(true) {
        return None;
    }
    let include = root.get("include").and_then(Node::as_array);
    let include = include.into_iter().flat_map(Array::iter);
    let include = include.filter_map(Node::as_str);
    let mut fields: Vec<(String, String)> = include
        .map(|name| ("include[]".to_owned(), name.to_owned()))
        .collect();
    let obfuscation = "include_obfuscation";
    let options = root.get("stream_options");
    if let Some(wanted) = options.and_then(|it| it.get(obfuscation)?.as_bool()) {
        fields.push((obfuscation.to_owned(), wanted.to_string()));
    }
    Some(fields)
}

/// Removes parameters with these names from a query.
fn drop_query(url: &mut Url, names: &[&str]) {
    let query = url.query().unwrap_or_default().split('&');
    let is_kept = |field: &&str| !names.contains(&field.split('=').next().unwrap_or_default());
    let kept: Vec<&str> = query.filter(is_kept).collect();
    let kept = kept.join("&");
    url.set_query(Some(kept.as_str()).filter(|kept| !kept.is_empty()));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stored(method: &str, path: &[&str], query: &[(&str, &str)], body: &str) -> Option<Stored> {
        let path: Vec<String> = path.iter().map(ToString::to_string).collect();
        let owned = |(name, value): &(&str, &str)| (name.to_string(), value.to_string());
        let query: Vec<_> = query.iter().map(owned).collect();
        let mut request =
            Request::new(method, "http://host/v1", &path, &query, String::new()).ok()?;
        if !body.is_empty() {
            request.body(Body::Json(body.to_owned().into()));
        }
        Stored::of(&request)
    }

    fn urls(stored: &Stored) -> [String; 2] {
        let bookmark = Bookmark {
            response_id: "resp_1".to_owned(),
            sequence_number: Some(7),
        };
        let rest = stored.rest(&bookmark, 7).expect("an id");
        let whole = stored.of_id(&bookmark, &[]).expect("an id");
        [rest.url.to_string(), whole.url.to_string()]
    }

    #[test]
    fn a_background_response_is_requested_by_its_id() {
        let body = r#"{"background":true,"stream":true,"include":["a.b"],
                       "stream_options":{"include_obfuscation":false}}"#;
        let stored = stored("POST", &["responses"], &[("beta", "true")], body);
        let stored = stored.expect("it is stored");
        assert!(!stored.request.headers.contains_key(CONTENT_TYPE));
        let base = "http://host/v1/responses/resp_1?beta=true&include%5B%5D=a.b\
                    &include_obfuscation=false";
        assert_eq!(
            urls(&stored),
            [
                format!("{base}&stream=true&starting_after=7"),
                base.to_owned()
            ]
        );
    }

    #[test]
    fn a_stored_response_is_requested_by_its_url() {
        let query = [("stream", "true"), ("starting_after", "3"), ("x", "1")];
        let stored = stored("GET", &["responses", "other"], &query, "").expect("it is stored");
        let base = "http://host/v1/responses/other?x=1";
        assert_eq!(
            urls(&stored),
            [
                format!("{base}&stream=true&starting_after=7"),
                base.to_owned()
            ]
        );
        assert_eq!(stored.response_id().as_deref(), Some("other"));
    }

    #[test]
    fn other_requests_cannot_be_resumed() {
        for (path, body) in [
            ("responses", r#"{"background":false,"stream":true}"#),
            ("responses", r#"{"input":"\"background\": true"}"#),
            ("completions", r#"{"background":true}"#),
        ] {
            assert!(stored("POST", &[path], &[], body).is_none(), "{body}");
        }
    }
}
