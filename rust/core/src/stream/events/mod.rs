//! Decodes streams of JSON events.

mod whole;

use std::time::Instant;

use bytes::Bytes;

use crate::error::{body_text, quote, Error, ErrorKind, Partial, Reported};
use crate::json::Document;
use crate::options::CallOptions;
use crate::queue::End;
use crate::redact::Secrets;
use crate::sse::{SseDecoder, SseEvent, DONE, ERROR};
use crate::stream::delta::choices;
use crate::stream::event::Event;
use crate::stream::kind::{Answer, EventKind, ResponseAnswer};
use crate::stream::pattern::{Compared, EventPattern};
use crate::stream::progress::Progress;
use crate::stream::sniff::{Shape, Sniffer};
use crate::stream::stored::Bookmark;
use crate::stream::Decode;
use crate::tool_arguments;
use crate::usage::ReportedUsage;

/// The maximum size of an event in bytes.
const MAX_EVENT_BYTES: usize = 64 << 20;

/// The name of events that only keep the connection alive.
const KEEP_ALIVE: &str = "keepalive";

/// Decodes the bytes of a response to events without using the network: for [`EventStream`], or for
/// a recorded response.
#[derive(Clone)]
pub struct EventDecoder {
    kind: EventKind,
    secrets: Secrets,
    options: CallOptions,
    content_type: String,
    sniffer: Sniffer,
    sse: SseDecoder,
    /// Complete events that are not parsed yet.
    events: Vec<SseEvent>,
    /// The response, if it is a single JSON text instead of a stream, or while this is unknown.
    whole: Vec<u8>,
    progress: Progress,
    reported_usage: ReportedUsage,
    /// The response received so far, if its stream can resume.
    received: Option<ResponseAnswer>,
    /// The id of the requested response.
    asked_for: Option<String>,
    /// The pattern of most events.
    pattern: Option<EventPattern>,
    /// When the last bytes arrived.
    arrived: Instant,
}

/// An event that must be parsed completely.
struct Unlike {
    event: SseEvent,
    /// It matches the pattern but contains escapes.
    is_escaped: bool,
}

impl EventDecoder {
    /// Errors quote the response without `secrets`.
    pub fn new(kind: EventKind, secrets: Secrets, options: CallOptions) -> Self {
        EventDecoder {
            kind,
            secrets,
            options,
            content_type: String::new(),
            sniffer: Sniffer::default(),
            sse: SseDecoder::default(),
            events: Vec::new(),
            whole: Vec::new(),
            progress: Progress::new(kind),
            reported_usage: ReportedUsage::default(),
            received: None,
            asked_for: None,
            pattern: None,
            arrived: Instant::now(),
        }
    }

    /// Keeps the response received so far, to find out what is missing after a lost connection.
    pub(super) fn remember(&mut self, response_id: Option<String>) {
        self.received = Some(ResponseAnswer::default());
        self.asked_for = response_id;
    }

    /// Parses completed events, up to the end of the stream if it is among them.
    fn parse(&mut self) -> (Vec<Event>, Option<End>) {
        let mut parsed = Vec::with_capacity(self.events.len());
        for event in std::mem::take(&mut self.events) {
            if event.data.trim_ascii() == DONE {
                return (parsed, Some(End::Complete));
            }
            if event.name == KEEP_ALIVE {
                continue;
            }
            if event.name == ERROR && Document::parse(event.data.as_slice()).is_err() {
                let error = self.reported_in_words(&event.data);
                return (parsed, Some(End::Incomplete(error)));
            }
            let (event, is_new) = match self.like_before(event) {
                Ok(event) => (Ok(event), false),
                Err(unlike) => {
                    let document = match self.document(&unlike.event) {
                        Ok(document) => document,
                        Err(_) if self.options.skip_broken_events => continue,
                        Err(error) => return (parsed, Some(End::Incomplete(error))),
                    };
                    let event = self.event(unlike.event.name, document);
                    (event, !unlike.is_escaped)
                }
            };
            match event {
                Ok(event) => {
                    if self.progress.state().is_repeated(event.document.root()) {
                        continue;
                    }
                    if is_new {
                        self.pattern = EventPattern::of(self.kind, &event.name, &event.document);
                    }
                    let end = self.note(&event);
                    parsed.push(event);
                    if end.is_some() {
                        return (parsed, end);
                    }
                }
                Err(error) => return (parsed, Some(End::Incomplete(error))),
            }
        }
        (parsed, None)
    }

    /// Notes an event; returns the end if this event is the last one.
    fn note(&mut self, event: &Event) -> Option<End> {
        self.progress.note(event);
        self.note_use(event);
        if let Some(received) = &mut self.received {
            received.take(event);
        }
        let state = self.progress.state();
        match state.failure() {
            Some(reported) => {
                let source = event.document.source();
                let error = Error::from_event(reported, source, &self.secrets);
                Some(End::Incomplete(error))
            }
            None => state.has_ended().then_some(End::Complete),
        }
    }

    /// Notes the usage that an event reports.
    fn note_use(&mut self, event: &Event) {
        self.reported_usage.pieces = self.progress.pieces();
        if event.addition.is_some() {
            return;
        }
        let before = self.reported_usage.tokens.take();
        self.reported_usage.note(event.document.root());
        match (&mut self.reported_usage.tokens, before) {
            // Each of several images reports its own tokens.
            (Some(tokens), Some(before)) if self.kind == EventKind::Image => tokens.add(before),
            (tokens, before) => *tokens = tokens.or(before),
        }
    }

    /// Creates an event that differs from the previous one only in its text; returns any other
    /// event.
    fn like_before(&mut self, event: SseEvent) -> Result<Event, Unlike> {
        let unlike = |event, is_escaped| Unlike { event, is_escaped };
        let pattern = self.pattern.as_mut();
        let Some(pattern) = pattern.filter(|it| it.name() == event.name) else {
            return Err(unlike(event, false));
        };
        let SseEvent { name, data } = event;
        let chunk = match String::from_utf8(data) {
            Ok(chunk) => chunk,
            Err(error) => {
                let data = error.into_bytes();
                return Err(unlike(SseEvent { name, data }, false));
            }
        };
        let (chunk, is_escaped) = match pattern.compare(chunk) {
            Compared::Matching(document, addition) => {
                return Ok(Event {
                    name,
                    document,
                    arrived: self.arrived,
                    kind: self.kind,
                    started_choices: Vec::new(),
                    is_whole: false,
                    response_id: None,
                    addition: Some(addition),
                })
            }
            Compared::Escaped(chunk) => (chunk, true),
            Compared::Other(chunk) => (chunk, false),
        };
        let data = chunk.into_bytes();
        Err(unlike(SseEvent { name, data }, is_escaped))
    }

    fn document(&self, event: &SseEvent) -> Result<Document, Error> {
        let large_integers = self.options.large_integers;
        Document::parse_with(event.data.as_slice(), large_integers).map_err(|error| {
            let excerpt = quote(&event.data, &self.secrets);
            let message =
                format!("An event of the stream is not JSON: {error}. It starts with: {excerpt}");
            Error {
                body: Some(body_text(&event.data, &self.secrets)),
                ..Error::new(ErrorKind::Stream, message)
            }
        })
    }

    /// Creates the event, or the error that it reports.
    fn event(&self, name: String, document: Document) -> Result<Event, Error> {
        let root = document.root();
        let reported = self.kind.rules().error(&name, root).or_else(|| {
            let is_error = name == ERROR;
            is_error.then(|| Reported::in_place_of_answer(root).unwrap_or_default())
        });
        if let Some(reported) = reported {
            return Err(Error::from_event(
                reported,
                document.source(),
                &self.secrets,
            ));
        }
        let document = tool_arguments::as_texts(&document).unwrap_or(document);
        let has_message = choices(document.root()).any(|choice| choice.get("message").is_some());
        Ok(Event {
            name,
            started_choices: match has_message {
                true => self.progress.state().started_choices(),
                false => Vec::new(),
            },
            document,
            arrived: self.arrived,
            kind: self.kind,
            is_whole: false,
            response_id: None,
            addition: None,
        })
    }

    /// The error of an event without JSON data.
    fn reported_in_words(&self, data: &[u8]) -> Error {
        let words = String::from_utf8_lossy(data).trim().to_owned();
        let reported = Reported {
            message: Some(match words.is_empty() {
                true => "no description was given.".to_owned(),
                false => words,
            }),
            ..Reported::default()
        };
        Error::from_event(reported, &String::from_utf8_lossy(data), &self.secrets)
    }

    fn too_large() -> End {
        let message = format!("An event of the stream is larger than {MAX_EVENT_BYTES} bytes.");
        End::Incomplete(Error {
            code: Some("too_large".to_owned()),
            ..Error::new(ErrorKind::Response, message)
        })
    }
}

impl Decode for EventDecoder {
    type Item = Event;

    fn begin(&mut self, content_type: &str) {
        content_type.clone_into(&mut self.content_type);
    }

    fn feed(&mut self, bytes: Bytes, arrived: Instant) -> (Vec<Event>, Option<End>) {
        self.arrived = arrived;
        self.progress.note_bytes(bytes.len());
        match self.sniffer.look(&bytes) {
            None | Some(Shape::Json) => self.whole.extend_from_slice(&bytes),
            Some(Shape::Page) => {}
            Some(Shape::Events) => {
                let beginning = std::mem::take(&mut self.whole);
                self.sse.feed(&beginning, &mut self.events);
                self.sse.feed(&bytes, &mut self.events);
            }
        }
        let (events, end) = self.parse();
        let pending = self.sse.pending_bytes().max(self.whole.len());
        let too_large = (pending > MAX_EVENT_BYTES).then(Self::too_large);
        (events, end.or(too_large))
    }

    fn finish(&mut self) -> (Vec<Event>, End) {
        if self.sniffer.shape() == Some(Shape::Json) {
            return self.parse_whole();
        }
        let rest = self.sse.finish().into_iter();
        // An event that was cut off can be requested again.
        let is_whole = |event: &SseEvent| Document::parse(event.data.as_slice()).is_ok();
        let kept = rest.filter(|event| self.received.is_none() || is_whole(event));
        self.events.extend(kept);
        let (events, end) = self.parse();
        let end = end.unwrap_or_else(|| {
            if self.progress.state().is_complete() {
                End::Complete
            } else {
                End::Incomplete(self.ended_early())
            }
        });
        (events, end)
    }

    fn partial(&self) -> &Partial {
        self.progress.partial()
    }

    fn bookmark(&self) -> Option<Bookmark> {
        let state = self.progress.state();
        let response_id = state.response_id().map(str::to_owned);
        Some(Bookmark {
            response_id: response_id.or(self.asked_for.clone())?,
            sequence_number: state.sequence_number(),
        })
    }

    fn resume(&mut self, content_type: &str) {
        content_type.clone_into(&mut self.content_type);
        self.sniffer = Sniffer::default();
        self.sse = SseDecoder::default();
        self.whole = Vec::new();
    }

    fn catch_up(&mut self, whole: &Document, arrived: Instant) -> (Vec<Event>, Option<End>) {
        self.arrived = arrived;
        let missing = self
            .received
            .as_ref()
            .map(|received| received.missing(whole.root()));
        let events = missing.unwrap_or_default().into_iter();
        self.events = events
            .map(|data| SseEvent {
                name: String::new(),
                data: data.into_bytes(),
            })
            .collect();
        self.parse()
    }

    fn reported_usage(&self) -> Option<&ReportedUsage> {
        Some(&self.reported_usage)
    }

    fn has_text(&self) -> bool {
        self.progress.has_text()
    }
}
