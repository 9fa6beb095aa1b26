//! An asynchronous client of the OpenAI API that loses no streamed event.
//!
//! It knows nothing of R: the crate `openaistream` (rust/bridge) makes R values from what stands
//! here.

mod certificates;
pub mod embeddings;
mod error;
mod exchange;
mod file_body;
pub mod json;
mod log;
mod multipart;
mod options;
pub mod parallel;
mod proxy;
mod redact;
mod request;
mod retry;
mod save;
mod send;
pub mod sse;
pub mod stream;
pub mod threads;
mod trace;
mod transfer;
mod transport;
mod waits;

pub use error::{Error, ErrorKind, Partial, TimeoutKind};
pub use log::{Line, LogLevel, Output};
pub use multipart::Field;
pub use options::{CallOptions, Timeouts};
pub use proxy::ProxyChoice;
pub use redact::{redact_text, Secrets};
pub use request::{base, Body, Request};
pub use send::{download, send, Answer};
pub use trace::Trace;
pub use transfer::{Direction, Progress, Transfer};
pub use transport::{Transport, TransportSettings, Transports};
