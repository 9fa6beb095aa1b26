//! An item of a streamed response.

use super::growing::{Growing, Growth, Parts};
use super::text_id;
use crate::json::{Array, Fields, Node, Value};

/// An item received so far.
#[derive(Debug, Clone)]
pub(super) struct Item {
    /// The id by which servers refer to it.
    pub id: Option<String>,
    /// Its index in the output.
    pub index: Option<i64>,
    /// Whether it is complete.
    pub is_done: bool,
    pub value: Value,
    /// Maps the indexes of parts to their positions, because earlier parts may be missing.
    positions: Vec<(&'static str, i64, usize)>,
    /// Whether the last part is complete; an event without an index then belongs to a new part.
    is_part_over: bool,
}

impl Item {
    /// An item of which only the type is known.
    pub fn of_type(item_type: &str, id: Option<&str>) -> Item {
        let text = |text: &str| Value::String(text.to_owned());
        let mut fields = Fields::default();
        if let Some(id) = id {
            fields.set("id", text(id));
        }
        fields.set("type", text(item_type));
        match item_type {
            "message" => {
                fields.set("status", text("in_progress"));
                fields.set("content", Value::Array(Vec::new()));
                fields.set("role", text("assistant"));
            }
            "reasoning" => fields.set("summary", Value::Array(Vec::new())),
            _ => fields.set("status", text("in_progress")),
        }
        Item {
            id: id.map(str::to_owned),
            index: None,
            is_done: false,
            value: Value::Object(fields),
            positions: Vec::new(),
            is_part_over: false,
        }
    }

    /// An item as an event contains it.
    pub fn whole(index: Option<i64>, item: Node<'_>, is_done: bool) -> Item {
        Item {
            id: text_id(item, "id").map(str::to_owned),
            index,
            is_done,
            value: Value::from(item),
            positions: Vec::new(),
            is_part_over: false,
        }
    }

    pub fn item_type(&self) -> &str {
        self.text("type")
    }

    /// A text member.
    pub fn text(&self, name: &str) -> &str {
        let fields = self.value.as_object();
        let member = fields.and_then(|fields| fields.get(name));
        member.and_then(Value::as_str).unwrap_or_default()
    }

    /// Its list of parts.
    pub fn parts(&self, list: &str) -> &[Value] {
        let fields = self.value.as_object();
        let list = fields.and_then(|fields| fields.get(list));
        list.and_then(Value::as_array).unwrap_or_default()
    }

    /// The text of the part with this index.
    pub fn text_of_part(&self, growing: &Growing, index: i64) -> &str {
        let list = growing.parts.as_ref().map_or("", |parts| parts.list);
        let position = self.position(list, index);
        let part = position.and_then(|position| self.parts(list)[position].as_object());
        let text = part.and_then(|part| part.get(growing.member)?.as_str());
        text.unwrap_or_default()
    }

    /// The text that an event refers to, and the position of its part, if it has one.
    pub fn growing(
        &mut self,
        growing: &Growing,
        growth: Growth,
        event: Node<'_>,
    ) -> (Option<usize>, &mut Value) {
        let Some(parts) = &growing.parts else {
            return (None, self.fields().entry(growing.member));
        };
        if self.is_part_over && event.get(parts.index).is_none() {
            self.push(parts.list, None, new_part(parts.part));
        }
        let position = self.position_of(parts, event);
        self.is_part_over = growth == Growth::Done;
        let part = fields_of(&mut self.list(parts.list)[position]);
        (Some(position), part.entry(growing.member))
    }

    /// The part that an event refers to; a new part gets the members of its type.
    pub fn part(&mut self, parts: &Parts, event: Node<'_>) -> &mut Fields {
        let position = self.position_of(parts, event);
        fields_of(&mut self.list(parts.list)[position])
    }

    fn position_of(&mut self, parts: &Parts, event: Node<'_>) -> usize {
        let index = event.get(parts.index).and_then(Node::as_i64);
        let known = match index {
            Some(index) => self.position(parts.list, index),
            None => last_of_type(self.list(parts.list), parts.part),
        };
        known.unwrap_or_else(|| self.push(parts.list, index, new_part(parts.part)))
    }

    /// Takes a part from the event that starts or ends it.
    pub fn set_part(
        &mut self,
        list: &'static str,
        index: Option<i64>,
        part: Node<'_>,
        begins: bool,
    ) {
        let part_type = part.get("type").and_then(Node::as_str).unwrap_or_default();
        let known = match index {
            Some(index) => self.position(list, index),
            None if begins => None,
            None => last_of_type(self.list(list), part_type),
        };
        self.is_part_over = !begins;
        match known {
            Some(position) => self.list(list)[position] = Value::from(part),
            None => {
                self.push(list, index, Value::from(part));
            }
        }
    }

    /// Sets a member.
    pub fn set(&mut self, name: &str, value: Value) {
        self.fields().set(name, value);
    }

    fn position(&self, list: &str, index: i64) -> Option<usize> {
        let of_list = || self.positions.iter().filter(|(known, ..)| *known == list);
        let found = of_list().find(|(_, known, _)| *known == index);
        found.map(|(.., position)| *position).or_else(|| {
            let position = usize::try_from(index).ok()?;
            let is_free = of_list().all(|(.., known)| *known != position);
            (is_free && position < self.parts(list).len()).then_some(position)
        })
    }

    fn push(&mut self, list: &'static str, index: Option<i64>, part: Value) -> usize {
        let parts = self.list(list);
        parts.push(part);
        let position = parts.len() - 1;
        if let Some(index) = index {
            self.positions.push((list, index, position));
        }
        position
    }

    fn list(&mut self, name: &str) -> &mut Vec<Value> {
        array_of(self.fields().entry(name))
    }

    fn fields(&mut self) -> &mut Fields {
        fields_of(&mut self.value)
    }
}

/// The members of a value, which is converted to an object if necessary.
pub(super) fn fields_of(value: &mut Value) -> &mut Fields {
    if !matches!(value, Value::Object(_)) {
        *value = Value::Object(Fields::default());
    }
    match value {
        Value::Object(fields) => fields,
        _ => unreachable!("it was made one"),
    }
}

/// The elements of a value, which is converted to an array if necessary.
pub(super) fn array_of(value: &mut Value) -> &mut Vec<Value> {
    if !matches!(value, Value::Array(_)) {
        *value = Value::Array(Vec::new());
    }
    match value {
        Value::Array(elements) => elements,
        _ => unreachable!("it was made one"),
    }
}

/// Appends elements to a value.
pub(super) fn extend(value: &mut Value, elements: Array<'_>) {
    array_of(value).extend(elements.iter().map(Value::from));
}

fn last_of_type(parts: &[Value], part_type: &str) -> Option<usize> {
    let last = parts.last()?.as_object()?.get("type")?.as_str();
    (last == Some(part_type)).then(|| parts.len() - 1)
}

fn new_part(part_type: &str) -> Value {
    let mut part = Fields::default();
    part.set("type", Value::String(part_type.to_owned()));
    if part_type == "output_text" {
        part.set("annotations", Value::Array(Vec::new()));
    }
    Value::Object(part)
}
