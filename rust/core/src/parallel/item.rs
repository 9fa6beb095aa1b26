//! The requests of a run, its settings and its results.

use std::sync::Arc;

use super::budget::Price;
use super::journal::Journal;
use crate::error::Error;
use crate::http::request::{Body, Request};
use crate::http::trace::Trace;
use crate::http::transport::Transport;
use crate::log::LogLevel;
use crate::queue::Weight;

/// The common part of requests that differ only in their bodies.
pub struct Template {
    pub request: Request,
    pub transport: Transport,
    /// The price of its tokens, if the cost is limited.
    pub price: Option<Price>,
}

/// One request of a run.
pub struct Item {
    pub template: Arc<Template>,
    pub body: Body,
    /// Whether to send the request even if the journal contains its answer.
    pub ask_again: bool,
    /// The number among equal requests, for a part of a run; `None` to count it here.
    pub occurrence: Option<u64>,
}

impl Item {
    pub(super) fn request(self) -> Request {
        let mut request = self.template.request.clone();
        request.body(self.body);
        request
    }
}

/// The settings of a run.
pub struct Settings {
    /// The maximum number of active requests.
    pub max_active: usize,
    pub requests_per_minute: Option<f64>,
    pub tokens_per_minute: Option<f64>,
    /// The number of seconds for which an earlier run has used up these limits.
    pub debt: f64,
    /// The longest wait in seconds that the server may request.
    pub max_wait: f64,
    /// Whether the first failure cancels the remaining requests.
    pub stops_at_failure: bool,
    /// The maximum cost of the run, in the currency of the prices.
    pub max_cost: Option<f64>,
    /// The part of it that earlier runs of the same job have spent.
    pub spent: f64,
    pub journal: Option<Journal>,
    pub log: LogLevel,
}

/// The result of one request.
#[derive(Debug)]
pub struct Outcome<T> {
    /// Its index among the requests, from 0.
    pub index: usize,
    pub result: Result<T, Error>,
    pub trace: Arc<Trace>,
    pub(super) bytes: usize,
}

impl<T> Weight for Outcome<T> {
    fn bytes(&self) -> usize {
        self.bytes
    }
}
