//! The client over real sockets, with servers that respond correctly and incorrectly.

mod dialects;
mod encodings;
mod failures;
mod flow;
mod kinds;
mod log;
mod multipart;
mod refused;
mod replay;
mod responses;
mod resuming;
mod retries;
mod secrets;
mod send;
mod stored_response;
mod stream_bytes;
mod stream_ends;
mod stream_events;
mod support;
mod trace;
mod transfer;
