//! Streams of responses with the corresponding streams of runs.

mod cut;
mod messages;
mod tools;

use serde_json::Value;

use crate::shapes::run;

/// A stream of a response, and the events of the corresponding run.
pub struct Case {
    pub name: &'static str,
    /// The run before the stream, the thread created with it, and the steps that end.
    pub run: Value,
    pub thread: Option<Value>,
    pub ended_steps: Option<Value>,
    pub is_first_round: bool,
    pub shows_found_texts: bool,
    pub events: Vec<Value>,
    pub expected: Vec<(&'static str, Value)>,
}

fn first_round(
    name: &'static str,
    events: Vec<Value>,
    expected: Vec<(&'static str, Value)>,
) -> Case {
    Case {
        name,
        run: run(),
        thread: None,
        ended_steps: None,
        is_first_round: true,
        shows_found_texts: false,
        events: numbered(events),
        expected,
    }
}

fn numbered(mut events: Vec<Value>) -> Vec<Value> {
    for (number, event) in events.iter_mut().enumerate() {
        event["sequence_number"] = number.into();
    }
    events
}

pub fn all() -> Vec<Case> {
    vec![
        messages::a_message(),
        messages::a_refusal(),
        tools::functions(),
        messages::a_later_round(),
        tools::tools(),
        messages::a_picture(),
        tools::failed_tool(),
        cut::incomplete(),
        cut::failed(),
        cut::failed_immediately(),
        tools::cancelled(),
        tools::omitted_events(),
    ]
}
