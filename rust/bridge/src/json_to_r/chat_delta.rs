//! The data frame that a chat stream gives for each event, with one row for each choice in it.

use openaistream_core::json::{Array, Node, Object};

use super::value::{Fields, Frame, Plan, Planner, RowNames, Value};

/// The column that tells which choice a row is of.
const INDEX: &str = "index";

/// What stands in `index` where the event has no choice.
const NO_CHOICE: &str = "-2";

/// `index` and the columns of the `delta` of each choice, NA where a choice lacks one; for an event
/// without choices, which tells the usage, `index = "-2"` and `content = "usage:<total tokens>"`.
pub fn plan_chat_delta(event: Node<'_>) -> Plan {
    let planner = Planner::default();
    let choices = event.get("choices").and_then(Node::as_array);
    let choices: Vec<Node<'_>> = choices.into_iter().flat_map(Array::iter).collect();
    let columns = match choices.is_empty() {
        true => planner.usage(event),
        false => planner.deltas(&choices),
    };
    planner.finish(Value::Frame(Frame {
        columns,
        rows: RowNames::Automatic(choices.len().max(1)),
    }))
}

impl Planner<'_> {
    fn deltas(&self, choices: &[Node<'_>]) -> Fields {
        // Servers that do not stream send the whole message instead.
        let deltas = choices
            .iter()
            .map(|choice| choice.get("delta").or(choice.get("message")));
        let deltas: Vec<Option<Node<'_>>> = deltas.collect();
        let objects = deltas
            .iter()
            .flatten()
            .filter_map(|delta| delta.as_object());
        let mut names = vec![INDEX];
        for name in objects.flat_map(Object::keys) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        let mut columns = Fields::default();
        for name in names {
            let cells: Vec<Node<'_>> = if name == INDEX {
                let index = choices.iter().map(|choice| choice.get(name));
                index.map(|index| index.unwrap_or(Node::Null)).collect()
            } else {
                let members = deltas.iter().map(|delta| delta.and_then(|it| it.get(name)));
                members.map(|member| member.unwrap_or(Node::Null)).collect()
            };
            columns.names.push(self.text(name));
            columns.values.push(self.list(&cells, false));
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
