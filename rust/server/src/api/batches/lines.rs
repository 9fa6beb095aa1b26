//! The lines of a batch, each with a request (<https://platform.openai.com/docs/guides/batch>).

use std::collections::HashSet;

use serde_json::{json, Value};

use crate::api::{chat, completions, embeddings, images, moderations, responses};
use crate::api_error::ApiError;
use crate::call::{Call, Changes, Handler};
use crate::parameters::Parameters;
use crate::reply::Reply;
use crate::request::{Head, Request};
use crate::request_body::RequestBody;
use crate::router::{self, Route};
use crate::store::{BatchStatus, LineResult};

/// The maximum number of lines in OpenAI's reference.
const LINE_LIMIT: usize = 50_000;
/// The maximum number of errors reported for a file.
const ERROR_LIMIT: usize = 100;
/// The endpoints that batches support.
const ENDPOINTS: [&str; 7] = [
    "/v1/responses",
    "/v1/chat/completions",
    "/v1/embeddings",
    "/v1/completions",
    "/v1/moderations",
    "/v1/images/generations",
    "/v1/images/edits",
];

/// A line with a request to the endpoint of its batch.
#[derive(Debug)]
pub(super) struct Line {
    custom_id: String,
    body: Value,
}

/// The endpoint in a request for a batch.
pub(super) fn endpoint(body: &Parameters) -> Result<String, ApiError> {
    body.required_string("endpoint")?;
    body.choice("endpoint", &ENDPOINTS)
}

/// Parses the lines of a file, or returns their errors.
pub(super) fn parse(input: &[u8], endpoint: &str) -> Result<Vec<Line>, Vec<Value>> {
    let mut lines = Vec::new();
    let mut errors = Vec::new();
    let mut ids = HashSet::new();
    let mut refuse = |code: &str, message: &str, line: Value| {
        if errors.len() < ERROR_LIMIT {
            let error = json!({ "code": code, "message": message, "param": null, "line": line });
            errors.push(error);
        }
    };
    let given = input.split(|byte| *byte == b'\n').enumerate();
    for (index, line) in given.filter(|(_, line)| !line.trim_ascii().is_empty()) {
        let number = json!(index + 1);
        let Ok(Value::Object(mut line)) = serde_json::from_slice(line) else {
            refuse(
                "invalid_json_line",
                "This line is not a JSON object.",
                number,
            );
            continue;
        };
        let Some(Value::String(custom_id)) = line.remove("custom_id") else {
            refuse(
                "missing_required_parameter",
                "The custom_id is missing.",
                number,
            );
            continue;
        };
        let text = |name: &str| line.get(name).and_then(Value::as_str);
        if text("method") != Some("POST") {
            refuse("invalid_method", "The method must be POST.", number);
        } else if text("url") != Some(endpoint) {
            let message = "The URL is not the endpoint of the batch.";
            refuse("mismatched_url", message, number);
        } else if !ids.insert(custom_id.clone()) {
            let message = "The custom_id is that of another line.";
            refuse("duplicate_custom_id", message, number);
        } else {
            let body = line.remove("body").unwrap_or_default();
            lines.push(Line { custom_id, body });
        }
    }
    if lines.len() > LINE_LIMIT {
        let message = "The file has more than 50,000 requests.";
        refuse("too_many_tasks", message, Value::Null);
    } else if lines.is_empty() {
        refuse("empty_file", "The file has no requests.", Value::Null);
    }
    if errors.is_empty() {
        Ok(lines)
    } else {
        Err(errors)
    }
}

/// Answers the lines one by one, each as a separate request.
pub(super) fn run(call: &mut Call, endpoint: &str, lines: &[Line]) -> Vec<LineResult> {
    let results = lines.iter().map(|line| {
        let reply = answer(call, endpoint, &line.body).unwrap_or_else(Reply::from);
        let body = reply.chunks.concat();
        let body: Value = serde_json::from_slice(&body).unwrap_or_default();
        let result = json!({
            "id": call.store.ids.next("batch_req_"),
            "custom_id": line.custom_id,
            "response": {
                "status_code": reply.status,
                "request_id": call.store.ids.next("req_batch_"),
                "body": body,
            },
            "error": null,
        });
        LineResult {
            custom_id: line.custom_id.clone(),
            text: result.to_string(),
            is_failure: reply.status >= 400,
        }
    });
    results.collect()
}

/// The lines of the output file and of the error file after `done` lines, with the reason why the
/// others failed, in the words of OpenAI's guide.
pub(super) fn files(results: &[LineResult], done: usize, status: BatchStatus) -> [String; 2] {
    let (code, message) = match status {
        BatchStatus::Cancelled => (
            "batch_cancelled",
            "This request was not executed because the batch was cancelled.",
        ),
        _ => (
            "batch_expired",
            "This request could not be executed before the completion window expired.",
        ),
    };
    let mut files = [String::new(), String::new()];
    for (index, result) in results.iter().enumerate() {
        let file = &mut files[usize::from(result.is_failure || index >= done)];
        if index < done {
            file.push_str(&result.text);
        } else {
            let line = json!({
                "id": format!("batch_req_not_done_{index}"),
                "custom_id": result.custom_id,
                "response": null,
                "error": { "code": code, "message": message },
            });
            file.push_str(&line.to_string());
        }
        file.push('\n');
    }
    files
}

fn answer(call: &mut Call, endpoint: &str, body: &Value) -> Result<Reply, ApiError> {
    if body.get("stream").is_some_and(|stream| *stream == true) {
        let message = "A request of a batch cannot be streamed.";
        return Err(ApiError::new(400, message).param("stream"));
    }
    let unknown = || ApiError::new(404, format!("Invalid URL (POST {endpoint})"));
    let path = endpoint.trim_start_matches("/v1");
    let Route::Operation(operation, arguments) = router::find("POST", path) else {
        return Err(unknown());
    };
    let handler: Handler = match path {
        "/responses" => responses::create,
        "/chat/completions" => chat::create,
        "/embeddings" => embeddings::create,
        "/completions" => completions::create,
        "/moderations" => moderations::create,
        "/images/generations" | "/images/edits" => images::create,
        _ => return Err(unknown()),
    };
    let kept = body.to_string().into_bytes();
    let request = Request {
        head: Head {
            method: "POST".to_owned(),
            target: endpoint.to_owned(),
            headers: Vec::new(),
            version_1_0: false,
        },
        body: RequestBody {
            length: kept.len() as u64,
            kept,
        },
    };
    let mut line = Call::parse(
        operation,
        arguments,
        &Changes::default(),
        &request,
        call.options,
        call.store,
    )?;
    handler(&mut line)
}
