//! The answer that the events of a stream make up.

use std::borrow::Cow;
use std::time::Instant;

use super::chat_answer::ChatAnswer;
use super::event::{Event, EventKind};
use super::pieces::{Piece, Pieces};
use super::tool_calls::ToolCalls;
use crate::json::{Array, Document, Fields, Node, Value};

/// The name of events that bring parts of a step of a run.
const STEP_DELTA: &str = "thread.run.step.delta";

/// What came of an answer, in the shape that it has without a stream.
#[derive(Debug)]
pub struct StreamedAnswer {
    opened: Instant,
    parts: Parts,
    pieces: Pieces,
    events: u64,
    replaced: bool,
}

#[derive(Debug)]
enum Parts {
    Chat(ChatAnswer),
    Run {
        text: String,
        /// The run as the last event about it showed it.
        run: Option<Value>,
        /// The tool calls of each step, by the step's id.
        steps: Vec<(String, ToolCalls)>,
    },
}

impl StreamedAnswer {
    /// An answer of which nothing came yet, to a stream that was opened then.
    pub fn new(kind: EventKind, opened: Instant) -> Self {
        let parts = match kind {
            EventKind::Chat => Parts::Chat(ChatAnswer::default()),
            EventKind::Run => Parts::Run {
                text: String::new(),
                run: None,
                steps: Vec::new(),
            },
        };
        StreamedAnswer {
            opened,
            parts,
            pieces: Pieces::default(),
            events: 0,
            replaced: false,
        }
    }

    /// Adds what the next event brings; this costs what the event is long.
    pub fn add(&mut self, event: &Event) {
        self.events += 1;
        self.replaced |= event.document.has_replacements();
        if let (Parts::Chat(answer), Some((choice, text))) = (&mut self.parts, event.addition()) {
            answer.add_text(choice, text);
            self.add_piece(event, choice, text);
            return;
        }
        let texts = event.texts();
        for (choice, text) in &texts {
            self.add_piece(event, *choice, text);
        }
        match &mut self.parts {
            Parts::Chat(answer) => answer.add(event),
            Parts::Run { text, run, steps } => {
                texts.iter().for_each(|(_, part)| text.push_str(part));
                let data = event.document.root();
                if is_run(&event.name) {
                    *run = Some(Value::from(data));
                } else if event.name == STEP_DELTA {
                    add_to_step(steps, data);
                }
            }
        }
    }

    fn add_piece(&mut self, event: &Event, choice: i64, text: &str) {
        if !text.is_empty() {
            let passed = event.arrived.saturating_duration_since(self.opened);
            self.pieces.push(Piece {
                choice: choice as u32,
                bytes: text.len(),
                seconds: passed.as_secs_f32(),
            });
        }
    }

    /// The whole answer as far as it came, a document of its own; `None` where nothing did.
    pub fn document(&self) -> Option<Document> {
        let whole = match &self.parts {
            Parts::Chat(answer) => answer.whole()?,
            Parts::Run { run, .. } => run.clone()?,
        };
        document_of(&whole)
    }

    /// The text of a choice, by its index; `None` as long as the choice has not appeared.
    pub fn text(&self, choice: i64) -> Option<Cow<'_, str>> {
        match &self.parts {
            Parts::Chat(answer) => answer.text(choice),
            Parts::Run { text, .. } => (choice == 0).then_some(Cow::Borrowed(text.as_str())),
        }
    }

    /// The tool calls of a choice, by its index, or of a run, as far as they came: an array, a
    /// document of its own; `None` where there are none.
    pub fn tool_calls(&self, choice: i64) -> Option<Document> {
        let calls = match &self.parts {
            Parts::Chat(answer) => answer.tool_calls(choice),
            Parts::Run { steps, .. } => steps.iter().flat_map(|(_, calls)| calls.whole()).collect(),
        };
        (!calls.is_empty())
            .then_some(Value::Array(calls))
            .as_ref()
            .and_then(document_of)
    }

    /// The texts in the order in which they came; they are stretches of [`StreamedAnswer::text`].
    pub fn pieces(&self) -> &Pieces {
        &self.pieces
    }

    pub fn model(&self) -> Option<&str> {
        match &self.parts {
            Parts::Chat(answer) => answer.model(),
            Parts::Run { run, .. } => member(run, "model").and_then(Value::as_str),
        }
    }

    /// The tokens that were used, a document of its own, if they were told.
    pub fn usage(&self) -> Option<Document> {
        let usage = match &self.parts {
            Parts::Chat(answer) => answer.usage(),
            Parts::Run { run, .. } => member(run, "usage").filter(|usage| !usage.is_null()),
        };
        usage.and_then(document_of)
    }

    pub fn events(&self) -> u64 {
        self.events
    }

    /// Whether U+FFFD stands in it for what was no text.
    pub fn has_replacements(&self) -> bool {
        self.replaced
    }
}

/// Adds the tool calls of a delta of a step.
fn add_to_step(steps: &mut Vec<(String, ToolCalls)>, data: Node<'_>) {
    let id = data.get("id").and_then(Node::as_str).unwrap_or_default();
    let details = data
        .get("delta")
        .and_then(|delta| delta.get("step_details"));
    let deltas = details.and_then(|details| details.get("tool_calls")?.as_array());
    let known = steps.iter().position(|(known, _)| known == id);
    let place = known.unwrap_or_else(|| {
        steps.push((id.to_owned(), ToolCalls::default()));
        steps.len() - 1
    });
    let deltas = deltas.into_iter().flat_map(Array::iter);
    deltas.for_each(|delta| steps[place].1.add(delta));
}

/// What was made of documents can be read as one.
fn document_of(value: &Value) -> Option<Document> {
    Document::parse(value.to_text()).ok()
}

fn member<'a>(run: &'a Option<Value>, name: &str) -> Option<&'a Value> {
    run.as_ref()?
        .as_object()
        .and_then(|run: &Fields| run.get(name))
}

/// Whether the data of an event of that name is a run; steps of runs are not
/// (<https://platform.openai.com/docs/api-reference/assistants-streaming/events>).
fn is_run(name: &str) -> bool {
    name.starts_with("thread.run.") && !name.starts_with("thread.run.step.")
}
