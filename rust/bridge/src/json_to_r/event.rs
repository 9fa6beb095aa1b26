//! An event of a stream as one list.

use openaistream_core::json::Node;

use super::value::{Fields, Plan, Planner, Value};

/// The members of an event's data behind `lead`, texts that come before what the data holds under
/// the same name; data that is no object is the element `data`.
pub fn plan_event(lead: &[(&str, &str)], data: Node<'_>) -> Plan {
    let planner = Planner::default();
    let value = planner.node(data);
    behind(planner, lead, value)
}

/// The same, with all that stands in the data as lists.
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
