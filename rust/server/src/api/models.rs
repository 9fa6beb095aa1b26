//! `GET /models` and `GET /models/{model}`
//! (<https://platform.openai.com/docs/api-reference/models>).

use serde_json::{json, Value};

use crate::api_error::ApiError;
use crate::call::Call;
use crate::reply::Reply;

/// The available models, with fixed creation times in Unix seconds.
const MODELS: [(&str, u64); 6] = [
    ("gpt-6-luna", 1_780_272_000),
    ("gpt-4o", 1_715_367_049),
    ("gpt-3.5-turbo", 1_677_610_602),
    ("text-embedding-3-small", 1_705_948_997),
    ("text-embedding-3-large", 1_705_953_180),
    ("text-embedding-ada-002", 1_671_217_299),
];

/// The list of all models.
pub(crate) fn list(_call: &mut Call) -> Result<Reply, ApiError> {
    let data: Vec<Value> = MODELS
        .iter()
        .map(|(id, created)| model(id, *created))
        .collect();
    Ok(Reply::json(&json!({ "object": "list", "data": data })))
}

/// One model.
pub(crate) fn retrieve(call: &mut Call) -> Result<Reply, ApiError> {
    let id = call.argument(0);
    let created = created(&id)?;
    Ok(Reply::json(&model(&id, created)))
}

/// OpenAI deletes fine-tuned models; the models of this server cannot be deleted.
pub(crate) fn delete(call: &mut Call) -> Result<Reply, ApiError> {
    let id = call.argument(0);
    if id.starts_with("ft:") {
        return Ok(Reply::json(
            &json!({ "id": id, "object": "model", "deleted": true }),
        ));
    }
    created(&id)?;
    let message = format!("You have insufficient permissions to delete the model '{id}'.");
    Err(ApiError::new(403, message).code("insufficient_permissions"))
}

fn created(id: &str) -> Result<u64, ApiError> {
    let known = MODELS.iter().find(|(known, _)| *known == id);
    known.map(|(_, created)| *created).ok_or_else(|| {
        ApiError::new(404, format!("The model '{id}' does not exist"))
            .param("model")
            .code("model_not_found")
    })
}

fn model(id: &str, created: u64) -> Value {
    json!({ "id": id, "object": "model", "created": created, "owned_by": "system" })
}
