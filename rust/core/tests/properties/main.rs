//! Properties that must hold for arbitrary bytes, tested with random ones. `PROPERTY_SECONDS` sets
//! the duration.

mod answers;
mod bodies;
mod check;
mod events;
mod json;
mod random;
mod responses;
mod sse;
mod tool_calls;
// Shared with the tests of the binary `wire`; only some of it is used here.
#[allow(dead_code)]
#[path = "../wire/support.rs"]
mod support;
