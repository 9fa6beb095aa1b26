//! Native things that R holds, which belong to the process that made them.

use std::mem::ManuallyDrop;
use std::ops::Deref;

use extendr_api::prelude::*;
use openaistream_core::Error;

use crate::outcome::Failure;

/// What R holds; its garbage collector drops the value.
pub type Native<T> = ExternalPtr<Owned<T>>;

/// A value that a forked child inherits but must neither use nor drop: the threads that it needs
/// stayed with the parent.
pub struct Owned<T> {
    process: u32,
    value: ManuallyDrop<T>,
}

impl<T> Owned<T> {
    pub fn new(value: T) -> Self {
        Owned {
            process: std::process::id(),
            value: ManuallyDrop::new(value),
        }
    }

    /// The value, or why it cannot be used here; `what` names it in the message.
    pub fn here(&self, what: &str) -> std::result::Result<&T, Error> {
        if self.is_ours() {
            return Ok(self.value.deref());
        }
        Err(Error::argument(format!(
            "This {what} belongs to another process: it was made before this one was forked. \
             Make a new one here."
        )))
    }

    fn is_ours(&self) -> bool {
        self.process == std::process::id()
    }
}

impl<T> Drop for Owned<T> {
    fn drop(&mut self) {
        if self.is_ours() {
            // SAFETY: the value is dropped once, here, and not touched afterwards.
            unsafe { ManuallyDrop::drop(&mut self.value) };
        }
    }
}

/// Calls `action` with what `value` points to, unless it belongs elsewhere.
pub fn on_native<T: 'static, R>(
    value: &Robj,
    what: &str,
    action: impl FnOnce(&T) -> std::result::Result<R, Failure>,
) -> std::result::Result<R, Failure> {
    let pointer: Native<T> = native(value, what)?;
    action(pointer.here(what)?)
}

/// The pointer in `value`, which is empty after `readRDS()` and in a worker that it was sent to.
pub fn native<T: 'static>(value: &Robj, what: &str) -> std::result::Result<Native<T>, Error> {
    let pointer: std::result::Result<Native<T>, _> = value.clone().try_into();
    pointer
        .ok()
        .filter(|pointer| pointer.try_addr().is_ok())
        .ok_or_else(|| {
            Error::argument(format!(
            "This {what} belongs to another R session: it was saved or sent, and its connections \
             could not go with it. Start a new {what} here."
        ))
        })
}
