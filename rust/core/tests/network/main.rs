//! The client in the networks of companies: TLS, proxies, and connections that fail.

mod calls;
mod certificates;
mod environment;
mod failures;
mod http2;
mod listeners;
mod proxies;
mod socks;
// What the tests of the binary `wire` share, of which these need a part.
#[allow(dead_code)]
#[path = "../wire/support.rs"]
mod support;
mod tls;
