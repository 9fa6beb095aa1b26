use openaistream_server::{ChatMessage, ToolCall};
use serde_json::{json, Value};

use crate::support::{create_response, delete, get, post, server, text, RESPONSES};

fn types(events: &[Value]) -> Vec<&str> {
    let types = events.iter().map(|event| {
        let name = text(event, "/type");
        name.strip_prefix("response.").expect("an event of it")
    });
    types.collect()
}

/// The concatenated deltas of one kind.
fn deltas(events: &[Value], kind: &str) -> String {
    let deltas = events.iter().filter(|event| event["type"] == kind);
    deltas.map(|event| text(event, "/delta")).collect()
}

#[test]
fn a_response_repeats_the_question_and_the_request() {
    let server = server();
    let answer = create_response(
        &server,
        json!({ "model": "m", "input": "Hello", "instructions": "Be brief.",
                "metadata": { "a": "b" }, "temperature": 0.5 }),
    );
    assert_eq!(
        (&answer["id"], &answer["object"]),
        (&json!("resp_1"), &json!("response"))
    );
    assert_eq!(answer["status"], "completed");
    assert!(text(&answer, "/output/0/content/0/text").contains("\"Hello\""));
    assert_eq!(answer["instructions"], "Be brief.");
    assert_eq!(answer["metadata"], json!({ "a": "b" }));
    assert_eq!(answer["temperature"], 0.5);
    assert_eq!(answer["top_p"], 1.0);
    assert_eq!(answer["usage"]["input_tokens"], 4);
    assert_eq!(get(&server, "/v1/responses/resp_1").json(), answer);
}

#[test]
fn messages_and_items_are_input_and_listed() {
    let server = server();
    let input = json!([
        { "role": "user", "content": "First" },
        { "role": "assistant", "content": "Yes" },
        { "type": "message", "role": "user",
          "content": [{ "type": "input_text", "text": "Second" }] },
    ]);
    let answer = create_response(&server, json!({ "model": "m", "input": input }));
    assert!(text(&answer, "/output/0/content/0/text").contains("\"Second\""));

    let page = get(&server, "/v1/responses/resp_1/input_items?limit=2").json();
    assert_eq!(page["has_more"], true);
    assert_eq!(
        page["data"][0]["content"],
        json!([{ "type": "input_text", "text": "Second" }])
    );
    assert_eq!(page["data"][1]["content"][0]["type"], "output_text");
    let target = format!(
        "/v1/responses/resp_1/input_items?limit=2&after={}",
        text(&page, "/last_id")
    );
    let rest = get(&server, &target).json();
    assert_eq!(rest["data"][0]["content"][0]["text"], "First");
    assert_eq!(rest["has_more"], false);
}

#[test]
fn a_stream_has_every_event_in_order_and_ends_with_the_response() {
    let server = server();
    let body = json!({ "model": "m", "input": "Hello", "stream": true,
                       "reasoning": { "summary": "auto" } });
    let events = post(&server, RESPONSES, &body).named_events();
    let numbers: Vec<u64> = events
        .iter()
        .map(|event| event["sequence_number"].as_u64().expect("a number"))
        .collect();
    assert_eq!(numbers, (0..events.len() as u64).collect::<Vec<_>>());
    let mut names = types(&events);
    names.dedup();
    assert_eq!(
        names,
        [
            "created",
            "in_progress",
            "output_item.added",
            "reasoning_summary_part.added",
            "reasoning_summary_text.delta",
            "reasoning_summary_text.done",
            "reasoning_summary_part.done",
            "output_item.done",
            "output_item.added",
            "content_part.added",
            "output_text.delta",
            "output_text.done",
            "content_part.done",
            "output_item.done",
            "completed",
        ]
    );
    let finished = &events[events.len() - 1]["response"];
    assert_eq!(
        deltas(&events, "response.output_text.delta"),
        text(finished, "/output/1/content/0/text")
    );
    assert_eq!(
        deltas(&events, "response.reasoning_summary_text.delta"),
        text(finished, "/output/0/summary/0/text")
    );
    assert_eq!(events[0]["response"]["status"], "in_progress");
    assert_eq!(events[0]["response"]["output"], json!([]));
    assert_eq!(get(&server, "/v1/responses/resp_1").json(), *finished);
}

#[test]
fn a_token_limit_makes_a_response_incomplete() {
    let body = json!({ "model": "m", "input": "Hello", "max_output_tokens": 3, "stream": true });
    let events = post(&server(), RESPONSES, &body).named_events();
    let last = &events[events.len() - 1];
    assert_eq!(last["type"], "response.incomplete");
    assert_eq!(
        last["response"]["incomplete_details"]["reason"],
        "max_output_tokens"
    );
    assert_eq!(
        text(last, "/response/output/0/content/0/text"),
        "You wrote:"
    );
}

#[test]
fn a_schema_is_filled() {
    let schema = json!({ "type": "object", "properties": { "km": { "type": "integer" } } });
    let format = json!({ "type": "json_schema", "name": "river", "schema": schema });
    let answer = create_response(
        &server(),
        json!({ "model": "m", "input": "River?", "text": { "format": format } }),
    );
    assert_eq!(text(&answer, "/output/0/content/0/text"), "{\"km\":1}");
}

#[test]
fn a_function_is_called_and_its_output_answered() {
    let server = server();
    let tool = json!({ "type": "function", "name": "get_weather", "parameters": {
        "type": "object", "properties": { "city": { "type": "string" } } } });
    let body = json!({ "model": "m", "input": "The weather?", "tools": [tool], "stream": true });
    let events = post(&server, RESPONSES, &body).named_events();
    let call = events[events.len() - 1]["response"]["output"][0].clone();
    assert_eq!(
        (&call["type"], &call["name"]),
        (&json!("function_call"), &json!("get_weather"))
    );
    let arguments = deltas(&events, "response.function_call_arguments.delta");
    assert_eq!(arguments, "{\"city\":\"text\"}");
    assert_eq!(call["arguments"], *arguments);

    let refused = post(
        &server,
        RESPONSES,
        &json!({ "model": "m", "input": "And?", "previous_response_id": "resp_1" }),
    );
    assert_eq!(refused.status(), 400);
    let call_id = text(&call, "/call_id");
    assert_eq!(
        refused.error().0,
        format!("No tool output found for function call {call_id}.")
    );

    let output = json!([{ "type": "function_call_output", "call_id": call_id,
                          "output": "rain" }]);
    let answer = create_response(
        &server,
        json!({ "model": "m", "input": output, "previous_response_id": "resp_1",
                "tools": [tool] }),
    );
    assert!(text(&answer, "/output/0/content/0/text").contains("\"rain\""));
    let unknown = json!([{ "type": "function_call_output", "call_id": "call_9", "output": "" }]);
    let refused = post(
        &server,
        RESPONSES,
        &json!({ "model": "m", "input": unknown }),
    );
    assert_eq!(refused.status(), 400);
    assert!(refused.error().0.starts_with("No tool call found"));
}

#[test]
fn queued_messages_are_for_chats_and_responses() {
    let server = server();
    server.reply_chat(ChatMessage {
        content: None,
        tool_calls: vec![ToolCall {
            name: "add".to_owned(),
            arguments: "{\"a\":1}".to_owned(),
        }],
    });
    for content in ["first", "second"] {
        server.reply_chat(ChatMessage {
            content: Some(content.to_owned()),
            tool_calls: Vec::new(),
        });
    }
    get(&server, "/v1/responses/resp_1");
    let body = json!({ "model": "m", "input": "Hi" });
    assert_eq!(
        create_response(&server, body.clone())["output"][0]["name"],
        "add"
    );
    let answer = create_response(&server, body);
    assert_eq!(text(&answer, "/output/0/content/0/text"), "first");
    let body = json!({ "model": "m", "messages": [{ "role": "user", "content": "Hi" }] });
    let answer = post(&server, "/v1/chat/completions", &body).json();
    assert_eq!(answer["choices"][0]["message"]["content"], "second");
}

#[test]
fn a_response_that_is_not_stored_is_not_found() {
    let server = server();
    create_response(
        &server,
        json!({ "model": "m", "input": "Hi", "store": false }),
    );
    create_response(&server, json!({ "model": "m", "input": "Hi" }));
    let deleted = delete(&server, "/v1/responses/resp_2");
    assert_eq!(deleted.json()["deleted"], true);
    for id in ["resp_1", "resp_2", "x"] {
        for target in [
            format!("{RESPONSES}/{id}"),
            format!("{RESPONSES}/{id}/input_items"),
        ] {
            let answer = get(&server, &target);
            assert_eq!(answer.status(), 404, "{target}");
            assert_eq!(
                answer.error().0,
                format!("Response with id '{id}' not found.")
            );
        }
        let body = json!({ "model": "m", "input": "x", "previous_response_id": id });
        let answer = post(&server, RESPONSES, &body);
        assert_eq!(answer.status(), 400);
        let (_, _, param, code) = answer.error();
        assert_eq!(param, "previous_response_id");
        assert_eq!(code, "previous_response_not_found");
    }
}

#[test]
fn input_tokens_are_counted_and_compacted() {
    let server = server();
    let body = json!({ "model": "m", "input": "one two three" });
    let count = post(&server, "/v1/responses/input_tokens", &body).json();
    assert_eq!(
        count,
        json!({ "object": "response.input_tokens", "input_tokens": 3 })
    );
    let input =
        json!([{ "role": "user", "content": "a" }, { "role": "assistant", "content": "b" }]);
    let body = json!({ "model": "m", "input": input });
    let compacted = post(&server, "/v1/responses/compact", &body).json();
    assert_eq!(compacted["object"], "response.compaction");
    let kinds: Vec<&Value> = compacted["output"]
        .as_array()
        .expect("items")
        .iter()
        .map(|item| &item["type"])
        .collect();
    assert_eq!(kinds, ["message", "compaction"]);
    // A compacted response can be continued.
    create_response(
        &server,
        json!({ "model": "m", "input": compacted["output"] }),
    );
}

#[test]
fn invalid_input_is_reported() {
    let server = server();
    for (input, param) in [
        (json!(1), "input"),
        (json!(["x"]), "input[0]"),
        (json!([{ "content": "x" }]), "input[0].role"),
        (
            json!([{ "role": "robot", "content": "x" }]),
            "input[0].role",
        ),
        (json!([{ "role": "user" }]), "input[0].content"),
        (
            json!([{ "role": "user", "content": [{ "type": "text", "text": "x" }] }]),
            "input[0].content[0]",
        ),
    ] {
        let refused = post(&server, RESPONSES, &json!({ "model": "m", "input": input }));
        assert_eq!((refused.status(), refused.error().2), (400, json!(param)));
    }
}

#[test]
fn a_parameter_of_chat_completions_is_refused_with_its_name_here() {
    let server = server();
    let parameters = [
        ("messages", json!([]), "'input'"),
        ("max_tokens", json!(5), "'max_output_tokens'"),
        ("response_format", json!({}), "'text.format'"),
    ];
    for (name, value, here) in parameters {
        let mut body = json!({ "model": "m", "input": "x" });
        body[name] = value;
        let answer = post(&server, RESPONSES, &body);
        assert_eq!(answer.status(), 400, "{name}");
        let (message, _, param, code) = answer.error();
        assert!(message.contains(&format!("moved to {here}")), "{message}");
        assert_eq!((param, code), (json!(name), json!("unsupported_parameter")));
    }
}
