//! Generates a value that satisfies a JSON Schema.
//!
//! Supports the part of JSON Schema that the API accepts for structured outputs
//! (<https://platform.openai.com/docs/guides/structured-outputs>).

use std::cell::Cell;

use serde_json::{json, Map, Value};

/// The maximum depth of a value, because a schema may be recursive.
const MAX_DEPTH: usize = 16;

/// The maximum number of values; further ones are null or omitted.
const VALUE_LIMIT: usize = 10_000;
/// The maximum length of a string in characters.
const TEXT_LIMIT: u64 = 10_000;

/// The value for a schema; always the same.
pub(crate) fn schema_value(schema: &Value) -> Value {
    value(schema, schema, 0, &Cell::new(VALUE_LIMIT))
}

/// `room` is the number of values that may still be created.
fn value(schema: &Value, root: &Value, depth: usize, room: &Cell<usize>) -> Value {
    let left = room.get();
    room.set(left.saturating_sub(1));
    if depth > MAX_DEPTH || left == 0 {
        return Value::Null;
    }
    let inner = |schema: &Value| value(schema, root, depth + 1, room);
    if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
        let target = root.pointer(reference.trim_start_matches('#'));
        return target.map_or(Value::Null, inner);
    }
    if let Some(constant) = schema.get("const") {
        return constant.clone();
    }
    for name in ["enum", "anyOf", "oneOf", "allOf"] {
        let choices = schema.get(name).and_then(Value::as_array);
        // Prefer a value over null, unless the recursion would never end.
        let chosen = choices.and_then(|choices| {
            let null = choices.iter().position(is_null);
            let other = choices.iter().find(|choice| !is_null(choice));
            match null {
                Some(null) if depth > MAX_DEPTH / 2 => choices.get(null),
                _ => other.or(choices.first()),
            }
        });
        if let Some(chosen) = chosen {
            return if name == "enum" {
                chosen.clone()
            } else {
                inner(chosen)
            };
        }
    }
    match kind(schema, depth) {
        "object" => {
            let properties = schema.get("properties").and_then(Value::as_object);
            let members = properties.into_iter().flatten();
            let members = members.map(|(name, schema)| (name.clone(), inner(schema)));
            Value::Object(members.collect::<Map<_, _>>())
        }
        "array" => {
            let limit = |name| schema.get(name).and_then(Value::as_u64);
            let count = limit("minItems")
                .unwrap_or(1)
                .min(limit("maxItems").unwrap_or(u64::MAX));
            let count = if depth > MAX_DEPTH / 2 {
                limit("minItems").unwrap_or(0)
            } else {
                count
            };
            let items = schema.get("items").unwrap_or(&Value::Null);
            let element = |_| (room.get() > 0).then(|| inner(items));
            Value::Array((0..count).map_while(element).collect())
        }
        "integer" => json!(number(schema).ceil() as i64),
        "number" => json!(number(schema)),
        "boolean" => Value::Bool(true),
        "null" => Value::Null,
        _ => Value::String(text(schema)),
    }
}

/// Whether a schema, or a value of an enumeration, is null.
fn is_null(schema: &Value) -> bool {
    schema.is_null() || schema.get("type").and_then(Value::as_str) == Some("null")
}

fn kind(schema: &Value, depth: usize) -> &str {
    match schema.get("type") {
        Some(Value::String(kind)) => kind,
        Some(Value::Array(kinds)) => {
            let kinds: Vec<&str> = kinds.iter().filter_map(Value::as_str).collect();
            let other = kinds.iter().find(|kind| **kind != "null");
            match other {
                Some(kind) if depth <= MAX_DEPTH / 2 || kinds.len() == 1 => kind,
                _ => "null",
            }
        }
        _ if schema.get("properties").is_some() => "object",
        _ if schema.get("items").is_some() => "array",
        _ => "string",
    }
}

/// A number within the limits of a schema; 1 if possible.
fn number(schema: &Value) -> f64 {
    let limit = |name| schema.get(name).and_then(Value::as_f64);
    let least = limit("minimum").or(limit("exclusiveMinimum").map(|least| least + 1.0));
    let most = limit("maximum").or(limit("exclusiveMaximum").map(|most| most - 1.0));
    let step = limit("multipleOf").filter(|step| *step > 0.0);
    let wanted = 1.0_f64
        .max(least.unwrap_or(f64::MIN))
        .min(most.unwrap_or(f64::MAX));
    step.map_or(wanted, |step| (wanted / step).ceil() * step)
}

fn text(schema: &Value) -> String {
    let text = match schema.get("format").and_then(Value::as_str) {
        Some("date") => "2026-01-31",
        Some("date-time") => "2026-01-31T12:00:00Z",
        Some("time") => "12:00:00Z",
        Some("email") => "name@example.org",
        Some("uri") => "https://example.org/",
        Some("uuid") => "00000000-0000-4000-8000-000000000000",
        _ => "text",
    };
    let least = schema.get("minLength").and_then(Value::as_u64);
    let least = least.unwrap_or(0).min(TEXT_LIMIT) as usize;
    let padding = least.saturating_sub(text.len());
    text.to_owned() + &"x".repeat(padding)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_match_their_schemas() {
        let cases = [
            (json!({"type": "string"}), json!("text")),
            (json!({"type": "string", "minLength": 6}), json!("textxx")),
            (json!({"type": "integer", "minimum": 5}), json!(5)),
            (json!({"type": "integer", "maximum": -2}), json!(-2)),
            (json!({"type": "number", "multipleOf": 0.5}), json!(1.0)),
            (json!({"type": ["null", "boolean"]}), json!(true)),
            (json!({"enum": ["a", "b"]}), json!("a")),
            (json!({"const": 7}), json!(7)),
            (
                json!({"type": "array", "items": {"type": "null"}, "minItems": 2}),
                json!([null, null]),
            ),
            (
                json!({"type": "object", "properties": {"x": {"$ref": "#/$defs/y"}},
                       "$defs": {"y": {"anyOf": [{"type": "null"}, {"type": "boolean"}]}}}),
                json!({"x": true}),
            ),
        ];
        for (schema, expected) in cases {
            assert_eq!(schema_value(&schema), expected, "{schema}");
        }
    }

    #[test]
    fn a_recursive_schema_gives_a_finite_value() {
        let list = json!({
            "type": "object",
            "properties": {
                "next": {"anyOf": [{"$ref": "#"}, {"type": "null"}]},
                "more": {"type": "array", "items": {"$ref": "#"}},
            },
        });
        let many = json!({"type": "array", "items": {"$ref": "#"}, "minItems": 1_000_000_000});
        let long = json!({"type": "string", "minLength": u64::MAX});
        for schema in [list, many, long] {
            let text = schema_value(&schema).to_string();
            assert!(text.len() < 100_000, "{}", text.len());
        }
    }
}
