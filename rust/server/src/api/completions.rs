//! `POST /completions`, the text completions that preceded chats
//! (<https://platform.openai.com/docs/api-reference/completions>).

use serde_json::{json, Value};

use crate::api_error::ApiError;
use crate::call::Call;
use crate::events::{self, event};
use crate::model::{generate, tokens, Prompt};
use crate::parameters::wrong_type;
use crate::reply::Reply;
use crate::stable_hash::stable_hash;
use crate::store::CREATED;

/// The maximum number of choices in OpenAI's reference.
const CHOICE_LIMIT: u64 = 128;
/// The maximum number of prompts.
const PROMPT_LIMIT: usize = 2048;

/// One of the completions.
struct Choice {
    /// The prompt, if `echo` is set, and the tokens after it.
    tokens: Vec<String>,
    finish_reason: &'static str,
}

/// Completes one or more prompts.
pub(crate) fn create(call: &mut Call) -> Result<Reply, ApiError> {
    let body = &call.body;
    let model = body.required_string("model")?;
    let prompts = prompts(body.required("prompt")?)?;
    let most = body.integer("max_tokens", 0..=u64::MAX)?;
    let most = most.map_or(usize::MAX, |most| most.try_into().unwrap_or(usize::MAX));
    // The limit fits into `usize`.
    let count = body.integer("n", 1..=CHOICE_LIMIT)?.unwrap_or(1) as usize;
    let echo = body.flag("echo")?;
    let stream = body.flag("stream")?;

    let mut choices = Vec::new();
    let mut completion_tokens = 0;
    for prompt in &prompts {
        let asked = Prompt {
            question: prompt.clone(),
            ..Prompt::default()
        };
        for index in 0..count {
            let text = generate(&asked, index).content.unwrap_or_default();
            let mut all = tokens(&text).map(str::to_owned);
            let generated: Vec<String> = all.by_ref().take(most).collect();
            completion_tokens += generated.len();
            let repeated = echo.then(|| prompt.clone());
            choices.push(Choice {
                tokens: repeated.into_iter().chain(generated).collect(),
                finish_reason: if all.next().is_some() {
                    "length"
                } else {
                    "stop"
                },
            });
        }
    }
    let prompt_tokens: usize = prompts.iter().map(|prompt| tokens(prompt).count()).sum();
    let usage = json!({
        "prompt_tokens": prompt_tokens,
        "completion_tokens": completion_tokens,
        "total_tokens": prompt_tokens + completion_tokens,
    });
    let id = format!("cmpl-{:016x}", stable_hash(&call.request.body.kept));
    let answer = |choices: Vec<Value>| {
        json!({
            "id": id,
            "object": "text_completion",
            "created": CREATED,
            "model": model,
            "choices": choices,
            "system_fingerprint": "fp_practice",
        })
    };
    if !stream {
        let choices = choices.iter().enumerate();
        let mut whole = answer(
            choices
                .map(|(index, it)| choice(index, &it.tokens.concat(), Some(it.finish_reason)))
                .collect(),
        );
        whole["usage"] = usage;
        return Ok(Reply::json(&whole));
    }
    let mut chunks = Vec::new();
    for (index, it) in choices.iter().enumerate() {
        for token in &it.tokens {
            chunks.push(event(&answer(vec![choice(index, token, None)])));
        }
        let end = choice(index, "", Some(it.finish_reason));
        chunks.push(event(&answer(vec![end])));
    }
    let options = body.get("stream_options");
    if options.is_some_and(|options| options["include_usage"] == true) {
        let mut last = answer(Vec::new());
        last["usage"] = usage;
        chunks.push(event(&last));
    }
    chunks.push(events::DONE.to_vec());
    Ok(events::stream(chunks, call.options.token_delay))
}

fn choice(index: usize, text: &str, finish_reason: Option<&str>) -> Value {
    json!({ "index": index, "text": text, "logprobs": null, "finish_reason": finish_reason })
}

/// A text, several texts, or token ids, which are treated as words.
fn prompts(value: &Value) -> Result<Vec<String>, ApiError> {
    let expected = "a string, an array of strings, an array of token ids or an array of those";
    let words = |ids: &[Value]| {
        let words: Vec<String> = ids.iter().map(Value::to_string).collect();
        words.join(" ")
    };
    match value {
        Value::String(text) => Ok(vec![text.clone()]),
        Value::Array(ids) if ids.first().is_some_and(Value::is_number) => Ok(vec![words(ids)]),
        Value::Array(elements) => elements
            .iter()
            .take(PROMPT_LIMIT)
            .map(|element| match element {
                Value::String(text) => Ok(text.clone()),
                Value::Array(ids) => Ok(words(ids)),
                other => Err(wrong_type("prompt", expected, other)),
            })
            .collect(),
        other => Err(wrong_type("prompt", expected, other)),
    }
}
