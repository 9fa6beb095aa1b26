//! Streams of responses that are told as those of runs, over real sockets.

mod cases;
mod ends;
mod going_on;
mod shapes;
mod told;

// What the tests of the binary `wire` share, of which these need a part.
#[allow(dead_code)]
#[path = "../wire/stored_response.rs"]
mod stored_response;
#[allow(dead_code)]
#[path = "../wire/support.rs"]
mod support;
