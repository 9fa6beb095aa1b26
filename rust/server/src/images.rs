//! `POST /images/generations`, `/images/edits` and `/images/variations`
//! (<https://platform.openai.com/docs/api-reference/images>).

use serde_json::{json, Value};

use crate::reply::Reply;
use crate::request_body::RequestBody;
use crate::routes::json_reply;

/// A picture of one grey pixel, PNG in base64.
const PIXEL: &str = concat!(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNo",
    "AAAAggCBd81ytgAAAABJRU5ErkJggg==",
);

/// Answers with as many pictures as JSON asks for, else with one.
pub(crate) fn create(body: &RequestBody) -> Reply {
    let request: Value = serde_json::from_slice(&body.kept).unwrap_or_default();
    let count = request
        .get("n")
        .and_then(Value::as_u64)
        .unwrap_or(1)
        .min(10);
    let picture = json!({ "b64_json": PIXEL });
    json_reply(&json!({
        "created": 1_700_000_000,
        "data": vec![picture; count as usize],
    }))
}
