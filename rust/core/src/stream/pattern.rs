//! Finds events that match the previous one.
//!
//! Almost every event equals the previous one except for its text. Comparing the two shows what an
//! event adds, and that it changes nothing else, at a lower cost than parsing all its members.

use std::ops::Range;

use super::event::TextRange;
use super::kind::{EventKind, NUMBER, PADDING};
use crate::json::{plain_end, range_in, Document, Node, Object, ValuePosition};

/// The maximum size of an event to compare, in bytes; usual events have a few hundred.
const MAX_BYTES: usize = 4 << 10;

/// The maximum number of digits of an event number.
const MAX_DIGITS: usize = 18;

/// Events that differ from a given one only in the added text, the number and the padding.
#[derive(Debug, Clone)]
pub(super) struct EventPattern {
    name: String,
    /// The given event.
    event: Document,
    /// The varying ranges in the given event, and in the event that is compared.
    varying: Vec<(Range<usize>, Range<usize>)>,
    /// Which of the ranges is the text.
    text: usize,
    /// Which of the ranges is the number, and its position in the document.
    number: Option<(usize, ValuePosition)>,
    /// The index of the choice to which the text belongs.
    choice: i64,
}

/// The result of a comparison.
#[derive(Debug)]
pub(super) enum Compared {
    /// The event matches: its document and the text that it adds.
    Matching(Document, TextRange),
    /// The event matches, but its text or padding contains escapes.
    Escaped(String),
    Other(String),
}

impl EventPattern {
    /// Creates the pattern of an event that adds text and would change nothing else if it were
    /// repeated.
    pub fn of(kind: EventKind, name: &str, event: &Document) -> Option<Self> {
        let source = event.source();
        if source.len() > MAX_BYTES || event.has_replacements() {
            return None;
        }
        let members = event.root().as_object()?;
        let varying_parts = kind.rules().varying(name, event.root())?;
        let text = range_in(source, varying_parts.text)?;
        let mut varying = vec![text.clone()];
        if let Some(padding) = members.get(PADDING).and_then(Node::as_str) {
            varying.push(range_in(source, padding)?);
        }
        let number = match members.get(NUMBER) {
            None => None,
            Some(_) => Some(number_in(source, members)?),
        };
        varying.extend(number.iter().map(|(digits, _)| digits.clone()));
        varying.sort_by_key(|range| range.start);
        let index_of = |known: &Range<usize>| varying.iter().position(|range| range == known);
        Some(EventPattern {
            name: name.to_owned(),
            event: event.clone(),
            text: index_of(&text)?,
            number: match &number {
                None => None,
                Some((digits, position)) => Some((index_of(digits)?, *position)),
            },
            varying: varying.into_iter().map(|at| (at.clone(), at)).collect(),
            choice: varying_parts.choice,
        })
    }

    /// The name of the events.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Compares an event with the pattern.
    pub fn compare(&mut self, event: String) -> Compared {
        match self.find_varying(event.as_bytes()) {
            None => return Compared::Other(event),
            Some(HasEscapes(true)) => return Compared::Escaped(event),
            Some(HasEscapes(false)) => {}
        }
        let number = self.number.and_then(|(range, position)| {
            let digits = &event[self.varying[range].1.clone()];
            Some((position, digits.parse().ok()?))
        });
        let addition = TextRange {
            choice: self.choice,
            text: self.varying[self.text].1.clone(),
            sequence_number: number.map(|(_, number)| number),
        };
        let document = self.event.with_changes(event, &self.varying, number);
        Compared::Matching(document, addition)
    }

    /// Finds the varying ranges in an event of this pattern.
    fn find_varying(&mut self, event: &[u8]) -> Option<HasEscapes> {
        let known = self.event.source().as_bytes();
        let number = self.number.map(|(range, _)| range);
        let mut offset = 0;
        let mut fixed_start = 0;
        let mut has_escapes = false;
        for (index, (range, found)) in self.varying.iter_mut().enumerate() {
            let fixed = &known[fixed_start..range.start];
            event[offset..].strip_prefix(fixed)?;
            offset += fixed.len();
            let end = match number == Some(index) {
                true => number_end(event, offset)?,
                false => {
                    let (end, is_escaped) = string_end(event, offset);
                    has_escapes |= is_escaped;
                    end
                }
            };
            *found = offset..end;
            offset = end;
            fixed_start = range.end;
        }
        let matches = event[offset..] == known[fixed_start..];
        matches.then_some(HasEscapes(has_escapes))
    }
}

/// Whether any of the strings contains escapes.
struct HasEscapes(bool);

/// Where the string that continues at `offset` ends, and whether it contains escapes.
fn string_end(event: &[u8], mut offset: usize) -> (usize, bool) {
    let mut has_escapes = false;
    loop {
        offset = plain_end(event, offset);
        if event.get(offset) != Some(&b'\\') {
            return (offset, has_escapes);
        }
        has_escapes = true;
        offset = event.len().min(offset + 2);
    }
}

/// Where the digits that start at `offset` end, if they are a valid event number.
fn number_end(event: &[u8], offset: usize) -> Option<usize> {
    let digits = event[offset..].iter().take_while(|it| it.is_ascii_digit());
    let count = digits.count();
    let has_zero = count > 1 && event[offset] == b'0';
    ((1..=MAX_DIGITS).contains(&count) && !has_zero).then_some(offset + count)
}

/// Where the digits of the number are in the source, and the number in the document.
fn number_in(source: &str, members: Object<'_>) -> Option<(Range<usize>, ValuePosition)> {
    let mut known = members.keys().zip(members.positions());
    let (key, position) = known.find(|(key, _)| *key == NUMBER)?;
    members
        .at(position)
        .as_i64()
        .filter(|number| *number >= 0)?;
    let behind = range_in(source, key)?.end + "\"".len();
    let value = source[behind..]
        .trim_start()
        .strip_prefix(':')?
        .trim_start();
    let start = source.len() - value.len();
    let end = number_end(source.as_bytes(), start)?;
    Some((start..end, position))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::Value;

    fn pattern(chunk: &str) -> Option<EventPattern> {
        let chunk = Document::parse(chunk).expect("it is JSON");
        EventPattern::of(EventKind::Chat, "", &chunk)
    }

    fn chunk(delta: &str, padding: &str) -> String {
        format!(
            r#"{{"model":"m","choices":[{{"index":1,"delta":{delta},"logprobs":null}}],"obfuscation":"{padding}"}}"#
        )
    }

    #[test]
    fn chunks_that_differ_in_text_and_padding_match() {
        let mut pattern = pattern(&chunk(r#"{"content":"a"}"#, "xyz")).expect("it adds text");
        for text in ["", "b", " ü ☀", "{[:,"] {
            for padding in ["", "-", "longer padding"] {
                let other = chunk(&format!(r#"{{"content":"{text}"}}"#), padding);
                let Compared::Matching(moved, addition) = pattern.compare(other.clone()) else {
                    panic!("{other} is alike");
                };
                assert_eq!((addition.choice, &other[addition.text]), (1, text));
                let read = Document::parse(other).expect("it is JSON");
                assert_eq!(Value::from(moved.root()), Value::from(read.root()));
                assert_eq!(moved.source(), read.source());
            }
        }
        for escaped in [
            chunk(r#"{"content":"a\"\\"}"#, ""),
            chunk(r#"{"content":"a"}"#, r#"\n"#),
        ] {
            let compared = pattern.compare(escaped.clone());
            assert!(matches!(compared, Compared::Escaped(same) if same == escaped));
        }
    }

    #[test]
    fn other_differences_are_detected() {
        let first = chunk(r#"{"content":"a"}"#, "");
        let mut pattern = pattern(&first).expect("it adds text");
        for other in [
            first.replace("\"m\"", "\"n\""),
            first.replace(":1,", ":0,"),
            first.replace("null", "{}"),
            format!("{first} "),
            chunk(r#"{"content":"a","role":"assistant"}"#, ""),
            chunk(r#"{"content":"a"}"#, r#"","x":""#),
            first[..first.len() - 1].to_owned(),
            first[..40].to_owned(),
            String::new(),
        ] {
            let compared = pattern.compare(other.clone());
            assert!(
                matches!(compared, Compared::Other(same) if same == other),
                "{other}"
            );
        }
    }

    #[test]
    fn chunks_with_other_effects_have_no_pattern() {
        let content = r#"{"content":"a"}"#;
        let with = |member: &str| chunk(content, "").replace(r#""logprobs":null"#, member);
        for chunk in [
            chunk(r#"{"content":"a","tool_calls":[{"index":0}]}"#, ""),
            chunk(r#"{"content":null}"#, ""),
            chunk(r#"{"content":"\n"}"#, ""),
            with(r#""logprobs":{"content":[{"token":"a"}]}"#),
            with(r#""message":{"content":"a"}"#),
            r#"{"choices":[{"delta":{"content":"a"}}]}"#.to_owned(),
            r#"{"choices":[{"index":0,"delta":{"content":"a"}},{"index":1}]}"#.to_owned(),
            r#"{"choices":[]}"#.to_owned(),
            "[]".to_owned(),
        ] {
            assert!(pattern(&chunk).is_none(), "{chunk}");
        }
    }

    fn delta(number: &str, text: &str, padding: &str) -> String {
        format!(
            r#"{{"type":"response.output_text.delta","sequence_number": {number},"item_id":"i","delta":"{text}","logprobs":[],"obfuscation":"{padding}"}}"#
        )
    }

    #[test]
    fn deltas_of_a_response_differ_in_their_number_too() {
        let first = Document::parse(delta("9", "a", "x")).expect("it is JSON");
        let mut pattern = EventPattern::of(EventKind::Response, "", &first).expect("it adds text");
        for (number, text, padding) in [("10", "b", ""), ("0", "", "long"), ("123456", "ü", "y")] {
            let other = delta(number, text, padding);
            let Compared::Matching(moved, addition) = pattern.compare(other.clone()) else {
                panic!("{other} is alike");
            };
            assert_eq!(&other[addition.text], text);
            assert_eq!(addition.sequence_number, number.parse().ok());
            let read = Document::parse(other).expect("it is JSON");
            assert_eq!(Value::from(moved.root()), Value::from(read.root()));
        }
        for number in ["01", "-1", "1.5", "", "null", "1e3", "1234567890123456789"] {
            let other = delta(number, "b", "");
            assert!(
                matches!(pattern.compare(other), Compared::Other(_)),
                "{number}"
            );
        }
    }

    #[test]
    fn deltas_with_tokens_have_no_pattern() {
        let varying_parts = delta("1", "a", "").replace("[]", r#"[{"token":"a"}]"#);
        let varying_parts = Document::parse(varying_parts).expect("it is JSON");
        assert!(EventPattern::of(EventKind::Response, "", &varying_parts).is_none());
    }
}
