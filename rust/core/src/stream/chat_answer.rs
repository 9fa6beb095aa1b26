//! A chat completion, assembled from the chunks of its stream.
//!
//! The result has the shape of a completion without streaming
//! (<https://platform.openai.com/docs/api-reference/chat/object>), including fields that servers
//! add.

use std::borrow::Cow;

use super::content;
use super::delta::{Delta, REASONING};
use super::event::{Addition, Event};
use super::kind::{Answer, PADDING};
use super::merge::{merge, renew, set_if_empty};
use super::tool_calls::ToolCalls;
use crate::json::{Fields, Node, Value};

/// The first members of a completion, in the order of the API.
const FIRST: [&str; 4] = ["id", "object", "created", "model"];

/// A completion received so far. The cost of adding a chunk is proportional to its length.
#[derive(Debug, Default)]
pub(super) struct ChatAnswer {
    envelope: Fields,
    choices: Vec<Choice>,
    /// Whether any of it arrived as a `delta`.
    is_streamed: bool,
}

#[derive(Debug)]
struct Choice {
    index: i64,
    /// All its members; `message` is only a placeholder.
    fields: Fields,
    message: Option<Fields>,
    /// The `tool_calls` of its message.
    calls: ToolCalls,
}

impl Answer for ChatAnswer {
    fn add(&mut self, chunk: &Event) {
        for (index, choice, delta) in chunk.deltas() {
            self.add_choice(index, choice, delta, chunk.is_whole);
        }
        let members = chunk.document.root().as_object();
        for (name, value) in members.into_iter().flatten() {
            match name {
                "choices" | PADDING => {}
                _ if FIRST.contains(&name) => set_if_empty(&mut self.envelope, name, value),
                _ => renew(&mut self.envelope, name, value),
            }
        }
    }

    /// Adds to the content of a choice.
    fn add_text(&mut self, addition: Addition<'_>) {
        let message = self.choice(addition.choice).message();
        content::add(message.entry("content"), Node::String(addition.text));
    }

    /// The text of the choice with this index; `None` if the choice has not appeared yet.
    fn text(&self, index: i64) -> Option<Cow<'_, str>> {
        let choice = self.choices.iter().find(|choice| choice.index == index)?;
        let content = choice.message.as_ref().and_then(|it| it.get("content"));
        Some(content.map_or(Cow::Borrowed(""), content::text))
    }

    fn reasoning(&self, index: i64) -> Cow<'_, str> {
        let choice = self.choices.iter().find(|choice| choice.index == index);
        let message = choice.and_then(|choice| choice.message.as_ref());
        let mut texts = REASONING
            .into_iter()
            .filter_map(|name| message?.get(name)?.as_str());
        texts
            .find(|text| !text.is_empty())
            .unwrap_or_default()
            .into()
    }

    /// The tool calls of the choice with this index.
    fn tool_calls(&self, index: i64) -> Vec<Value> {
        let choice = self.choices.iter().find(|choice| choice.index == index);
        choice.map_or_else(Vec::new, |choice| choice.calls.whole())
    }

    fn model(&self) -> Option<&str> {
        self.envelope.get("model").and_then(Value::as_str)
    }

    fn usage(&self) -> Option<&Value> {
        self.envelope.get("usage").filter(|usage| !usage.is_null())
    }

    /// The completion received so far; `None` if there is nothing yet.
    fn whole(&self) -> Option<Value> {
        let mut rest = self.envelope.clone();
        let mut whole = Fields::default();
        for name in FIRST {
            if let Some(value) = rest.remove(name) {
                whole.set(name, value);
            }
        }
        if let Some(object) = whole.get("object").and_then(Value::as_str) {
            let object = object.trim_end_matches(".chunk").to_owned();
            whole.set("object", Value::String(object));
        }
        let mut choices: Vec<&Choice> = self.choices.iter().collect();
        choices.sort_by_key(|choice| choice.index);
        let choices = choices.into_iter().map(|choice| self.whole_choice(choice));
        let usage = rest.remove("usage").filter(|usage| !usage.is_null());
        if self.envelope.is_empty() && self.choices.is_empty() {
            return None;
        }
        whole.set("choices", Value::Array(choices.collect()));
        if let Some(usage) = usage {
            whole.set("usage", usage);
        }
        for (name, value) in rest {
            whole.set(&name, value);
        }
        Some(Value::Object(whole))
    }
}

impl ChatAnswer {
    fn whole_choice(&self, choice: &Choice) -> Value {
        let mut whole = Fields::default();
        whole.set("index", Value::Integer(choice.index));
        let message = self.whole_message(choice);
        for (name, value) in choice.fields.clone() {
            whole.set(&name, value);
        }
        if let Some(message) = message {
            whole.set("message", Value::Object(message));
        }
        Value::Object(whole)
    }

    /// The message in the shape that it has without streaming.
    fn whole_message(&self, choice: &Choice) -> Option<Fields> {
        if !self.is_streamed && choice.message.is_none() {
            return None;
        }
        let mut message = choice.message.clone().unwrap_or_default();
        if !choice.calls.is_empty() {
            message.set("tool_calls", Value::Array(choice.calls.whole()));
        }
        if self.is_streamed {
            add_members_that_deltas_omit(&mut message);
        }
        Some(message)
    }

    /// The choice with this index; created if necessary.
    fn choice(&mut self, index: i64) -> &mut Choice {
        let known = self.choices.iter().position(|known| known.index == index);
        let position = known.unwrap_or_else(|| {
            self.choices.push(Choice::new(index));
            self.choices.len() - 1
        });
        &mut self.choices[position]
    }

    fn add_choice(&mut self, index: i64, part: Node<'_>, delta: Delta<'_>, is_whole: bool) {
        self.is_streamed |=
            !is_whole && (part.get("message").is_none() || part.get("delta").is_some());
        let choice = self.choice(index);
        match delta {
            Delta::Members(members) => choice.add_to_message(members),
            Delta::Text(text) => content::add(choice.message().entry("content"), text),
            Delta::None => {}
        }
        for (name, value) in part.as_object().into_iter().flatten() {
            match name {
                "index" | "delta" | "message" | "text" => {}
                "logprobs" => merge(&mut choice.fields, name, value),
                _ => renew(&mut choice.fields, name, value),
            }
        }
    }
}

impl Choice {
    fn new(index: i64) -> Self {
        Choice {
            index,
            fields: Fields::default(),
            message: None,
            calls: ToolCalls::default(),
        }
    }

    fn message(&mut self) -> &mut Fields {
        self.fields.entry("message");
        self.message.get_or_insert_with(Fields::default)
    }

    fn add_to_message(&mut self, delta: Node<'_>) {
        self.message();
        for (name, value) in delta.as_object().into_iter().flatten() {
            match (name, value) {
                ("content", value) => content::add(self.message().entry(name), value),
                ("tool_calls", Node::Array(deltas)) => {
                    // Keep the position of the member in the message.
                    self.message().set(name, Value::Array(Vec::new()));
                    deltas.iter().for_each(|delta| self.calls.add(delta));
                }
                _ => merge(self.message(), name, value),
            }
        }
    }
}

/// Adds members that complete messages have but deltas omit.
fn add_members_that_deltas_omit(message: &mut Fields) {
    let role = message.get("role").and_then(Value::as_str);
    if role.unwrap_or_default().is_empty() || message.get("content").is_none() {
        let mut received = std::mem::take(message);
        let role = received.remove("role");
        let role = role.filter(|role| role.as_str().is_some_and(|role| !role.is_empty()));
        let role = role.unwrap_or_else(|| Value::String("assistant".to_owned()));
        message.set("role", role);
        message.set("content", received.remove("content").unwrap_or(Value::Null));
        for (name, value) in received {
            message.set(&name, value);
        }
    }
    // OpenAI sends `refusal` in the first chunk, and `annotations` only in complete messages unless
    // there are some.
    if message.get("refusal").is_some() && message.get("annotations").is_none() {
        message.set("annotations", Value::Array(Vec::new()));
    }
}
