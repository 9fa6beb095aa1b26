use std::time::Duration;

use openaistream_server::{ChatMessage, Options, Server, ToolCall};
use serde_json::{json, Value};

use crate::assistants_support::{
    ask, assistants_server, ids, look, prepare, refusal, tell, weather, with_delay,
};
use crate::support::{post, post_form, text, wait_for};

const RUNS: &str = "/threads/thread_1/runs";
const RUN: &str = "/threads/thread_1/runs/run_1";

/// Runs the assistant and returns the run as it is a little later.
fn run(server: &Server, more: Value) -> Value {
    let mut body = json!({ "assistant_id": "asst_1" });
    for (name, value) in more.as_object().expect("an object") {
        body[name] = value.clone();
    }
    let made = tell(server, RUNS, &body);
    assert_eq!(made["status"], "queued");
    look(server, &format!("{RUNS}/{}", text(&made, "/id")))
}

/// The text of the newest message.
fn newest(server: &Server) -> Value {
    let list = look(server, "/threads/thread_1/messages?limit=1");
    list["data"][0]["content"][0]["text"]["value"].clone()
}

/// What a response says to this question.
fn response_text(server: &Server, body: Value) -> Value {
    let mut body = body;
    body["model"] = "gpt-6-luna".into();
    let response = post(server, "/v1/responses", &body).json();
    let message = response["output"]
        .as_array()
        .expect("items")
        .last()
        .cloned();
    message.expect("a message")["content"][0]["text"].clone()
}

/// The states that a client sees who asks again and again.
fn states(server: &Server, last: &str) -> Vec<String> {
    let seen = std::cell::RefCell::new(Vec::new());
    wait_for("the end of the run", || {
        let status = text(&look(server, RUN), "/status").to_owned();
        let mut seen = seen.borrow_mut();
        let is_last = status == last;
        if seen.last() != Some(&status) {
            seen.push(status);
        }
        is_last.then_some(())
    });
    seen.into_inner()
}

#[test]
fn a_run_answers_as_a_response_to_the_same_question() {
    let server = assistants_server();
    prepare(&server, &json!([]), "How are you?");
    let done = run(&server, json!({ "metadata": { "a": "b" } }));
    let expected = json!({
        "id": "run_1", "object": "thread.run", "created_at": 1_700_000_000,
        "assistant_id": "asst_1", "thread_id": "thread_1", "status": "completed",
        "required_action": null, "last_error": null, "expires_at": null,
        "started_at": 1_700_000_000, "cancelled_at": null, "failed_at": null,
        "completed_at": 1_700_000_000, "incomplete_details": null, "metadata": { "a": "b" },
        "usage": done["usage"], "model": "gpt-6-luna", "instructions": "Be brief.", "tools": [],
        "temperature": 1.0, "top_p": 1.0, "response_format": "auto", "max_prompt_tokens": null,
        "max_completion_tokens": null,
        "truncation_strategy": { "type": "auto", "last_messages": null }, "tool_choice": "auto",
        "parallel_tool_calls": true,
    });
    assert_eq!(done, expected);
    assert!(done["usage"]["total_tokens"].as_u64() > Some(10));
    let said = response_text(&server, json!({ "input": "How are you?" }));
    assert_eq!(newest(&server), said);

    let messages = look(&server, "/threads/thread_1/messages?run_id=run_1");
    assert_eq!(ids(&messages).len(), 1);
    let message = &messages["data"][0];
    assert_eq!(
        (
            &message["run_id"],
            &message["assistant_id"],
            &message["status"]
        ),
        (&json!("run_1"), &json!("asst_1"), &json!("completed"))
    );
    let steps = look(&server, &format!("{RUN}/steps"));
    let step = &steps["data"][0];
    assert_eq!(
        step["step_details"],
        json!({ "type": "message_creation",
                "message_creation": { "message_id": message["id"] } })
    );
    assert_eq!(step["usage"], done["usage"]);
    let path = format!("{RUN}/steps/{}", text(step, "/id"));
    assert_eq!(look(&server, &path), *step);
    assert_eq!(ids(&look(&server, RUNS)), ["run_1"]);
}

#[test]
fn a_client_that_polls_sees_every_state() {
    let server = with_delay(Duration::from_millis(150));
    prepare(&server, &json!([]), "Hello");
    tell(&server, RUNS, &json!({ "assistant_id": "asst_1" }));
    assert_eq!(
        states(&server, "completed"),
        ["queued", "in_progress", "completed"]
    );
}

#[test]
fn a_thread_is_locked_while_a_run_works_on_it() {
    let server = with_delay(Duration::from_secs(60));
    prepare(&server, &json!([]), "Hello");
    let body = json!({ "assistant_id": "asst_1" });
    tell(&server, RUNS, &body);
    let message = json!({ "role": "user", "content": "More" });
    assert_eq!(
        refusal(&server, "POST", "/threads/thread_1/messages", &message),
        (
            400,
            "Can't add messages to thread_1 while a run run_1 is active.".to_owned()
        )
    );
    assert_eq!(
        refusal(&server, "POST", RUNS, &body),
        (
            400,
            "Thread thread_1 already has an active run run_1.".to_owned()
        )
    );
}

#[test]
fn functions_are_called_and_what_they_return_is_answered() {
    let server = assistants_server();
    let question = "What is the weather?";
    prepare(&server, &weather(), question);
    let waiting = run(&server, json!({}));
    assert_eq!(waiting["status"], "requires_action");
    let calls = &waiting["required_action"]["submit_tool_outputs"]["tool_calls"];
    let id = text(calls, "/0/id");
    let arguments = text(calls, "/0/function/arguments");
    assert_eq!(text(calls, "/0/function/name"), "get_weather");
    let steps = look(&server, &format!("{RUN}/steps"));
    assert_eq!(
        steps["data"][0]["step_details"]["tool_calls"][0]["function"],
        json!({ "name": "get_weather", "arguments": arguments, "output": null })
    );
    assert_eq!(steps["data"][0]["status"], "in_progress");

    let path = format!("{RUN}/submit_tool_outputs");
    assert_eq!(
        refusal(&server, "POST", &path, &json!({ "tool_outputs": [] })),
        (
            400,
            format!("Expected tool outputs for call_ids ['{id}'], got []")
        )
    );
    let outputs = json!({ "tool_outputs": [{ "tool_call_id": id, "output": "Sunny" }] });
    let queued = tell(&server, &path, &outputs);
    assert_eq!(
        (&queued["status"], &queued["required_action"]),
        (&json!("queued"), &Value::Null)
    );
    assert_eq!(look(&server, RUN)["status"], "completed");

    // A response that is told the same says the same.
    let call = json!({ "type": "function_call", "call_id": "c", "name": "get_weather",
                       "arguments": arguments });
    let output = json!({ "type": "function_call_output", "call_id": "c", "output": "Sunny" });
    let asked = json!({ "role": "user", "content": question });
    let said = response_text(&server, json!({ "input": [asked, call, output] }));
    assert_eq!(newest(&server), said);
    assert!(said.as_str().is_some_and(|said| said.contains("Sunny")));

    let steps = look(&server, &format!("{RUN}/steps?order=asc"));
    let types = ["/data/0/type", "/data/1/type"].map(|at| text(&steps, at));
    assert_eq!(types, ["tool_calls", "message_creation"]);
    let function = &steps["data"][0]["step_details"]["tool_calls"][0]["function"];
    assert_eq!(
        (&function["output"], &steps["data"][0]["status"]),
        (&json!("Sunny"), &json!("completed"))
    );
    assert_eq!(
        refusal(&server, "POST", &path, &outputs),
        (
            400,
            "Runs in status \"completed\" do not accept tool outputs.".to_owned()
        )
    );
}

#[test]
fn a_run_is_cancelled_in_two_steps() {
    let server = with_delay(Duration::from_millis(100));
    prepare(&server, &weather(), "What is the weather?");
    tell(&server, RUNS, &json!({ "assistant_id": "asst_1" }));
    states(&server, "requires_action");
    let path = format!("{RUN}/cancel");
    assert_eq!(tell(&server, &path, &Value::Null)["status"], "cancelling");
    assert_eq!(
        states(&server, "cancelled").last().map(String::as_str),
        Some("cancelled")
    );
    let run = look(&server, RUN);
    assert_eq!(
        (&run["cancelled_at"], &run["required_action"]),
        (&json!(1_700_000_000), &Value::Null)
    );
    let steps = look(&server, &format!("{RUN}/steps"));
    assert_eq!(steps["data"][0]["status"], "cancelled");
    assert_eq!(
        refusal(&server, "POST", &path, &Value::Null),
        (400, "Cannot cancel run with status 'cancelled'.".to_owned())
    );
    // The thread is free again, and the calls that were never answered are forgotten.
    let message = json!({ "role": "user", "content": "Hello" });
    tell(&server, "/threads/thread_1/messages", &message);
    tell(&server, RUNS, &json!({ "assistant_id": "asst_1" }));
}

#[test]
fn a_run_that_waits_too_long_expires() {
    let server = Server::start(Options {
        assistants: true,
        run_limit: Duration::from_millis(200),
        ..Options::default()
    })
    .expect("a server starts");
    prepare(&server, &weather(), "What is the weather?");
    run(&server, json!({}));
    states(&server, "expired");
    let steps = look(&server, &format!("{RUN}/steps"));
    assert_eq!(steps["data"][0]["status"], "expired");
    let outputs = json!({ "tool_outputs": [{ "tool_call_id": "call_1", "output": "Sunny" }] });
    assert_eq!(
        refusal(
            &server,
            "POST",
            &format!("{RUN}/submit_tool_outputs"),
            &outputs
        ),
        (
            400,
            "Runs in status \"expired\" do not accept tool outputs.".to_owned()
        )
    );
}

#[test]
fn scripted_replies_serve_runs() {
    let server = assistants_server();
    prepare(&server, &weather(), "Hello");
    let call = |city: &str| ToolCall {
        name: "get_weather".to_owned(),
        arguments: json!({ "city": city }).to_string(),
    };
    server.reply_chat(ChatMessage {
        content: None,
        tool_calls: vec![call("Paris"), call("Rome")],
    });
    server.reply_chat(ChatMessage {
        content: Some("Both are sunny.".to_owned()),
        tool_calls: Vec::new(),
    });
    let waiting = run(&server, json!({}));
    let calls = waiting["required_action"]["submit_tool_outputs"]["tool_calls"].as_array();
    let outputs: Vec<Value> = calls
        .expect("calls")
        .iter()
        .map(|call| json!({ "tool_call_id": call["id"], "output": "Sunny" }))
        .collect();
    assert_eq!(outputs.len(), 2);
    let path = format!("{RUN}/submit_tool_outputs");
    tell(&server, &path, &json!({ "tool_outputs": outputs }));
    assert_eq!(newest(&server), "Both are sunny.");
}

#[test]
fn files_are_searched_and_code_is_run() {
    let server = assistants_server();
    let fields = [
        ("purpose", None, "assistants"),
        ("file", Some("cats.txt"), "Cats eat fish."),
    ];
    post_form(&server, "/v1/files", &fields);
    let tools = json!([{ "type": "file_search" }, { "type": "code_interpreter" }]);
    prepare(&server, &tools, "Hello");
    let attachments = json!([{ "file_id": "file-1", "tools": [{ "type": "file_search" }] }]);
    let message = json!({ "role": "user", "content": "Write code for cats",
                          "attachments": attachments });
    tell(&server, "/threads/thread_1/messages", &message);
    assert_eq!(run(&server, json!({}))["status"], "completed");

    let include = "step_details.tool_calls[*].file_search.results[*].content";
    let steps = look(
        &server,
        &format!("{RUN}/steps?order=asc&include[]={include}"),
    );
    let calls = &steps["data"][0]["step_details"]["tool_calls"];
    let result = json!({ "file_id": "file-1", "file_name": "cats.txt", "score": 0.25,
                         "content": [{ "type": "text", "text": "Cats eat fish." }] });
    assert_eq!(
        calls[0]["file_search"],
        json!({ "results": [result],
                "ranking_options": { "ranker": "default_2024_08_21", "score_threshold": 0.0 } })
    );
    assert_eq!(
        calls[1]["code_interpreter"],
        json!({ "input": "print(\"Write code for cats\")",
                "outputs": [{ "type": "logs", "logs": "Write code for cats\n" }] })
    );
    let plain = look(&server, &format!("{RUN}/steps?order=asc"));
    let results = &plain["data"][0]["step_details"]["tool_calls"][0]["file_search"]["results"];
    assert_eq!(results[0].get("content"), None);

    let list = look(&server, "/threads/thread_1/messages?limit=1");
    let said = &list["data"][0]["content"][0]["text"];
    let length = text(said, "/value").chars().count();
    let citation = json!({ "type": "file_citation", "text": "", "start_index": length,
                           "end_index": length, "file_citation": { "file_id": "file-1" } });
    assert_eq!(said["annotations"], json!([citation]));
}

#[test]
fn a_run_has_its_own_settings_and_messages() {
    let server = assistants_server();
    prepare(&server, &json!([]), "Hello");
    let schema = json!({ "type": "object", "properties": { "a": { "type": "integer" } },
                         "required": ["a"] });
    let more = json!({
        "model": "gpt-6-sol", "additional_instructions": "In English.", "temperature": 0.5,
        "additional_messages": [{ "role": "user", "content": "Bye" }],
        "response_format": { "type": "json_schema",
                             "json_schema": { "name": "n", "schema": schema } },
    });
    let done = run(&server, more);
    assert_eq!(done["model"], "gpt-6-sol");
    assert_eq!(done["instructions"], "Be brief.\nIn English.");
    let said = newest(&server);
    let said: Value = serde_json::from_str(said.as_str().expect("text")).expect("JSON");
    assert!(said["a"].is_i64(), "{said}");
    let list = look(&server, "/threads/thread_1/messages");
    assert_eq!(ids(&list).len(), 3);

    let cut = run(&server, json!({ "max_completion_tokens": 3 }));
    assert_eq!(
        (&cut["status"], &cut["incomplete_details"]["reason"]),
        (&json!("incomplete"), &json!("max_completion_tokens"))
    );
    let list = look(&server, "/threads/thread_1/messages?limit=1");
    assert_eq!(
        (
            &list["data"][0]["status"],
            &list["data"][0]["incomplete_details"]["reason"]
        ),
        (&json!("incomplete"), &json!("max_tokens"))
    );
}

#[test]
fn unknown_ids_are_named() {
    let server = assistants_server();
    prepare(&server, &json!([]), "Hello");
    run(&server, json!({}));
    let nothing = Value::Null;
    let unknown = json!({ "assistant_id": "asst_9" });
    for (method, path, body, kind, id) in [
        ("POST", RUNS, &unknown, "assistant", "asst_9"),
        ("POST", "/threads/runs", &unknown, "assistant", "asst_9"),
        (
            "GET",
            "/threads/thread_1/runs/run_9",
            &nothing,
            "run",
            "run_9",
        ),
        (
            "GET",
            "/threads/thread_9/runs/run_1",
            &nothing,
            "thread",
            "thread_9",
        ),
        (
            "GET",
            "/threads/thread_1/runs/run_1/steps/step_9",
            &nothing,
            "run step",
            "step_9",
        ),
    ] {
        assert_eq!(
            refusal(&server, method, path, body),
            (404, format!("No {kind} found with id '{id}'."))
        );
    }
    let path = "/threads/thread_1/runs/run_1";
    tell(&server, path, &json!({ "metadata": { "a": "b" } }));
    assert_eq!(look(&server, path)["metadata"], json!({ "a": "b" }));
    assert_eq!(
        ask(&server, "DELETE", path, &nothing).status(),
        405,
        "runs cannot be deleted"
    );
}
