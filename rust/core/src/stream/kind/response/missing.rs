//! The missing rest of a response, as events.

use super::answer::ResponseAnswer;
use super::growing::{Growing, GROWING};
use super::item::Item;
use super::{members, text_member, ENDS};
use crate::json::{Fields, Node, Value};

impl ResponseAnswer {
    /// The data of the events with which an interrupted stream would have continued, from the
    /// complete response: the rest of each text, each incomplete item, and the end. They have no
    /// numbers, because these are unknown.
    pub(in crate::stream) fn missing(&self, response: Node<'_>) -> Vec<String> {
        let mut events = Vec::new();
        for (index, item) in (0..).zip(members(response, "output")) {
            let known = self.known(index, item);
            if known.is_some_and(|known| known.is_done) {
                continue;
            }
            let growing = GROWING.iter();
            for growing in growing.filter(|it| it.item == text_member(item, "type")) {
                events.extend(deltas(growing, index, item, known));
            }
            events.push(event(
                "response.output_item.done",
                &[("output_index", Node::Integer(index)), ("item", item)],
            ));
        }
        let end = format!("response.{}", text_member(response, "status"));
        let end = ENDS.into_iter().find(|known| *known == end);
        let end = end.unwrap_or("response.completed");
        events.push(event(end, &[("response", response)]));
        events
    }
}

/// The missing parts of a text of an item, or of that text in each of its parts.
fn deltas(growing: &Growing, index: i64, item: Node<'_>, known: Option<&Item>) -> Vec<String> {
    let delta = |part: Option<(&str, i64)>, text: &str, known: &str| {
        let rest = text
            .strip_prefix(known)
            .filter(|rest| !rest.is_empty())?
            .to_owned();
        let mut members = vec![
            ("item_id", Node::String(text_member(item, "id"))),
            ("output_index", Node::Integer(index)),
        ];
        members.extend(part.map(|(name, index)| (name, Node::Integer(index))));
        members.push(("delta", Node::String(&rest)));
        Some(event(&growing.delta_event(), &members))
    };
    match &growing.parts {
        None => {
            let received = known.map_or("", |known| known.text(growing.member));
            delta(None, text_member(item, growing.member), received)
                .into_iter()
                .collect()
        }
        Some(parts) => {
            let all = (0..).zip(members(item, parts.list));
            let texts = all.filter(|(_, part)| text_member(*part, "type") == parts.part);
            let missing = texts.filter_map(|(index, part)| {
                let received = known.map_or("", |known| known.text_of_part(growing, index));
                let text = text_member(part, growing.member);
                delta(Some((parts.index, index)), text, received)
            });
            missing.collect()
        }
    }
}

fn event(event_type: &str, members: &[(&str, Node<'_>)]) -> String {
    let mut fields = Fields::default();
    fields.set("type", Value::String(event_type.to_owned()));
    for (name, value) in members {
        fields.set(name, Value::from(*value));
    }
    Value::Object(fields).to_text()
}
