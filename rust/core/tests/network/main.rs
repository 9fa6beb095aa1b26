//! The client in company networks: TLS, proxies, and failing connections.

mod calls;
mod certificates;
mod environment;
mod failures;
mod http2;
mod listeners;
mod proxies;
mod socks;
// Shared with the tests of the binary `wire`; only some of it is used here.
#[allow(dead_code)]
#[path = "../wire/support.rs"]
mod support;
mod tls;
