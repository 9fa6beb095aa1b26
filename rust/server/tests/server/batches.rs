use std::time::Duration;

use openaistream_server::{Options, Server};
use serde_json::{json, Value};

use crate::support::{get, post, post_form, server, text, wait_for, Response};

const TARGET: &str = "/v1/batches";

fn line(id: &str, body: Value) -> String {
    let line = json!({ "custom_id": id, "method": "POST", "url": "/v1/responses", "body": body });
    format!("{line}\n")
}

/// Uploads a file and creates a batch for it.
fn create(server: &Server, input: &str) -> Response {
    let fields = [
        ("purpose", None, "batch"),
        ("file", Some("in.jsonl"), input),
    ];
    let file = post_form(server, "/v1/files", &fields).json();
    let body = json!({ "input_file_id": file["id"], "endpoint": "/v1/responses",
                       "completion_window": "24h", "metadata": { "a": "b" } });
    post(server, TARGET, &body)
}

/// The lines of a results file.
fn results(server: &Server, file: &str) -> Vec<Value> {
    let content = get(server, &format!("/v1/files/{file}/content")).body;
    let content = String::from_utf8(content).expect("text");
    let lines = content.lines();
    lines
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect()
}

#[test]
fn lines_get_the_same_answers_as_requests() {
    let server = server();
    let input = line("one", json!({ "model": "m", "input": "Hello" }))
        + &line("two", json!({ "model": "m", "input": 1 }))
        + "\n"
        + &line("three", json!({ "model": "m", "input": "Bye" }));
    let made = create(&server, &input).json();
    assert_eq!(
        (&made["id"], &made["status"]),
        (&json!("batch_1"), &json!("validating"))
    );
    let done = get(&server, "/v1/batches/batch_1").json();
    assert_eq!(done["status"], "completed");
    assert_eq!(
        done["request_counts"],
        json!({ "total": 3, "completed": 2, "failed": 1 })
    );
    assert_eq!(done["metadata"], json!({ "a": "b" }));

    let output = results(&server, text(&done, "/output_file_id"));
    let ids: Vec<&str> = output.iter().map(|line| text(line, "/custom_id")).collect();
    assert_eq!(ids, ["one", "three"]);
    assert_eq!(output[0]["response"]["status_code"], 200);
    let answer = text(&output[0], "/response/body/output/0/content/0/text");
    assert!(answer.contains("\"Hello\""), "{answer}");
    let errors = results(&server, text(&done, "/error_file_id"));
    assert_eq!(errors[0]["custom_id"], "two");
    assert_eq!(errors[0]["response"]["body"]["error"]["param"], "input");

    assert_eq!(get(&server, TARGET).json()["data"], json!([done]));
    let late = post(&server, "/v1/batches/batch_1/cancel", &json!({}));
    assert_eq!(late.status(), 409);
}

#[test]
fn a_file_with_errors_fails() {
    let server = server();
    let input = line("one", json!({})) + "{\n" + &line("one", json!({})) + "{}\n";
    create(&server, &input);
    let failed = get(&server, "/v1/batches/batch_1").json();
    assert_eq!(failed["status"], "failed");
    let errors: Vec<(&Value, &Value)> = failed["errors"]["data"]
        .as_array()
        .expect("errors")
        .iter()
        .map(|error| (&error["line"], &error["code"]))
        .collect();
    let expected = [
        (2, "invalid_json_line"),
        (3, "duplicate_custom_id"),
        (4, "missing_required_parameter"),
    ]
    .map(|(line, code)| (json!(line), json!(code)));
    assert_eq!(errors, expected.each_ref().map(|(line, code)| (line, code)));
}

#[test]
fn a_batch_passes_through_its_states_and_can_be_cancelled() {
    let slow = |background_delay| {
        Server::start(Options {
            background_delay,
            ..Options::default()
        })
        .expect("a server starts")
    };
    let input = line("one", json!({ "model": "m", "input": "Hello" }));
    let server = slow(Duration::from_millis(100));
    create(&server, &input);
    let seen = std::cell::RefCell::new(Vec::new());
    wait_for("the end", || {
        let status = text(&get(&server, "/v1/batches/batch_1").json(), "/status").to_owned();
        let is_over = status == "completed";
        seen.borrow_mut().push(status);
        is_over.then_some(())
    });
    let mut seen = seen.into_inner();
    seen.dedup();
    assert_eq!(seen, ["validating", "in_progress", "completed"]);

    let server = slow(Duration::from_secs(60));
    create(&server, &input);
    for _ in 0..2 {
        let answer = post(&server, "/v1/batches/batch_1/cancel", &json!({})).json();
        assert_eq!(answer["status"], "cancelling");
    }
}

/// The number of results of a finished batch, and the error code of the other lines.
fn results_and_code(server: &Server, over: &Value) -> (usize, String) {
    let output = over.pointer("/output_file_id").and_then(Value::as_str);
    let done = output.map_or(0, |file| results(server, file).len());
    let errors = results(server, text(over, "/error_file_id"));
    assert_eq!(done + errors.len(), 100);
    assert_eq!(over["request_counts"]["completed"], done);
    assert!(errors.iter().all(|line| line["response"].is_null()));
    (done, text(&errors[0], "/error/code").to_owned())
}

#[test]
fn an_expired_batch_has_results_of_completed_lines() {
    let delay = Duration::from_millis(300);
    let server = Server::start(Options {
        background_delay: delay,
        batch_limit: delay * 3 / 2,
        ..Options::default()
    });
    let server = server.expect("a server starts");
    let lines = (0..100).map(|id| line(&id.to_string(), json!({ "model": "m", "input": "Hi" })));
    create(&server, &lines.collect::<String>());
    let expired = wait_for("the end", || {
        let batch = get(&server, "/v1/batches/batch_1").json();
        (batch["status"] == "expired").then_some(batch)
    });
    let expected = (50, "batch_expired".to_owned());
    assert_eq!(results_and_code(&server, &expired), expected);
    let late = post(&server, "/v1/batches/batch_1/cancel", &json!({}));
    assert_eq!(late.status(), 409);
}

#[test]
fn a_cancelled_batch_keeps_completed_results() {
    let server = Server::start(Options {
        background_delay: Duration::from_secs(1),
        ..Options::default()
    });
    let server = server.expect("a server starts");
    let lines = (0..100).map(|id| line(&id.to_string(), json!({ "model": "m", "input": "Hi" })));
    create(&server, &lines.collect::<String>());
    wait_for("some results", || {
        let batch = get(&server, "/v1/batches/batch_1").json();
        let done = batch["request_counts"]["completed"].as_u64();
        done.filter(|done| *done > 0)
    });
    post(&server, "/v1/batches/batch_1/cancel", &json!({}));
    let cancelled = wait_for("the end", || {
        let batch = get(&server, "/v1/batches/batch_1").json();
        (batch["status"] == "cancelled").then_some(batch)
    });
    let (done, code) = results_and_code(&server, &cancelled);
    assert!((1..100).contains(&done), "{done}");
    assert_eq!(code, "batch_cancelled");
}

#[test]
fn invalid_batches_are_rejected() {
    let server = server();
    for (body, status, param) in [
        (
            json!({ "input_file_id": "file-9", "endpoint": "/v1/responses",
                    "completion_window": "24h" }),
            404,
            "id",
        ),
        (
            json!({ "input_file_id": "file-9", "endpoint": "/v1/files",
                    "completion_window": "24h" }),
            400,
            "endpoint",
        ),
        (
            json!({ "endpoint": "/v1/responses", "completion_window": "24h" }),
            400,
            "input_file_id",
        ),
    ] {
        let refused = post(&server, TARGET, &body);
        assert_eq!(
            (refused.status(), refused.error().2),
            (status, json!(param))
        );
    }
    assert_eq!(get(&server, "/v1/batches/batch_9").status(), 404);
}
