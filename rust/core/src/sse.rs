//! Decodes event streams, as defined by the HTML standard
//! (<https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation>).
//!
//! It takes chunks of any size, copies each byte once, and never delays an event that has arrived.
//!
//! In addition to the standard, it accepts what servers send when they abort a stream: JSON on
//! lines of its own, a field `error`, and an event `error` without data.

use memchr::memchr2;

const BYTE_ORDER_MARK: &[u8] = "\u{FEFF}".as_bytes();

/// The data of the event that ends a stream.
pub(crate) const DONE: &[u8] = b"[DONE]";

/// The name of events that report an error.
pub(crate) const ERROR: &str = "error";

/// An event of the stream.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SseEvent {
    /// The field `event`; `""` if there is none.
    pub name: String,
    /// The fields `data`, joined by line feeds.
    pub data: Vec<u8>,
}

/// Decodes an event stream chunk by chunk.
#[derive(Debug, Clone, Default)]
pub struct SseDecoder {
    /// The start of an incomplete line.
    partial_line: Vec<u8>,
    /// The fields of an incomplete event.
    name: String,
    data: Vec<u8>,
    has_data: bool,
    /// The current lines are bare JSON, without field names.
    is_bare: bool,
    /// The last line ended with CR; a following LF belongs to it.
    after_carriage_return: bool,
    /// The first line, which may start with a byte-order mark, has ended.
    past_first_line: bool,
}

impl SseDecoder {
    /// Decodes `bytes` and appends the events that they complete to `events`.
    pub fn feed(&mut self, bytes: &[u8], events: &mut Vec<SseEvent>) {
        let mut rest = bytes;
        if self.after_carriage_return && !rest.is_empty() {
            self.after_carriage_return = false;
            rest = rest.strip_prefix(b"\n").unwrap_or(rest);
        }
        while let Some(end) = memchr2(b'\n', b'\r', rest) {
            self.end_line(&rest[..end], events);
            let carriage_return = rest[end] == b'\r';
            rest = &rest[end + 1..];
            if carriage_return {
                match rest.first() {
                    Some(b'\n') => rest = &rest[1..],
                    Some(_) => {}
                    None => self.after_carriage_return = true,
                }
            }
        }
        self.partial_line.extend_from_slice(rest);
    }

    /// Called at the end of the stream. Returns the last event if it has data but no final blank
    /// line.
    ///
    /// The standard discards it, but the caller can check whether it is complete.
    pub fn finish(&mut self) -> Option<SseEvent> {
        let mut events = Vec::new();
        if !self.partial_line.is_empty() {
            self.end_line(&[], &mut events);
        }
        self.end_line(&[], &mut events);
        events.pop()
    }

    /// The size of the incomplete event in bytes.
    pub fn pending_bytes(&self) -> usize {
        self.partial_line.len() + self.data.len()
    }

    fn end_line(&mut self, tail: &[u8], events: &mut Vec<SseEvent>) {
        if self.partial_line.is_empty() {
            self.line(tail, events);
        } else {
            let mut line = std::mem::take(&mut self.partial_line);
            line.extend_from_slice(tail);
            self.line(&line, events);
            line.clear();
            self.partial_line = line;
        }
    }

    fn line(&mut self, line: &[u8], events: &mut Vec<SseEvent>) {
        let line = if self.past_first_line {
            line
        } else {
            self.past_first_line = true;
            line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(line)
        };
        if line.is_empty() {
            return self.dispatch(events);
        }
        // No field name starts like this.
        self.is_bare |= line.starts_with(b"{") && !self.has_data;
        if self.is_bare {
            return self.add_data(line);
        }
        let (field, value) = match memchr::memchr(b':', line) {
            Some(colon) => (&line[..colon], &line[colon + 1..]),
            None => (line, &[][..]),
        };
        let value = value.strip_prefix(b" ").unwrap_or(value);
        match field {
            b"data" => self.add_data(value),
            // llama.cpp reports errors in this field.
            b"error" => {
                ERROR.clone_into(&mut self.name);
                self.add_data(value);
            }
            b"event" => self.name = String::from_utf8_lossy(value).into_owned(),
            // Comments (an empty field name), `id`, `retry` and unknown fields do not affect the
            // data.
            _ => {}
        }
    }

    fn add_data(&mut self, value: &[u8]) {
        if self.has_data {
            self.data.push(b'\n');
        }
        self.has_data = true;
        self.data.extend_from_slice(value);
    }

    fn dispatch(&mut self, events: &mut Vec<SseEvent>) {
        let name = std::mem::take(&mut self.name);
        self.has_data = false;
        self.is_bare = false;
        // An event without data is ignored, unless it is an error.
        if !self.data.is_empty() || name == ERROR {
            events.push(SseEvent {
                name,
                data: std::mem::take(&mut self.data),
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(name: &str, data: &str) -> SseEvent {
        SseEvent {
            name: name.into(),
            data: data.into(),
        }
    }

    fn decode(pieces: &[&[u8]]) -> Vec<SseEvent> {
        let mut decoder = SseDecoder::default();
        let mut events = Vec::new();
        for piece in pieces {
            decoder.feed(piece, &mut events);
        }
        events.extend(decoder.finish());
        events
    }

    /// A stream with every special case of the format, and its events.
    fn peculiar() -> (Vec<u8>, Vec<SseEvent>) {
        let text = "\u{FEFF}data: first\n\n: comment\n\nretry: 3\nid: 7\n\ndata:no space\r\n\r\n\
                    data: a\ndata: b\n\rdata: \u{2600} \u{1F600}\r\revent: named\ndata: {}\n\n\
                    data\n\ndata:\n\nevent: lonely\n\nunknown: x\ndata:  two spaces\n\n\
                    data: no blank line";
        let events = vec![
            event("", "first"),
            event("", "no space"),
            event("", "a\nb"),
            event("", "\u{2600} \u{1F600}"),
            event("named", "{}"),
            event("", " two spaces"),
            event("", "no blank line"),
        ];
        (text.as_bytes().to_vec(), events)
    }

    #[test]
    fn a_stream_in_one_chunk_is_decoded() {
        let (bytes, events) = peculiar();
        assert_eq!(decode(&[&bytes]), events);
    }

    #[test]
    fn every_split_gives_the_same_events() {
        let (bytes, events) = peculiar();
        for cut in 0..=bytes.len() {
            assert_eq!(
                decode(&[&bytes[..cut], &bytes[cut..]]),
                events,
                "cut at {cut}"
            );
        }
        let single: Vec<&[u8]> = bytes.chunks(1).collect();
        assert_eq!(decode(&single), events);
    }

    #[test]
    fn an_event_is_returned_with_its_blank_line() {
        let mut decoder = SseDecoder::default();
        let mut events = Vec::new();
        decoder.feed(b"data: x\r\n\r", &mut events);
        assert_eq!(events, [event("", "x")]);
        decoder.feed(b"\ndata: y\n\n", &mut events);
        assert_eq!(events, [event("", "x"), event("", "y")]);
    }

    #[test]
    fn incomplete_bytes_are_counted() {
        let mut decoder = SseDecoder::default();
        decoder.feed(b"data: 1234\ndata: 56", &mut Vec::new());
        assert_eq!(decoder.pending_bytes(), 4 + 8);
    }
}
