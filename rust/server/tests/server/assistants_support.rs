//! Helpers for the tests of the Assistants API.

use std::time::Duration;

use openaistream_server::{Options, Server};
use serde_json::{json, Value};

use crate::support::{post, request, text, Client, Response};

/// The path of the runs of the first thread.
pub const RUNS: &str = "/threads/thread_1/runs";
pub const RUN: &str = "/threads/thread_1/runs/run_1";
const VERSION: &str = "openai-beta: assistants=v2\r\n";

/// A server with the Assistants API.
pub fn assistants_server() -> Server {
    with_delay(Duration::ZERO)
}

/// A server on which every step of a run takes this long.
pub fn with_delay(background_delay: Duration) -> Server {
    Server::start(Options {
        assistants: true,
        background_delay,
        ..Options::default()
    })
    .expect("a server starts")
}

/// Sends a request to `/v1` and `path`; a null body means no body.
pub fn ask(server: &Server, method: &str, path: &str, body: &Value) -> Response {
    let body = if body.is_null() {
        String::new()
    } else {
        body.to_string()
    };
    Client::connect(server).exchange(&request(method, &format!("/v1{path}"), VERSION, &body))
}

/// The response to a GET, which must succeed.
pub fn look(server: &Server, path: &str) -> Value {
    good(&ask(server, "GET", path, &Value::Null))
}

/// The response to a POST, which must succeed.
pub fn tell(server: &Server, path: &str, body: &Value) -> Value {
    good(&ask(server, "POST", path, body))
}

fn good(answer: &Response) -> Value {
    assert_eq!(answer.status(), 200, "{}", answer.json());
    answer.json()
}

/// The status and the message of an error.
pub fn refusal(server: &Server, method: &str, path: &str, body: &Value) -> (u16, String) {
    let refused = ask(server, method, path, body);
    (refused.status(), refused.error().0)
}

/// Creates an assistant with these tools, and a thread with this question.
pub fn prepare(server: &Server, tools: &Value, question: &str) {
    tell(
        server,
        "/assistants",
        &json!({ "model": "gpt-6-luna", "instructions": "Be brief.", "tools": tools }),
    );
    let message = json!({ "role": "user", "content": question });
    tell(server, "/threads", &json!({ "messages": [message] }));
}

/// A function that is called for the question "What is the weather?".
pub fn weather() -> Value {
    let parameters = json!({ "type": "object", "properties": { "city": { "type": "string" } },
                             "required": ["city"] });
    json!([{ "type": "function",
             "function": { "name": "get_weather", "parameters": parameters } }])
}

/// The names and the data of the events of a stream; the data of the last one is text.
pub fn events(answer: &Response) -> Vec<(String, Value)> {
    let events = answer.events().map(|(name, data)| {
        let data = serde_json::from_str(data).unwrap_or_else(|_| data.into());
        (name.to_owned(), data)
    });
    events.collect()
}

/// The ids of a list.
pub fn ids(list: &Value) -> Vec<&str> {
    let data = list["data"].as_array().expect("a list");
    data.iter().filter_map(|it| it["id"].as_str()).collect()
}

/// Creates a run, and returns it after it has finished or waits for outputs.
pub fn run(server: &Server, more: Value) -> Value {
    let mut body = json!({ "assistant_id": "asst_1" });
    for (name, value) in more.as_object().expect("an object") {
        body[name] = value.clone();
    }
    let made = tell(server, RUNS, &body);
    assert_eq!(made["status"], "queued");
    look(server, &format!("{RUNS}/{}", text(&made, "/id")))
}

/// The text of the newest message.
pub fn newest(server: &Server) -> Value {
    let list = look(server, "/threads/thread_1/messages?limit=1");
    list["data"][0]["content"][0]["text"]["value"].clone()
}

/// The text of a response to this question.
pub fn response_text(server: &Server, body: Value) -> Value {
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
