//! An event of a stream as one list.

use openaistream_core::json::Node;

use super::value::{Fields, Plan, Planner, Value};

/// The members of an event's data behind `lead`, texts that the data does not hold under a name of
/// their own; data that is no object is the element `data`.
pub fn plan_event(lead: &[(&str, &str)], data: Node<'_>) -> Plan {
    let planner = Planner::default();
    let mut fields = Fields::default();
    for (name, text) in lead {
        fields.names.push(planner.text(name));
        fields.values.push(planner.node(Node::String(text)));
    }
    match planner.node(data) {
        Value::Named(members) => {
            fields.names.extend(members.names);
            fields.values.extend(members.values);
        }
        value => {
            fields.names.push(planner.text("data"));
            fields.values.push(value);
        }
    }
    planner.finish(Value::Named(fields))
}
