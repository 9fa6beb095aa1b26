//! The JSON parser against serde_json.

use openaistream_core::json::{Document, Node};
use serde_json::Value;

/// What serde_json rejects although servers send it.
const LENIENCES: [&str; 3] = [
    "surrogate",
    "number out of range",
    "unexpected end of hex escape",
];

/// Checks that the parser terminates on any bytes, agrees with serde_json, and that parsing the
/// source that it kept gives the same document.
pub fn check(bytes: &[u8]) {
    let theirs = serde_json::from_slice::<Value>(bytes);
    let document = match (Document::parse(bytes), &theirs) {
        (Ok(document), _) => document,
        (Err(_), Err(_)) => return,
        (Err(error), Ok(value)) => panic!("{value}: {error}"),
    };
    let source = document.source();
    assert_eq!(source, String::from_utf8_lossy(bytes));
    let again = Document::parse(source).expect("a text that was accepted");
    assert_eq!(shown(document.root()), shown(again.root()));
    match theirs {
        // R's strings cannot contain NUL, so different names may have become equal.
        _ if source.contains("\\u0000") => {}
        Ok(value) => assert!(same(document.root(), &value), "{source}"),
        Err(error) => {
            let error = error.to_string();
            let lenient = LENIENCES.iter().any(|known| error.contains(known))
                || std::str::from_utf8(bytes).is_err()
                || source.starts_with('\u{FEFF}')
                || ["NaN", "Infinity"].iter().any(|word| source.contains(word))
                || error.contains("recursion limit");
            assert!(lenient, "{source}: {error}");
        }
    }
}

/// A node as text with all its content.
fn shown(node: Node<'_>) -> String {
    match node {
        Node::Null => "null".to_owned(),
        Node::Bool(value) => value.to_string(),
        Node::Integer(value) => value.to_string(),
        Node::Double(value) => format!("double {:x}", value.to_bits()),
        Node::String(value) => format!("{value:?}"),
        Node::Array(array) => {
            let values: Vec<String> = array.iter().map(shown).collect();
            assert_eq!(values.len(), array.len());
            format!("[{}]", values.join(","))
        }
        Node::Object(object) => {
            let member = |(key, value)| format!("{key:?}:{}", shown(value));
            let members: Vec<String> = object.iter().map(member).collect();
            format!("{{{}}}", members.join(","))
        }
    }
}

/// Whether a node equals serde_json's value of the same text, in which the last of repeated keys
/// wins.
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
