//! The JSON parser.

use super::keys::{Keys, ObjectKeys};
use super::number::{self, Number};
use super::repeated::drop_repeated;
use super::string;
use super::tape::{Entry, Span, Tape, Text};
use super::{LargeIntegers, ParseError, MAX_DEPTH};

/// Parses a whole text.
pub(super) fn parse(source: &str, large: LargeIntegers) -> Result<Tape, Box<ParseError>> {
    let mut parser = Parser {
        source,
        position: 0,
        depth: 0,
        large,
        tape: Tape::for_source(source),
        keys: Keys::new(),
    };
    if source.starts_with('\u{feff}') {
        parser.position = '\u{feff}'.len_utf8();
    }
    parser.value()?;
    match parser.peek() {
        None => Ok(parser.tape),
        Some(_) => Err(parser.error("there is more text after the value")),
    }
}

struct Parser<'a> {
    source: &'a str,
    position: usize,
    depth: usize,
    large: LargeIntegers,
    tape: Tape,
    keys: Keys,
}

impl Parser<'_> {
    /// Skips white space and returns the next byte without consuming it.
    fn peek(&mut self) -> Option<u8> {
        let bytes = self.source.as_bytes();
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = bytes.get(self.position) {
            self.position += 1;
        }
        bytes.get(self.position).copied()
    }

    fn value(&mut self) -> Result<(), Box<ParseError>> {
        let entry = match self.peek() {
            Some(b'"') => Entry::String(self.string()?),
            Some(b'{') => return self.nested(Self::object),
            Some(b'[') => return self.nested(Self::array),
            Some(b't') => self.word("true", Entry::Bool(true))?,
            Some(b'f') => self.word("false", Entry::Bool(false))?,
            Some(b'n') => self.word("null", Entry::Null)?,
            Some(byte) if begins_number(byte) => entry_of(self.number()?),
            Some(_) => return Err(self.error("a value was expected")),
            None => return Err(self.error("the text ends where a value was expected")),
        };
        self.tape.entries.push(entry);
        Ok(())
    }

    fn string(&mut self) -> Result<Text, Box<ParseError>> {
        let (text, end) = string::read(self.source, self.position, &mut self.tape)?;
        self.position = end;
        Ok(text)
    }

    fn number(&mut self) -> Result<Number, Box<ParseError>> {
        let (number, end) = number::read(self.source, self.position, self.large)?;
        self.position = end;
        Ok(number)
    }

    fn word(&mut self, word: &str, entry: Entry) -> Result<Entry, Box<ParseError>> {
        if !self.source[self.position..].starts_with(word) {
            return Err(self.error("a value was expected"));
        }
        self.position += word.len();
        Ok(entry)
    }

    /// Parses an array or an object from its opening bracket on.
    fn nested(
        &mut self,
        inside: fn(&mut Self) -> Result<(), Box<ParseError>>,
    ) -> Result<(), Box<ParseError>> {
        if self.depth == MAX_DEPTH {
            return Err(self.error("arrays and objects are nested more than 128 levels deep"));
        }
        self.depth += 1;
        self.position += 1;
        inside(self)?;
        self.depth -= 1;
        Ok(())
    }

    fn array(&mut self) -> Result<(), Box<ParseError>> {
        let index = self.tape.entries.len();
        // Replaced by the actual entry once the end is known.
        self.tape.entries.push(Entry::Null);
        if self.closes(b']') {
            self.tape.entries[index] = Entry::Array {
                len: 0,
                end: self.end_of_tape(),
            };
            return Ok(());
        }
        let mut len = 0;
        if self.peek().is_some_and(begins_number) {
            match self.numbers()? {
                Numbers::Whole(entry) => {
                    self.tape.entries[index] = entry;
                    return Ok(());
                }
                Numbers::Begun(count) => len = count,
            }
        }
        loop {
            self.value()?;
            len += 1;
            if !self.continues(b']')? {
                break;
            }
        }
        self.tape.entries[index] = Entry::Array {
            len,
            end: self.end_of_tape(),
        };
        Ok(())
    }

    /// Parses the numbers at the beginning of an array; the whole array, if they are of one kind.
    fn numbers(&mut self) -> Result<Numbers, Box<ParseError>> {
        let integers = self.tape.integers.len();
        let doubles = self.tape.doubles.len();
        loop {
            match self.number()? {
                Number::Integer(value) if self.tape.doubles.len() == doubles => {
                    self.tape.integers.push(value);
                }
                Number::Double(value) if self.tape.integers.len() == integers => {
                    self.tape.doubles.push(value);
                }
                other => {
                    let count = self.spill(integers, doubles) + 1;
                    self.tape.entries.push(entry_of(other));
                    return match self.continues(b']')? {
                        true => Ok(Numbers::Begun(count)),
                        false => Ok(Numbers::Whole(Entry::Array {
                            len: count,
                            end: self.end_of_tape(),
                        })),
                    };
                }
            }
            if !self.continues(b']')? {
                let entry = match self.tape.integers.len() > integers {
                    true => Entry::Integers(Span::between(integers, self.tape.integers.len())),
                    false => Entry::Doubles(Span::between(doubles, self.tape.doubles.len())),
                };
                return Ok(Numbers::Whole(entry));
            }
            if !self.peek().is_some_and(begins_number) {
                return Ok(Numbers::Begun(self.spill(integers, doubles)));
            }
        }
    }

    /// Moves the first numbers of an array to the tape, because other values follow.
    fn spill(&mut self, integers: usize, doubles: usize) -> u32 {
        let Tape {
            entries,
            integers: all_integers,
            doubles: all_doubles,
            ..
        } = &mut self.tape;
        let before = entries.len();
        entries.extend(all_integers.drain(integers..).map(Entry::Integer));
        entries.extend(all_doubles.drain(doubles..).map(Entry::Double));
        (entries.len() - before) as u32
    }

    fn object(&mut self) -> Result<(), Box<ParseError>> {
        let index = self.tape.entries.len();
        self.tape.entries.push(Entry::Null);
        let mut keys = self.keys.begin(self.depth - 1);
        if !self.closes(b'}') {
            loop {
                if self.peek() != Some(b'"') {
                    return Err(self.error("the name of a member was expected"));
                }
                self.key(&mut keys)?;
                if self.peek() != Some(b':') {
                    return Err(self.error("a ':' was expected after the name of a member"));
                }
                self.position += 1;
                self.value()?;
                if !self.continues(b'}')? {
                    break;
                }
            }
        }
        let are_new = keys.are_new();
        let (keys, len) = self.keys.end(keys, &mut self.tape);
        self.tape.entries[index] = Entry::Object {
            keys,
            len,
            end: self.end_of_tape(),
        };
        // An object with the keys of the previous one has been checked already.
        if are_new && drop_repeated(&mut self.tape, index, self.source) {
            self.keys.forget(self.depth - 1);
        }
        Ok(())
    }

    /// Parses a key from its opening quote on.
    fn key(&mut self, keys: &mut ObjectKeys) -> Result<(), Box<ParseError>> {
        match keys.expected(self.source, self.position, &self.tape) {
            Some(end) => self.position = end,
            None => {
                let key = self.string()?;
                self.keys.add(keys, key, &self.tape);
            }
        }
        Ok(())
    }

    /// Whether the array or object is empty.
    fn closes(&mut self, bracket: u8) -> bool {
        let closes = self.peek() == Some(bracket);
        self.position += usize::from(closes);
        closes
    }

    /// Consumes a comma and returns true, or consumes the closing bracket and returns false.
    fn continues(&mut self, bracket: u8) -> Result<bool, Box<ParseError>> {
        match self.peek() {
            Some(b',') => {
                self.position += 1;
                Ok(true)
            }
            Some(byte) if byte == bracket => {
                self.position += 1;
                Ok(false)
            }
            Some(_) => Err(self.error(format!("',' or '{}' was expected", char::from(bracket)))),
            None => Err(self.error(format!("the text ends before '{}'", char::from(bracket)))),
        }
    }

    fn end_of_tape(&self) -> u32 {
        self.tape.entries.len() as u32
    }

    fn error(&self, message: impl Into<std::borrow::Cow<'static, str>>) -> Box<ParseError> {
        ParseError::boxed(message, self.position)
    }
}

/// The result of parsing the numbers at the beginning of an array.
enum Numbers {
    /// The whole array; it has ended.
    Whole(Entry),
    /// The number of elements that are on the tape; another one follows.
    Begun(u32),
}

fn begins_number(byte: u8) -> bool {
    matches!(byte, b'-' | b'0'..=b'9' | b'N' | b'I')
}

fn entry_of(number: Number) -> Entry {
    match number {
        Number::Integer(value) => Entry::Integer(value),
        Number::Double(value) => Entry::Double(value),
        Number::Digits(span) => Entry::String(Text::Verbatim(span)),
    }
}
