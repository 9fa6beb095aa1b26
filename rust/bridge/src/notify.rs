//! Calls R from other threads, using its event loop (see src/event_loop.c).

use std::os::raw::c_int;

use openaistream_core::stream::Wake;

extern "C" {
    /// Safe from any thread once R has called `event_loop_connect()`.
    fn event_loop_wake(number: usize, event_loop: c_int);
}

/// Returns a callback that runs `wake(number)` of R/event_loop.R on this event loop; it can be
/// called from any thread.
pub fn waker(number: f64, event_loop: i32) -> Wake {
    Box::new(move || {
        // SAFETY: the function copies its arguments into the queue of later, which has its own
        // lock. R passes numbers only after it has connected the event loop.
        unsafe { event_loop_wake(number as usize, event_loop) }
    })
}

/// Calls `wake` when it is dropped, so at the end of the task that owns it.
pub struct WakeAtEnd(Option<Wake>);

impl WakeAtEnd {
    pub fn new(wake: Wake) -> Self {
        WakeAtEnd(Some(wake))
    }
}

impl Drop for WakeAtEnd {
    fn drop(&mut self) {
        if let Some(wake) = self.0.take() {
            wake();
        }
    }
}
