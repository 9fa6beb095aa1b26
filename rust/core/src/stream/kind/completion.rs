//! Chunks of a text completion
//! (<https://platform.openai.com/docs/api-reference/completions/object>).

use std::borrow::Cow;

use super::chat::{Chat, ChatState};
use super::{Answer, Kind, StreamState};
use crate::error::Reported;
use crate::expected::Expected;
use crate::json::{Fields, Node, Value};
use crate::stream::delta::Delta;
use crate::stream::event::Event;
use crate::stream::merge::{merge, renew, set_if_empty};

/// The members of a completion that the first chunk contains.
const FIRST: [&str; 4] = ["id", "object", "created", "model"];

pub(super) struct Completion;

/// The chunks are those of a chat; only the shape of the answer differs.
impl Kind for Completion {
    fn texts<'a>(&self, event: &'a Event) -> Vec<(i64, Cow<'a, str>)> {
        Chat.texts(event)
    }

    fn error(&self, name: &str, root: Node<'_>) -> Option<Reported> {
        Chat.error(name, root)
    }

    fn expected(&self) -> Option<Expected> {
        Chat.expected()
    }

    fn state(&self) -> Box<dyn StreamState> {
        Box::new(ChatState::default())
    }

    fn answer(&self) -> Box<dyn Answer> {
        Box::new(CompletionAnswer::default())
    }
}

#[derive(Debug, Default)]
struct CompletionAnswer {
    envelope: Fields,
    choices: Vec<Choice>,
}

#[derive(Debug)]
struct Choice {
    index: i64,
    text: String,
    fields: Fields,
}

impl Answer for CompletionAnswer {
    fn add(&mut self, event: &Event) {
        for (index, part, delta) in event.deltas() {
            self.choice(index).add(part, delta);
        }
        for (name, value) in event.document.root().as_object().into_iter().flatten() {
            match name {
                // Keep the position of the member.
                "choices" => self.envelope.set(name, Value::Null),
                _ if FIRST.contains(&name) => set_if_empty(&mut self.envelope, name, value),
                _ => renew(&mut self.envelope, name, value),
            }
        }
    }

    fn whole(&self) -> Option<Value> {
        if self.envelope.is_empty() {
            return None;
        }
        let mut choices: Vec<&Choice> = self.choices.iter().collect();
        choices.sort_by_key(|choice| choice.index);
        let choices = choices.into_iter().map(Choice::whole).collect();
        let mut whole = self.envelope.clone();
        whole.set("choices", Value::Array(choices));
        if self.usage().is_none() {
            whole.remove("usage");
        }
        Some(Value::Object(whole))
    }

    fn text(&self, index: i64) -> Option<Cow<'_, str>> {
        let choice = self.choices.iter().find(|choice| choice.index == index)?;
        Some(Cow::Borrowed(&choice.text))
    }

    fn model(&self) -> Option<&str> {
        self.envelope.get("model").and_then(Value::as_str)
    }

    fn usage(&self) -> Option<&Value> {
        self.envelope.get("usage").filter(|usage| !usage.is_null())
    }
}

impl CompletionAnswer {
    /// The choice with this index; created if necessary.
    fn choice(&mut self, index: i64) -> &mut Choice {
        let known = self.choices.iter().position(|known| known.index == index);
        let position = known.unwrap_or_else(|| {
            self.choices.push(Choice {
                index,
                text: String::new(),
                fields: Fields::default(),
            });
            self.choices.len() - 1
        });
        &mut self.choices[position]
    }
}

impl Choice {
    fn add(&mut self, part: Node<'_>, delta: Delta<'_>) {
        delta.texts().for_each(|text| self.text.push_str(&text));
        for (name, value) in part.as_object().into_iter().flatten() {
            match name {
                // Keep the position of the member.
                "text" | "index" => self.fields.set(name, Value::Null),
                "delta" | "message" => {}
                "logprobs" => merge(&mut self.fields, name, value),
                _ => renew(&mut self.fields, name, value),
            }
        }
    }

    fn whole(&self) -> Value {
        let mut whole = self.fields.clone();
        whole.set("text", Value::String(self.text.clone()));
        whole.set("index", Value::Integer(self.index));
        Value::Object(whole)
    }
}
