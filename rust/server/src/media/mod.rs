//! Pictures and sound that programs can open.

mod png;
mod wav;

pub(crate) use png::png;
pub(crate) use wav::{seconds, tone, wav};
