//! How R's thread waits: in short slices, looking for the user's interrupt between them.

use std::ffi::c_char;
use std::time::{Duration, Instant};

use extendr_ffi::{REprintf, Rprintf};
use openaistream_core::stream::Taken;
use openaistream_core::{Output, Trace};

use crate::interrupts::allowing;
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

/// What `take` gives first, waiting at most `seconds` (for ever where that is no time): nothing and
/// no end once they are over. Prints the lines of `trace` as they come.
pub fn take_within<T>(
    trace: &Trace,
    seconds: f64,
    mut take: impl FnMut(Duration) -> Taken<T>,
) -> Result<Taken<T>, Interrupted> {
    let patience = Duration::try_from_secs_f64(seconds).ok();
    let deadline = patience.and_then(|patience| Instant::now().checked_add(patience));
    wait(trace, |slice| {
        let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        let taken = take(left.map_or(slice, |left| left.min(slice)));
        let is_over = left.is_some_and(|left| left <= slice);
        (!taken.items.is_empty() || taken.end.is_some() || is_over).then_some(taken)
    })
}

fn interrupted() -> bool {
    // SAFETY: called on R's thread; the jump of an interrupt ends in `at_toplevel`.
    !allowing(|| at_toplevel(|| unsafe { R_CheckUserInterrupt() }))
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
