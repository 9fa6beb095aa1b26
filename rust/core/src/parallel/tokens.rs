//! The number of tokens that a request used.

use crate::received::Content;

/// The total reported in the answer: `usage.total_tokens`.
pub(super) fn used(answer: &Content) -> Option<f64> {
    let Content::Json(document) = answer else {
        return None;
    };
    let usage = document.root().get("usage")?;
    usage.get("total_tokens")?.as_f64()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::Document;

    #[test]
    fn the_usage_of_an_answer_is_read() {
        let used_of = |body: &str| {
            let document = Document::parse(body).expect("it is JSON");
            used(&Content::Json(document))
        };
        assert_eq!(used_of(r#"{"usage":{"total_tokens":12}}"#), Some(12.0));
        for body in [r#"{"usage":null}"#, "{}", "[]"] {
            assert_eq!(used_of(body), None, "{body}");
        }
        assert_eq!(used(&Content::Nothing), None);
    }
}
