//! The data frame of one row that a chat stream gives for each event.

use std::iter;

use openaistream_core::json::Node;

use super::value::{Fields, Frame, Plan, Planner, RowNames, Value};

/// What stands in `index` where the event has no choice.
const NO_CHOICE: &str = "-2";

/// `index` and the columns of the first choice's `delta`; for an event without choices, which
/// tells the usage, `index = "-2"` and `content = "usage:<total tokens>"`.
pub fn plan_chat_delta(event: Node<'_>) -> Plan {
    let planner = Planner::default();
    let choices = event.get("choices").and_then(Node::as_array);
    let columns = match choices.and_then(|choices| choices.iter().next()) {
        Some(choice) => planner.delta(choice),
        None => planner.usage(event),
    };
    planner.finish(Value::Frame(Frame {
        columns,
        rows: RowNames::Automatic(1),
    }))
}

impl Planner<'_> {
    fn delta(&self, choice: Node<'_>) -> Fields {
        let index = choice.get("index").unwrap_or(Node::Null);
        // Servers that do not stream send the whole message instead.
        let delta = choice.get("delta").or_else(|| choice.get("message"));
        let delta = delta.and_then(Node::as_object);
        let members = delta
            .into_iter()
            .flatten()
            .filter(|(name, _)| *name != "index");
        let mut columns = Fields::default();
        for (name, node) in iter::once(("index", index)).chain(members) {
            columns.names.push(self.text(name));
            columns.values.push(self.list(&[node], false));
        }
        columns
    }

    fn usage(&self, event: Node<'_>) -> Fields {
        let total = event
            .get("usage")
            .and_then(|usage| usage.get("total_tokens"));
        let total = total
            .and_then(Node::as_i64)
            .map_or_else(String::new, |total| total.to_string());
        let content = format!("usage:{total}");
        let mut columns = Fields::default();
        for (name, text) in [("index", NO_CHOICE), ("content", &content)] {
            columns.names.push(self.text(name));
            columns.values.push(self.node(Node::String(text)));
        }
        columns
    }
}
