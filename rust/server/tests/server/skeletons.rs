//! Operations without state.

use serde_json::json;

use crate::support::{delete, get, post, server};

#[test]
fn a_response_contains_values_from_the_request() {
    let server = server();
    let run = get(&server, "/v1/evals/eval_a/runs/run%20b").json();
    assert_eq!(
        (&run["object"], &run["id"], &run["eval_id"]),
        (&json!("eval.run"), &json!("run b"), &json!("eval_a"))
    );
    let body = json!({ "name": "A container", "memory_limit": "4g", "unknown": 1 });
    let container = post(&server, "/v1/containers", &body).json();
    assert_eq!(container["id"], "container_1");
    assert_eq!(container["name"], "A container");
    assert_eq!(container["memory_limit"], "4g");
    assert!(container.get("unknown").is_none());

    // The description has no schema for this operation, so any field may be part of the response.
    let body = json!({ "model": "m", "reasoning": { "effort": "low" } });
    let agent = post(&server, "/v1/agents", &body).json();
    assert_eq!(agent["reasoning"], json!({ "effort": "low" }));

    let body = json!({ "name": 7, "auth": {} });
    let credential = post(&server, "/v1/vaults/vault_a/credentials", &body).json();
    // A value of another type would make the response invalid.
    assert_eq!(credential["name"], "Example");
    assert_eq!(credential["id"], "credential_1");
}

#[test]
fn a_deletion_returns_the_id() {
    let server = server();
    assert_eq!(
        delete(&server, "/v1/agents/agent_a").json(),
        json!({ "id": "agent_a", "object": "agent.deleted", "deleted": true })
    );
    let container = delete(&server, "/v1/containers/container_a");
    assert_eq!((container.status(), &*container.body), (200, &b""[..]));
}

#[test]
fn a_list_has_two_objects() {
    let server = server();
    let evals = get(&server, "/v1/evals/eval_a/runs").json();
    assert_eq!(evals["data"].as_array().map(Vec::len), Some(2));
    assert_eq!(evals["data"][1]["eval_id"], "eval_a");
    assert_eq!(
        (&evals["first_id"], &evals["last_id"], &evals["has_more"]),
        (&json!("run_1"), &json!("run_2"), &json!(false))
    );
}

#[test]
fn files_can_be_opened() {
    let server = server();
    let skill = get(&server, "/v1/skills/skill_a/content");
    assert!(skill.head.contains("content-type: application/zip"));
    assert!(skill.body.starts_with(b"PK\x03\x04"));
    let video = get(&server, "/v1/videos/video_a/content");
    assert_eq!(&video.body[4..8], b"ftyp");
}

#[test]
fn events_are_streamed_on_request() {
    let server = server();
    let always = get(&server, "/v1/agents/sessions/session_a/events");
    assert!(always.head.contains("content-type: text/event-stream"));
    assert!(always.body.starts_with(b"data: {"));

    let mut body = json!({ "environment": {} });
    let whole = post(&server, "/v1/agents/sessions", &body);
    assert_eq!(whole.json()["object"], "agent.session");
    body["stream"] = json!(true);
    let streamed = post(&server, "/v1/agents/sessions", &body);
    assert!(streamed.body.ends_with(b"data: [DONE]\n\n"));
}

#[test]
fn a_missing_field_is_reported() {
    let server = server();
    let refused = post(&server, "/v1/agents", &json!({}));
    assert_eq!(refused.status(), 400);
    assert_eq!(refused.error().2, "model");
}
