//! How other threads call R: by its event loop, which src/event_loop.c reaches.

use std::os::raw::c_int;

use openaistream_core::stream::Wake;

extern "C" {
    /// Safe from any thread once R has called `event_loop_connect()`.
    fn event_loop_wake(number: usize, event_loop: c_int);
}

/// What has `wake(number)` of R/event_loop.R run on that event loop, from any thread.
pub fn waker(number: f64, event_loop: i32) -> Wake {
    Box::new(move || {
        // SAFETY: the function copies its arguments into the queue of later, which has its own
        // lock. R gives numbers to wake only after it has connected the event loop.
        unsafe { event_loop_wake(number as usize, event_loop) }
    })
}

/// Wakes when it is dropped: at the end of the task that holds it, however that ends.
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
