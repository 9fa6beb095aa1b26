//! Many requests at once, within limits that all of them share.

mod journal;
mod limiter;
mod pace;
mod run;
mod tokens;

pub use self::journal::Journal;
pub(crate) use self::pace::Paced;
pub use self::run::{kept, Item, Outcome, Run, Settings, Template};
pub(crate) use self::tokens::estimate as estimated_tokens;
