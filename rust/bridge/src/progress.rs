//! Shows the progress of a long call with an R function.

use std::sync::Arc;
use std::time::{Duration, Instant};

use extendr_api::prelude::*;
use openaistream_core::{Direction, Progress, Transfer};

use crate::interrupts::allowing;
use crate::sexp::make::call_function;
use crate::toplevel::at_toplevel;
use crate::values::element;
use crate::wait::Interrupted;

/// Smaller bodies finish before a progress bar would be useful.
const FEWEST_BYTES: u64 = 1 << 20;
/// Calls shorter than this show no progress.
const SHORTEST: Duration = Duration::from_secs(1);
/// The minimum interval between updates.
const PAUSE: Duration = Duration::from_millis(100);

/// The progress display of one call.
pub struct Display {
    /// `function(sending, progress)`, where `progress` has the transferred bytes, all bytes, and
    /// the seconds since the transfer started, or for a list the number of its pages so far and of
    /// their objects. The function catches its own errors.
    function: Robj,
    transfer: Arc<Transfer>,
    /// The time of the last update, and the bytes or pages at that time.
    drawn: Option<(Instant, u64)>,
}

impl Display {
    /// The display in the element `progress` of `request`; `None` if there is none.
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

    /// Updates the display if necessary.
    ///
    /// # Errors
    /// Fails if the user interrupted the function.
    pub fn draw(&mut self) -> std::result::Result<(), Interrupted> {
        if let Some(list) = self.transfer.pages() {
            if list.began.elapsed() < SHORTEST {
                return Ok(());
            }
            return self.draw_news(list.pages, false, &[list.pages as f64, list.objects as f64]);
        }
        let Some(progress) = self.transfer.progress().filter(is_long) else {
            return Ok(());
        };
        let numbers = [
            progress.bytes as f64,
            progress.total as f64,
            progress.began.elapsed().as_secs_f64(),
        ];
        let sending = progress.direction == Direction::Up;
        self.draw_news(progress.bytes, sending, &numbers)
    }

    /// Updates the display if there is any progress.
    fn draw_news(
        &mut self,
        over: u64,
        sending: bool,
        numbers: &[f64],
    ) -> std::result::Result<(), Interrupted> {
        let is_news = |(drawn, before): (Instant, u64)| drawn.elapsed() >= PAUSE && over != before;
        if !self.drawn.is_none_or(is_news) {
            return Ok(());
        }
        self.drawn = Some((Instant::now(), over));
        // SAFETY: called on R's thread; the function is protected while this object exists.
        let function = unsafe { self.function.get() };
        // The function catches everything but interrupts.
        if allowing(|| at_toplevel(|| call_function(function, sending, numbers))) {
            Ok(())
        } else {
            Err(Interrupted)
        }
    }
}

fn is_long(progress: &Progress) -> bool {
    progress.total >= FEWEST_BYTES && progress.began.elapsed() >= SHORTEST
}
