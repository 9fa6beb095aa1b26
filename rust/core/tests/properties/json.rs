//! The JSON parser with random documents, damaged documents, and random bytes.

use std::fmt::Write as _;

use openaistream_core::json::Document;

use crate::check::json::check;
use crate::random::{for_a_while, Random};

impl Random {
    fn space(&mut self) -> &'static str {
        self.one_of(&["", "", "", " ", "\n", "\t\r "])
    }

    fn number(&mut self, out: &mut String) {
        let sign = self.one_of(&["", "", "-"]);
        out.push_str(sign);
        let digits = 1 + self.below(22);
        match self.below(4) {
            0 => out.push('0'),
            _ => {
                let _ = write!(out, "{}", 1 + self.below(9));
                (1..digits).for_each(|_| out.push(char::from(b'0' + self.below(10) as u8)));
            }
        }
        if self.below(2) == 0 {
            out.push('.');
            let decimals = 1 + self.below(20);
            (0..decimals).for_each(|_| out.push(char::from(b'0' + self.below(10) as u8)));
        }
        if self.below(5) == 0 {
            let sign = self.one_of(&["", "+", "-"]);
            let _ = write!(out, "e{sign}{}", self.below(200));
        }
    }

    fn string(&mut self, out: &mut String) {
        out.push('"');
        for _ in 0..self.below(20) {
            let piece = self.one_of(&[
                "a",
                "Z",
                " ",
                "/",
                "é",
                "中",
                "😀",
                "\u{7f}",
                "\\n",
                "\\\"",
                "\\\\",
                "\\/",
                "\\u00e9",
                "\\ud83d\\ude00",
                "\\u001f",
                "longer than eight bytes",
            ]);
            out.push_str(piece);
        }
        out.push('"');
    }

    /// Usually one of a few keys, because records repeat them; some are prefixes of others.
    fn key(&mut self, out: &mut String) {
        match self.below(8) {
            0 => self.string(out),
            _ => out.push_str(self.one_of(&[
                r#""""#,
                r#""a""#,
                r#""ab""#,
                r#""a\"""#,
                r#""a\n""#,
                r#""longer than eight bytes""#,
            ])),
        }
    }

    pub fn value(&mut self, depth: usize, out: &mut String) {
        out.push_str(self.space());
        match self.below(if depth == 0 { 4 } else { 7 }) {
            0 => out.push_str(self.one_of(&["null", "true", "false"])),
            1 => self.string(out),
            2 | 3 => self.number(out),
            4 => self.sequence('[', ']', out, |random, out| random.value(depth - 1, out)),
            5 => self.sequence('[', ']', out, Random::number),
            _ => self.sequence('{', '}', out, |random, out| {
                out.push_str(random.space());
                random.key(out);
                out.push_str(random.space());
                out.push(':');
                random.value(depth - 1, out);
            }),
        }
        out.push_str(self.space());
    }

    fn sequence(
        &mut self,
        open: char,
        close: char,
        out: &mut String,
        element: impl Fn(&mut Random, &mut String),
    ) {
        out.push(open);
        for index in 0..self.below(6) {
            if index > 0 {
                out.push(',');
            }
            element(self, out);
            out.push_str(self.space());
        }
        out.push_str(self.space());
        out.push(close);
    }
}

#[test]
fn random_documents_equal_those_of_serde_json() {
    for_a_while(|random| {
        let mut text = String::new();
        random.value(5, &mut text);
        assert!(Document::parse(text.as_str()).is_ok(), "{text}");
        check(text.as_bytes());
    });
}

#[test]
fn damaged_documents_are_rejected_like_serde_json() {
    for_a_while(|random| {
        let mut text = String::new();
        random.value(3, &mut text);
        let mut bytes = text.into_bytes();
        let place = random.below(bytes.len() + 1);
        match random.below(4) {
            0 => bytes.truncate(place),
            1 => drop(bytes.drain(place..).next()),
            2 => bytes.insert(place, random.below(256) as u8),
            _ => {
                let damage = [
                    "]", "}", ",", ":", "\"", "0", "-", "x", "\\", "\\ud800", "NaN",
                ];
                let piece = random.one_of(&damage);
                bytes.splice(place..place, piece.bytes());
            }
        }
        check(&bytes);
    });
}
