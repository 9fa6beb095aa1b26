use std::time::Duration;

use openaistream_server::{Options, Server};
use serde_json::{json, Value};

use crate::assistants_support::{
    ask, assistants_server, ids, look, newest, prepare, refusal, response_text, run, tell, weather,
    with_delay, RUN, RUNS,
};
use crate::support::{text, wait_for};

/// The states that a polling client observes.
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
fn a_run_has_the_same_answer_as_a_response() {
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
    let answer = response_text(&server, json!({ "input": "How are you?" }));
    assert_eq!(newest(&server), answer);

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
fn a_polling_client_observes_every_state() {
    let server = with_delay(Duration::from_millis(300));
    prepare(&server, &json!([]), "Hello");
    tell(&server, RUNS, &json!({ "assistant_id": "asst_1" }));
    assert_eq!(
        states(&server, "completed"),
        ["queued", "in_progress", "completed"]
    );
}

#[test]
fn a_thread_is_locked_during_a_run() {
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
    // The thread accepts messages again, and the unanswered calls have been discarded.
    let message = json!({ "role": "user", "content": "Hello" });
    tell(&server, "/threads/thread_1/messages", &message);
    tell(&server, RUNS, &json!({ "assistant_id": "asst_1" }));
}

#[test]
fn a_waiting_run_expires() {
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
    let few = json!({ "assistant_id": "asst_1", "max_completion_tokens": 255 });
    let (status, message) = refusal(&server, "POST", RUNS, &few);
    assert_eq!(status, 400);
    assert!(message.contains("Expected a value >= 256"), "{message}");
    assert_eq!(done["model"], "gpt-6-sol");
    assert_eq!(done["instructions"], "Be brief.\nIn English.");
    let answer = newest(&server);
    let answer: Value = serde_json::from_str(answer.as_str().expect("text")).expect("JSON");
    assert!(answer["a"].is_i64(), "{answer}");
    let list = look(&server, "/threads/thread_1/messages");
    assert_eq!(ids(&list).len(), 3);

    let message = json!({ "role": "user", "content": "long ".repeat(300) });
    tell(&server, "/threads/thread_1/messages", &message);
    let cut = run(&server, json!({ "max_completion_tokens": 256 }));
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
fn unknown_ids_are_reported() {
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
