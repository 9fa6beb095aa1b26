//! Responses that call tools.

use serde_json::{json, Value};

use super::{first_round, Case};
use crate::shapes::{
    added, calls, calls_start, completed_message, completed_step, creation, done, ended_run, event,
    finished, first_events, first_run_events, item_event, message_delta, message_item,
    message_starts, output_text, response, run, running, step, step_delta, text_delta, text_part,
    usage, with, CREATED, ENDED,
};

fn function_item(id: &str, call_id: &str, status: &str, arguments: &str) -> Value {
    json!({
        "id": id, "type": "function_call", "status": status, "call_id": call_id,
        "name": "weather", "arguments": arguments,
    })
}

fn first_call(index: i64, call_id: &str) -> Value {
    json!({
        "index": index, "id": call_id, "type": "function",
        "function": { "name": "weather", "arguments": "", "output": null },
    })
}

fn arguments(index: i64, arguments: &str) -> Value {
    json!({ "index": index, "type": "function", "function": { "arguments": arguments } })
}

/// The end of a response with the items of `output`.
fn responded(status: &str, output: Value) -> Value {
    let response = finished(status, output, json!({}));
    event(status, json!({ "response": response }))
}

fn search_begins() -> (&'static str, Value) {
    let call = json!({ "index": 0, "id": "fs_1", "type": "file_search", "file_search": {} });
    step_delta("fs_1", call)
}

/// The run waits for what these calls give.
fn requiring(calls: Value) -> Value {
    let action = json!({
        "type": "submit_tool_outputs", "submit_tool_outputs": { "tool_calls": calls },
    });
    running(json!({ "status": "requires_action", "required_action": action }))
}

/// The events of a message that has one text, with what its step used.
fn message(text: &str, usage: Value) -> Vec<(&'static str, Value)> {
    let part = json!({ "index": 0, "type": "text", "text": { "value": text, "annotations": [] } });
    let whole = json!([text_part(text, json!([]))]);
    let step = completed_step("msg_1", creation("msg_1"), usage);
    let mut expected = Vec::from_iter(message_starts("msg_1"));
    expected.extend([
        message_delta("msg_1", part),
        (
            "thread.message.completed",
            completed_message("msg_1", whole),
        ),
        ("thread.run.step.completed", step),
    ]);
    expected
}

/// Two calls at once, after reasoning, which runs do not show.
pub fn functions() -> Case {
    let reasoning = json!({ "id": "rs_1", "type": "reasoning", "summary": [] });
    let first = function_item("fc_1", "call_1", "completed", "{\"city\":\"Ulm\"}");
    let second = function_item("fc_2", "call_2", "completed", "{}");
    let delta = |id: &str, index: i64, delta: &str| {
        item_event(
            "function_call_arguments.delta",
            id,
            index,
            json!({ "delta": delta }),
        )
    };
    let output = json!([reasoning, first, second]);
    let mut events = first_events();
    events.extend([
        added(0, reasoning.clone()),
        item_event(
            "reasoning_summary_text.delta",
            "rs_1",
            0,
            json!({ "summary_index": 0, "delta": "Hm" }),
        ),
        done(0, &reasoning),
        added(1, function_item("fc_1", "call_1", "in_progress", "")),
        delta("fc_1", 1, "{\"city\":"),
        delta("fc_1", 1, "\"Ulm\"}"),
        item_event(
            "function_call_arguments.done",
            "fc_1",
            1,
            json!({ "arguments": "{\"city\":\"Ulm\"}" }),
        ),
        done(1, &first),
        added(2, function_item("fc_2", "call_2", "in_progress", "")),
        delta("fc_2", 2, "{}"),
        done(2, &second),
        responded("completed", output),
    ]);
    let required = |id: &str, arguments: &str| {
        let function = json!({ "name": "weather", "arguments": arguments });
        json!({ "id": id, "type": "function", "function": function })
    };
    let mut expected = first_run_events();
    expected.extend(calls_start("fc_1"));
    expected.extend([
        step_delta("fc_1", first_call(0, "call_1")),
        step_delta("fc_1", arguments(0, "{\"city\":")),
        step_delta("fc_1", arguments(0, "\"Ulm\"}")),
        step_delta("fc_1", first_call(1, "call_2")),
        step_delta("fc_1", arguments(1, "{}")),
        (
            "thread.run.requires_action",
            requiring(json!([
                required("call_1", "{\"city\":\"Ulm\"}"),
                required("call_2", "{}")
            ])),
        ),
    ]);
    first_round("functions", events, expected)
}

/// A file search and a code interpreter call, which share a step, and a web search, which runs do
/// not show.
pub fn tools() -> Case {
    let found = json!({
        "file_id": "file_1", "filename": "a.txt", "score": 0.5, "attributes": {}, "text": "Ulm",
    });
    let search = json!({
        "id": "fs_1", "type": "file_search_call", "status": "completed", "queries": ["Ulm"],
        "results": [found],
    });
    let code = json!({
        "id": "ci_1", "type": "code_interpreter_call", "status": "completed", "code": "print(1)",
        "container_id": "cntr_1",
        "outputs": [
            { "type": "logs", "logs": "1\n" }, { "type": "image", "url": "https://a.test/1.png" },
        ],
    });
    let web = json!({ "id": "ws_1", "type": "web_search_call", "status": "completed" });
    let whole = message_item("msg_1", "completed", json!([output_text("1", json!([]))]));
    let output = json!([search, code, web, whole]);
    let unfinished = |item: &Value, changes: Value| {
        with(
            with(item.clone(), json!({ "status": "in_progress" })),
            changes,
        )
    };
    let mut events = first_events();
    events.extend([
        added(0, unfinished(&search, json!({ "results": null }))),
        item_event("file_search_call.searching", "fs_1", 0, json!({})),
        done(0, &search),
        added(1, unfinished(&code, json!({ "code": "", "outputs": null }))),
        item_event(
            "code_interpreter_call_code.delta",
            "ci_1",
            1,
            json!({ "delta": "print(" }),
        ),
        item_event(
            "code_interpreter_call_code.delta",
            "ci_1",
            1,
            json!({ "delta": "1)" }),
        ),
        item_event("code_interpreter_call.interpreting", "ci_1", 1, json!({})),
        done(1, &code),
        added(2, unfinished(&web, json!({}))),
        done(2, &web),
        added(3, message_item("msg_1", "in_progress", json!([]))),
        text_delta("msg_1", 3, "1"),
        done(3, &whole),
        responded("completed", output),
    ]);
    let options = json!({ "ranker": "auto", "score_threshold": 0.25 });
    let tools = json!([{ "type": "file_search", "file_search": { "ranking_options": options } }]);
    let searched = json!({
        "id": "fs_1", "type": "file_search",
        "file_search": {
            "ranking_options": options,
            "results": [{
                "file_id": "file_1", "file_name": "a.txt", "score": 0.5,
                "content": [{ "type": "text", "text": "Ulm" }],
            }],
        },
    });
    let logs = json!({ "type": "logs", "logs": "1\n" });
    let picture = json!({ "file_id": null, "url": "https://a.test/1.png" });
    let picture = json!({ "type": "image", "image": picture });
    let ran = json!({
        "id": "ci_1", "type": "code_interpreter",
        "code_interpreter": { "input": "print(1)", "outputs": [logs, picture] },
    });
    let of_code = |changes: Value| json!({ "index": 1, "type": "code_interpreter", "code_interpreter": changes });
    let outputs = json!([
        with(json!({ "index": 0 }), logs),
        with(json!({ "index": 1 }), picture),
    ]);
    let mut expected = first_run_events();
    expected.extend(calls_start("fs_1"));
    expected.extend([
        search_begins(),
        step_delta(
            "fs_1",
            json!({
                "index": 1, "id": "ci_1", "type": "code_interpreter",
                "code_interpreter": { "input": "", "outputs": [] },
            }),
        ),
        step_delta("fs_1", of_code(json!({ "input": "print(" }))),
        step_delta("fs_1", of_code(json!({ "input": "1)" }))),
        step_delta("fs_1", of_code(json!({ "outputs": outputs }))),
        (
            "thread.run.step.completed",
            completed_step("fs_1", calls(json!([searched, ran])), Value::Null),
        ),
    ]);
    expected.extend(message("1", usage(10, 5)));
    expected.extend([(
        "thread.run.completed",
        ended_run("completed", json!({ "completed_at": ENDED })),
    )]);
    for (name, data) in &mut expected {
        if name.starts_with("thread.run.") && !name.starts_with("thread.run.step.") {
            data["tools"] = tools.clone();
        }
    }
    Case {
        run: with(run(), json!({ "tools": tools })),
        shows_found_texts: true,
        ..first_round("tools", events, expected)
    }
}

/// A search that failed, by a tool without options.
pub fn failed_tool() -> Case {
    let search = json!({
        "id": "fs_1", "type": "file_search_call", "status": "failed", "queries": [],
        "results": [{ "file_id": "file_1", "filename": "a.txt", "score": 0.5, "text": "Ulm" }],
    });
    let mut events = first_events();
    events.extend([
        added(0, with(search.clone(), json!({ "status": "in_progress" }))),
        done(0, &search),
        responded("completed", json!([search])),
    ]);
    let options = json!({ "ranker": "default_2024_08_21", "score_threshold": 0.0 });
    let found = json!({ "file_id": "file_1", "file_name": "a.txt", "score": 0.5 });
    let searched = json!({
        "id": "fs_1", "type": "file_search",
        "file_search": { "ranking_options": options, "results": [found] },
    });
    let mut expected = first_run_events();
    expected.extend(calls_start("fs_1"));
    expected.extend([
        search_begins(),
        (
            "thread.run.step.failed",
            step(
                "fs_1",
                calls(json!([searched])),
                json!({ "status": "failed", "failed_at": CREATED, "usage": usage(10, 5) }),
            ),
        ),
        (
            "thread.run.completed",
            ended_run("completed", json!({ "completed_at": ENDED })),
        ),
    ]);
    first_round("a tool that fails", events, expected)
}

/// The run is cancelled while it calls a function.
pub fn cancelled() -> Case {
    let item = function_item("fc_1", "call_1", "in_progress", "");
    let delta = json!({ "delta": "{" });
    let mut events = first_events();
    events.extend([
        added(0, item.clone()),
        item_event("function_call_arguments.delta", "fc_1", 0, delta),
        responded("cancelled", json!([])),
    ]);
    let function = json!({ "name": "weather", "arguments": "{", "output": null });
    let call = json!({ "id": "call_1", "type": "function", "function": function });
    let mut expected = first_run_events();
    expected.extend(calls_start("fc_1"));
    expected.extend([
        step_delta("fc_1", first_call(0, "call_1")),
        step_delta("fc_1", arguments(0, "{")),
        (
            "thread.run.step.cancelled",
            step(
                "fc_1",
                calls(json!([call])),
                json!({ "status": "cancelled", "cancelled_at": ENDED, "usage": usage(10, 5) }),
            ),
        ),
        (
            "thread.run.cancelled",
            ended_run("cancelled", json!({ "cancelled_at": ENDED })),
        ),
    ]);
    first_round("a run that is cancelled", events, expected)
}

/// A server that sends little but the end.
pub fn omitted_events() -> Case {
    let first = message_item("msg_1", "completed", json!([output_text("One", json!([]))]));
    let second = function_item("fc_1", "call_1", "completed", "{}");
    let output = json!([first, second]);
    let begun = response("in_progress", json!([]), json!({}));
    let events = vec![
        event("created", json!({ "response": begun })),
        responded("completed", output),
    ];
    let function = json!({ "name": "weather", "arguments": "{}" });
    let call = json!({ "id": "call_1", "type": "function", "function": function });
    let mut expected = first_run_events();
    expected.extend(message("One", Value::Null));
    expected.extend(calls_start("fc_1"));
    expected.extend([
        step_delta("fc_1", first_call(0, "call_1")),
        step_delta("fc_1", arguments(0, "{}")),
        ("thread.run.requires_action", requiring(json!([call]))),
    ]);
    first_round("a server that omits events", events, expected)
}
