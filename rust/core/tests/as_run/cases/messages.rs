//! Responses that are messages.

use serde_json::{json, Value};

use super::{first_round, Case};
use crate::shapes::{
    added, calls, completed_message, completed_step, creation, done, ended_run, event, finished,
    first_events, first_run_events, item_event, message_delta, message_item, message_starts,
    output_text, run, text_delta, text_part, usage, with, ENDED,
};

pub fn a_message() -> Case {
    let cited = json!({
        "type": "file_citation", "index": 8, "file_id": "file_1", "filename": "a.txt",
    });
    let whole = message_item(
        "msg_1",
        "completed",
        json!([output_text("Good day", json!([cited]))]),
    );
    let at = json!({ "content_index": 0, "annotation_index": 0, "annotation": cited });
    let part = |text: &str| json!({ "content_index": 0, "part": output_text(text, json!([])) });
    let mut events = first_events();
    events.extend([
        added(0, message_item("msg_1", "in_progress", json!([]))),
        item_event("content_part.added", "msg_1", 0, part("")),
        text_delta("msg_1", 0, "Good"),
        text_delta("msg_1", 0, " day"),
        item_event("output_text.annotation.added", "msg_1", 0, at),
        item_event(
            "output_text.done",
            "msg_1",
            0,
            json!({ "content_index": 0, "text": "Good day" }),
        ),
        item_event("content_part.done", "msg_1", 0, part("Good day")),
        done(0, &whole),
        event(
            "completed",
            json!({ "response": finished("completed", json!([whole]), json!({})) }),
        ),
    ]);
    let citation = json!({
        "type": "file_citation", "text": "", "start_index": 8, "end_index": 8,
        "file_citation": { "file_id": "file_1" },
    });
    let mut expected = vec![("thread.created", thread())];
    expected.extend(first_run_events());
    expected.extend(message_starts("msg_1"));
    expected.extend([
        message_delta(
            "msg_1",
            json!({ "index": 0, "type": "text", "text": { "value": "Good", "annotations": [] } }),
        ),
        message_delta(
            "msg_1",
            json!({ "index": 0, "type": "text", "text": { "value": " day" } }),
        ),
        message_delta(
            "msg_1",
            json!({
                "index": 0, "type": "text",
                "text": { "annotations": [with(json!({ "index": 0 }), citation.clone())] },
            }),
        ),
        (
            "thread.message.completed",
            completed_message("msg_1", json!([text_part("Good day", json!([citation]))])),
        ),
        (
            "thread.run.step.completed",
            completed_step("msg_1", creation("msg_1"), usage(10, 5)),
        ),
        (
            "thread.run.completed",
            ended_run("completed", json!({ "completed_at": ENDED })),
        ),
    ]);
    Case {
        thread: Some(thread()),
        ..first_round("a message", events, expected)
    }
}

fn thread() -> Value {
    json!({
        "id": "thread_1", "object": "thread", "created_at": 999_999, "tool_resources": null,
        "metadata": {},
    })
}

pub fn a_refusal() -> Case {
    let refusal = json!({ "type": "refusal", "refusal": "I can't." });
    let whole = message_item("msg_1", "completed", json!([refusal]));
    let delta = |delta: &str| {
        let members = json!({ "content_index": 0, "delta": delta });
        item_event("refusal.delta", "msg_1", 0, members)
    };
    let mut events = first_events();
    events.extend([
        added(0, message_item("msg_1", "in_progress", json!([]))),
        delta("I "),
        delta("can't."),
        done(0, &whole),
        event(
            "completed",
            json!({ "response": finished("completed", json!([whole]), json!({})) }),
        ),
    ]);
    let part = |refusal: &str| json!({ "index": 0, "type": "refusal", "refusal": refusal });
    let mut expected = first_run_events();
    expected.extend(message_starts("msg_1"));
    expected.extend([
        message_delta("msg_1", part("I ")),
        message_delta("msg_1", part("can't.")),
        (
            "thread.message.completed",
            completed_message("msg_1", json!([refusal])),
        ),
        (
            "thread.run.step.completed",
            completed_step("msg_1", creation("msg_1"), usage(10, 5)),
        ),
        (
            "thread.run.completed",
            ended_run("completed", json!({ "completed_at": ENDED })),
        ),
    ]);
    first_round("a refusal", events, expected)
}

/// The outputs of calls were submitted, and the run continues.
pub fn a_later_round() -> Case {
    let whole = message_item("msg_1", "completed", json!([output_text("Sun", json!([]))]));
    let mut events = first_events();
    events.extend([
        added(0, message_item("msg_1", "in_progress", json!([]))),
        text_delta("msg_1", 0, "Sun"),
        done(0, &whole),
        event(
            "completed",
            json!({ "response": finished("completed", json!([whole]), json!({})) }),
        ),
    ]);
    let ended = completed_step("fc_1", calls(json!([])), usage(1, 2));
    let mut expected = vec![("thread.run.step.completed", ended.clone())];
    expected.extend(first_run_events().split_off(1));
    expected.extend(message_starts("msg_1"));
    expected.extend([
        message_delta(
            "msg_1",
            json!({ "index": 0, "type": "text", "text": { "value": "Sun", "annotations": [] } }),
        ),
        (
            "thread.message.completed",
            completed_message("msg_1", json!([text_part("Sun", json!([]))])),
        ),
        (
            "thread.run.step.completed",
            completed_step("msg_1", creation("msg_1"), usage(10, 5)),
        ),
        (
            "thread.run.completed",
            ended_run(
                "completed",
                json!({ "completed_at": ENDED, "usage": usage(11, 7) }),
            ),
        ),
    ]);
    let started = 999_999;
    for (name, run) in &mut expected {
        if name.starts_with("thread.run.") && !name.starts_with("thread.run.step.") {
            run["started_at"] = started.into();
        }
    }
    let before = json!({
        "status": "requires_action", "started_at": started, "usage": usage(1, 2),
    });
    Case {
        run: with(run(), before),
        ended_steps: Some(json!([ended])),
        is_first_round: false,
        ..first_round("a later round", events, expected)
    }
}

/// A text that refers to an image and another file, both created by the code interpreter.
pub fn a_picture() -> Case {
    let file = |id: &str, name: &str, start: i64, end: i64| {
        json!({
            "type": "container_file_citation", "container_id": "cntr_1", "file_id": id,
            "filename": name, "start_index": start, "end_index": end,
        })
    };
    let (picture, table) = (
        file("cfile_1", "a.png", 0, 0),
        file("cfile_2", "b.csv", 5, 18),
    );
    let text = "Grün sandbox:/b.csv";
    let part = output_text(text, json!([picture, table]));
    let whole = message_item("msg_1", "completed", json!([part]));
    let annotated = |place: i64, annotation: &Value| {
        let members = json!({
            "content_index": 0, "annotation_index": place, "annotation": annotation,
        });
        item_event("output_text.annotation.added", "msg_1", 0, members)
    };
    let mut events = first_events();
    events.extend([
        added(0, message_item("msg_1", "in_progress", json!([]))),
        text_delta("msg_1", 0, text),
        annotated(0, &picture),
        annotated(1, &table),
        done(0, &whole),
        event(
            "completed",
            json!({ "response": finished("completed", json!([whole]), json!({})) }),
        ),
    ]);
    let path = json!({
        "type": "file_path", "text": "sandbox:/b.cs", "start_index": 5, "end_index": 18,
        "file_path": { "file_id": "cfile_2" },
    });
    let image = json!({ "type": "image_file", "image_file": { "file_id": "cfile_1" } });
    let mut expected = first_run_events();
    expected.extend(message_starts("msg_1"));
    expected.extend([
        message_delta(
            "msg_1",
            json!({ "index": 0, "type": "text", "text": { "value": text, "annotations": [] } }),
        ),
        message_delta("msg_1", with(json!({ "index": 1 }), image.clone())),
        message_delta(
            "msg_1",
            json!({
                "index": 0, "type": "text",
                "text": { "annotations": [with(json!({ "index": 0 }), path.clone())] },
            }),
        ),
        (
            "thread.message.completed",
            completed_message("msg_1", json!([image, text_part(text, json!([path]))])),
        ),
        (
            "thread.run.step.completed",
            completed_step("msg_1", creation("msg_1"), usage(10, 5)),
        ),
        (
            "thread.run.completed",
            ended_run("completed", json!({ "completed_at": ENDED })),
        ),
    ]);
    first_round("a picture", events, expected)
}
