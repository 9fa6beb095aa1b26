//! Streams of JSON events: chat completions and runs.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::runtime::Handle;

use super::queue::{End, Taken, Weight};
use super::{Decode, Stream};
use crate::error::{Error, ErrorKind};
use crate::json::{Document, Node};
use crate::request::Request;
use crate::sse::{SseDecoder, SseEvent};
use crate::trace::Trace;
use crate::transport::Transport;

/// What a server sends when nothing more follows.
const DONE: &[u8] = b"[DONE]";

/// The events after which a run does nothing more by itself
/// (<https://platform.openai.com/docs/api-reference/assistants-streaming/events>).
const RUN_ENDS: [&str; 6] = [
    "thread.run.completed",
    "thread.run.incomplete",
    "thread.run.failed",
    "thread.run.cancelled",
    "thread.run.expired",
    "thread.run.requires_action",
];

/// Which events a stream carries, and so what tells that it is complete.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventKind {
    /// Chunks of a chat completion.
    Chat,
    /// Events of a run of an assistant.
    Run,
}

/// An event of the stream, parsed.
#[derive(Debug)]
pub struct Event {
    /// The field `event`, `""` if there was none.
    pub name: String,
    /// The field `data`.
    pub document: Document,
}

impl Weight for Event {
    fn bytes(&self) -> usize {
        self.document.source().len()
    }
}

/// A stream of events.
pub struct EventStream {
    stream: Stream<Event>,
}

impl EventStream {
    /// Sends `request` and begins to read.
    pub fn open(
        handle: &Handle,
        transport: Transport,
        request: Request,
        kind: EventKind,
        trace: Arc<Trace>,
    ) -> Result<Self, Error> {
        let decoder = EventDecoder::new(kind, request.secret());
        let stream = Stream::open(handle, transport, request, decoder, trace)?;
        Ok(EventStream { stream })
    }

    /// Takes up to `most` events that have arrived, waiting at most `patience` for the first.
    pub fn take(&self, most: usize, patience: Duration) -> Taken<Event> {
        self.stream.queue.take(most, patience)
    }

    /// Cancels the stream and closes its connection.
    pub fn close(&self) {
        self.stream.close();
    }

    /// The lines of a verbose stream that were not taken yet.
    pub fn trace(&self) -> &Trace {
        &self.stream.trace
    }
}

struct EventDecoder {
    kind: EventKind,
    secret: Option<String>,
    sse: SseDecoder,
    events: Vec<SseEvent>,
    progress: Progress,
}

impl EventDecoder {
    fn new(kind: EventKind, secret: Option<String>) -> Self {
        EventDecoder {
            kind,
            secret,
            sse: SseDecoder::default(),
            events: Vec::new(),
            progress: Progress::default(),
        }
    }

    /// Parses the events that were completed, up to the end, if they hold it.
    fn parse(&mut self) -> (Vec<Event>, Option<End>) {
        let mut parsed = Vec::with_capacity(self.events.len());
        for event in std::mem::take(&mut self.events) {
            if event.data.trim_ascii() == DONE {
                return (parsed, Some(End::Complete));
            }
            match parse(event, self.secret.as_deref()) {
                Ok(event) => {
                    self.progress.note(self.kind, &event);
                    parsed.push(event);
                }
                Err(error) => return (parsed, Some(End::Incomplete(error))),
            }
        }
        (parsed, None)
    }
}

impl Decode for EventDecoder {
    type Item = Event;

    fn feed(&mut self, bytes: Bytes) -> (Vec<Event>, Option<End>) {
        self.sse.feed(&bytes, &mut self.events);
        self.parse()
    }

    fn finish(&mut self) -> (Vec<Event>, End) {
        self.events.extend(self.sse.finish());
        let (events, end) = self.parse();
        let end = end.unwrap_or_else(|| {
            if self.progress.is_complete() {
                End::Complete
            } else {
                End::Incomplete(Error::new(
                    ErrorKind::Stream,
                    "The stream ended before the answer was complete: the server sent neither \
                     [DONE] nor a reason for the end.",
                ))
            }
        });
        (events, end)
    }
}

fn parse(event: SseEvent, secret: Option<&str>) -> Result<Event, Error> {
    let document = match Document::parse(event.data) {
        Ok(document) => document,
        Err(error) => {
            let message = format!("An event of the stream is not JSON: {error}.");
            return Err(Error::new(ErrorKind::Stream, message));
        }
    };
    let failed = match document.root().get("error") {
        Some(error) => !error.is_null() && error.as_bool() != Some(false),
        None => event.name == "error",
    };
    if failed {
        return Err(Error::from_event(document.source(), secret));
    }
    Ok(Event {
        name: event.name,
        document,
    })
}

/// What tells that an answer is complete where a server closes without `[DONE]`.
#[derive(Debug, Default)]
struct Progress {
    /// For each choice that appeared, by its index, whether a finish reason came.
    choices: Vec<(i64, bool)>,
    run_ended: bool,
}

impl Progress {
    fn note(&mut self, kind: EventKind, event: &Event) {
        match kind {
            EventKind::Run => self.run_ended |= RUN_ENDS.contains(&event.name.as_str()),
            EventKind::Chat => {
                let choices = event
                    .document
                    .root()
                    .get("choices")
                    .and_then(Node::as_array);
                choices
                    .into_iter()
                    .flat_map(|choices| choices.iter())
                    .for_each(|choice| {
                        self.note_choice(choice);
                    });
            }
        }
    }

    fn note_choice(&mut self, choice: Node<'_>) {
        let index = choice
            .get("index")
            .and_then(|index| index.as_i64())
            .unwrap_or(0);
        // Some servers send "" where the API has null.
        let reason = choice
            .get("finish_reason")
            .and_then(|reason| reason.as_str());
        let finished = reason.is_some_and(|reason| !reason.is_empty());
        match self.choices.iter_mut().find(|(known, _)| *known == index) {
            Some((_, known_finished)) => *known_finished |= finished,
            None => self.choices.push((index, finished)),
        }
    }

    fn is_complete(&self) -> bool {
        let choices = &self.choices;
        self.run_ended || !choices.is_empty() && choices.iter().all(|(_, finished)| *finished)
    }
}
