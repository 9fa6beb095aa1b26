//! Shows how far a long call is, with an R function that draws.

use std::sync::Arc;
use std::time::{Duration, Instant};

use extendr_api::prelude::*;
use openaistream_core::{Direction, Progress, Transfer};

use crate::interrupts::allowing;
use crate::sexp::make::call_function;
use crate::toplevel::at_toplevel;
use crate::values::element;
use crate::wait::Interrupted;

/// What is smaller is there before anybody looks.
const FEWEST_BYTES: u64 = 1 << 20;
/// Nothing is drawn of what takes less time.
const SHORTEST: Duration = Duration::from_secs(1);
/// The time from one drawing to the next, at least.
const PAUSE: Duration = Duration::from_millis(100);

/// The drawing of one call.
pub struct Display {
    /// `function(sending, progress)`, where `progress` are the bytes that are over, all bytes, and
    /// the seconds since they began to move; it catches its own errors.
    function: Robj,
    transfer: Arc<Transfer>,
    /// When it drew last, and how many bytes were over then.
    drawn: Option<(Instant, u64)>,
}

impl Display {
    /// The element `progress` of `request`; None where nothing is to be drawn.
    pub fn of(request: &List) -> Option<Display> {
        let function = element(request, "progress");
        function.is_function().then(|| Display {
            function,
            transfer: Arc::default(),
            drawn: None,
        })
    }

    pub fn transfer(&self) -> Arc<Transfer> {
        Arc::clone(&self.transfer)
    }

    /// Draws, if there is something to draw and it is time to.
    ///
    /// # Errors
    /// The user interrupted the drawing, and so the wait.
    pub fn draw(&mut self) -> std::result::Result<(), Interrupted> {
        let Some(progress) = self.transfer.progress().filter(is_long) else {
            return Ok(());
        };
        let is_news =
            |(drawn, bytes): (Instant, u64)| drawn.elapsed() >= PAUSE && bytes != progress.bytes;
        if !self.drawn.is_none_or(is_news) {
            return Ok(());
        }
        self.drawn = Some((Instant::now(), progress.bytes));
        let sending = progress.direction == Direction::Up;
        // SAFETY: R's thread, and the function is protected as long as this object lives.
        let function = unsafe { self.function.get() };
        let numbers = [
            progress.bytes as f64,
            progress.total as f64,
            progress.began.elapsed().as_secs_f64(),
        ];
        // What the function does not catch is an interrupt.
        if allowing(|| at_toplevel(|| call_function(function, sending, &numbers))) {
            Ok(())
        } else {
            Err(Interrupted)
        }
    }
}

fn is_long(progress: &Progress) -> bool {
    progress.total >= FEWEST_BYTES && progress.began.elapsed() >= SHORTEST
}
