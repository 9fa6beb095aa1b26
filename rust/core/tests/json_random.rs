//! The JSON parser against serde_json, on random documents and on damaged ones.

use std::fmt::Write as _;

use openaistream_core::json::{Document, Node};
use serde_json::Value;

/// Random numbers that a printed seed brings back (xorshift64*).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % limit
    }

    fn one_of<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        choices[self.below(choices.len())]
    }

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

    fn value(&mut self, depth: usize, out: &mut String) {
        out.push_str(self.space());
        match self.below(if depth == 0 { 4 } else { 7 }) {
            0 => out.push_str(self.one_of(&["null", "true", "false"])),
            1 => self.string(out),
            2 | 3 => self.number(out),
            4 => self.sequence('[', ']', out, |random, out| random.value(depth - 1, out)),
            5 => self.sequence('[', ']', out, Random::number),
            _ => self.sequence('{', '}', out, |random, out| {
                out.push_str(random.space());
                random.string(out);
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

/// Whether a node is what serde_json made of the same text, which keeps the last of repeated keys.
fn same(node: Node<'_>, value: &Value) -> bool {
    match (node, value) {
        (Node::Null, Value::Null) => true,
        (Node::Bool(node), Value::Bool(value)) => node == *value,
        (Node::Integer(node), Value::Number(value)) => {
            value.as_i64() == Some(node) || (node == 0 && value.as_f64() == Some(0.0))
        }
        (Node::Double(node), Value::Number(value)) => value
            .as_f64()
            .is_some_and(|value| value.to_bits() == node.to_bits()),
        (Node::String(node), Value::String(value)) => node == value,
        (Node::Array(node), Value::Array(value)) => {
            node.len() == value.len()
                && node
                    .iter()
                    .zip(value)
                    .all(|(node, value)| same(node, value))
        }
        (Node::Object(node), Value::Object(value)) => {
            node.iter().all(|(key, _)| value.contains_key(key))
                && value
                    .iter()
                    .all(|(key, value)| node.get(key).is_some_and(|node| same(node, value)))
        }
        _ => false,
    }
}

fn random() -> Random {
    let seed = std::env::var("JSON_SEED")
        .ok()
        .and_then(|seed| seed.parse().ok())
        .unwrap_or_else(|| {
            let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
            now.map_or(1, |elapsed| elapsed.as_nanos() as u64 | 1)
        });
    println!("JSON_SEED={seed}");
    Random(seed)
}

#[test]
fn random_documents_are_what_serde_json_makes_of_them() {
    let mut random = random();
    for _ in 0..20_000 {
        let mut text = String::new();
        random.value(5, &mut text);
        let value: Value = serde_json::from_str(&text).expect("a random document");
        match Document::parse(text.as_str()) {
            Ok(document) => assert!(same(document.root(), &value), "{text}"),
            Err(error) => panic!("{text}: {error}"),
        }
    }
}

#[test]
fn random_damage_is_refused_where_serde_json_refuses_it() {
    let mut random = random();
    for _ in 0..20_000 {
        let mut text = String::new();
        random.value(3, &mut text);
        let place = random.below(text.len() + 1);
        if !text.is_char_boundary(place) {
            continue;
        }
        match random.below(3) {
            0 => text.truncate(place),
            1 => drop(text.drain(place..).next()),
            _ => text.insert_str(
                place,
                random.one_of(&["]", "}", ",", ":", "\"", "0", "-", "x", "\\"]),
            ),
        }
        let theirs = serde_json::from_str::<Value>(&text);
        match (Document::parse(text.as_str()), theirs) {
            (Ok(document), Ok(value)) => assert!(same(document.root(), &value), "{text}"),
            (Err(_), Err(_)) => {}
            // serde_json refuses lone surrogates and numbers beyond the doubles.
            (Ok(_), Err(error)) => {
                let error = error.to_string();
                let known = [
                    "surrogate",
                    "number out of range",
                    "unexpected end of hex escape",
                ];
                assert!(
                    known.iter().any(|known| error.contains(known)),
                    "{text}: {error}"
                );
            }
            (Err(error), Ok(_)) => panic!("{text}: {error}"),
        }
    }
}
