//! Decodes a stream of a response as the stream of a run.

use std::time::Instant;

use bytes::Bytes;

use super::translation::Translation;
use super::AsRun;
use crate::error::Partial;
use crate::json::Document;
use crate::queue::End;
use crate::stream::event::Event;
use crate::stream::kind::{document_of, EventKind};
use crate::stream::progress::Progress;
use crate::stream::stored::Bookmark;
use crate::stream::{Decode, EventDecoder};
use crate::usage::ReportedUsage;

/// Decodes the events of a response, whose stream may resume after a lost connection, and converts
/// them to events of a run.
#[derive(Clone)]
pub(in crate::stream) struct AsRunDecoder {
    events: EventDecoder,
    translation: Translation,
    /// The state of the converted stream.
    progress: Progress,
}

impl AsRunDecoder {
    /// Wraps `events`, which decodes the events of a response.
    pub fn new(events: EventDecoder, run: AsRun) -> AsRunDecoder {
        AsRunDecoder {
            events,
            translation: Translation::new(run),
            progress: Progress::new(EventKind::Run),
        }
    }

    fn translate(&mut self, events: &[Event]) -> Vec<Event> {
        let mut translated = Vec::new();
        for event in events {
            for (name, data) in self.translation.take(event) {
                // A value built from documents is always valid JSON.
                translated.extend(document_of(&data).map(|document| Event {
                    name: name.to_owned(),
                    document: document.replaced_as(&event.document),
                    arrived: event.arrived,
                    kind: EventKind::Run,
                    started_choices: Vec::new(),
                    is_whole: false,
                    addition: None,
                    response_id: self.translation.response_id().cloned(),
                }));
            }
        }
        translated
            .iter()
            .for_each(|event| self.progress.note(event));
        translated
    }

    /// The stream of a failed run ends normally; its last event contains the error.
    fn end(&self, end: End) -> End {
        match self.translation.has_ended() {
            true => End::Complete,
            false => end,
        }
    }
}

impl Decode for AsRunDecoder {
    type Item = Event;

    fn begin(&mut self, content_type: &str) {
        self.events.begin(content_type);
    }

    fn feed(&mut self, bytes: Bytes, arrived: Instant) -> (Vec<Event>, Option<End>) {
        self.progress.note_bytes(bytes.len());
        let (events, end) = self.events.feed(bytes, arrived);
        let events = self.translate(&events);
        (events, end.map(|end| self.end(end)))
    }

    fn finish(&mut self) -> (Vec<Event>, End) {
        let (events, end) = self.events.finish();
        let events = self.translate(&events);
        (events, self.end(end))
    }

    fn partial(&self) -> &Partial {
        self.progress.partial()
    }

    fn bookmark(&self) -> Option<Bookmark> {
        self.events.bookmark()
    }

    fn resume(&mut self, content_type: &str) {
        self.events.resume(content_type);
    }

    fn catch_up(&mut self, whole: &Document, arrived: Instant) -> (Vec<Event>, Option<End>) {
        let (events, end) = self.events.catch_up(whole, arrived);
        let events = self.translate(&events);
        (events, end.map(|end| self.end(end)))
    }

    fn reported_usage(&self) -> Option<&ReportedUsage> {
        self.events.reported_usage()
    }

    fn has_text(&self) -> bool {
        self.progress.has_text()
    }
}
