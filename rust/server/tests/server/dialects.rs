//! Dialects: how other servers differ.

use openaistream_server::{ChatMessage, Dialect, Options, Server, ToolCall};
use serde_json::{json, Value};

use crate::support::{request, text, Client, Response};

fn start(dialect: Dialect) -> Server {
    let options = Options {
        dialect,
        ..Options::default()
    };
    Server::start(options).expect("a server starts")
}

/// The path of a call below the base URL.
fn target(server: &Server, path: &str) -> String {
    let url = server.url();
    let base = url.splitn(4, '/').nth(3).expect("a path");
    format!("/{base}/{path}")
}

fn post(server: &Server, path: &str, body: &Value) -> Response {
    let request = request("POST", &target(server, path), "", &body.to_string());
    Client::connect(server).exchange(&request)
}

fn chat(model: &str, content: &str) -> Value {
    json!({ "model": model, "messages": [{ "role": "user", "content": content }] })
}

fn events(response: &Response) -> Vec<Value> {
    let data = response
        .chunks
        .iter()
        .filter_map(|event| event.strip_prefix("data: "));
    data.filter_map(|data| serde_json::from_str(data).ok())
        .collect()
}

#[test]
fn a_dialect_is_found_by_its_name() {
    assert!(Dialect::names().all(|name| Dialect::named(name).is_some()));
    assert_eq!(Dialect::named("azure"), Some(Dialect::Azure));
    assert_eq!(Dialect::named("Azure"), None);
    assert_eq!(Dialect::default(), Dialect::OpenAi);
}

#[test]
fn each_dialect_has_its_own_base_url_and_error_for_unknown_models() {
    for (dialect, model, status, pointer, expected) in [
        (
            Dialect::Azure,
            "my-deployment",
            404,
            "/error/code",
            "DeploymentNotFound",
        ),
        (
            Dialect::Databricks,
            "databricks-meta-llama-3-3-70b-instruct",
            404,
            "/error_code",
            "RESOURCE_DOES_NOT_EXIST",
        ),
        (
            Dialect::Groq,
            "openai/gpt-oss-20b",
            404,
            "/error/code",
            "model_not_found",
        ),
        (
            Dialect::LmStudio,
            "openai/gpt-oss-20b",
            404,
            "/error/code",
            "model_not_found",
        ),
        (
            Dialect::Ollama,
            "llama3.2",
            404,
            "/error/message",
            "model 'none' not found",
        ),
        (
            Dialect::OpenRouter,
            "openai/gpt-oss-20b",
            400,
            "/error/message",
            "none is not a valid model ID",
        ),
        (
            Dialect::Vllm,
            "Qwen/Qwen3-8B",
            404,
            "/error/type",
            "NotFoundError",
        ),
    ] {
        let server = start(dialect);
        let answer = post(&server, "chat/completions", &chat(model, "Hi"));
        assert_eq!(answer.status(), 200, "{dialect:?}");
        assert_eq!(answer.json()["object"], "chat.completion");
        let rejected = post(&server, "chat/completions", &chat("none", "Hi"));
        assert_eq!(rejected.status(), status, "{dialect:?}");
        assert_eq!(text(&rejected.json(), pointer), expected, "{dialect:?}");
    }
}

#[test]
fn azure_requires_a_deployment_a_version_and_a_key() {
    let server = start(Dialect::Azure);
    let call = |target: &str, headers: &str| {
        let body = json!({ "messages": [{ "role": "user", "content": "Hi" }] }).to_string();
        let length = body.len();
        Client::connect(&server).exchange(&format!(
            "POST {target} HTTP/1.1\r\nhost: localhost\r\n{headers}content-length: {length}\r\n\r\n\
             {body}"
        ))
    };
    let path = "/openai/deployments/my-deployment/chat/completions";
    let dated = format!("{path}?api-version=2024-10-21");
    assert_eq!(call(&dated, "api-key: k\r\n").status(), 200);
    assert_eq!(call(path, "api-key: k\r\n").status(), 404);
    let rejected = call(&dated, "");
    assert_eq!(rejected.status(), 401);
    assert!(text(&rejected.json(), "/error/message").contains("wrong API endpoint"));
}

#[test]
fn azure_filters_questions_and_answers() {
    let server = start(Dialect::Azure);
    let send = |content: &str, stream: bool| {
        let mut body = chat("my-deployment", content);
        body["stream"] = stream.into();
        post(&server, "chat/completions", &body)
    };
    let rejected = send("filter this question", false);
    assert_eq!(rejected.status(), 400);
    let rejected = rejected.json();
    assert_eq!(rejected["error"]["code"], "content_filter");
    let found = &rejected["error"]["innererror"]["content_filter_result"];
    assert_eq!(found["violence"]["filtered"], true);

    let truncated = send("filter this answer", false).json();
    assert_eq!(truncated["choices"][0]["finish_reason"], "content_filter");
    assert!(truncated["choices"][0]["message"].get("content").is_none());

    let streamed = events(&send("Hi", true));
    assert_eq!(streamed[0]["choices"], json!([]));
    assert!(streamed[0]["prompt_filter_results"].is_array());
    assert!(streamed[1]["choices"][0]["content_filter_results"].is_object());
    let truncated = events(&send("filter this answer", true));
    let last = truncated.last().expect("an event");
    assert_eq!(last["choices"][0]["finish_reason"], "content_filter");
}

#[test]
fn unknown_fields_are_rejected_with_the_message_of_the_server() {
    let rejected = |dialect, model: &str, field: &str, value: Value| {
        let mut body = chat(model, "Hi");
        body[field] = value;
        let answer = post(&start(dialect), "chat/completions", &body);
        assert_eq!(answer.status(), 400, "{field}");
        answer.json().to_string()
    };
    let databricks = "databricks-meta-llama-3-3-70b-instruct";
    let options = json!({ "include_usage": true });
    let message = rejected(Dialect::Databricks, databricks, "stream_options", options);
    assert!(message.contains("json: unknown field"), "{message}");
    let tools = json!([{ "type": "function", "function": { "name": "f" } }]);
    let message = rejected(Dialect::Databricks, databricks, "tools", tools);
    assert!(message.contains("is a required property"), "{message}");
    let groq = "openai/gpt-oss-20b";
    let message = rejected(Dialect::Groq, groq, "store", true.into());
    assert!(
        message.contains("property 'store' is unsupported"),
        "{message}"
    );
    let messages = json!([{ "role": "assistant", "content": "a", "refusal": null }]);
    let message = rejected(Dialect::Groq, groq, "messages", messages);
    assert!(
        message.contains("property 'refusal' is unsupported"),
        "{message}"
    );
    let format = json!({ "type": "json_object" });
    let message = rejected(Dialect::LmStudio, groq, "response_format", format);
    assert!(
        message.contains("must be 'json_schema' or 'text'"),
        "{message}"
    );
}

#[test]
fn unknown_endpoints_are_rejected_with_the_message_of_the_server() {
    for (dialect, path, status, expected) in [
        (Dialect::Databricks, "responses", 404, "ENDPOINT_NOT_FOUND"),
        (Dialect::Groq, "embeddings", 404, "unknown_url"),
        (
            Dialect::LmStudio,
            "files",
            200,
            "Unexpected endpoint or method",
        ),
        (Dialect::Ollama, "files", 404, "404 page not found"),
        (Dialect::OpenRouter, "files", 404, "Not Found"),
        (Dialect::Vllm, "files", 404, "{\"detail\":\"Not Found\"}"),
        (Dialect::Azure, "nothing", 404, "Resource not found"),
    ] {
        let answer = post(&start(dialect), path, &json!({}));
        assert_eq!(answer.status(), status, "{dialect:?}");
        let body = String::from_utf8_lossy(&answer.body).into_owned();
        assert!(body.contains(expected), "{dialect:?}: {body}");
    }
    // The base URL of Ollama ends with /v1.
    let server = start(Dialect::Ollama);
    let body = chat("llama3.2", "Hi").to_string();
    let answer =
        Client::connect(&server).exchange(&request("POST", "/chat/completions", "", &body));
    assert_eq!(answer.status(), 404);
}

#[test]
fn ollama_streams_tool_calls_in_one_event() {
    let server = start(Dialect::Ollama);
    let call = |name: &str| ToolCall {
        name: name.to_owned(),
        arguments: "{\"x\":21}".to_owned(),
    };
    server.reply_chat(ChatMessage {
        content: None,
        tool_calls: vec![call("f"), call("g")],
    });
    let mut body = chat("llama3.2", "Hi");
    body["stream"] = true.into();
    let streamed = events(&post(&server, "chat/completions", &body));
    let deltas = streamed.iter().filter_map(|event| {
        let delta = event.pointer("/choices/0/delta/tool_calls")?;
        delta.as_array()
    });
    let deltas: Vec<&Vec<Value>> = deltas.collect();
    assert_eq!(deltas.len(), 1);
    assert_eq!(deltas[0].len(), 2);
    assert_eq!(text(&deltas[0][1], "/function/arguments"), "{\"x\":21}");
}

#[test]
fn answers_have_the_fields_of_their_server() {
    let send = |dialect, model: &str| {
        let answer = post(&start(dialect), "chat/completions", &chat(model, "Hi")).json();
        assert!(answer.get("service_tier").is_none());
        answer
    };
    let vllm = send(Dialect::Vllm, "Qwen/Qwen3-8B");
    assert_eq!(vllm["choices"][0]["message"]["tool_calls"], json!([]));
    let router = send(Dialect::OpenRouter, "openai/gpt-oss-20b");
    assert_eq!(router["choices"][0]["native_finish_reason"], "stop");
    let parts = send(Dialect::Databricks, "databricks-gpt-oss-20b");
    assert_eq!(
        parts["choices"][0]["message"]["content"][0]["type"],
        "reasoning"
    );
}
