//! Filters on the attributes of files: comparisons, combined by `and` and `or`.

use std::cmp::Ordering;

use serde_json::Value;

use crate::api_error::ApiError;

/// The maximum nesting depth of filters.
const MAX_DEPTH: usize = 16;

/// Whether attributes match a filter.
pub(super) fn passes(filter: &Value, attributes: &Value) -> Result<bool, ApiError> {
    passes_at(filter, attributes, 0)
}

fn passes_at(filter: &Value, attributes: &Value, depth: usize) -> Result<bool, ApiError> {
    let refuse = || {
        let message = format!("Invalid value for 'filters': {filter} is not a filter.");
        ApiError::new(400, message)
            .param("filters")
            .code("invalid_value")
    };
    let kind = filter["type"].as_str().ok_or_else(refuse)?;
    if matches!(kind, "and" | "or") {
        let parts = filter["filters"].as_array().filter(|_| depth < MAX_DEPTH);
        let passed = parts
            .ok_or_else(refuse)?
            .iter()
            .map(|part| passes_at(part, attributes, depth + 1))
            .collect::<Result<Vec<bool>, ApiError>>()?;
        return Ok(match kind {
            "and" => passed.iter().all(|passed| *passed),
            _ => passed.iter().any(|passed| *passed),
        });
    }
    let key = filter["key"].as_str().ok_or_else(refuse)?;
    let wanted = filter.get("value").ok_or_else(refuse)?;
    let found = &attributes[key];
    let among = || Some(wanted.as_array()?.iter().any(|wanted| equal(found, wanted)));
    let order = order(found, wanted);
    Ok(match kind {
        "eq" => equal(found, wanted),
        "ne" => !equal(found, wanted),
        "gt" => order == Some(Ordering::Greater),
        "gte" => order.is_some_and(Ordering::is_ge),
        "lt" => order == Some(Ordering::Less),
        "lte" => order.is_some_and(Ordering::is_le),
        "in" => among().ok_or_else(refuse)?,
        "nin" => !among().ok_or_else(refuse)?,
        _ => return Err(refuse()),
    })
}

/// `1` and `1.0` are equal.
fn equal(left: &Value, right: &Value) -> bool {
    left == right || order(left, right) == Some(Ordering::Equal)
}

fn order(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::String(left), Value::String(right)) => Some(left.cmp(right)),
        _ => left.as_f64()?.partial_cmp(&right.as_f64()?),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn filters_compare_and_combine_attributes() {
        let attributes = json!({ "year": 2024, "kind": "news" });
        let year =
            |kind: &str, value: Value| json!({ "type": kind, "key": "year", "value": value });
        for (filter, expected) in [
            (year("eq", json!(2024.0)), true),
            (year("ne", json!(2024)), false),
            (year("gt", json!(2023)), true),
            (year("gte", json!(2024)), true),
            (year("lt", json!(2024)), false),
            (year("lte", json!(2024)), true),
            (year("in", json!([1, 2024])), true),
            (year("nin", json!([1, 2024])), false),
            (json!({ "type": "eq", "key": "none", "value": "x" }), false),
            (
                json!({ "type": "and", "filters": [year("gt", json!(1)), year("lt", json!(2))] }),
                false,
            ),
            (
                json!({ "type": "or", "filters": [
                    { "type": "eq", "key": "kind", "value": "news" }, year("lt", json!(2))] }),
                true,
            ),
        ] {
            let passed = passes(&filter, &attributes);
            assert_eq!(passed.ok(), Some(expected), "{filter}");
        }
    }

    #[test]
    fn invalid_filters_are_rejected() {
        for filter in [
            json!("x"),
            json!({ "type": "like", "key": "a", "value": "b" }),
            json!({ "type": "in", "key": "a", "value": "b" }),
            json!({ "type": "and" }),
        ] {
            assert!(passes(&filter, &json!({})).is_err(), "{filter}");
        }
    }
}
