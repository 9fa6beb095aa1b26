//! An asynchronous client of the OpenAI API that loses no streamed event.
//!
//! It knows nothing of R: the crate `openaistream` (rust/bridge) makes R values from what stands
//! here.

mod back_off;
mod certificates;
mod clock;
mod embedding_entries;
pub mod embeddings;
mod error;
mod exchange;
mod expected;
mod field_shapes;
mod file_body;
mod form_texts;
pub mod json;
mod log;
mod media_type;
mod multipart;
mod options;
mod pace;
mod pages;
pub mod parallel;
mod percent;
mod proxy;
mod queue;
mod received;
mod redact;
mod request;
mod retry;
mod save;
mod send;
mod sound;
pub mod sse;
pub mod stream;
pub mod threads;
mod tool_arguments;
mod trace;
mod transfer;
mod transport;
mod waits;
mod webhook;

pub use error::{Error, ErrorKind, Partial};
pub use expected::Expected;
pub use field_shapes::{Keys, Shape};
pub use form_texts::form_texts;
pub use log::{Line, LogLevel, Output};
pub use media_type::{media_type_of, usual_ending};
pub use multipart::Field;
pub use options::{CallOptions, TimeoutKind, Timeouts};
pub use pages::{send_for_pages, Cursor};
pub use proxy::ProxyChoice;
pub use received::Content;
pub use redact::{redact_text, Secrets};
pub use request::{base_of_client, Body, Request};
pub use send::{download, send, Answer};
pub use trace::Trace;
pub use transfer::{Direction, Progress, Transfer};
pub use transport::{Transport, TransportSettings, Transports};
pub use webhook::Webhook;
