//! What a call did on the wire, for people who asked to see it (`verbosity`).

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use memchr::memrchr;
use reqwest::header::HeaderMap;
use reqwest::{Response, Url, Version};

use crate::error::Error;
use crate::redact::{redact, redact_header};

/// The most bytes of a line that are kept to show it whole.
const LONGEST_LINE: usize = 1 << 20;

/// Collects the lines of a verbose call until the caller prints them.
///
/// The marks are those of httr2, which people know: `->` headers out, `>>` body out, `<-` headers
/// in, `<<` body in, `*` connection.
#[derive(Debug, Default)]
pub struct Trace {
    level: u8,
    secret: Option<String>,
    lines: Mutex<Vec<String>>,
    /// The beginning of a line of a body that is still coming.
    partial_line: Mutex<Vec<u8>>,
}

impl Trace {
    /// `level`: 0 nothing, 1 headers, 2 bodies too, 3 messages about the connection too.
    pub fn new(level: u8, secret: Option<String>) -> Self {
        Trace {
            level,
            secret,
            ..Trace::default()
        }
    }

    /// Takes the lines that came since the last call.
    pub fn take(&self) -> Vec<String> {
        std::mem::take(&mut *lock(&self.lines))
    }

    pub(crate) fn shows_bodies(&self) -> bool {
        self.level >= 2
    }

    pub(crate) fn connection(&self, text: &str) {
        if self.level >= 3 {
            self.push("*  ", text);
        }
    }

    pub(crate) fn retry(&self, error: &Error, pause: Duration, attempts: u32) {
        if self.level >= 1 {
            let seconds = pause.as_secs_f64();
            self.push("*  ", &format!("Attempt {attempts} failed: {error}"));
            self.push("*  ", &format!("Trying again in {seconds:.2} s"));
        }
    }

    pub(crate) fn redirect(&self, url: &Url) {
        self.connection(&format!("Following the redirect to {url}"));
    }

    pub(crate) fn request(&self, request: &reqwest::Request) {
        if self.level == 0 {
            return;
        }
        let url = request.url();
        let query = url
            .query()
            .map(|query| format!("?{query}"))
            .unwrap_or_default();
        self.push(
            "-> ",
            &format!("{} {}{} HTTP/1.1", request.method(), url.path(), query),
        );
        let port = url
            .port()
            .map(|port| format!(":{port}"))
            .unwrap_or_default();
        self.push(
            "-> ",
            &format!("host: {}{}", url.host_str().unwrap_or(""), port),
        );
        self.headers("-> ", request.headers());
        self.push("-> ", "");
    }

    pub(crate) fn response(&self, response: &Response) {
        if let Some(address) = response.remote_addr() {
            self.connection(&format!("Connected to {address}, {:?}", response.version()));
        }
        if self.level == 0 {
            return;
        }
        let version = match response.version() {
            Version::HTTP_2 => "HTTP/2".to_owned(),
            other => format!("{other:?}"),
        };
        self.push("<- ", &format!("{version} {}", response.status()));
        self.headers("<- ", response.headers());
        self.push("<- ", "");
    }

    pub(crate) fn body_sent(&self, body: &[u8]) {
        self.body(">> ", body);
    }

    pub(crate) fn body_received(&self, body: &[u8]) {
        self.body("<< ", body);
    }

    /// A piece of a body that is still coming: shows the lines that it completes, whole, for a
    /// part of a secret would not be known as one.
    pub(crate) fn piece_received(&self, piece: &[u8]) {
        if !self.shows_bodies() {
            return;
        }
        let mut line = lock(&self.partial_line);
        let end = memrchr(b'\n', piece).map_or(0, |end| end + 1);
        let (complete, partial) = piece.split_at(end);
        if !complete.is_empty() {
            line.extend_from_slice(complete);
            self.body_received(&line);
            line.clear();
        }
        line.extend_from_slice(partial);
        if line.len() > LONGEST_LINE {
            self.body_received(&std::mem::take(&mut *line));
        }
    }

    /// The body that came in pieces is over: shows what no line feed ended.
    pub(crate) fn last_piece_received(&self) {
        self.body_received(&std::mem::take(&mut *lock(&self.partial_line)));
    }

    fn body(&self, mark: &str, body: &[u8]) {
        if !self.shows_bodies() || body.is_empty() {
            return;
        }
        match std::str::from_utf8(body) {
            Ok(text) => text.lines().for_each(|line| self.push(mark, line)),
            Err(_) => self.push(mark, &format!("{} bytes of binary data", body.len())),
        }
    }

    fn headers(&self, mark: &str, headers: &HeaderMap) {
        for (name, value) in headers {
            let value = String::from_utf8_lossy(value.as_bytes());
            let shown = redact_header(name.as_str(), &value);
            self.push(mark, &format!("{name}: {shown}"));
        }
    }

    fn push(&self, mark: &str, text: &str) {
        let line = format!("{mark}{}", redact(text, self.secret.as_deref()));
        lock(&self.lines).push(line);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
