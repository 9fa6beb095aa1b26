use std::time::Duration;

use openaistream_server::{Options, Server};
use serde_json::{json, Value};

use crate::support::{delete, get, post, request, server, Client, Response};

const TARGET: &str = "/v1/chat/completions";

/// A request with one message of the user, and more parameters.
fn chat(text: &str, more: Value) -> Value {
    let mut body = json!({
        "model": "gpt-6-luna",
        "messages": [
            { "role": "system", "content": "Be brief." },
            { "role": "user", "content": text },
        ],
    });
    for (name, value) in more.as_object().expect("parameters") {
        body[name] = value.clone();
    }
    body
}

/// The data of the events of a stream, which must end with `[DONE]`.
fn events(response: &Response) -> Vec<Value> {
    assert_eq!(
        response.header("content-type"),
        Some("text/event-stream; charset=utf-8")
    );
    let data: Vec<&str> = response
        .chunks
        .iter()
        .map(|chunk| {
            chunk
                .strip_prefix("data: ")
                .and_then(|data| data.strip_suffix("\n\n"))
        })
        .map(|data| data.expect("an event in a chunk of its own"))
        .collect();
    let (done, events) = data.split_last().expect("events");
    assert_eq!(*done, "[DONE]");
    events
        .iter()
        .map(|event| serde_json::from_str(event).expect("JSON"))
        .collect()
}

/// The text of a choice, assembled from the events of a stream.
fn streamed_text(events: &[Value], index: u64) -> String {
    let choices = events
        .iter()
        .flat_map(|event| event["choices"].as_array().expect("choices"));
    choices
        .filter(|choice| choice["index"] == index)
        .filter_map(|choice| choice["delta"]["content"].as_str())
        .collect()
}

#[test]
fn the_answer_repeats_the_last_message_of_the_user() {
    let server = server();
    let body = chat("Grüße 👋 \"you\"", json!({}));
    let answer = post(&server, TARGET, &body).json();
    let choice = &answer["choices"][0];
    let text = choice["message"]["content"].as_str().expect("a text");
    assert!(text.contains("Grüße 👋 \"you\""), "{text}");
    assert_eq!(choice["message"]["role"], "assistant");
    assert_eq!(choice["message"]["refusal"], Value::Null);
    assert_eq!(choice["finish_reason"], "stop");
    assert_eq!(answer["object"], "chat.completion");
    assert_eq!(answer["model"], "gpt-6-luna");
    assert!(answer["id"]
        .as_str()
        .expect("an id")
        .starts_with("chatcmpl-"));
    assert_eq!(
        post(&server, TARGET, &body).json(),
        answer,
        "the same request, the same answer"
    );
}

#[test]
fn text_parts_are_joined() {
    let parts = json!([
        { "type": "text", "text": "first" },
        { "type": "image_url", "image_url": { "url": "data:," } },
        { "type": "text", "text": "second" },
    ]);
    let messages = json!([{ "role": "user", "content": parts }]);
    let answer = post(
        &server(),
        TARGET,
        &chat("", json!({ "messages": messages })),
    )
    .json();
    let text = answer["choices"][0]["message"]["content"]
        .as_str()
        .expect("a text");
    assert!(text.contains("first\nsecond"), "{text}");
}

#[test]
fn usage_counts_prompt_and_all_choices() {
    let answer = post(
        &server(),
        TARGET,
        &chat("one two", json!({ "n": 2, "max_tokens": 3 })),
    )
    .json();
    // "Be brief." has three tokens, "one two" has two.
    assert_eq!(answer["usage"]["prompt_tokens"], 5);
    assert_eq!(answer["usage"]["completion_tokens"], 6);
    assert_eq!(answer["usage"]["total_tokens"], 11);
}

#[test]
fn a_token_limit_truncates_the_answer() {
    let server = server();
    for name in ["max_tokens", "max_completion_tokens"] {
        // R writes 100000 as 1e+05; limits must accept this.
        let body = chat("hi", json!({}))
            .to_string()
            .replace("\"model\"", &format!("\"{name}\":2e+00,\"model\""));
        let answer = Client::connect(&server)
            .exchange(&request("POST", TARGET, "", &body))
            .json();
        let choice = &answer["choices"][0];
        assert_eq!(choice["message"]["content"], "You wrote");
        assert_eq!(choice["finish_reason"], "length");
    }
}

#[test]
fn a_stream_has_a_role_then_tokens_then_the_end() {
    let server = server();
    let whole = post(&server, TARGET, &chat("Hello there", json!({}))).json();
    let events = events(&post(
        &server,
        TARGET,
        &chat("Hello there", json!({ "stream": true })),
    ));
    assert_eq!(events[0]["choices"][0]["delta"]["role"], "assistant");
    assert!(events.len() > 12, "worth watching: {}", events.len());
    let last = &events[events.len() - 1]["choices"][0];
    assert_eq!(
        (&last["delta"], &last["finish_reason"]),
        (&json!({}), &json!("stop"))
    );
    assert_eq!(
        streamed_text(&events, 0),
        whole["choices"][0]["message"]["content"]
    );
    for event in &events {
        assert_eq!(event["object"], "chat.completion.chunk");
        assert_eq!(event["id"], events[0]["id"]);
        assert!(event.get("usage").is_none());
    }
}

#[test]
fn a_stream_with_usage_has_it_in_a_last_event_without_choices() {
    let more = json!({ "stream": true, "stream_options": { "include_usage": true } });
    let events = events(&post(&server(), TARGET, &chat("Hello", more)));
    let (last, others) = events.split_last().expect("events");
    assert_eq!(last["choices"], json!([]));
    // All chunks but the first (role) and the last are tokens.
    assert_eq!(last["usage"]["completion_tokens"], others.len() - 2);
    assert!(others
        .iter()
        .all(|event| event.get("usage") == Some(&Value::Null)));
}

#[test]
fn the_choices_of_a_stream_are_interleaved() {
    let events = events(&post(
        &server(),
        TARGET,
        &chat("x", json!({ "stream": true, "n": 2, "max_tokens": 2 })),
    ));
    let order: Vec<&Value> = events
        .iter()
        .map(|event| &event["choices"][0]["index"])
        .collect();
    assert_eq!(order, [0, 1, 0, 1, 0, 1, 0, 1]);
    assert_eq!(streamed_text(&events, 0), "You wrote");
    assert_eq!(streamed_text(&events, 1), "I read");
    assert_eq!(events[7]["choices"][0]["finish_reason"], "length");
}

#[test]
fn the_token_delay_is_between_the_events() {
    let token_delay = Duration::from_millis(10);
    let server = Server::start(Options {
        token_delay,
        ..Options::default()
    })
    .expect("a server starts");
    post(
        &server,
        TARGET,
        &chat("x", json!({ "stream": true, "max_tokens": 2 })),
    );
    let written = server.requests().pop().expect("a request").written_at;
    // The role, two tokens, the end and [DONE].
    assert_eq!(written.len(), 5);
    assert!(
        written.windows(2).all(|pair| pair[1] - pair[0] > 0.008),
        "{written:?}"
    );
}

#[test]
fn a_client_of_http_1_0_gets_a_stream_without_chunks() {
    let body = chat("x", json!({ "stream": true })).to_string();
    let request = request("POST", TARGET, "", &body).replace("HTTP/1.1", "HTTP/1.0");
    let answer = Client::connect(&server()).exchange_to_end(&request);
    assert!(!answer.contains("transfer-encoding"), "{answer}");
    assert!(answer.ends_with("\n\ndata: [DONE]\n\n"), "{answer}");
}

#[test]
fn an_invalid_parameter_is_reported() {
    let server = server();
    let cases = [
        (
            json!({ "messages": [] }),
            "model",
            "missing_required_parameter",
        ),
        (
            json!({ "model": 1, "messages": [] }),
            "model",
            "invalid_type",
        ),
        (
            json!({ "model": "m" }),
            "messages",
            "missing_required_parameter",
        ),
        (
            json!({ "model": "m", "messages": "hi" }),
            "messages",
            "invalid_type",
        ),
        (
            json!({ "model": "m", "messages": [] }),
            "messages",
            "empty_array",
        ),
        (
            json!({ "model": "m", "messages": ["hi"] }),
            "messages[0]",
            "invalid_type",
        ),
        (
            json!({ "model": "m", "messages": [{}] }),
            "messages[0].role",
            "missing_required_parameter",
        ),
        (
            json!({ "model": "m", "messages": [{ "role": "user", "content": 1 }] }),
            "messages[0].content",
            "invalid_type",
        ),
        (
            chat("", json!({ "stream": "yes" })),
            "stream",
            "invalid_type",
        ),
        (chat("", json!({ "n": 0 })), "n", "integer_below_min_value"),
        (
            chat("", json!({ "n": 129 })),
            "n",
            "integer_above_max_value",
        ),
        (
            chat("", json!({ "max_tokens": 1.5 })),
            "max_tokens",
            "invalid_type",
        ),
    ];
    for (body, param, code) in cases {
        let refused = post(&server, TARGET, &body);
        let (message, kind, found_param, found_code) = refused.error();
        assert_eq!(refused.status(), 400, "{body}");
        assert_eq!(
            (found_param, found_code),
            (json!(param), json!(code)),
            "{body}"
        );
        assert_eq!(kind, "invalid_request_error");
        assert!(message.contains(&format!("'{param}'")), "{message}");
    }
}

#[test]
fn a_body_that_is_not_json_is_rejected() {
    let server = server();
    for body in ["", "{", "[1]", "\"text\""] {
        let refused = Client::connect(&server).exchange(&request("POST", TARGET, "", body));
        assert_eq!(refused.status(), 400, "{body}");
        assert!(
            refused
                .error()
                .0
                .starts_with("We could not parse the JSON body"),
            "{body}"
        );
    }
}

#[test]
fn a_tool_named_in_the_question_is_called() {
    let server = server();
    let tool = json!({ "type": "function", "function": { "name": "get_weather", "parameters": {
        "type": "object", "properties": { "city": { "type": "string" } } } } });
    let tools = json!({ "tools": [tool] });
    let answer = post(&server, TARGET, &chat("The weather?", tools.clone())).json();
    let choice = &answer["choices"][0];
    assert_eq!(choice["finish_reason"], "tool_calls");
    let call = &choice["message"]["tool_calls"][0];
    assert_eq!(call["function"]["name"], "get_weather");
    assert_eq!(call["function"]["arguments"], "{\"city\":\"text\"}");

    let mut body = chat("The weather?", tools.clone());
    let result = json!({ "role": "tool", "tool_call_id": call["id"], "content": "rain" });
    body["messages"] = json!([body["messages"][1], choice["message"], result]);
    let answer = post(&server, TARGET, &body).json();
    let content = answer["choices"][0]["message"]["content"].as_str();
    assert!(content.expect("a text").contains("\"rain\""));

    let answer = post(&server, TARGET, &chat("Hello", tools)).json();
    assert_eq!(answer["choices"][0]["finish_reason"], "stop");
    let forced = json!({ "tools": [tool], "tool_choice": "required" });
    let answer = post(&server, TARGET, &chat("Hello", forced)).json();
    assert_eq!(answer["choices"][0]["finish_reason"], "tool_calls");
}

#[test]
fn stored_completions_are_listed_updated_and_deleted() {
    let server = server();
    for (text, more) in [
        ("One", json!({ "store": true, "metadata": { "a": "1" } })),
        ("Two", json!({ "store": true, "stream": true })),
        ("Three", json!({})),
    ] {
        post(&server, TARGET, &chat(text, more));
    }
    let page = get(&server, TARGET).json();
    let ids = [
        &page["data"][0]["id"],
        &page["data"][1]["id"],
        &page["data"][2]["id"],
    ];
    assert_eq!(
        ids,
        [&json!("chatcmpl-1"), &json!("chatcmpl-2"), &Value::Null]
    );
    let some = get(&server, &format!("{TARGET}?metadata[a]=1&model=gpt-6-luna")).json();
    assert_eq!((&some["first_id"], &some["last_id"]), (ids[0], ids[0]));

    let target = format!("{TARGET}/chatcmpl-1");
    let changed = post(&server, &target, &json!({ "metadata": { "b": "2" } })).json();
    assert_eq!(changed["metadata"], json!({ "b": "2" }));
    assert_eq!(get(&server, &target).json(), changed);
    let messages = get(&server, &format!("{target}/messages?limit=1")).json();
    assert_eq!(messages["data"][0]["content"], "Be brief.");
    assert_eq!(messages["has_more"], true);
    assert_eq!(delete(&server, &target).json()["deleted"], true);
    for answer in [get(&server, &target), delete(&server, &target)] {
        assert_eq!(answer.status(), 404);
    }
}
