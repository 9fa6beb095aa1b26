//! An event of a stream as a list.

use openaistream_core::json::Node;

use super::value::{Fields, Plan, Planner, Value};

/// The texts in `lead`, followed by the members of the event's data without those names. Data that
/// is not an object becomes the element `data`.
pub fn plan_event(lead: &[(&str, &str)], data: Node<'_>) -> Plan {
    let planner = Planner::default();
    let value = planner.node(data);
    behind(planner, lead, value)
}

/// Like [`plan_event`], with arrays and objects in the data as lists.
pub fn plan_event_plain(lead: &[(&str, &str)], data: Node<'_>) -> Plan {
    let planner = Planner::default();
    let value = planner.plain(data);
    behind(planner, lead, value)
}

fn behind(planner: Planner<'_>, lead: &[(&str, &str)], data: Value) -> Plan {
    let mut fields = Fields::default();
    for (name, text) in lead {
        fields.names.push(planner.text(name));
        fields.values.push(planner.node(Node::String(text)));
    }
    match data {
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
