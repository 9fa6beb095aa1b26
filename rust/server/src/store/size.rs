//! The memory use of JSON values.

use serde_json::Value;

/// The size of a value without its content, and of a member without its name.
const VALUE: usize = 32;
const MEMBER: usize = 64;

/// The approximate size of a value in memory, in bytes. It is several times the size of its text,
/// except for long strings.
pub(crate) fn size_of(value: &Value) -> usize {
    VALUE
        + match value {
            Value::String(text) => text.len(),
            Value::Array(elements) => elements.iter().map(size_of).sum(),
            Value::Object(members) => members
                .iter()
                .map(|(name, value)| MEMBER + name.len() + size_of(value))
                .sum(),
            Value::Null | Value::Bool(_) | Value::Number(_) => 0,
        }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn many_small_values_take_more_than_their_text() {
        let small = json!({ "a": [1, 2, 3], "b": null });
        assert!(size_of(&small) > 5 * small.to_string().len());
        let long = json!("x".repeat(10_000));
        assert!(size_of(&long) < 10_100);
    }
}
