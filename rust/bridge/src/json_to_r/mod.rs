//! JSON to R values, in the shapes that `jsonlite::fromJSON()` gives by default.
//!
//! In two steps: [`plan`] works out the final shape in plain vectors, on any thread; [`build`]
//! then allocates R's objects on R's thread and copies.
//!
//! It departs from jsonlite where that loses or breaks: NUL and lone surrogates in strings,
//! infinite numbers and depth (see `openaistream_core::json`, which also refuses comments); frames
//! with hardly any cell filled stay lists; a `_row` that is no plain value for each row stays a
//! column, and repeated row names raise no warning.

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

/// What R shall hold for a document.
pub fn plan(document: Document) -> Plan {
    let planner = Planner::over(document.texts());
    let root = planner.node(document.root());
    let others = planner.into_others();
    Plan::new(root, document.into_texts(), others)
}
