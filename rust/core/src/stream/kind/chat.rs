//! Chunks of a chat completion (<https://platform.openai.com/docs/api-reference/chat-streaming>).

use std::borrow::Cow;

use super::{Answer, Kind, StreamState, Varying};
use crate::error::Reported;
use crate::expected::{error_of_chunk, Expected};
use crate::json::Node;
use crate::stream::chat_answer::ChatAnswer;
use crate::stream::delta::{choices, Delta};
use crate::stream::event::{Addition, Event};

/// The finish reason of servers that failed during an answer.
const FAILED: &str = "error";

/// The message of this error.
const FAILURE: &str = "it ended the answer with the finish reason \"error\" and gave no \
                       description. The answer is incomplete; you can send the request again.";

pub(super) struct Chat;

impl Kind for Chat {
    fn texts<'a>(&self, event: &'a Event) -> Vec<(i64, Cow<'a, str>)> {
        let texts = event.deltas().flat_map(|(index, _, delta)| {
            let mut texts: Vec<Cow<'_, str>> = delta.texts().collect();
            if texts.is_empty() {
                texts.push("".into());
            }
            texts.into_iter().map(move |text| (index, text))
        });
        texts.collect()
    }

    fn reasoning<'a>(&self, event: &'a Event) -> Cow<'a, str> {
        let first = event.deltas().next();
        first.map_or(Cow::Borrowed(""), |(_, _, delta)| delta.reasoning().into())
    }

    fn error(&self, _name: &str, root: Node<'_>) -> Option<Reported> {
        match choices(root).next() {
            Some(_) => error_of_chunk(root),
            None => Reported::instead(root),
        }
    }

    fn expected(&self) -> Option<Expected> {
        Some(Expected::Choices)
    }

    fn varying<'a>(&self, _name: &str, root: Node<'a>) -> Option<Varying<'a>> {
        let mut choices = root.get("choices")?.as_array()?.iter();
        let choice = choices.next()?.as_object()?;
        // Log probabilities grow with each chunk.
        let is_plain = choice.iter().all(|(name, value)| match name {
            "message" => false,
            "logprobs" => value.is_null(),
            _ => true,
        });
        if !is_plain || choices.next().is_some() {
            return None;
        }
        let mut delta = choice.get("delta")?.as_object()?.iter();
        let (name, content) = delta.next()?;
        if name != "content" || delta.next().is_some() {
            return None;
        }
        Some(Varying {
            text: content.as_str()?,
            choice: choice.get("index")?.as_i64()?,
        })
    }

    fn state(&self) -> Box<dyn StreamState> {
        Box::new(ChatState::default())
    }

    fn answer(&self) -> Box<dyn Answer> {
        Box::new(ChatAnswer::default())
    }
}

#[derive(Debug, Clone, Default)]
pub(super) struct ChatState {
    /// The choices that have appeared.
    choices: Vec<Choice>,
    has_failed: bool,
}

#[derive(Debug, Clone, Default)]
struct Choice {
    index: i64,
    /// Whether any of it has been received.
    has_started: bool,
    /// Whether a finish reason has been received.
    is_finished: bool,
}

impl StreamState for ChatState {
    fn note(&mut self, event: &Event) {
        for (index, choice, delta) in event.deltas() {
            self.note_choice(index, choice, delta);
        }
    }

    fn note_addition(&mut self, addition: Addition<'_>) {
        self.choice(addition.choice).has_started |= !addition.text.is_empty();
    }

    fn is_complete(&self) -> bool {
        !self.choices.is_empty() && self.choices.iter().all(|choice| choice.is_finished)
    }

    fn failure(&self) -> Option<Reported> {
        self.has_failed.then(|| Reported {
            message: Some(FAILURE.to_owned()),
            ..Reported::default()
        })
    }

    fn started_choices(&self) -> Vec<i64> {
        let started = self.choices.iter().filter(|choice| choice.has_started);
        started.map(|choice| choice.index).collect()
    }

    fn boxed(&self) -> Box<dyn StreamState> {
        Box::new(self.clone())
    }
}

impl ChatState {
    fn note_choice(&mut self, index: i64, choice: Node<'_>, delta: Delta<'_>) {
        // Some servers send "" where the API sends null.
        let reason = choice.get("finish_reason").and_then(Node::as_str);
        let finished = reason.is_some_and(|reason| !reason.is_empty());
        self.has_failed |= reason == Some(FAILED);
        let choice = self.choice(index);
        choice.is_finished |= finished;
        choice.has_started |= delta.begins();
    }

    /// The choice with this index; created if necessary.
    fn choice(&mut self, index: i64) -> &mut Choice {
        let known = self.choices.iter().position(|known| known.index == index);
        let position = known.unwrap_or_else(|| {
            self.choices.push(Choice {
                index,
                ..Choice::default()
            });
            self.choices.len() - 1
        });
        &mut self.choices[position]
    }
}
