//! Valid image and audio files.

mod png;
mod wav;

pub(crate) use png::png;
pub(crate) use wav::{seconds, tone, wav};
