//! Converts JSON to R values, in the shapes of `jsonlite::fromJSON()` with its defaults.
//!
//! There are two steps: [`plan`] determines the final shape in plain memory, on any thread;
//! [`build`] then allocates R objects on R's thread and copies the data.
//!
//! It differs from jsonlite where jsonlite loses data or fails: NUL and lone surrogates in strings,
//! infinite numbers and depth (see `openaistream_core::json`, which also rejects comments); data
//! frames with almost only empty cells remain lists; a `_row` that is not a simple value for each
//! row remains a column; and repeated row names do not warn.

mod build;
mod chat_delta;
mod event;
mod frame;
mod matrix;
mod plain;
mod simplify;
mod value;
mod vector;

pub use build::{build, build_at_toplevel};
pub use chat_delta::plan_chat_delta;
pub use event::{plan_event, plan_event_plain};
pub use plain::plan_plain;
pub use value::Plan;
pub use vector::is_special;

use openaistream_core::json::Document;
use value::Planner;

/// Plans the R value of a document.
pub fn plan(document: Document) -> Plan {
    let planner = Planner::over(document.texts());
    let root = planner.node(document.root());
    let others = planner.into_others();
    Plan::new(root, document.into_texts(), others)
}
