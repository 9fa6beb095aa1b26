//! What must hold for any bytes, on random ones. `PROPERTY_SECONDS` says for how long.

mod answers;
mod bodies;
mod check;
mod events;
mod json;
mod random;
mod responses;
mod sse;
mod tool_calls;
// What the tests of the binary `wire` share, of which these need a part.
#[allow(dead_code)]
#[path = "../wire/support.rs"]
mod support;
