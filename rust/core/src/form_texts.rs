//! Encodes JSON values as fields of forms and queries.

use serde_json::Value;

/// The names and texts for a JSON value: an array is repeated as `name[]`, an object becomes
/// `name[key]`, both also when nested. `None` if the value contains `null`, which a form cannot
/// represent.
pub fn form_texts(name: &str, json: &[u8]) -> Option<Vec<(String, String)>> {
    let mut texts = Vec::new();
    flatten(
        name.to_owned(),
        serde_json::from_slice(json).ok()?,
        &mut texts,
    )?;
    Some(texts)
}

fn flatten(name: String, value: Value, texts: &mut Vec<(String, String)>) -> Option<()> {
    match value {
        Value::Null => return None,
        Value::Bool(flag) => texts.push((name, flag.to_string())),
        Value::Number(number) => texts.push((name, number.to_string())),
        Value::String(text) => texts.push((name, text)),
        Value::Array(items) => {
            // The caller may have added the brackets.
            let name = match name.ends_with("[]") {
                true => name,
                false => name + "[]",
            };
            for item in items {
                flatten(name.clone(), item, texts)?;
            }
        }
        Value::Object(fields) => {
            for (key, field) in fields {
                flatten(format!("{name}[{key}]"), field, texts)?;
            }
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(name: &str, json: &str) -> Option<String> {
        let texts = form_texts(name, json.as_bytes())?.into_iter();
        let lines: Vec<String> = texts.map(|(name, text)| format!("{name}={text}")).collect();
        Some(lines.join(" "))
    }

    #[test]
    fn arrays_and_objects_have_brackets_at_any_depth() {
        let cases = [
            ("a", r#""b""#, "a=b"),
            ("a", "2.50", "a=2.5"),
            ("a", "1700000000", "a=1700000000"),
            ("a", "true", "a=true"),
            ("a", r#"["b"]"#, "a[]=b"),
            ("a[]", r#"["b","c"]"#, "a[]=b a[]=c"),
            (
                "a",
                r#"{"z":1,"b":{"c":[1,2]}}"#,
                "a[z]=1 a[b][c][]=1 a[b][c][]=2",
            ),
            ("a", r#"[{"b":1}]"#, "a[][b]=1"),
            ("a", "[]", ""),
        ];
        for (name, json, expected) in cases {
            assert_eq!(shown(name, json).as_deref(), Some(expected), "{json}");
        }
    }

    #[test]
    fn null_has_no_text() {
        assert_eq!(shown("a", "null"), None);
        assert_eq!(shown("a", "[1,null]"), None);
    }
}
