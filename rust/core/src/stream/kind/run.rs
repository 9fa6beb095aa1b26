//! Events of an Assistants run
//! (<https://platform.openai.com/docs/api-reference/assistants-streaming/events>).

use std::borrow::Cow;

use super::completed_by::CompletedBy;
use super::{Answer, Kind, StreamState};
use crate::error::Reported;
use crate::expected::Expected;
use crate::json::{Array, Node, Value};
use crate::stream::event::Event;
use crate::stream::tool_calls::ToolCalls;

/// The events after which a run has ended or waits for outputs.
const ENDS: [&str; 6] = [
    "thread.run.completed",
    "thread.run.incomplete",
    "thread.run.failed",
    "thread.run.cancelled",
    "thread.run.expired",
    "thread.run.requires_action",
];

/// The name of events with deltas of a step.
const STEP_DELTA: &str = "thread.run.step.delta";

pub(super) struct Run;

impl Kind for Run {
    fn texts<'a>(&self, event: &'a Event) -> Vec<(i64, Cow<'a, str>)> {
        let delta = event.document.root().get("delta");
        let content = delta.and_then(|delta| delta.get("content")?.as_array());
        let parts = content.into_iter().flat_map(Array::iter);
        let values = parts.filter_map(|part| part.get("text")?.get("value"));
        values
            .map(|value| (0, value.as_str().unwrap_or_default().into()))
            .collect()
    }

    /// Events with a name have fields for the errors of the run.
    fn error(&self, name: &str, root: Node<'_>) -> Option<Reported> {
        Reported::instead(root).filter(|_| name.is_empty())
    }

    fn expected(&self) -> Option<Expected> {
        None
    }

    fn state(&self) -> Box<dyn StreamState> {
        Box::new(CompletedBy::event(|event| {
            ENDS.contains(&event.name.as_str())
        }))
    }

    fn answer(&self) -> Box<dyn Answer> {
        Box::new(RunAnswer::default())
    }
}

#[derive(Debug, Default)]
struct RunAnswer {
    text: String,
    /// The run in the last event about it.
    run: Option<Value>,
    /// The tool calls of each step, by the id of the step.
    steps: Vec<(String, ToolCalls)>,
}

impl Answer for RunAnswer {
    fn add(&mut self, event: &Event) {
        for (_, text) in event.texts() {
            self.text.push_str(&text);
        }
        let data = event.document.root();
        if is_run(&event.name) {
            self.run = Some(Value::from(data));
        } else if event.name == STEP_DELTA {
            self.add_to_step(data);
        }
    }

    fn whole(&self) -> Option<Value> {
        self.run.clone()
    }

    fn text(&self, choice: i64) -> Option<Cow<'_, str>> {
        (choice == 0).then_some(Cow::Borrowed(self.text.as_str()))
    }

    fn tool_calls(&self, _choice: i64) -> Vec<Value> {
        self.steps
            .iter()
            .flat_map(|(_, calls)| calls.whole())
            .collect()
    }

    fn model(&self) -> Option<&str> {
        self.member("model").and_then(Value::as_str)
    }

    fn usage(&self) -> Option<&Value> {
        self.member("usage").filter(|usage| !usage.is_null())
    }
}

impl RunAnswer {
    fn member(&self, name: &str) -> Option<&Value> {
        self.run.as_ref()?.as_object()?.get(name)
    }

    /// Adds the tool calls in a delta of a step.
    fn add_to_step(&mut self, data: Node<'_>) {
        let id = data.get("id").and_then(Node::as_str).unwrap_or_default();
        let details = data
            .get("delta")
            .and_then(|delta| delta.get("step_details"));
        let deltas = details.and_then(|details| details.get("tool_calls")?.as_array());
        let steps = &mut self.steps;
        let known = steps.iter().position(|(known, _)| known == id);
        let position = known.unwrap_or_else(|| {
            steps.push((id.to_owned(), ToolCalls::default()));
            steps.len() - 1
        });
        let deltas = deltas.into_iter().flat_map(Array::iter);
        deltas.for_each(|delta| steps[position].1.add(delta));
    }
}

/// Whether the data of an event with this name is a run; steps of runs are not.
fn is_run(name: &str) -> bool {
    name.starts_with("thread.run.") && !name.starts_with("thread.run.step.")
}
