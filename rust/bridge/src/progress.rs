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
    /// the seconds since they began to move; or, of a list, its pages so far and the objects in
    /// them. It catches its own errors.
    function: Robj,
    transfer: Arc<Transfer>,
    /// When it drew last, and how many bytes or pages were over then.
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

    /// Draws, if as much was not over before.
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
        // SAFETY: R's thread, and the function is protected as long as this object lives.
        let function = unsafe { self.function.get() };
        // What the function does not catch is an interrupt.
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
