//! `GET /models` and `GET /models/{model}`
//! (<https://platform.openai.com/docs/api-reference/models>).

use serde_json::{json, Value};

use crate::api_error::ApiError;
use crate::call::Call;
use crate::dialect::Rules;
use crate::reply::Reply;
use crate::store::CREATED;

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
pub(crate) fn list(call: &mut Call) -> Result<Reply, ApiError> {
    let rules = call.options.dialect.rules();
    let ids = models(rules).into_iter();
    let data: Vec<Value> = ids.map(|(id, created)| model(rules, id, created)).collect();
    Ok(Reply::json(&json!({ "object": "list", "data": data })))
}

/// One model.
pub(crate) fn retrieve(call: &mut Call) -> Result<Reply, ApiError> {
    let rules = call.options.dialect.rules();
    let id = call.argument(0);
    let created = created(rules, &id)?;
    Ok(Reply::json(&model(rules, &id, created)))
}

/// OpenAI deletes fine-tuned models; the models of this server cannot be deleted.
pub(crate) fn delete(call: &mut Call) -> Result<Reply, ApiError> {
    let id = call.argument(0);
    if id.starts_with("ft:") {
        return Ok(Reply::deleted(&id, "model"));
    }
    created(call.options.dialect.rules(), &id)?;
    let message = format!("You have insufficient permissions to delete the model '{id}'.");
    Err(ApiError::new(403, message).code("insufficient_permissions"))
}

/// The models of a server with their times of creation.
fn models(rules: &Rules) -> Vec<(&'static str, u64)> {
    if rules.models.is_empty() {
        return MODELS.to_vec();
    }
    rules.models.iter().map(|id| (*id, CREATED)).collect()
}

fn created(rules: &Rules, id: &str) -> Result<u64, ApiError> {
    let known = models(rules).into_iter().find(|(known, _)| *known == id);
    let (_, created) = known.ok_or_else(|| (rules.no_model)(id))?;
    Ok(created)
}

fn model(rules: &Rules, id: &str, created: u64) -> Value {
    json!({ "id": id, "object": "model", "created": created, "owned_by": rules.owner })
}
