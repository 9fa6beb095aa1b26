//! Responses that are not streamed, or whose stream ended too early.

use super::EventDecoder;
use crate::error::{body_text, page_advice, quote, Error, ErrorKind};
use crate::expected::Mismatch;
use crate::json::Document;
use crate::queue::End;
use crate::sse::SseEvent;
use crate::stream::event::Event;
use crate::stream::kind::is_final;
use crate::stream::Decode;

impl EventDecoder {
    /// Parses the response of a server that does not stream, as a single event.
    pub(super) fn parse_whole(&mut self) -> (Vec<Event>, End) {
        let data = std::mem::take(&mut self.whole);
        let name = String::new();
        let event = SseEvent { name, data };
        let document = self.document(&event).and_then(|it| self.answer(it));
        if let (true, Ok(whole)) = (self.progress.has_events(), &document) {
            return self.rest_of(whole);
        }
        match document.and_then(|document| self.event(event.name, document)) {
            Ok(mut event) => {
                event.is_whole = true;
                let end = self.note(&event).unwrap_or(End::Complete);
                (vec![event], end)
            }
            Err(error) => (Vec::new(), End::Incomplete(error)),
        }
    }

    /// The missing events, from a complete response that was sent in place of the rest of its
    /// stream.
    fn rest_of(&mut self, whole: &Document) -> (Vec<Event>, End) {
        let (events, end) = match is_final(whole.root()) {
            true => self.catch_up(whole, self.arrived),
            false => (Vec::new(), None),
        };
        let end = end.unwrap_or_else(|| End::Incomplete(self.ended_early()));
        (events, end)
    }

    /// Checks a complete response.
    fn answer(&self, document: Document) -> Result<Document, Error> {
        let Some(expected) = self.kind.rules().expected() else {
            return Ok(document);
        };
        let source = document.source();
        match expected.check(document.root()) {
            Ok(()) => Ok(document),
            Err(Mismatch::Error(reported)) => {
                Err(Error::from_event(reported, source, &self.secrets))
            }
            Err(Mismatch::Missing(what)) => Err(Error::unexpected(
                expected.name(),
                what,
                source.as_bytes(),
                &self.content_type,
                &self.secrets,
            )),
        }
    }

    /// The error of a response that ended too early.
    pub(super) fn ended_early(&self) -> Error {
        if self.progress.has_events() {
            let message = "The stream ended before the answer was complete: the server sent \
                           neither [DONE] nor a finish reason.";
            return Error {
                is_transient: true,
                ..Error::new(ErrorKind::Stream, message)
            };
        }
        let excerpt = quote(self.sniffer.head(), &self.secrets);
        let answer = if excerpt.is_empty() {
            "an empty response".to_owned()
        } else {
            format!(
                "a response with content type \"{}\" that starts with: {excerpt}",
                self.content_type
            )
        };
        let advice = page_advice(&self.content_type);
        let message = format!("The server sent no events but {answer}{advice}");
        Error {
            body: Some(body_text(self.sniffer.head(), &self.secrets)),
            ..Error::new(ErrorKind::Response, message)
        }
    }
}
