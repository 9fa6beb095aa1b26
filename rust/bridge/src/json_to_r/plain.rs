//! Converts JSON without simplification, for callers who know the types of the values.

use openaistream_core::json::Node;

use super::value::{Fields, Plan, Planner, Value};

/// Arrays become lists, objects named lists, and scalars vectors of length one, like
/// `jsonlite::fromJSON(simplifyVector = FALSE)`.
pub fn plan_plain(node: Node<'_>) -> Plan {
    let planner = Planner::default();
    let root = planner.plain(node);
    planner.finish(root)
}

impl Planner<'_> {
    pub(super) fn plain(&self, node: Node<'_>) -> Value {
        match node {
            Node::Array(items) => Value::List(items.iter().map(|item| self.plain(item)).collect()),
            Node::Object(members) => {
                let mut fields = Fields::default();
                for (name, node) in members {
                    fields.names.push(self.text(name));
                    fields.values.push(self.plain(node));
                }
                Value::Named(fields)
            }
            scalar => self.node(scalar),
        }
    }
}
