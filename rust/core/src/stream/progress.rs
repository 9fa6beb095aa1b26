//! The progress of a stream of events.

use super::event::Event;
use super::kind::{EventKind, StreamState};
use crate::error::Partial;

/// What has been received, and whether the answer is complete if the server closes the connection
/// without `[DONE]`.
#[derive(Debug, Clone)]
pub(super) struct Progress {
    partial: Partial,
    /// The number of events with text.
    pieces: u64,
    state: Box<dyn StreamState>,
}

impl Progress {
    pub fn new(kind: EventKind) -> Self {
        Progress {
            partial: Partial::default(),
            pieces: 0,
            state: kind.rules().state(),
        }
    }

    pub fn note_bytes(&mut self, count: usize) {
        self.partial.bytes += count as u64;
    }

    pub fn note(&mut self, event: &Event) {
        self.partial.events += 1;
        if let Some(addition) = event.addition() {
            // All other members equal those of the previous event.
            self.pieces += 1;
            self.state.note_addition(addition);
            return;
        }
        let has_text = event.texts().iter().any(|(_, text)| !text.is_empty());
        self.pieces += u64::from(has_text);
        self.state.note(event);
    }

    pub fn has_events(&self) -> bool {
        self.partial.events > 0
    }

    pub fn has_text(&self) -> bool {
        self.pieces > 0
    }

    pub fn pieces(&self) -> u64 {
        self.pieces
    }

    /// The content received so far; its text is assembled where events are taken.
    pub fn partial(&self) -> &Partial {
        &self.partial
    }

    pub fn state(&self) -> &dyn StreamState {
        &*self.state
    }
}
