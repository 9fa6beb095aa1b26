//! Responses that are not completed.

use serde_json::{json, Value};

use super::{first_round, Case};
use crate::shapes::{
    added, creation, done, ended_run, event, finished, first_events, first_run_events, message,
    message_delta, message_item, message_starts, output_text, response, run, step, text_delta,
    text_part, usage, with, ENDED,
};

/// A message that was cut off.
fn cut_message(reason: &str, text: &str) -> (&'static str, Value) {
    let changes = json!({
        "status": "incomplete", "incomplete_details": { "reason": reason },
        "incomplete_at": ENDED, "content": [text_part(text, json!([]))],
    });
    ("thread.message.incomplete", message("msg_1", changes))
}

fn cut(name: &'static str, end: &str, changes: Value) -> Case {
    let part = json!([output_text("Once", json!([]))]);
    let whole = message_item("msg_1", "incomplete", part);
    let mut events = first_events();
    events.extend([
        added(0, message_item("msg_1", "in_progress", json!([]))),
        text_delta("msg_1", 0, "Once"),
        done(0, &whole),
        event(
            end,
            json!({ "response": finished(end, json!([whole]), changes) }),
        ),
    ]);
    let mut expected = first_run_events();
    expected.extend(message_starts("msg_1"));
    expected.push(message_delta(
        "msg_1",
        json!({ "index": 0, "type": "text", "text": { "value": "Once", "annotations": [] } }),
    ));
    first_round(name, events, expected)
}

pub fn incomplete() -> Case {
    let details = json!({ "incomplete_details": { "reason": "max_output_tokens" } });
    let mut case = cut("a message that is too long", "incomplete", details);
    case.expected.extend([
        cut_message("max_tokens", "Once"),
        (
            "thread.run.step.completed",
            step(
                "msg_1",
                creation("msg_1"),
                json!({ "status": "completed", "completed_at": ENDED, "usage": usage(10, 5) }),
            ),
        ),
        (
            "thread.run.incomplete",
            ended_run(
                "incomplete",
                json!({ "incomplete_details": { "reason": "max_completion_tokens" } }),
            ),
        ),
    ]);
    case
}

/// An error code that runs did not have.
pub fn failed() -> Case {
    let error = json!({ "code": "vector_store_timeout", "message": "Too slow." });
    let mut case = cut("a failure", "failed", json!({ "error": error }));
    let last_error = json!({
        "code": "server_error", "message": "Too slow. (vector_store_timeout)",
    });
    case.expected.extend([
        cut_message("run_failed", "Once"),
        (
            "thread.run.step.failed",
            step(
                "msg_1",
                creation("msg_1"),
                json!({
                    "status": "failed", "failed_at": ENDED, "last_error": last_error,
                    "usage": usage(10, 5),
                }),
            ),
        ),
        (
            "thread.run.failed",
            ended_run(
                "failed",
                json!({ "failed_at": ENDED, "last_error": last_error }),
            ),
        ),
    ]);
    case
}

pub fn failed_immediately() -> Case {
    let error = json!({ "code": "rate_limit_exceeded", "message": "Slower." });
    let queued = response("queued", json!([]), json!({}));
    let over = json!({ "error": error, "completed_at": ENDED });
    let events = vec![
        event("created", json!({ "response": queued })),
        event(
            "failed",
            json!({ "response": response("failed", json!([]), over) }),
        ),
    ];
    let expected = vec![
        ("thread.run.created", run()),
        ("thread.run.queued", run()),
        (
            "thread.run.failed",
            with(
                run(),
                json!({
                    "status": "failed", "failed_at": ENDED, "last_error": error,
                    "expires_at": null,
                }),
            ),
        ),
    ];
    first_round("an immediate failure", events, expected)
}
