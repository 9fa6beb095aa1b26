//! How R's thread waits: in short slices, looking for the user's interrupt between them.

use std::ffi::c_char;
use std::time::Duration;

use extendr_ffi::{REprintf, Rprintf};
use openaistream_core::{Output, Trace};

use crate::toplevel::at_toplevel;

/// Short enough that an interrupt is felt at once, long enough to cost nothing.
const SLICE: Duration = Duration::from_millis(25);

extern "C" {
    // Not bound by extendr-ffi.
    fn R_CheckUserInterrupt();
}

/// The user interrupted the wait.
pub struct Interrupted;

/// Calls `poll` with the time that it may wait until it has a value, and prints the lines of
/// `trace` as they come.
pub fn wait<T>(
    trace: &Trace,
    mut poll: impl FnMut(Duration) -> Option<T>,
) -> Result<T, Interrupted> {
    loop {
        let value = poll(SLICE);
        print(trace);
        if let Some(value) = value {
            return Ok(value);
        }
        if interrupted() {
            return Err(Interrupted);
        }
    }
}

fn interrupted() -> bool {
    // SAFETY: called on R's thread; the jump of an interrupt ends in `at_toplevel`.
    !at_toplevel(|| unsafe { R_CheckUserInterrupt() })
}

/// Prints what `trace` collected: to R's standard output, where sinks and notebooks see it, and of
/// the debug log to its standard error.
pub fn print(trace: &Trace) {
    for line in trace.take() {
        let text: Vec<u8> = line
            .text
            .bytes()
            .filter(|byte| *byte != 0)
            .chain(*b"\n\0")
            .collect();
        let pointer: *const c_char = text.as_ptr().cast();
        let print = match line.output {
            Output::Verbose => Rprintf,
            Output::Log => REprintf,
        };
        // SAFETY: the text ends in NUL and outlives the call; a sink that fails jumps no further
        // than `at_toplevel`, whose closure owns nothing.
        at_toplevel(|| unsafe { print(c"%s".as_ptr(), pointer) });
    }
}
