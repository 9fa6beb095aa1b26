//! What must hold for any bytes, on random ones. `PROPERTY_SECONDS` says for how long.

mod answers;
mod check;
mod events;
mod json;
mod random;
mod sse;
mod tool_calls;
