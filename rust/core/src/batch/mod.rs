//! Requests as batches: files of lines that a server works through within a day, each of which is a
//! request (<https://platform.openai.com/docs/guides/batch>).
//!
//! What is known of them stands in a journal, so that another process goes on where one ended.

mod journal;
mod part;
mod plan;
mod results;
mod run;

pub use self::journal::BatchJournal;
pub use self::part::{Note, Part};
pub use self::plan::{Limits, Planned};
pub use self::run::BatchRun;

#[cfg(test)]
mod tests;
