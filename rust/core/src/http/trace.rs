//! The HTTP traffic of a call, for verbose output (`verbosity`) and the debug log.

use std::fmt;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use memchr::memrchr;
use reqwest::header::HeaderMap;
use reqwest::{Method, Response, Url, Version};

use crate::error::{Error, Partial};
use crate::log::{stamp, Line, LogLevel, Output};
use crate::queue::End;
use crate::redact::{redact, redact_header, Secrets};

/// The maximum number of bytes of a line that are buffered.
const MAX_LINE_LENGTH: usize = 1 << 20;

/// Collects the lines of a call until the caller prints them.
///
/// The prefixes are those of httr2: `->` request headers, `>>` request body, `<-` response headers,
/// `<<` response body, `*` connection.
#[derive(Debug)]
pub struct Trace {
    verbosity: u8,
    log: LogLevel,
    secrets: Secrets,
    call: OnceLock<Call>,
    effort: Mutex<Effort>,
    lines: Mutex<Vec<Line>>,
    /// The incomplete last line of a body that is still being received.
    partial_line: Mutex<Vec<u8>>,
}

/// A call that has started.
#[derive(Debug)]
struct Call {
    /// The method and path, which name the call in the log.
    name: String,
    started: Instant,
    time: SystemTime,
}

impl Call {
    fn seconds(&self) -> f64 {
        self.started.elapsed().as_secs_f64()
    }
}

/// The attempts and the duration of a call.
#[derive(Debug, Clone, Copy, Default)]
pub struct Effort {
    /// The number of attempts.
    pub attempts: u32,
    /// When the first attempt began.
    pub began: Option<SystemTime>,
    /// The time from the first attempt to the end of the last one, including waits, in seconds.
    pub seconds: f64,
}

impl Default for Trace {
    /// A trace that records nothing.
    fn default() -> Self {
        Trace::new(0, LogLevel::Off, Secrets::default())
    }
}

impl Trace {
    /// `verbosity`: 0 nothing, 1 headers, 2 also bodies, 3 also connections.
    pub fn new(verbosity: u8, log: LogLevel, secrets: Secrets) -> Self {
        Trace {
            verbosity,
            log,
            secrets,
            call: OnceLock::new(),
            effort: Mutex::default(),
            lines: Mutex::default(),
            partial_line: Mutex::default(),
        }
    }

    /// Whether nothing is recorded.
    pub fn is_off(&self) -> bool {
        self.verbosity == 0 && self.log == LogLevel::Off
    }

    /// Takes the lines recorded since the last call.
    pub fn take(&self) -> Vec<Line> {
        std::mem::take(&mut *lock(&self.lines))
    }

    /// The effort up to the end of the last attempt; zero if there was none.
    pub fn effort(&self) -> Effort {
        *lock(&self.effort)
    }

    /// Logs that the caller cancelled the call.
    pub fn cancelled(&self) {
        self.log_call(LogLevel::Info, format_args!("cancelled"));
    }

    pub(crate) fn shows_bodies(&self) -> bool {
        self.verbosity >= 2
    }

    pub(crate) fn begin(&self, method: &Method, url: &Url) {
        self.call.get_or_init(|| Call {
            name: format!("{method} {}", url.path()),
            started: Instant::now(),
            time: SystemTime::now(),
        });
    }

    pub(crate) fn connection(&self, text: &str) {
        self.show(3, "*  ", text);
    }

    pub(crate) fn answered(&self, status: u16, attempt: u32, request_id: Option<&str>) {
        self.attempted(attempt);
        self.log_attempt(format_args!("HTTP {status}"), attempt, request_id);
    }

    pub(crate) fn failed(&self, error: &Error) {
        self.attempted(error.attempts);
        let request_id = error.request_id.as_deref();
        self.log_attempt(
            format_args!("{}", error.brief()),
            error.attempts,
            request_id,
        );
    }

    fn attempted(&self, attempts: u32) {
        let call = self.call.get();
        *lock(&self.effort) = Effort {
            attempts,
            began: call.map(|call| call.time),
            seconds: call.map_or(0.0, Call::seconds),
        };
    }

    /// Logs a failed attempt that is retried after `pause`.
    pub(crate) fn retry(&self, error: &Error, pause: Duration) {
        let attempt = error.attempts;
        let pause = format!("in {:.2} s", pause.as_secs_f64());
        self.verbose(1, "*  ", &format!("Attempt {attempt} failed: {error}"));
        self.verbose(1, "*  ", &format!("Retrying {pause}"));
        let request_id = error.request_id.as_deref();
        self.log_attempt(
            format_args!("{}, retrying {pause}", error.brief()),
            attempt,
            request_id,
        );
    }

    pub(crate) fn stream_ended(&self, end: &End, partial: &Partial) {
        let counts = format!("{} events, {} bytes", partial.events, partial.bytes);
        match end {
            End::Complete => {
                self.log_call(LogLevel::Debug, format_args!("stream complete, {counts}"));
            }
            End::Incomplete(error) => {
                let why = error.brief();
                self.log_call(
                    LogLevel::Info,
                    format_args!("stream incomplete: {why}, {counts}"),
                );
            }
        }
    }

    pub(crate) fn redirect(&self, url: &Url) {
        self.connection(&format!("Following the redirect to {url}"));
    }

    pub(crate) fn request(&self, request: &reqwest::Request) {
        if self.is_silent() {
            return;
        }
        let url = request.url();
        let query = url
            .query()
            .map(|query| format!("?{query}"))
            .unwrap_or_default();
        self.show(
            1,
            "-> ",
            &format!("{} {}{} HTTP/1.1", request.method(), url.path(), query),
        );
        let port = url
            .port()
            .map(|port| format!(":{port}"))
            .unwrap_or_default();
        self.show(
            1,
            "-> ",
            &format!("host: {}{}", url.host_str().unwrap_or(""), port),
        );
        self.headers("-> ", request.headers());
        self.verbose(1, "-> ", "");
    }

    pub(crate) fn response(&self, response: &Response) {
        if let Some(address) = response.remote_addr() {
            self.connection(&format!("Connected to {address}, {:?}", response.version()));
        }
        if self.is_silent() {
            return;
        }
        let version = match response.version() {
            Version::HTTP_2 => "HTTP/2".to_owned(),
            other => format!("{other:?}"),
        };
        self.show(1, "<- ", &format!("{version} {}", response.status()));
        self.headers("<- ", response.headers());
        self.verbose(1, "<- ", "");
    }

    pub(crate) fn body_sent(&self, body: &[u8]) {
        self.body(">> ", body);
    }

    pub(crate) fn body_received(&self, body: &[u8]) {
        self.body("<< ", body);
    }

    /// Shows the lines that a chunk of a body completes. Lines are shown whole, because a part of a
    /// secret would not be recognised.
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
        if line.len() > MAX_LINE_LENGTH {
            self.body_received(&std::mem::take(&mut *line));
        }
    }

    /// The body has ended; shows its last line.
    pub(crate) fn last_piece_received(&self) {
        self.body_received(&std::mem::take(&mut *lock(&self.partial_line)));
    }

    fn body(&self, mark: &str, body: &[u8]) {
        if !self.shows_bodies() || body.is_empty() {
            return;
        }
        match std::str::from_utf8(body) {
            Ok(text) => text.lines().for_each(|line| self.verbose(2, mark, line)),
            Err(_) => self.verbose(2, mark, &format!("{} bytes of binary data", body.len())),
        }
    }

    fn headers(&self, mark: &str, headers: &HeaderMap) {
        for (name, value) in headers {
            let shown = redact_header(name.as_str(), value);
            self.show(1, mark, &format!("{name}: {shown}"));
        }
    }

    fn is_silent(&self) -> bool {
        self.verbosity == 0 && self.log < LogLevel::Debug
    }

    /// Shows a line at this `verbosity`, and in the debug log.
    fn show(&self, verbosity: u8, mark: &str, text: &str) {
        self.verbose(verbosity, mark, text);
        self.log(LogLevel::Debug, format_args!("{mark}{text}"));
    }

    fn verbose(&self, verbosity: u8, mark: &str, text: &str) {
        if self.verbosity >= verbosity {
            self.push(Output::Verbose, mark, text);
        }
    }

    fn log(&self, level: LogLevel, text: fmt::Arguments<'_>) {
        if self.log >= level {
            self.push(Output::Log, &stamp(SystemTime::now()), &text.to_string());
        }
    }

    /// Logs a line about the whole call.
    fn log_call(&self, level: LogLevel, what: fmt::Arguments<'_>) {
        let (name, seconds) = match self.call.get() {
            Some(call) => (call.name.as_str(), call.seconds()),
            None => ("", 0.0),
        };
        self.log(level, format_args!("{name}: {what}, {seconds:.3} s"));
    }

    fn log_attempt(&self, what: fmt::Arguments<'_>, attempt: u32, request_id: Option<&str>) {
        let request = request_id.map_or_else(String::new, |id| format!(", request {id}"));
        self.log_call(
            LogLevel::Info,
            format_args!("{what}, attempt {attempt}{request}"),
        );
    }

    fn push(&self, output: Output, mark: &str, text: &str) {
        let text = format!("{mark}{}", redact(text, &self.secrets));
        lock(&self.lines).push(Line { output, text });
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
