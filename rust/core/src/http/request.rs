//! A request to the API, validated before it is sent.

use std::net::IpAddr;
use std::sync::Arc;

use bytes::Bytes;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, Url};
use zeroize::Zeroizing;

use crate::call_record::CallRecord;
use crate::error::Error;
use crate::expected::Expected;
use crate::http::address::{add_query, append, base};
use crate::http::multipart::Field;
use crate::http::pace::{Forecast, Paced};
use crate::http::transfer::Transfer;
use crate::json::{Document, Node};
use crate::ledger::Ledger;
use crate::options::CallOptions;
use crate::percent::encoded_in_query;
use crate::redact::{is_secret_in_request, Secrets};
use crate::tally::tally;
use crate::usage::{ReportedUsage, Tokens};

/// The body of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    Empty,
    Json(Bytes),
    Form(Vec<Field>),
}

/// One request to the API.
#[derive(Clone)]
pub struct Request {
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) headers: HeaderMap,
    pub(crate) secrets: Secrets,
    pub(crate) body: Body,
    pub(crate) expected: Expected,
    pub(crate) options: CallOptions,
    pub(crate) transfer: Option<Arc<Transfer>>,
    /// The ledger that records the usage.
    pub(crate) ledger: Option<Arc<Ledger>>,
    /// The record of the call that it belongs to, shared by its copies.
    pub(crate) record: Arc<CallRecord>,
    /// The rate limits of its run.
    pub(crate) pace: Option<Paced>,
}

impl Request {
    /// Creates a request to `base_url` followed by the path `segments`, each percent-encoded
    /// separately.
    pub fn new(
        method: &str,
        base_url: &str,
        segments: &[String],
        query: &[(String, String)],
        key: String,
    ) -> Result<Self, Error> {
        let key = Zeroizing::new(key);
        let secrets = Secrets::of(&key);
        let method = Method::from_bytes(method.as_bytes())
            .map_err(|_| Error::argument(format!("\"{method}\" is not an HTTP method.")))?;
        let expected = Expected::of(&method, segments);
        let mut url = base(base_url)?;
        append(&mut url, segments)?;
        add_query(&mut url, query);
        let mut headers = HeaderMap::new();
        headers.insert("accept", HeaderValue::from_static("*/*"));
        // Servers on this machine often need no key.
        if !key.is_empty() {
            let credentials = Zeroizing::new(["Bearer ", &*key].concat());
            // The header's copy is not overwritten when dropped, because its bytes are shared with
            // the connection.
            let mut authorization = HeaderValue::from_str(&credentials).map_err(|_| {
                Error::argument(
                    "The API key contains characters that are not allowed in an HTTP header.",
                )
            })?;
            authorization.set_sensitive(true);
            headers.insert("authorization", authorization);
        }
        Ok(Request {
            method,
            url,
            headers,
            secrets,
            body: Body::Empty,
            expected,
            options: CallOptions::default(),
            transfer: None,
            ledger: None,
            record: Arc::default(),
            pace: None,
        })
    }

    /// Sets the expected response, if the path does not determine it.
    pub fn expect(&mut self, expected: Expected) {
        self.expected = expected;
    }

    /// Sets the options of the call.
    pub fn options(&mut self, options: CallOptions) {
        self.options = options;
    }

    /// Counts the transferred bytes in `transfer`.
    pub fn counted_in(&mut self, transfer: Arc<Transfer>) {
        self.transfer = Some(transfer);
    }

    /// Records the usage in `ledger`.
    pub fn used_in(&mut self, ledger: Arc<Ledger>) {
        self.ledger = Some(ledger);
    }

    /// Uses the record of a call that consists of several requests.
    pub fn recorded_in(&mut self, record: &Arc<CallRecord>) {
        self.record = Arc::clone(record);
    }

    /// Starts the call of which this is the first request; it becomes the last call of the client.
    pub fn begin(&self) {
        self.record.begin(&self.method, &self.url, &self.secrets);
        if let Some(ledger) = &self.ledger {
            ledger.begins(&self.record);
        }
    }

    /// The record of the call.
    pub fn record(&self) -> &Arc<CallRecord> {
        &self.record
    }

    /// Records the usage that a response reports.
    pub(crate) fn count_use(&self, mut reported: ReportedUsage) {
        if let Some(id) = &reported.id {
            self.record.named(id);
        }
        let ledger = self.ledger.as_ref();
        if !self.uses_model() {
            if ledger.is_some_and(|ledger| ledger.settle(&reported)) {
                self.count_in_record(&reported, false);
            }
            return;
        }
        reported.model = reported.model.or_else(|| self.model());
        // A response with an id can still report its tokens later.
        let is_estimated =
            reported.tokens.is_none() && reported.id.is_none() && reported.pieces > 0;
        if is_estimated {
            reported.tokens = Some(Tokens {
                input: self.forecast().input as u64,
                output: reported.pieces,
                ..Tokens::default()
            });
        }
        self.count_in_record(&reported, is_estimated);
        if let Some(ledger) = ledger {
            ledger.count(&reported, is_estimated);
        }
    }

    fn count_in_record(&self, reported: &ReportedUsage, is_estimated: bool) {
        let (key, tally) = tally(reported, is_estimated);
        self.record.count(key, tally);
    }

    /// Whether the call uses a model, and so has a cost.
    fn uses_model(&self) -> bool {
        let path: Vec<&str> = self.url.path_segments().into_iter().flatten().collect();
        let is_use = matches!(
            path.as_slice(),
            [
                ..,
                "completions" | "responses" | "embeddings" | "moderations"
            ] | [.., "responses", "compact"]
                | [.., "audio", "speech" | "transcriptions" | "translations"]
                | [.., "images", "generations" | "edits" | "variations"]
                | [.., "threads", "runs"]
                | [.., "threads", _, "runs"]
        );
        self.method == Method::POST && is_use
    }

    /// The model named in the request.
    pub(super) fn model(&self) -> Option<String> {
        match &self.body {
            Body::Empty => None,
            Body::Json(body) => {
                let body = Document::parse(body.clone()).ok()?;
                body.root()
                    .get("model")
                    .and_then(Node::as_str)
                    .map(str::to_owned)
            }
            Body::Form(fields) => fields.iter().find_map(|field| match field {
                Field::Text { name, value } if name == "model" => Some(value.clone()),
                _ => None,
            }),
        }
    }

    /// Whether the request can be sent again. A pipe, for example, can be read only once.
    pub(crate) fn can_be_repeated(&self) -> bool {
        match &self.body {
            Body::Empty | Body::Json(_) => true,
            Body::Form(fields) => fields.iter().all(Field::can_be_repeated),
        }
    }

    /// Sets a header, replacing an earlier value.
    pub fn header(&mut self, name: &str, value: &str) -> Result<(), Error> {
        let refused = || Error::argument(format!("\"{name}\" is not a valid HTTP header."));
        let header_name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| refused())?;
        self.secrets.add_header(name, value);
        let mut value = HeaderValue::from_str(value).map_err(|_| refused())?;
        value.set_sensitive(is_secret_in_request(name));
        self.headers.insert(header_name, value);
        Ok(())
    }

    /// Sets the body.
    pub fn body(&mut self, body: Body) {
        if let Body::Json(_) = body {
            self.headers
                .insert("content-type", HeaderValue::from_static("application/json"));
        }
        self.body = body;
    }

    /// Sets a query parameter, replacing earlier ones with this name.
    pub(crate) fn set_query(&mut self, name: &str, value: &str) {
        let encoded = encoded_in_query(name);
        let others = self.url.query().unwrap_or_default().split('&');
        let is_other = |part: &&str| part.split('=').next() != Some(encoded.as_str());
        let others: Vec<&str> = others.filter(is_other).collect();
        let others = others.join("&");
        self.url.set_query(Some(&others));
        add_query(&mut self.url, &[(name.to_owned(), value.to_owned())]);
    }

    /// Waits until an attempt may be sent.
    ///
    /// # Errors
    /// Fails if no more attempts are allowed.
    pub(crate) async fn admitted(&self) -> Result<(), Error> {
        match &self.pace {
            Some(pace) => pace.admit().await,
            None => Ok(()),
        }
    }

    /// Estimates the tokens of the request.
    pub(crate) fn forecast(&self) -> Forecast {
        match &self.body {
            Body::Json(body) => Forecast::of(body),
            Body::Empty | Body::Form(_) => Forecast::default(),
        }
    }

    /// Whether the request uses TLS.
    pub fn needs_tls(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// Whether the server runs on this machine, where no proxy can reach it.
    pub fn is_loopback(&self) -> bool {
        let host = self.url.host_str().unwrap_or_default();
        let address = host
            .trim_start_matches('[')
            .trim_end_matches(']')
            .parse::<IpAddr>();
        address.map_or(host == "localhost", |address| address.is_loopback())
    }

    /// The secrets, which must not appear in any output.
    pub fn secrets(&self) -> &Secrets {
        &self.secrets
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_hosts_are_recognised() {
        let is_loopback = |base: &str| {
            Request::new("GET", base, &[], &[], String::new())
                .unwrap()
                .is_loopback()
        };
        for base in [
            "http://127.0.0.1:80",
            "http://[::1]:80",
            "http://localhost",
            "http://127.8.1.1",
        ] {
            assert!(is_loopback(base), "{base}");
        }
        for base in [
            "https://api.openai.com",
            "http://10.0.0.1",
            "http://localhost.example",
        ] {
            assert!(!is_loopback(base), "{base}");
        }
    }

    #[test]
    fn a_key_with_a_line_break_is_rejected_without_being_shown() {
        let error = Request::new("GET", "http://host", &[], &[], "secret\nkey".into())
            .err()
            .unwrap();
        assert!(!error.message.contains("secret"));
    }
}
