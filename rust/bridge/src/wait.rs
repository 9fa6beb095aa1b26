//! Waits on R's thread, in short intervals with checks for user interrupts.

use std::ffi::c_char;
use std::time::{Duration, Instant};

use extendr_ffi::{REprintf, Rprintf};
use openaistream_core::stream::Taken;
use openaistream_core::{Output, Trace};

use crate::interrupts::{allowing, Interrupted};
use crate::progress::Display;
use crate::toplevel::at_toplevel;

/// Short enough to react to interrupts immediately, long enough to cost nothing.
const SLICE: Duration = Duration::from_millis(25);

extern "C" {
    // Not declared by extendr-ffi.
    fn R_CheckUserInterrupt();
}

/// Calls `poll` with the time that it may wait, until it returns a value. Prints the lines of
/// `trace` as they arrive, and updates the display.
pub fn wait<T>(
    trace: &Trace,
    mut display: Option<&mut Display>,
    mut poll: impl FnMut(Duration) -> Option<T>,
) -> Result<T, Interrupted> {
    loop {
        let value = poll(SLICE);
        print(trace);
        if let Some(value) = value {
            return Ok(value);
        }
        if let Some(display) = &mut display {
            display.draw()?;
        }
        if interrupted() {
            return Err(Interrupted);
        }
    }
}

/// Waits for the first result of `take`, for at most `seconds` (forever if that is not a valid
/// time); returns neither items nor an end if there is none. Prints the lines of `trace` as they
/// arrive, and updates the display.
pub fn take_within<T>(
    trace: &Trace,
    display: Option<&mut Display>,
    seconds: f64,
    mut take: impl FnMut(Duration) -> Taken<T>,
) -> Result<Taken<T>, Interrupted> {
    let patience = Duration::try_from_secs_f64(seconds).ok();
    let deadline = patience.and_then(|patience| Instant::now().checked_add(patience));
    wait(trace, display, |slice| {
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

/// Prints the lines of `trace`: verbose output to R's standard output, which sinks and notebooks
/// capture, and the debug log to standard error.
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
        // SAFETY: the text ends with NUL and outlives the call; a failing sink jumps only to
        // `at_toplevel`, whose closure owns no memory.
        at_toplevel(|| unsafe { print(c"%s".as_ptr(), pointer) });
    }
}
