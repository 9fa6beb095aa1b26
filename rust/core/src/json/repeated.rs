//! Repeated keys of an object: the last value wins, as in JavaScript and Python.

use std::collections::HashMap;

use super::tape::{Entry, Tape, Text};

/// The maximum number of keys that are compared pairwise; more keys use a hash map.
const MAX_PAIRWISE_KEYS: usize = 12;

/// Removes members with repeated keys, except the last, from the object at `index`, the last value
/// on the tape. Returns whether there were any.
pub(super) fn drop_repeated(tape: &mut Tape, index: usize, source: &str) -> bool {
    let Entry::Object { keys, len, .. } = tape.entries[index] else {
        return false;
    };
    let keys = keys as usize..keys as usize + len as usize;
    let texts = &tape.keys[keys.clone()];
    let Some(is_last) = last_of_each(texts, source, &tape.unescaped) else {
        return false;
    };
    let values = tape.entries.split_off(index + 1);
    let mut next = 0;
    for is_last in &is_last {
        let first = next;
        next = match values[first] {
            Entry::Array { end, .. } | Entry::Object { end, .. } => end as usize - index - 1,
            _ => first + 1,
        };
        if *is_last {
            let moved = index + 1 + first - tape.entries.len();
            let value = values[first..next].iter();
            tape.entries
                .extend(value.map(|entry| earlier(*entry, moved as u32)));
        }
    }
    let start = tape.keys.len();
    let kept = keys.zip(&is_last).filter(|(_, is_last)| **is_last);
    let kept: Vec<Text> = kept.map(|(key, _)| tape.keys[key]).collect();
    tape.entries[index] = Entry::Object {
        keys: start as u32,
        len: kept.len() as u32,
        end: tape.entries.len() as u32,
    };
    tape.keys.extend(kept);
    true
}

/// For each key, whether it is the last of its name; `None` if no key is repeated.
fn last_of_each(keys: &[Text], source: &str, unescaped: &str) -> Option<Vec<bool>> {
    let content = |key: &Text| match *key {
        Text::Verbatim(span) => &source[span.range()],
        Text::Unescaped(span) => &unescaped[span.range()],
    };
    if keys.len() <= MAX_PAIRWISE_KEYS {
        let is_repeated_later = |at: usize| {
            keys[at + 1..]
                .iter()
                .any(|key| content(key) == content(&keys[at]))
        };
        let any = (0..keys.len()).any(is_repeated_later);
        return any.then(|| (0..keys.len()).map(|at| !is_repeated_later(at)).collect());
    }
    let last: HashMap<&str, usize> = keys.iter().map(content).zip(0..).collect();
    let is_last = keys
        .iter()
        .enumerate()
        .map(|(at, key)| last[content(key)] == at);
    (last.len() < keys.len()).then(|| is_last.collect())
}

/// Moves the positions in an entry back by `count` entries.
fn earlier(entry: Entry, count: u32) -> Entry {
    match entry {
        Entry::Array { len, end } => Entry::Array {
            len,
            end: end - count,
        },
        Entry::Object { keys, len, end } => Entry::Object {
            keys,
            len,
            end: end - count,
        },
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use crate::json::{Document, Value};

    #[test]
    fn the_last_value_of_a_repeated_key_wins() {
        let many = |last: &str| -> String {
            let members = (0..40).map(|at| format!(r#""k{at}":{at}"#));
            format!("{{{}{last}}}", members.collect::<Vec<_>>().join(","))
        };
        for (text, same) in [
            (r#"{"a":1,"a":2}"#.to_owned(), r#"{"a":2}"#.to_owned()),
            (
                r#"{"a":[1,"x"],"b":{"c":[null]},"a":{"d":[true,{}]},"e":3}"#.to_owned(),
                r#"{"b":{"c":[null]},"a":{"d":[true,{}]},"e":3}"#.to_owned(),
            ),
            (
                r#"[{"a":1,"a":2},{"a":3,"a":4},{"a":5}]"#.to_owned(),
                r#"[{"a":2},{"a":4},{"a":5}]"#.to_owned(),
            ),
            (
                r#"{"x":{"a":[[]],"a":[{"b":1,"b":{"c":2}}],"a":null},"y":[0]}"#.to_owned(),
                r#"{"x":{"a":null},"y":[0]}"#.to_owned(),
            ),
            (r#"{"\u0061":1,"a":2}"#.to_owned(), r#"{"a":2}"#.to_owned()),
            (many(r#","k7":"again""#), many("").replace(r#""k7":7,"#, "")),
        ] {
            let read = |text: &str| Document::parse(text).expect("it is JSON");
            let document = read(&text);
            let value = Value::from(document.root()).to_text();
            match text.contains("again") {
                true => assert_eq!(value, same.replace('}', r#","k7":"again"}"#)),
                false => assert_eq!(value, same),
            }
            let again = read(&value);
            assert_eq!(Value::from(again.root()), Value::from(document.root()));
        }
    }
}
