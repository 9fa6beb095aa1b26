use base64::engine::general_purpose::STANDARD;
use base64::Engine;
use serde_json::{json, Value};

use crate::support::{post, server, text, upload_cats};

/// The events of a response, and the final response.
fn stream(server: &openaistream_server::Server, body: Value) -> (Vec<Value>, Value) {
    let mut body = body;
    body["model"] = "m".into();
    body["stream"] = true.into();
    let events = post(server, "/v1/responses", &body).named_events();
    let finished = events[events.len() - 1]["response"].clone();
    (events, finished)
}

/// The types of the events about one item.
fn types_of<'a>(events: &'a [Value], item: &Value) -> Vec<&'a str> {
    let of_item = events.iter().filter(|event| event["item_id"] == item["id"]);
    of_item.map(|event| text(event, "/type")).collect()
}

#[test]
fn files_are_searched_and_cited() {
    let server = server();
    upload_cats(&server, "user_data");
    post(
        &server,
        "/v1/vector_stores",
        &json!({ "file_ids": ["file-1"] }),
    );
    let tool = json!({ "type": "file_search", "vector_store_ids": ["vs_1"] });
    let (events, finished) = stream(
        &server,
        json!({ "input": "What do cats eat?", "tools": [tool],
                "include": ["file_search_call.results"] }),
    );
    let call = &finished["output"][0];
    assert_eq!(call["results"][0]["text"], "Cats eat fish.");
    assert_eq!(
        types_of(&events, call),
        ["in_progress", "searching", "completed"]
            .map(|step| format!("response.file_search_call.{step}"))
    );
    let content = &finished["output"][1]["content"][0];
    let length = text(content, "/text").chars().count();
    let citation = json!({ "type": "file_citation", "index": length, "file_id": "file-1",
                           "filename": "cats.txt" });
    assert_eq!(content["annotations"], json!([citation]));
    let added = events
        .iter()
        .find(|event| event["type"] == "response.output_text.annotation.added");
    assert_eq!(added.expect("an event")["annotation"], citation);

    let tool = json!({ "type": "file_search", "vector_store_ids": ["vs_9"] });
    let body = json!({ "model": "m", "input": "x", "tools": [tool] });
    assert_eq!(post(&server, "/v1/responses", &body).status(), 404);
}

#[test]
fn an_image_is_generated_on_request() {
    let server = server();
    let tool = json!({ "type": "image_generation", "partial_images": 2 });
    let (events, finished) = stream(&server, json!({ "input": "An image!", "tools": [tool] }));
    let call = &finished["output"][0];
    let picture = STANDARD.decode(text(call, "/result")).expect("base64");
    assert!(picture.starts_with(b"\x89PNG"));
    let steps = [
        "in_progress",
        "generating",
        "partial_image",
        "partial_image",
        "completed",
    ];
    assert_eq!(
        types_of(&events, call),
        steps.map(|step| format!("response.image_generation_call.{step}"))
    );
    let (_, finished) = stream(&server, json!({ "input": "Hello", "tools": [tool] }));
    assert_eq!(finished["output"][0]["type"], "message");
}

#[test]
fn code_is_run_on_request() {
    let server = server();
    let tool = json!({ "type": "code_interpreter", "container": { "type": "auto" } });
    let (events, finished) = stream(
        &server,
        json!({ "input": "Write \"code\"", "tools": [tool],
                "include": ["code_interpreter_call.outputs"] }),
    );
    let call = &finished["output"][0];
    assert_eq!(call["code"], r#"print("Write \"code\"")"#);
    assert_eq!(
        call["outputs"],
        json!([{ "type": "logs", "logs": "Write \"code\"\n" }])
    );
    let mut types = types_of(&events, call);
    types.dedup();
    assert_eq!(
        types,
        [
            "response.code_interpreter_call.in_progress",
            "response.code_interpreter_call_code.delta",
            "response.code_interpreter_call_code.done",
            "response.code_interpreter_call.interpreting",
            "response.code_interpreter_call.completed",
        ]
    );
}

#[test]
fn the_web_is_searched_on_request() {
    let server = server();
    let (_, finished) = stream(
        &server,
        json!({ "input": "Hello", "tools": [{ "type": "web_search" }],
                "tool_choice": { "type": "web_search" } }),
    );
    assert_eq!(finished["output"][0]["action"]["query"], "Hello");
    let annotation = &finished["output"][1]["content"][0]["annotations"][0];
    assert_eq!(annotation["type"], "url_citation");
}

#[test]
fn a_tool_without_a_type_is_ignored() {
    let body = json!({ "model": "m", "input": "x", "tools": [{}, 1, { "type": 2 }] });
    assert_eq!(post(&server(), "/v1/responses", &body).status(), 200);
}
