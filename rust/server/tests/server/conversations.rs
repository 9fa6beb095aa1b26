use std::time::Duration;

use openaistream_server::{Options, Server};
use serde_json::{json, Value};

use crate::support::{delete, get, post, request, server, text, Client};

const TARGET: &str = "/v1/conversations";
const ITEMS: &str = "/v1/conversations/conv_1/items";

fn texts(page: &Value) -> Vec<&str> {
    let items = page["data"].as_array().expect("items").iter();
    items.map(|item| text(item, "/content/0/text")).collect()
}

fn message(text: &str) -> Value {
    json!({ "type": "message", "role": "user", "content": text })
}

#[test]
fn a_conversation_is_created_updated_and_deleted() {
    let server = server();
    let made = post(&server, TARGET, &json!({ "metadata": { "a": "b" } })).json();
    assert_eq!(
        (&made["id"], &made["object"]),
        (&json!("conv_1"), &json!("conversation"))
    );
    let changed = post(
        &server,
        "/v1/conversations/conv_1",
        &json!({ "metadata": {} }),
    )
    .json();
    assert_eq!(changed["metadata"], json!({}));
    assert_eq!(get(&server, "/v1/conversations/conv_1").json(), changed);
    let refused = post(&server, "/v1/conversations/conv_1", &json!({}));
    assert_eq!(
        (refused.status(), refused.error().2),
        (400, json!("metadata"))
    );
    let deleted = delete(&server, "/v1/conversations/conv_1").json();
    assert_eq!(deleted["object"], "conversation.deleted");
    assert_eq!(get(&server, "/v1/conversations/conv_1").status(), 404);
    let empty = Client::connect(&server).exchange(&request("POST", TARGET, "", ""));
    assert_eq!(empty.json()["id"], "conv_2", "a body may be missing");
}

#[test]
fn items_are_added_listed_and_deleted() {
    let server = server();
    post(&server, TARGET, &json!({ "items": [message("one")] }));
    let added = post(
        &server,
        ITEMS,
        &json!({ "items": [message("two"), message("three")] }),
    );
    assert_eq!(texts(&added.json()), ["two", "three"]);
    assert_eq!(texts(&get(&server, ITEMS).json()), ["three", "two", "one"]);
    let page = get(&server, &format!("{ITEMS}?order=asc&limit=1")).json();
    assert_eq!(
        (texts(&page), &page["has_more"]),
        (vec!["one"], &json!(true))
    );
    let id = text(&page, "/last_id").to_owned();
    let rest = get(&server, &format!("{ITEMS}?order=asc&after={id}")).json();
    assert_eq!(texts(&rest), ["two", "three"]);

    let item = get(&server, &format!("{ITEMS}/{id}")).json();
    assert_eq!(item, page["data"][0]);
    let answer = delete(&server, &format!("{ITEMS}/{id}")).json();
    assert_eq!(answer["object"], "conversation");
    assert_eq!(get(&server, &format!("{ITEMS}/{id}")).status(), 404);
}

#[test]
fn at_most_twenty_items_are_added_at_once() {
    let server = server();
    let items = |count| json!({ "items": vec![message("x"); count] });
    assert_eq!(post(&server, TARGET, &items(20)).status(), 200);
    for target in [TARGET, ITEMS] {
        let refused = post(&server, target, &items(21));
        assert_eq!((refused.status(), refused.error().2), (400, json!("items")));
    }
}

#[test]
fn a_response_adds_its_input_and_output() {
    let server = server();
    post(&server, TARGET, &json!({}));
    for conversation in [json!("conv_1"), json!({ "id": "conv_1" })] {
        let body = json!({ "model": "m", "input": "Hi", "conversation": conversation });
        let answer = post(&server, "/v1/responses", &body).json();
        assert_eq!(answer["conversation"], json!({ "id": "conv_1" }));
    }
    let items = get(&server, &format!("{ITEMS}?order=asc")).json();
    let roles: Vec<&Value> = items["data"]
        .as_array()
        .expect("items")
        .iter()
        .map(|item| &item["role"])
        .collect();
    assert_eq!(roles, ["user", "assistant", "user", "assistant"]);

    let body = json!({ "model": "m", "conversation": "conv_9" });
    assert_eq!(post(&server, "/v1/responses", &body).status(), 404);
    let body = json!({ "model": "m", "conversation": "conv_1", "previous_response_id": "resp_1" });
    let refused = post(&server, "/v1/responses", &body);
    assert_eq!(refused.error().3, "mutually_exclusive_parameters");
}

#[test]
fn concurrent_responses_in_a_conversation_are_rejected() {
    let server = Server::start(Options {
        background_delay: Duration::from_secs(60),
        ..Options::default()
    })
    .expect("a server starts");
    post(&server, TARGET, &json!({}));
    let body = json!({ "model": "m", "input": "Hi", "conversation": "conv_1",
                       "background": true });
    post(&server, "/v1/responses", &body);
    let refused = post(&server, "/v1/responses", &body);
    assert_eq!(
        (refused.status(), refused.error().3),
        (400, json!("conversation_locked"))
    );
    assert_eq!(texts(&get(&server, ITEMS).json()), Vec::<&str>::new());
    post(&server, "/v1/responses/resp_1/cancel", &json!({}));
    assert_eq!(post(&server, "/v1/responses", &body).status(), 200);
}
