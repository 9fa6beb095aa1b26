//! Requests that a server rejects as too large, sent again in halves.

use std::future::Future;
use std::pin::Pin;

use bytes::Bytes;

use super::{add, Part};
use crate::embedding_entries::entries;
use crate::error::Error;
use crate::expected::Expected;
use crate::http::request::{Body, Request};
use crate::http::trace::Trace;
use crate::http::transport::Transport;
use crate::json::{Document, Fields, Node, Value};
use crate::received::Content;
use crate::send::{send, Answer};

/// The wordings for limits of a request: OpenAI's for tokens and inputs, and those of other servers
/// for the size of a batch.
const LIMITS: [&str; 4] = [
    "max_tokens_per_request",
    "tokens per request",
    "array too long",
    "batch size",
];

/// Splits the inputs of a request body into two requests; `None` if there are fewer than two
/// inputs.
pub(super) fn halves(body: &Bytes) -> Option<[Part; 2]> {
    let document = Document::parse(body.clone()).ok()?;
    let body = Value::from(document.root());
    let inputs = body.as_object()?.get("input")?.as_array()?;
    // Numbers are the tokens of one input.
    let are_tokens = inputs
        .iter()
        .any(|it| matches!(it, Value::Integer(_) | Value::Double(_)));
    if inputs.len() < 2 || are_tokens {
        return None;
    }
    let (one, other) = inputs.split_at(inputs.len() / 2);
    Some([one, other].map(|inputs| {
        let mut body = body.clone();
        if let Some(field) = body.member("input") {
            *field = Value::Array(inputs.to_vec());
        }
        Part {
            body: body.to_text().into(),
            inputs: inputs.len(),
        }
    }))
}

/// Whether the server rejected a request because it contains too many inputs or tokens.
pub(super) fn is_too_large(error: &Error) -> bool {
    let texts = [Some(&error.message), error.code.as_ref()];
    let names_limit = texts.into_iter().flatten().any(|text| {
        let text = text.to_lowercase();
        LIMITS.iter().any(|limit| text.contains(limit))
    });
    error.status == Some(413) || (matches!(error.status, Some(400 | 422)) && names_limit)
}

/// Sends a request for embeddings. If the server rejects it as too large, sends its halves instead
/// and joins their answers.
pub(crate) fn send_in_halves<'a>(
    transport: &'a Transport,
    request: &'a Request,
    trace: &'a Trace,
) -> Pin<Box<dyn Future<Output = Result<Answer, Error>> + Send + 'a>> {
    Box::pin(async move {
        let error = match send(transport, request, trace).await {
            Err(error) if is_too_large(&error) => error,
            sent => return sent,
        };
        let halves = match &request.body {
            Body::Json(body) => halves(body),
            Body::Empty | Body::Form(_) => None,
        };
        let Some([one, other]) = halves else {
            return Err(error);
        };
        let inputs = one.inputs;
        let answers = [one, other].map(|half| async {
            let mut request = request.clone();
            request.body(Body::Json(half.body));
            send_in_halves(transport, &request, trace).await
        });
        let [one, other] = answers;
        let (one, other) = (one.await?, other.await?);
        let joined = joined(&one, &other, inputs);
        let joined = joined.map_err(|why| one.unreadable(Expected::Embeddings.name(), &why))?;
        Ok(one.with_json(joined))
    })
}

/// Merges the responses to two requests; the first has this number of inputs.
fn joined(one: &Answer, other: &Answer, inputs: usize) -> Result<Document, String> {
    let mut data = Vec::new();
    let mut usage = Value::Null;
    for (answer, first) in [(one, 0), (other, inputs)] {
        let Content::Json(document) = &answer.content else {
            return Err("it is no JSON".to_owned());
        };
        let root = document.root();
        for entry in entries(root)? {
            let mut fields = Fields::default();
            fields.set("index", Value::Integer((first + entry.index) as i64));
            fields.set("embedding", Value::from(entry.vector));
            data.push(Value::Object(fields));
        }
        add(
            &mut usage,
            root.get("usage").map_or(Value::Null, Value::from),
        );
    }
    let mut answer = Fields::default();
    answer.set("data", Value::Array(data));
    if let Content::Json(document) = &one.content {
        let model = document.root().get("model").and_then(Node::as_str);
        if let Some(model) = model {
            answer.set("model", Value::String(model.to_owned()));
        }
    }
    answer.set("usage", usage);
    Document::parse(Value::Object(answer).to_text()).map_err(|error| error.to_string())
}
