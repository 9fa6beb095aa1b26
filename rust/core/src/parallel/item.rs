//! The requests of a run, and what becomes of them.

use std::sync::Arc;

use super::budget::Price;
use super::journal::Journal;
use crate::error::Error;
use crate::http::request::{Body, Request};
use crate::http::trace::Trace;
use crate::http::transport::Transport;
use crate::log::LogLevel;
use crate::queue::Weight;

/// What is shared by requests that differ in their bodies alone.
pub struct Template {
    pub request: Request,
    pub transport: Transport,
    /// What its tokens cost, where that matters.
    pub price: Option<Price>,
}

/// One request of a run.
pub struct Item {
    pub template: Arc<Template>,
    pub body: Body,
    /// Whether it is sent even where the journal keeps its answer.
    pub ask_again: bool,
    /// The how many-th of equal requests it is, where it is one of a part of a run; None to count.
    pub occurrence: Option<u64>,
}

impl Item {
    pub(super) fn request(self) -> Request {
        let mut request = self.template.request.clone();
        request.body(self.body);
        request
    }
}

/// How a run goes.
pub struct Settings {
    /// The most requests under way.
    pub max_active: usize,
    pub requests_per_minute: Option<f64>,
    pub tokens_per_minute: Option<f64>,
    /// For how many seconds an earlier run has used up these limits.
    pub owed: f64,
    /// The longest pause that the server may ask for, in seconds.
    pub longest_wait: f64,
    /// Whether the first failure cancels what is left.
    pub stops_at_failure: bool,
    /// The most that the run may cost, in what prices are in.
    pub max_cost: Option<f64>,
    pub journal: Option<Journal>,
    pub log: LogLevel,
}

/// What became of one request.
#[derive(Debug)]
pub struct Outcome<T> {
    /// Its place among the requests, from 0.
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
