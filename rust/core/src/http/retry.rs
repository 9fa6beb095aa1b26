//! Retries failed attempts.

use std::time::Instant;

use tokio::time::sleep;

use crate::error::Error;
use crate::http::back_off::pause_after;
use crate::http::clock::Clock;
use crate::http::request::Request;
use crate::http::trace::Trace;
use crate::options::TimeoutKind;

/// The attempts of one call.
pub(crate) struct Attempts<'a> {
    request: &'a Request,
    clock: &'a Clock,
    trace: &'a Trace,
    made: u32,
    /// When the current attempt started.
    began: Instant,
}

impl<'a> Attempts<'a> {
    pub fn new(request: &'a Request, clock: &'a Clock, trace: &'a Trace) -> Self {
        trace.begin(&request.method, &request.url);
        Attempts {
            request,
            clock,
            trace,
            made: 0,
            began: Instant::now(),
        }
    }

    /// Starts the next attempt and returns its number.
    pub fn begin(&mut self) -> u32 {
        self.began = Instant::now();
        self.current()
    }

    /// The number of the current attempt.
    fn current(&self) -> u32 {
        self.made + 1
    }

    /// Waits until the next attempt is due.
    ///
    /// # Errors
    /// Returns `error`, with which the last attempt failed, if it is not retried, and a timeout
    /// error if the total timeout would be exceeded.
    pub async fn wait_after(&mut self, mut error: Error) -> Result<(), Error> {
        self.made += 1;
        error.attempts = self.made;
        let retries_left =
            self.made <= self.request.options.max_retries && self.request.can_be_repeated();
        let max_wait = self.request.options.max_wait;
        let pause = pause_after(&error, self.made, max_wait).filter(|_| retries_left);
        let record = &self.request.record;
        record.failed(self.began.elapsed(), &error, pause);
        let Some(pause) = pause else {
            self.trace.failed(&error);
            return Err(error);
        };
        self.trace.retry(&error, pause);
        let waited = self.clock.limit(TimeoutKind::Total, sleep(pause)).await;
        let waited = waited.map_err(|timeout| Error {
            attempts: self.made,
            cause: Some(error.message),
            ..timeout
        });
        waited.inspect_err(|error| self.trace.failed(error))
    }

    /// The current attempt succeeded.
    pub fn succeeded(&self, status: u16, request_id: Option<&str>) {
        let record = &self.request.record;
        record.succeeded(self.began.elapsed(), status, request_id);
        self.trace.answered(status, self.current(), request_id);
    }
}
