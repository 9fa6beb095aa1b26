//! The state of a stream that ends with a certain event.

use super::Course;
use crate::stream::event::Event;

#[derive(Debug, Clone)]
pub(super) struct EndedBy {
    /// The type of the event.
    event: &'static str,
    has_come: bool,
}

impl EndedBy {
    pub fn event(event: &'static str) -> Self {
        EndedBy {
            event,
            has_come: false,
        }
    }
}

impl Course for EndedBy {
    fn note(&mut self, event: &Event) {
        self.has_come |= event.event_type() == self.event;
    }

    fn is_complete(&self) -> bool {
        self.has_come
    }

    fn has_ended(&self) -> bool {
        self.has_come
    }

    fn boxed(&self) -> Box<dyn Course> {
        Box::new(self.clone())
    }
}
