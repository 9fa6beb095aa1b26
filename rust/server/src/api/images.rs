//! `POST /images/generations`, `/images/edits` and `/images/variations`
//! (<https://platform.openai.com/docs/api-reference/images>).

use serde_json::json;

use crate::api_error::ApiError;
use crate::call::Call;
use crate::reply::Reply;

/// A picture of one grey pixel, PNG in base64.
const PIXEL: &str = concat!(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNo",
    "AAAAggCBd81ytgAAAABJRU5ErkJggg==",
);

/// Answers with as many pictures as are asked for.
pub(crate) fn create(call: &mut Call) -> Result<Reply, ApiError> {
    let count = call.body.integer("n", 1..=10)?.unwrap_or(1);
    let picture = json!({ "b64_json": PIXEL });
    Ok(Reply::json(&json!({
        "created": 1_700_000_000,
        "data": vec![picture; count as usize],
    })))
}
