//! An asynchronous client of the OpenAI API with reliable streams.
//!
//! It does not depend on R. The crate `openaistream` (rust/bridge) converts its results to R
//! values.

pub mod batch;
mod call_record;
mod embedding_entries;
pub mod embeddings;
mod error;
mod expected;
mod field_shapes;
mod form_texts;
mod http;
pub mod json;
mod ledger;
mod log;
mod options;
mod pages;
pub mod parallel;
mod percent;
mod queue;
mod received;
mod redact;
mod save;
mod send;
mod sound;
pub mod sse;
pub mod stream;
mod tally;
pub mod threads;
mod token_estimate;
mod tool_arguments;
mod usage;
mod waits;
mod webhook;

pub use call_record::{Attempt, CallRecord, Facts, Phase, Started, State};
pub use error::{Error, ErrorKind, Partial, Reason};
pub use expected::Expected;
pub use field_shapes::{Keys, Shape};
pub use form_texts::form_texts;
pub use http::address::base_of_client;
pub use http::media_type::{media_type_of, usual_ending};
pub use http::multipart::Field;
pub use http::proxy::ProxyChoice;
pub use http::request::{Body, Request};
pub use http::trace::{Effort, Trace};
pub use http::transfer::{Direction, PagesSoFar, Progress, Transfer};
pub use http::transport::{user_agent, Transport, TransportSettings, Transports};
pub use ledger::Ledger;
pub use log::{Line, LogLevel, Output};
pub use options::{CallOptions, TimeoutKind, Timeouts};
pub use pages::{send_for_pages, Cursor};
pub use received::Content;
pub use redact::{redact_text, Secrets};
pub use send::{download, send, Answer};
pub use tally::{Key as UsageKey, Tally};
pub use token_estimate::{estimate_older_tokens, estimate_tokens};
pub use usage::Tokens;
pub use waits::{Bucket, RateLimits};
pub use webhook::Webhook;
