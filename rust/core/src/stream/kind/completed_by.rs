//! The state of a stream whose answer is complete after a certain event.

use super::Course;
use crate::stream::event::Event;

#[derive(Debug, Clone)]
pub(super) struct CompletedBy {
    completes: fn(&Event) -> bool,
    /// Whether the event also ends the stream; otherwise the end of the connection does.
    ends: bool,
    has_come: bool,
}

impl CompletedBy {
    /// More events may follow the one that completes the answer.
    pub fn event(completes: fn(&Event) -> bool) -> Self {
        CompletedBy {
            completes,
            ends: false,
            has_come: false,
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

impl Course for CompletedBy {
    fn note(&mut self, event: &Event) {
        self.has_come |= (self.completes)(event);
    }

    fn is_complete(&self) -> bool {
        self.has_come
    }

    fn has_ended(&self) -> bool {
        self.ends && self.has_come
    }

    fn boxed(&self) -> Box<dyn Course> {
        Box::new(self.clone())
    }
}
