//! Calls with retries.

use std::time::Duration;

use openaistream_core::{Body, CallOptions, Request, Timeouts};

use crate::support::request;

/// A call with the default number of retries.
pub fn persistent(base_url: &str) -> Request {
    let mut call = request(base_url, "GET", &["models"], Body::Empty);
    // A limit for failing tests; successful ones are much faster.
    let first_byte = Some(Duration::from_secs(10));
    call.options(CallOptions {
        timeouts: Timeouts {
            first_byte,
            ..Timeouts::CALL
        },
        ..CallOptions::default()
    });
    call
}
