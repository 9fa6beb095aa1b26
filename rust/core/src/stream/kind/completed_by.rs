//! The state of a stream whose answer is complete after a certain event.

use super::StreamState;
use crate::stream::event::Event;

#[derive(Debug, Clone)]
pub(super) struct CompletedBy {
    completes: fn(&Event) -> bool,
    /// Whether the event also ends the stream; otherwise the end of the connection does.
    ends: bool,
    is_completed: bool,
}

impl CompletedBy {
    /// More events may follow the one that completes the answer.
    pub fn event(completes: fn(&Event) -> bool) -> Self {
        CompletedBy {
            completes,
            ends: false,
            is_completed: false,
        }
    }

    /// The event that completes the answer is the last one.
    pub fn last_event(completes: fn(&Event) -> bool) -> Self {
        CompletedBy {
            ends: true,
            ..Self::event(completes)
        }
    }
}

impl StreamState for CompletedBy {
    fn note(&mut self, event: &Event) {
        self.is_completed |= (self.completes)(event);
    }

    fn is_complete(&self) -> bool {
        self.is_completed
    }

    fn has_ended(&self) -> bool {
        self.ends && self.is_completed
    }

    fn boxed(&self) -> Box<dyn StreamState> {
        Box::new(self.clone())
    }
}
