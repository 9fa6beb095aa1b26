//! Streams of responses converted to streams of runs, over real sockets.

mod cases;
mod converted;
mod ends;
mod resuming;
mod shapes;

// Shared with the tests of the binary `wire`; only some of it is used here.
#[allow(dead_code)]
#[path = "../wire/stored_response.rs"]
mod stored_response;
#[allow(dead_code)]
#[path = "../wire/support.rs"]
mod support;
