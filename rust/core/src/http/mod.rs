//! HTTP requests: building, sending, retries, timeouts, proxies, TLS and rate limits.

pub(crate) mod address;
pub(crate) mod back_off;
mod certificates;
pub(crate) mod clock;
mod connecting;
pub(crate) mod exchange;
mod explained;
mod file_body;
pub(crate) mod media_type;
pub(crate) mod multipart;
pub(crate) mod pace;
pub(crate) mod proxy;
pub(crate) mod request;
pub(crate) mod retry;
pub(crate) mod trace;
pub(crate) mod transfer;
pub(crate) mod transport;
