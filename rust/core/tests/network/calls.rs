//! Calls that are sent again where that may help.

use std::time::Duration;

use openaistream_core::{Body, CallOptions, Request, Timeouts};

use crate::support::request;

/// A call with the retries that calls have by default.
pub fn persistent(base_url: &str) -> Request {
    let mut call = request(base_url, "GET", &["models"], Body::Empty);
    // As long as it takes where something is wrong, and no longer.
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
