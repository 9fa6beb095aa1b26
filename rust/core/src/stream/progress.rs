//! How far a stream of events has come.

use super::event::Event;
use super::kind::{Course, EventKind};
use crate::error::Partial;

/// What came, and whether it makes a complete answer where a server closes without `[DONE]`.
#[derive(Debug, Clone)]
pub(super) struct Progress {
    partial: Partial,
    has_text: bool,
    course: Box<dyn Course>,
}

impl Progress {
    pub fn new(kind: EventKind) -> Self {
        Progress {
            partial: Partial::default(),
            has_text: false,
            course: kind.rules().course(),
        }
    }

    pub fn note_bytes(&mut self, count: usize) {
        self.partial.bytes += count as u64;
    }

    pub fn note(&mut self, event: &Event) {
        self.partial.events += 1;
        if let Some(addition) = event.addition() {
            // The event that it is like told all else.
            self.has_text = true;
            self.course.note_addition(addition);
            return;
        }
        self.has_text |= event.texts().iter().any(|(_, text)| !text.is_empty());
        self.course.note(event);
    }

    pub fn has_events(&self) -> bool {
        self.partial.events > 0
    }

    pub fn has_text(&self) -> bool {
        self.has_text
    }

    /// What came; its text is put together where events are taken.
    pub fn partial(&self) -> &Partial {
        &self.partial
    }

    pub fn course(&self) -> &dyn Course {
        &*self.course
    }
}
