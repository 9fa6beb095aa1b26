//! Shows the progress of a long call with an R function.

use std::sync::Arc;
use std::time::{Duration, Instant};

use extendr_api::prelude::*;
use openaistream_core::{CallRecord, Direction, Phase, Progress, Request, Transfer};

use crate::interrupts::{allowing, Interrupted};
use crate::sexp::make::call_function;
use crate::toplevel::at_toplevel;
use crate::values::r_text;

/// Smaller bodies finish before a progress bar would be useful.
const MIN_BYTES: u64 = 1 << 20;
/// Transfers shorter than this show no progress.
const MIN_DURATION: Duration = Duration::from_secs(1);
/// Waits shorter than this show nothing.
const MIN_WAIT: Duration = Duration::from_secs(2);
/// The minimum interval between updates.
const PAUSE: Duration = Duration::from_millis(100);

/// The progress display of one wait for a call.
pub struct Display {
    /// `function(what, numbers, text)`, see `draw_progress()` in `R/progress.R`. It catches its own
    /// errors.
    function: Robj,
    transfer: Arc<Transfer>,
    record: Arc<CallRecord>,
    began: Instant,
    /// What the last update showed, when, and how far it was: bytes, pages or seconds.
    drawn: Option<(&'static str, Instant, u64)>,
}

impl Display {
    /// The display of a call with an R function; `None` if it is not a function.
    pub fn of(function: Robj, record: &Arc<CallRecord>) -> Option<Display> {
        function.is_function().then(|| Display {
            function,
            transfer: Arc::default(),
            record: Arc::clone(record),
            began: Instant::now(),
            drawn: None,
        })
    }

    /// Counts the bytes of a request that is about to be sent.
    pub fn count(&self, request: &mut Request) {
        request.counted_in(Arc::clone(&self.transfer));
    }

    /// Updates the display if necessary.
    ///
    /// # Errors
    /// Fails if the user interrupted the function.
    pub fn draw(&mut self) -> std::result::Result<(), Interrupted> {
        if let Some(list) = self.transfer.pages() {
            if list.began.elapsed() < MIN_DURATION {
                return Ok(());
            }
            let numbers = [list.pages as f64, list.objects as f64];
            return self.draw_if_changed("pages", list.pages, &numbers, "");
        }
        let progress = self.transfer.progress();
        let Some(progress) = progress.filter(|it| it.bytes < it.total && is_long(it)) else {
            return self.draw_wait();
        };
        let numbers = [
            progress.bytes as f64,
            progress.total as f64,
            progress.began.elapsed().as_secs_f64(),
        ];
        let what = match progress.direction {
            Direction::Up => "sending",
            Direction::Down => "receiving",
        };
        self.draw_if_changed(what, progress.bytes, &numbers, "")
    }

    /// Shows what the call waits for.
    fn draw_wait(&mut self) -> std::result::Result<(), Interrupted> {
        let waited = self.began.elapsed();
        if waited < MIN_WAIT {
            return Ok(());
        }
        let (what, left, reason) = match self.record.phase() {
            Phase::Waiting => ("waiting", 0.0, String::new()),
            Phase::Connecting => ("connecting", 0.0, String::new()),
            Phase::Receiving => ("answering", 0.0, String::new()),
            Phase::Pausing { until, reason } => {
                let left = until.saturating_duration_since(Instant::now());
                ("pausing", left.as_secs_f64(), reason)
            }
        };
        let numbers = [waited.as_secs_f64(), left];
        self.draw_if_changed(what, waited.as_secs(), &numbers, &r_text(&reason))
    }

    /// Updates the display if there is any progress.
    fn draw_if_changed(
        &mut self,
        what: &'static str,
        progress: u64,
        numbers: &[f64],
        text: &str,
    ) -> std::result::Result<(), Interrupted> {
        let has_changed = |(before, drawn, progress_before): (&str, Instant, u64)| {
            drawn.elapsed() >= PAUSE && (what, progress) != (before, progress_before)
        };
        if !self.drawn.is_none_or(has_changed) {
            return Ok(());
        }
        self.drawn = Some((what, Instant::now(), progress));
        // SAFETY: called on R's thread; the function is protected while this object exists.
        let function = unsafe { self.function.get() };
        // The function catches everything but interrupts.
        if allowing(|| at_toplevel(|| call_function(function, what, numbers, text))) {
            Ok(())
        } else {
            Err(Interrupted)
        }
    }
}

fn is_long(progress: &Progress) -> bool {
    progress.total >= MIN_BYTES && progress.began.elapsed() >= MIN_DURATION
}
