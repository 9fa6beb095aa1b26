//! Sends requests with the Batch API (<https://platform.openai.com/docs/guides/batch>): the server
//! processes a file with one request per line within a day.
//!
//! A journal records the state of all batches, so that another process can resume the job.

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
