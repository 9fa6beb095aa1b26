//! What the chunks of a chat have in common.
//!
//! Nearly every chunk is the one before with another word in it. To compare it with that one tells
//! what it adds, and that it changes nothing else, for less than to look at all its members again.

use std::ops::Range;

use super::chat_answer::PADDING;
use super::event::Addition;
use crate::json::{place_in, plain_end, Document, Node};

/// The longest chunk to compare with, in bytes: a word takes a few hundred.
const MOST_BYTES: usize = 4 << 10;

/// The chunks that differ from one that came in the text that they add, and in their padding.
#[derive(Debug, Clone)]
pub(super) struct ChunkPattern {
    /// The chunk that came.
    chunk: Document,
    /// Where its strings stand, between their quotes, that differ in the others; and where they
    /// stand in the chunk that is compared.
    varying: Vec<(Range<usize>, Range<usize>)>,
    /// Which of them is the text.
    text: usize,
    /// The index of the choice that it belongs to.
    choice: i64,
}

/// A chunk that was compared with another.
#[derive(Debug)]
pub(super) enum Compared {
    /// It is like that one: this is its document, and all that it adds.
    Alike(Document, Addition),
    /// It is like that one, but its text, or its padding, has escapes.
    Escaped(String),
    Other(String),
}

impl ChunkPattern {
    /// The pattern of a chunk that adds text to one choice and, if it came twice, would change
    /// nothing else.
    pub fn of(chunk: &Document) -> Option<Self> {
        let source = chunk.source();
        if source.len() > MOST_BYTES || chunk.has_replacements() {
            return None;
        }
        let members = chunk.root().as_object()?;
        let mut choices = members.get("choices")?.as_array()?.iter();
        let choice = choices.next()?.as_object()?;
        // The log probabilities of tokens grow with each chunk.
        let is_plain = choice.iter().all(|(name, value)| match name {
            "message" => false,
            "logprobs" => value.is_null(),
            _ => true,
        });
        if !is_plain || choices.next().is_some() {
            return None;
        }
        let mut delta = choice.get("delta")?.as_object()?.iter();
        let (name, content) = delta.next()?;
        if name != "content" || delta.next().is_some() {
            return None;
        }
        let text = place_in(source, content.as_str()?)?;
        let mut varying = vec![text.clone()];
        if let Some(padding) = members.get(PADDING).and_then(Node::as_str) {
            varying.push(place_in(source, padding)?);
        }
        varying.sort_by_key(|string| string.start);
        Some(ChunkPattern {
            chunk: chunk.clone(),
            text: varying.iter().position(|string| *string == text)?,
            varying: varying.into_iter().map(|at| (at.clone(), at)).collect(),
            choice: choice.get("index")?.as_i64()?,
        })
    }

    /// Whether a chunk is of this pattern.
    pub fn compare(&mut self, chunk: String) -> Compared {
        match self.find_strings(chunk.as_bytes()) {
            None => Compared::Other(chunk),
            Some(HasEscapes(true)) => Compared::Escaped(chunk),
            Some(HasEscapes(false)) => {
                let addition = Addition {
                    choice: self.choice,
                    text: self.varying[self.text].1.clone(),
                };
                Compared::Alike(self.chunk.with_strings(chunk, &self.varying), addition)
            }
        }
    }

    /// Notes where the strings stand in a chunk of this pattern.
    fn find_strings(&mut self, chunk: &[u8]) -> Option<HasEscapes> {
        let known = self.chunk.source().as_bytes();
        let mut place = 0;
        let mut fixed_start = 0;
        let mut has_escapes = false;
        for (string, found) in &mut self.varying {
            let fixed = &known[fixed_start..string.start];
            chunk[place..].strip_prefix(fixed)?;
            place += fixed.len();
            let (end, is_escaped) = string_end(chunk, place);
            has_escapes |= is_escaped;
            *found = place..end;
            place = end;
            fixed_start = string.end;
        }
        let is_alike = chunk[place..] == known[fixed_start..];
        is_alike.then_some(HasEscapes(has_escapes))
    }
}

/// Whether any of the strings found has escapes.
struct HasEscapes(bool);

/// Where the string ends that goes on at `place`, and whether it has escapes.
fn string_end(chunk: &[u8], mut place: usize) -> (usize, bool) {
    let mut has_escapes = false;
    loop {
        place = plain_end(chunk, place);
        if chunk.get(place) != Some(&b'\\') {
            return (place, has_escapes);
        }
        has_escapes = true;
        place = chunk.len().min(place + 2);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::Value;

    fn pattern(chunk: &str) -> Option<ChunkPattern> {
        ChunkPattern::of(&Document::parse(chunk).expect("it is JSON"))
    }

    fn chunk(delta: &str, padding: &str) -> String {
        format!(
            r#"{{"model":"m","choices":[{{"index":1,"delta":{delta},"logprobs":null}}],"obfuscation":"{padding}"}}"#
        )
    }

    #[test]
    fn chunks_that_differ_in_text_and_padding_are_alike() {
        let mut pattern = pattern(&chunk(r#"{"content":"a"}"#, "xyz")).expect("it adds text");
        for text in ["", "b", " ü ☀", "{[:,"] {
            for padding in ["", "-", "longer padding"] {
                let other = chunk(&format!(r#"{{"content":"{text}"}}"#), padding);
                let Compared::Alike(moved, addition) = pattern.compare(other.clone()) else {
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
    fn what_else_differs_is_seen() {
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
    fn chunks_that_would_add_something_twice_make_no_pattern() {
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
}
