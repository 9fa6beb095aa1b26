//! A chat completion, put together from the chunks of its stream.
//!
//! The result has the shape of the same answer without a stream
//! (<https://platform.openai.com/docs/api-reference/chat/object>), with all that servers add to it.

use crate::json::{Array, Fields, Node, Object, Value};

/// The members of a completion that stand first, in the order of the API.
const FIRST: [&str; 4] = ["id", "object", "created", "model"];

/// The member that only pads a chunk, against those who watch the lengths of packets.
pub(super) const PADDING: &str = "obfuscation";

/// What came of a completion; adding a chunk costs what the chunk is long.
#[derive(Debug, Default)]
pub(super) struct ChatAnswer {
    envelope: Fields,
    choices: Vec<Choice>,
    /// Whether any part of it came as a `delta`.
    is_streamed: bool,
}

#[derive(Debug)]
struct Choice {
    index: i64,
    fields: Fields,
}

impl ChatAnswer {
    pub fn add(&mut self, chunk: Node<'_>) {
        for (name, value) in chunk.as_object().into_iter().flatten() {
            match name {
                "choices" => {
                    let choices = value.as_array().into_iter();
                    choices.flat_map(Array::iter).for_each(|choice| {
                        self.add_choice(choice);
                    });
                }
                PADDING => {}
                _ if FIRST.contains(&name) => keep(&mut self.envelope, name, value),
                _ => renew(&mut self.envelope, name, value),
            }
        }
    }

    /// Adds to the content of a choice.
    pub fn add_text(&mut self, index: i64, text: &str) {
        let message = self.choice(index).entry("message");
        if let Value::Object(message) = message {
            merge(message, "content", Node::String(text));
        }
    }

    /// The content of a choice, by its index; `None` as long as the choice has not appeared.
    pub fn text(&self, index: i64) -> Option<&str> {
        let choice = self.choices.iter().find(|choice| choice.index == index)?;
        let message = choice.fields.get("message").and_then(Value::as_object);
        let content = message.and_then(|message| message.get("content"));
        Some(content.and_then(Value::as_str).unwrap_or_default())
    }

    pub fn model(&self) -> Option<&str> {
        self.envelope.get("model").and_then(Value::as_str)
    }

    pub fn usage(&self) -> Option<&Value> {
        self.envelope.get("usage").filter(|usage| !usage.is_null())
    }

    /// The completion as far as it came; `None` where nothing did.
    pub fn whole(&self) -> Option<Value> {
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

    fn whole_choice(&self, choice: &Choice) -> Value {
        let mut whole = Fields::default();
        whole.set("index", Value::Integer(choice.index));
        for (name, mut value) in choice.fields.clone() {
            if let (true, Value::Object(message)) = (name == "message", &mut value) {
                self.finish_message(message);
            }
            whole.set(&name, value);
        }
        Value::Object(whole)
    }

    /// Gives a message the shape that it has outside a stream.
    fn finish_message(&self, message: &mut Fields) {
        if let Some(Value::Array(calls)) = message.get_mut("tool_calls") {
            calls.sort_by_key(|call| index_of(call).unwrap_or(i64::MAX));
            for call in calls {
                if let Value::Object(call) = call {
                    call.remove("index");
                }
            }
        }
        // Who tells `refusal` in the first chunk (OpenAI does) tells `annotations` in whole
        // answers, which chunks leave out where there are none.
        let tells_all = self.is_streamed && message.get("refusal").is_some();
        if tells_all && message.get("annotations").is_none() {
            message.set("annotations", Value::Array(Vec::new()));
        }
    }

    /// What came of the choice with that index, nothing yet of a new one.
    fn choice(&mut self, index: i64) -> &mut Fields {
        let known = self.choices.iter().position(|known| known.index == index);
        let place = known.unwrap_or_else(|| {
            let fields = Fields::default();
            self.choices.push(Choice { index, fields });
            self.choices.len() - 1
        });
        &mut self.choices[place].fields
    }

    fn add_choice(&mut self, choice: Node<'_>) {
        let index = choice.get("index").and_then(Node::as_i64).unwrap_or(0);
        self.is_streamed |= choice.get("delta").is_some();
        let fields = self.choice(index);
        for (name, value) in choice.as_object().into_iter().flatten() {
            match name {
                "index" => {}
                "delta" | "message" => merge(fields, "message", value),
                "logprobs" => merge(fields, name, value),
                _ => renew(fields, name, value),
            }
        }
    }
}

/// Keeps the first value that says something.
fn keep(fields: &mut Fields, name: &str, value: Node<'_>) {
    let told = fields.get(name).is_some_and(|known| match known {
        Value::Null | Value::Integer(0) => false,
        Value::String(text) => !text.is_empty(),
        _ => true,
    });
    if !told {
        fields.set(name, Value::from(value));
    }
}

/// Takes the newest value that says something.
fn renew(fields: &mut Fields, name: &str, value: Node<'_>) {
    match fields.get_mut(name) {
        Some(_) if value.is_null() => {}
        // Most members never change from chunk to chunk.
        Some(Value::String(known)) if value.as_str() == Some(known) => {}
        Some(known) => *known = Value::from(value),
        None => fields.set(name, Value::from(value)),
    }
}

/// Adds a part of a member to what came of it: texts and arrays grow, objects member by member.
fn merge(fields: &mut Fields, name: &str, part: Node<'_>) {
    match (fields.entry(name), part) {
        (_, Node::Null) => {}
        (Value::String(known), Node::String(part)) => {
            // Some servers repeat with every chunk what others tell once.
            let is_repeated = match name {
                "role" | "id" | "type" => !known.is_empty(),
                "name" => known == part,
                _ => false,
            };
            if !is_repeated {
                known.push_str(part);
            }
        }
        (Value::Object(known), Node::Object(part)) => merge_members(known, part),
        (Value::Array(known), Node::Array(part)) => merge_elements(known, part),
        (known, Node::Array(part)) => {
            let mut elements = Vec::new();
            merge_elements(&mut elements, part);
            *known = Value::Array(elements);
        }
        (known, part) => *known = Value::from(part),
    }
}

fn merge_members(known: &mut Fields, parts: Object<'_>) {
    for (name, part) in parts.iter() {
        merge(known, name, part);
    }
}

/// Elements that tell an index are parts of the element with that index, others are new.
fn merge_elements(known: &mut Vec<Value>, parts: Array<'_>) {
    for part in parts.iter() {
        let index = part.get("index").and_then(Node::as_i64);
        let place = index.and_then(|index| {
            let mut elements = known.iter();
            elements.position(|element| index_of(element) == Some(index))
        });
        match (place.map(|place| &mut known[place]), part) {
            (Some(Value::Object(known)), Node::Object(part)) => merge_members(known, part),
            _ => known.push(Value::from(part)),
        }
    }
}

fn index_of(element: &Value) -> Option<i64> {
    match element.as_object()?.get("index")? {
        Value::Integer(index) => Some(*index),
        _ => None,
    }
}
