//! A response, assembled from the events of its stream.
//!
//! Events refer to an item by its index in the output, by its id, or to the last item: not all
//! servers send all of these. The final event of an item or of the response contains all of it, and
//! replaces what was assembled.

use std::borrow::Cow;

use super::growing::{part_event, Growing, Growth, GROWING};
use super::item::{array_of, extend, Item};
use super::{members, sequence_number, text_id, text_member, ENDS, TEXT_DELTA};
use crate::json::{Fields, Node, Value};
use crate::stream::event::{Addition, Event};
use crate::stream::kind::Answer;

/// The separator between parts of the reasoning.
const PARAGRAPH: &str = "\n\n";

/// A response received so far. The cost of adding an event is proportional to its length.
#[derive(Debug, Clone, Default)]
pub(in crate::stream) struct ResponseAnswer {
    /// The response in the latest event that has one, without `output`.
    envelope: Option<Fields>,
    /// The `output`.
    items: Vec<Item>,
    /// The item and content part that the last event added to.
    current: Option<(usize, usize)>,
    sequence_number: Option<i64>,
}

/// Identifies the item of an event.
#[derive(Clone, Copy)]
struct Label<'a> {
    id: Option<&'a str>,
    index: Option<i64>,
    item_type: &'a str,
}

impl Answer for ResponseAnswer {
    fn add(&mut self, event: &Event) {
        let data = event.document.root();
        self.sequence_number = sequence_number(data).or(self.sequence_number);
        if event.is_whole {
            self.take_response(data, true);
        } else {
            self.add_data(event.event_type(), data);
        }
    }

    /// The text belongs where the last event added; it is ignored if that item is complete.
    fn add_text(&mut self, addition: Addition<'_>) {
        self.sequence_number = addition.sequence_number.or(self.sequence_number);
        if let Some(known) = self.current_text() {
            known.push_str(addition.text);
        }
    }

    fn whole(&self) -> Option<Value> {
        if self.envelope.is_none() && self.items.is_empty() {
            return None;
        }
        let mut whole = self.envelope.clone().unwrap_or_else(|| {
            let mut unknown = Fields::default();
            unknown.set("object", Value::String("response".to_owned()));
            unknown.set("status", Value::String("in_progress".to_owned()));
            unknown
        });
        if !self.items.is_empty() {
            let items = self.in_order().map(|item| item.value.clone());
            whole.set("output", Value::Array(items.collect()));
        }
        Some(Value::Object(whole))
    }

    fn text(&self, choice: i64) -> Option<Cow<'_, str>> {
        (choice == 0).then(|| joined(self.texts_in("content", "output_text"), ""))
    }

    fn reasoning(&self, _choice: i64) -> Cow<'_, str> {
        let summaries = self.texts_in("summary", "summary_text");
        let texts = self.texts_in("content", "reasoning_text");
        joined(summaries.chain(texts), PARAGRAPH)
    }

    fn tool_calls(&self, _choice: i64) -> Vec<Value> {
        let calls = self
            .in_order()
            .filter(|item| matches!(item.item_type(), "function_call" | "custom_tool_call"));
        calls.map(|item| item.value.clone()).collect()
    }

    fn model(&self) -> Option<&str> {
        self.envelope.as_ref()?.get("model")?.as_str()
    }

    fn usage(&self) -> Option<&Value> {
        let usage = self.envelope.as_ref()?.get("usage")?;
        (!usage.is_null()).then_some(usage)
    }

    fn response_id(&self) -> Option<&str> {
        self.envelope.as_ref()?.get("id")?.as_str()
    }

    fn sequence_number(&self) -> Option<i64> {
        self.sequence_number
    }
}

impl ResponseAnswer {
    /// The items in the order of the output; items without an index come last.
    fn in_order(&self) -> impl Iterator<Item = &Item> {
        let mut items: Vec<&Item> = self.items.iter().collect();
        items.sort_by_key(|item| item.index.unwrap_or(i64::MAX));
        items.into_iter()
    }

    /// The received part of an item of the complete response.
    pub(super) fn known(&self, index: i64, item: Node<'_>) -> Option<&Item> {
        let label = Label {
            id: text_id(item, "id"),
            index: Some(index),
            item_type: text_member(item, "type"),
        };
        self.position(label, false)
            .map(|position| &self.items[position])
    }

    fn texts_in<'a>(
        &'a self,
        list: &'static str,
        part_type: &'static str,
    ) -> impl Iterator<Item = &'a str> {
        let parts = self.in_order().flat_map(move |item| item.parts(list));
        let parts = parts.filter_map(Value::as_object);
        let member = |part: &'a Fields, name| part.get(name).and_then(Value::as_str);
        parts
            .filter(move |part| member(part, "type") == Some(part_type))
            .filter_map(move |part| member(part, "text"))
    }

    fn add_data(&mut self, event: &str, data: Node<'_>) {
        if let Some(response) = data.get("response").filter(|it| it.as_object().is_some()) {
            return self.take_response(response, ENDS.contains(&event));
        }
        let Some(name) = event.strip_prefix("response.") else {
            return;
        };
        let item = data.get("item").unwrap_or(Node::Null);
        match name {
            "output_item.added" => self.begin_item(data, item),
            "output_item.done" => self.end_item(data, item),
            "output_text.annotation.added" => self.add_annotation(data),
            "image_generation_call.partial_image" => {
                let picture = data.get("partial_image_b64").map(Value::from);
                let position = self.item_of(data, "image_generation_call");
                let item = &mut self.items[position];
                if let Some(picture) = picture.filter(|_| !item.is_done) {
                    item.set("result", picture);
                }
            }
            _ => {
                if let Some((growing, growth)) = Growing::of(name) {
                    self.grow(growing, growth, event, data);
                } else if let Some((list, index)) = part_event(name) {
                    self.take_part(list, index, name.ends_with(".added"), data);
                }
            }
        }
    }

    /// Takes the response of an event; the last one replaces everything.
    fn take_response(&mut self, response: Node<'_>, is_last: bool) {
        let mut envelope = Fields::default();
        for (name, value) in response.as_object().into_iter().flatten() {
            match (name, value) {
                // Keep the position of the member.
                ("output", Node::Array(_)) => envelope.set(name, Value::Array(Vec::new())),
                _ => envelope.set(name, Value::from(value)),
            }
        }
        self.envelope = Some(envelope);
        let output = members(response, "output");
        let items: Vec<Item> = (0..)
            .zip(output)
            .map(|(index, item)| Item::whole(Some(index), item, is_last))
            .collect();
        // Some servers omit streamed items from the final response.
        let replaces = is_last && !items.is_empty();
        if replaces || self.items.is_empty() {
            self.items = items;
            self.current = None;
        }
    }

    fn begin_item(&mut self, data: Node<'_>, item: Node<'_>) {
        let label = Label::of_item(data, item);
        let new = Item::whole(label.index, item, false);
        match self.position(label, true) {
            Some(position) if self.items[position].is_done => {}
            Some(position) => self.items[position] = new,
            None => self.items.push(new),
        }
    }

    fn end_item(&mut self, data: Node<'_>, item: Node<'_>) {
        let label = Label::of_item(data, item);
        let position = self.position(label, false);
        let index = label.index.or(position.and_then(|it| self.items[it].index));
        let new = Item::whole(index, item, true);
        match position {
            Some(position) => self.items[position] = new,
            None => self.items.push(new),
        }
        self.current = None;
    }

    fn take_part(&mut self, list: &'static str, index: &str, begins: bool, data: Node<'_>) {
        let Some(part) = data.get("part") else {
            return;
        };
        let is_thought = list == "summary" || text_member(part, "type") == "reasoning_text";
        let position = self.item_of(data, if is_thought { "reasoning" } else { "message" });
        let index = data.get(index).and_then(Node::as_i64);
        let item = &mut self.items[position];
        if !item.is_done {
            item.set_part(list, index, part, begins);
        }
        self.current = None;
    }

    fn grow(&mut self, growing: &Growing, growth: Growth, event: &str, data: Node<'_>) {
        let position = self.item_of(data, growing.item);
        let item = &mut self.items[position];
        if item.is_done {
            self.current = None;
            return;
        }
        let (part, text) = item.growing(growing, growth, data);
        match growth {
            Growth::Delta => push_text(text, text_member(data, "delta")),
            Growth::Done => {
                if let Some(complete) = data.get(growing.member).and_then(Node::as_str) {
                    *text = Value::String(complete.to_owned());
                }
            }
        }
        let logprobs = data.get("logprobs").and_then(Node::as_array);
        let logprobs = logprobs.filter(|tokens| !tokens.is_empty());
        if let (Some(parts), Some(tokens)) = (&growing.parts, logprobs) {
            let known = item.part(parts, data).entry("logprobs");
            if growth == Growth::Done {
                *known = Value::Null;
            }
            extend(known, tokens);
        }
        self.current = part
            .filter(|_| event == TEXT_DELTA)
            .map(|part| (position, part));
    }

    fn add_annotation(&mut self, data: Node<'_>) {
        let (Some(annotation), Some(parts)) = (data.get("annotation"), &GROWING[0].parts) else {
            return;
        };
        let position = self.item_of(data, "message");
        if self.items[position].is_done {
            return;
        }
        let part = self.items[position].part(parts, data);
        let known = array_of(part.entry("annotations"));
        let index = data.get("annotation_index").and_then(Node::as_i64);
        let index = index.and_then(|index| usize::try_from(index).ok());
        match index.and_then(|index| known.get_mut(index)) {
            Some(known) => *known = Value::from(annotation),
            None => known.push(Value::from(annotation)),
        }
    }

    /// The position of the item that an event refers to; created if necessary.
    fn item_of(&mut self, data: Node<'_>, item_type: &str) -> usize {
        let label = Label {
            id: text_id(data, "item_id"),
            index: data.get("output_index").and_then(Node::as_i64),
            item_type,
        };
        let position = self.position(label, false).unwrap_or_else(|| {
            self.items.push(Item::of_type(item_type, label.id));
            self.items.len() - 1
        });
        let item = &mut self.items[position];
        item.index = item.index.or(label.index);
        if item.id.is_none() {
            item.id = label.id.map(str::to_owned);
        }
        position
    }

    /// The position of a known item. On servers that do not number items, the first event of an
    /// item may have the index of another.
    fn position(&self, label: Label<'_>, begins: bool) -> Option<usize> {
        let newest = |fits: &dyn Fn(&Item) -> bool| self.items.iter().rposition(fits);
        let has_other_id = |item: &Item| {
            let both = item.id.is_some() && label.id.is_some();
            both && item.id.as_deref() != label.id
        };
        let same_id = label
            .id
            .and_then(|id| newest(&|item| item.id.as_deref() == Some(id)));
        same_id.or_else(|| match label.index {
            Some(index) => {
                newest(&|item| item.index == Some(index) && !(begins && has_other_id(item)))
            }
            None if begins => None,
            None => newest(&|item| {
                !item.is_done && item.item_type() == label.item_type && !has_other_id(item)
            }),
        })
    }

    /// The text that the last event added to.
    fn current_text(&mut self) -> Option<&mut String> {
        let (item, part) = self.current?;
        let content = self.items.get_mut(item)?.value.member("content")?;
        match content.element(part)?.member("text")? {
            Value::String(text) => Some(text),
            _ => None,
        }
    }
}

impl<'a> Label<'a> {
    /// The label of an item in an event.
    fn of_item(data: Node<'a>, item: Node<'a>) -> Self {
        Label {
            id: text_id(item, "id").or(text_id(data, "item_id")),
            index: data.get("output_index").and_then(Node::as_i64),
            item_type: text_member(item, "type"),
        }
    }
}

fn push_text(text: &mut Value, delta: &str) {
    match text {
        Value::String(known) => known.push_str(delta),
        _ => *text = Value::String(delta.to_owned()),
    }
}

/// Joins texts; does not copy a single text.
fn joined<'a>(texts: impl Iterator<Item = &'a str>, separator: &str) -> Cow<'a, str> {
    let texts: Vec<&str> = texts.filter(|text| !text.is_empty()).collect();
    match texts.as_slice() {
        [one] => Cow::Borrowed(one),
        _ => Cow::Owned(texts.join(separator)),
    }
}
