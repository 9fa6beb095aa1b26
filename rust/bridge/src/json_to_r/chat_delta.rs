//! The data frame that a chat stream returns for each event, with one row per choice.

use openaistream_core::json::{Node, Object};
use openaistream_core::stream::{Delta, Event};

use super::value::{Fields, Frame, Plan, Planner, RowNames, Value};

/// The column with the index of the choice.
const INDEX: &str = "index";

/// The column with the text.
const CONTENT: &str = "content";

/// The `index` of an event without choices.
const NO_CHOICE: &str = "-2";

/// `index` and the columns of the `delta` of each choice, NA if a choice lacks one. An event
/// without choices, which reports the usage, has `index = "-2"` and `content = "usage:<total
/// tokens>"`.
pub fn plan_chat_delta(event: &Event) -> Plan {
    let planner = Planner::default();
    let deltas: Vec<(Node<'_>, Delta<'_>)> = event
        .deltas()
        .map(|(_, choice, delta)| (choice, delta))
        .collect();
    let columns = match deltas.is_empty() {
        true => planner.usage(event.document.root()),
        false => planner.deltas(&deltas),
    };
    planner.finish(Value::Frame(Frame {
        columns,
        rows: RowNames::Automatic(deltas.len().max(1)),
    }))
}

/// A member of a delta.
fn member<'a>(delta: Delta<'a>, name: &str) -> Option<Node<'a>> {
    match delta {
        Delta::Members(members) => members.get(name),
        Delta::Text(_) if name == CONTENT => delta.content(),
        _ => None,
    }
}

impl Planner<'_> {
    fn deltas(&self, deltas: &[(Node<'_>, Delta<'_>)]) -> Fields {
        let mut names = vec![INDEX];
        for (_, delta) in deltas {
            let members = match delta {
                Delta::Members(members) => members.as_object(),
                _ => None,
            };
            let text = matches!(delta, Delta::Text(_)).then_some(CONTENT);
            for name in members.into_iter().flat_map(Object::keys).chain(text) {
                if !names.contains(&name) {
                    names.push(name);
                }
            }
        }
        let mut columns = Fields::default();
        for name in names {
            let cells = deltas.iter().map(|(choice, delta)| match name {
                INDEX => choice.get(name),
                _ => member(*delta, name),
            });
            let cells: Vec<Node<'_>> = cells.map(|cell| cell.unwrap_or(Node::Null)).collect();
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
