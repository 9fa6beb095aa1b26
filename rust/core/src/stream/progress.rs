//! How far a stream of events has come.

use super::delta::Delta;
use super::event::{Event, EventKind};
use crate::error::Partial;
use crate::json::Node;

/// The events after which a run does nothing more by itself
/// (<https://platform.openai.com/docs/api-reference/assistants-streaming/events>).
const RUN_ENDS: [&str; 6] = [
    "thread.run.completed",
    "thread.run.incomplete",
    "thread.run.failed",
    "thread.run.cancelled",
    "thread.run.expired",
    "thread.run.requires_action",
];

/// The finish reason by which a server says that it failed in the middle of an answer.
const FAILED: &str = "error";

/// What came, and whether it makes a complete answer where a server closes without `[DONE]`.
#[derive(Debug, Clone)]
pub(super) struct Progress {
    kind: EventKind,
    partial: Partial,
    has_text: bool,
    /// Those that appeared.
    choices: Vec<Choice>,
    run_ended: bool,
    has_failed: bool,
}

#[derive(Debug, Clone, Default)]
struct Choice {
    index: i64,
    /// Whether anything of it came.
    is_begun: bool,
    /// Whether a finish reason came.
    is_finished: bool,
}

impl Progress {
    pub fn new(kind: EventKind) -> Self {
        Progress {
            kind,
            partial: Partial::default(),
            has_text: false,
            choices: Vec::new(),
            run_ended: false,
            has_failed: false,
        }
    }

    pub fn note_bytes(&mut self, count: usize) {
        self.partial.bytes += count as u64;
    }

    pub fn note(&mut self, event: &Event) {
        self.partial.events += 1;
        if let Some((index, text)) = event.addition() {
            // The chunk that it is like told all else.
            self.has_text = true;
            self.choice(index).is_begun |= !text.is_empty();
            return;
        }
        self.has_text |= event.texts().iter().any(|(_, text)| !text.is_empty());
        match self.kind {
            EventKind::Run => self.run_ended |= RUN_ENDS.contains(&event.name.as_str()),
            EventKind::Chat => event
                .deltas()
                .for_each(|(index, choice, delta)| self.note_choice(index, choice, delta)),
        }
    }

    pub fn has_events(&self) -> bool {
        self.partial.events > 0
    }

    /// Whether the server said that it could not finish the answer.
    pub fn has_failed(&self) -> bool {
        self.has_failed
    }

    pub fn is_complete(&self) -> bool {
        let choices = &self.choices;
        self.run_ended || !choices.is_empty() && choices.iter().all(|choice| choice.is_finished)
    }

    pub fn has_text(&self) -> bool {
        self.has_text
    }

    /// What came; its text is put together where events are taken.
    pub fn partial(&self) -> &Partial {
        &self.partial
    }

    /// The choices of which something came.
    pub fn begun(&self) -> Vec<i64> {
        let begun = self.choices.iter().filter(|choice| choice.is_begun);
        begun.map(|choice| choice.index).collect()
    }

    fn note_choice(&mut self, index: i64, choice: Node<'_>, delta: Delta<'_>) {
        // Some servers send "" where the API has null.
        let reason = choice.get("finish_reason").and_then(Node::as_str);
        let finished = reason.is_some_and(|reason| !reason.is_empty());
        self.has_failed |= reason == Some(FAILED);
        let choice = self.choice(index);
        choice.is_finished |= finished;
        choice.is_begun |= delta.begins();
    }

    /// The choice with that index, a new one where it has not appeared.
    fn choice(&mut self, index: i64) -> &mut Choice {
        let known = self.choices.iter().position(|known| known.index == index);
        let place = known.unwrap_or_else(|| {
            self.choices.push(Choice {
                index,
                ..Choice::default()
            });
            self.choices.len() - 1
        });
        &mut self.choices[place]
    }
}
