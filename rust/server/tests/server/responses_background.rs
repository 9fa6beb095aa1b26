use std::time::Duration;

use openaistream_server::{Options, Server};
use serde_json::{json, Value};

use crate::support::{create_response, get, post, request, text, wait_for, Client, RESPONSES};

fn slow_server(background_delay: u64, token_delay: u64) -> Server {
    Server::start(Options {
        background_delay: Duration::from_millis(background_delay),
        token_delay: Duration::from_millis(token_delay),
        ..Options::default()
    })
    .expect("a server starts")
}

#[test]
fn a_background_response_passes_through_its_states() {
    let server = slow_server(150, 2);
    let answer = create_response(
        &server,
        json!({ "model": "m", "input": "Hi", "background": true }),
    );
    assert_eq!(
        (&answer["status"], &answer["output"]),
        (&json!("queued"), &json!([]))
    );
    let mut seen = vec!["queued".to_owned()];
    let finished = wait_for("the end", || {
        let now = get(&server, "/v1/responses/resp_1").json();
        let status = text(&now, "/status").to_owned();
        if status == "completed" {
            return Some(now);
        }
        assert_eq!(now["usage"], Value::Null);
        None
    });
    seen.push(text(&finished, "/status").to_owned());
    assert_eq!(seen, ["queued", "completed"]);
    assert!(text(&finished, "/output/0/content/0/text").contains("\"Hi\""));
    let again = post(&server, "/v1/responses/resp_1/cancel", &json!({}));
    assert_eq!(again.json(), finished, "a finished response stays as it is");
}

#[test]
fn a_background_stream_resumes_after_a_lost_connection() {
    let server = slow_server(20, 3);
    let body = json!({ "model": "m", "input": "Hi", "background": true, "stream": true });
    let mut client = Client::connect(&server);
    client.send(request("POST", RESPONSES, "", &body.to_string()));
    client.read_until("\r\n\r\n");
    let first = [client.chunk(), client.chunk(), client.chunk()];
    assert!(first[1]
        .as_ref()
        .expect("an event")
        .contains("event: response.queued\n"));
    drop(client);

    let rest = get(&server, "/v1/responses/resp_1?stream=true&starting_after=2");
    let rest = rest.named_events();
    assert_eq!(rest[0]["sequence_number"], 3);
    assert_eq!(rest[rest.len() - 1]["type"], "response.completed");
    let whole = get(&server, "/v1/responses/resp_1?stream=true").named_events();
    assert_eq!(whole[3..], rest);
    let past = rest.len() + 10;
    let target = format!("/v1/responses/resp_1?stream=true&starting_after={past}");
    assert_eq!(get(&server, &target).named_events(), Vec::<Value>::new());
}

#[test]
fn an_old_response_cannot_be_streamed() {
    let server = Server::start(Options {
        resume_limit: Duration::ZERO,
        ..Options::default()
    })
    .expect("a server starts");
    let body = json!({ "model": "m", "input": "Hi", "background": true });
    create_response(&server, body);
    let refused = get(&server, "/v1/responses/resp_1?stream=true");
    assert_eq!(refused.status(), 400);
    assert_eq!(
        refused.error().0,
        "This response can no longer be streamed because it is more than 5 minutes old."
    );
    create_response(&server, json!({ "model": "m", "input": "Hi" }));
    let refused = get(&server, "/v1/responses/resp_2?stream=true");
    assert_eq!(refused.status(), 400, "not in the background");
}

#[test]
fn a_background_response_can_be_cancelled_twice() {
    let server = slow_server(60_000, 0);
    create_response(
        &server,
        json!({ "model": "m", "input": "Hi", "background": true }),
    );
    for _ in 0..2 {
        let answer = post(&server, "/v1/responses/resp_1/cancel", &json!({})).json();
        assert_eq!(answer["status"], "cancelled");
    }
    assert_eq!(
        get(&server, "/v1/responses/resp_1").json()["status"],
        "cancelled"
    );
    create_response(&server, json!({ "model": "m", "input": "Hi" }));
    let refused = post(&server, "/v1/responses/resp_2/cancel", &json!({}));
    assert_eq!(refused.status(), 400);
    let refused = post(
        &server,
        RESPONSES,
        &json!({ "model": "m", "input": "Hi", "background": true, "store": false }),
    );
    assert_eq!(refused.error().2, "background");
}

#[test]
fn a_stream_ends_when_its_response_is_cancelled() {
    let server = slow_server(60_000, 0);
    let body = json!({ "model": "m", "input": "Hi", "background": true, "stream": true });
    let mut client = Client::connect(&server);
    client.send(request("POST", RESPONSES, "", &body.to_string()));
    client.read_until("\r\n\r\n");
    for name in ["response.created", "response.queued"] {
        let event = client.chunk().expect("an event");
        assert!(event.starts_with(&format!("event: {name}\n")), "{event}");
    }
    post(&server, "/v1/responses/resp_1/cancel", &json!({}));
    assert_eq!(client.chunk(), None);
    let rest = get(&server, "/v1/responses/resp_1?stream=true&starting_after=1");
    assert_eq!(rest.named_events(), Vec::<Value>::new());
}
