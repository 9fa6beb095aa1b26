use std::time::Duration;

use openaistream_server::{Options, Server};
use serde_json::{json, Value};

use crate::assistants_support::{
    ask, assistants_server, events, look, prepare, tell, weather, RUN,
};
use crate::support::{request, text, Client};

/// The events of a run that answers with a message, after the first.
const ANSWERED: [&str; 11] = [
    "thread.run.queued",
    "thread.run.in_progress",
    "thread.run.step.created",
    "thread.run.step.in_progress",
    "thread.message.created",
    "thread.message.in_progress",
    "thread.message.delta",
    "thread.message.completed",
    "thread.run.step.completed",
    "thread.run.completed",
    "done",
];

/// The names of the events, without consecutive duplicates.
fn names(events: &[(String, Value)]) -> Vec<&str> {
    let mut names: Vec<&str> = events.iter().map(|(name, _)| name.as_str()).collect();
    names.dedup();
    names
}

/// The concatenated text of the message deltas.
fn added_text(events: &[(String, Value)]) -> String {
    let deltas = events
        .iter()
        .filter(|(name, _)| name == "thread.message.delta");
    deltas
        .filter_map(|(_, data)| data["delta"]["content"][0]["text"]["value"].as_str())
        .collect()
}

#[test]
fn a_streamed_run_has_the_old_events_in_the_old_order() {
    let server = assistants_server();
    prepare(&server, &json!([]), "Hello");
    let body = json!({ "assistant_id": "asst_1", "stream": true });
    let events = events(&ask(&server, "POST", "/threads/thread_1/runs", &body));
    assert_eq!(
        names(&events),
        [&["thread.run.created"], ANSWERED.as_slice()].concat()
    );
    assert_eq!(events[events.len() - 1].1, "[DONE]");
    let data = |name: &str| {
        let event = events.iter().find(|(known, _)| known == name);
        event.expect("an event").1.clone()
    };
    assert_eq!(data("thread.run.created")["status"], "queued");
    let completed = data("thread.message.completed");
    assert_eq!(
        added_text(&events),
        text(&completed, "/content/0/text/value")
    );
    assert_eq!(data("thread.run.completed"), look(&server, RUN));
    let list = look(&server, "/threads/thread_1/messages?limit=1");
    assert_eq!(list["data"][0], completed);
}

#[test]
fn a_stream_with_functions_stops_and_continues() {
    let server = assistants_server();
    tell(
        &server,
        "/assistants",
        &json!({ "model": "m", "tools": weather() }),
    );
    let message = json!({ "role": "user", "content": "What is the weather?" });
    let body = json!({ "assistant_id": "asst_1", "stream": true,
                       "thread": { "messages": [message] } });
    let first = events(&ask(&server, "POST", "/threads/runs", &body));
    assert_eq!(
        names(&first),
        [
            "thread.created",
            "thread.run.created",
            "thread.run.queued",
            "thread.run.in_progress",
            "thread.run.step.created",
            "thread.run.step.in_progress",
            "thread.run.step.delta",
            "thread.run.requires_action",
            "done",
        ]
    );
    let run = &first[first.len() - 2].1;
    let call = &run["required_action"]["submit_tool_outputs"]["tool_calls"][0];
    let deltas = first
        .iter()
        .filter(|(name, _)| name == "thread.run.step.delta")
        .map(|(_, data)| &data["delta"]["step_details"]["tool_calls"][0]);
    let deltas: Vec<&Value> = deltas.collect();
    assert_eq!(
        *deltas[0],
        json!({ "index": 0, "id": call["id"], "type": "function",
                "function": { "name": "get_weather", "arguments": "", "output": null } })
    );
    let arguments: String = deltas
        .iter()
        .filter_map(|delta| delta["function"]["arguments"].as_str())
        .collect();
    assert_eq!(arguments, text(call, "/function/arguments"));

    let outputs = json!([{ "tool_call_id": call["id"], "output": "Sunny" }]);
    let second = events(&ask(
        &server,
        "POST",
        &format!("{RUN}/submit_tool_outputs"),
        &json!({ "tool_outputs": outputs, "stream": true }),
    ));
    assert_eq!(
        names(&second),
        [&["thread.run.step.completed"], ANSWERED.as_slice()].concat()
    );
    let function = &second[0].1["step_details"]["tool_calls"][0]["function"];
    assert_eq!(function["output"], "Sunny");
    assert!(added_text(&second).contains("Sunny"));
}

#[test]
fn code_is_streamed_and_a_truncated_answer_is_incomplete() {
    let server = assistants_server();
    let tools = json!([{ "type": "code_interpreter" }]);
    let question = "Write code ".repeat(150);
    prepare(&server, &tools, &question);
    let body = json!({ "assistant_id": "asst_1", "stream": true, "max_completion_tokens": 256 });
    let events = events(&ask(&server, "POST", "/threads/thread_1/runs", &body));
    assert_eq!(
        names(&events)[3..],
        [
            "thread.run.step.created",
            "thread.run.step.in_progress",
            "thread.run.step.delta",
            "thread.run.step.completed",
            "thread.run.step.created",
            "thread.run.step.in_progress",
            "thread.message.created",
            "thread.message.in_progress",
            "thread.message.delta",
            "thread.message.incomplete",
            "thread.run.step.completed",
            "thread.run.incomplete",
            "done",
        ]
    );
    let deltas = events
        .iter()
        .map(|(_, data)| &data["delta"]["step_details"]["tool_calls"][0]["code_interpreter"]);
    let deltas: Vec<&Value> = deltas.filter(|delta| delta.is_object()).collect();
    let input: String = deltas
        .iter()
        .filter_map(|delta| delta["input"].as_str())
        .collect();
    assert_eq!(input, format!("print(\"{question}\")"));
    let outputs = json!([{ "index": 0, "type": "logs", "logs": format!("{question}\n") }]);
    assert_eq!(deltas[deltas.len() - 1]["outputs"], outputs);
}

#[test]
fn cancelling_a_run_ends_its_stream() {
    let server = Server::start(Options {
        assistants: true,
        token_delay: Duration::from_millis(100),
        ..Options::default()
    })
    .expect("a server starts");
    prepare(&server, &json!([]), &"long ".repeat(200));
    let body = json!({ "assistant_id": "asst_1", "stream": true });
    let mut client = Client::connect(&server);
    client.send(request(
        "POST",
        "/v1/threads/thread_1/runs",
        "openai-beta: assistants=v2\r\n",
        &body.to_string(),
    ));
    client.read_until("\r\n\r\n");
    while !client.chunk().expect("an event").contains("message.delta") {}
    let cancel = format!("{RUN}/cancel");
    assert_eq!(tell(&server, &cancel, &Value::Null)["status"], "cancelling");
    let rest = std::iter::from_fn(|| client.chunk()).collect::<Vec<String>>();
    assert!(rest.len() < 100, "{}", rest.len());
    let end = [
        "event: thread.message.incomplete\n",
        "event: thread.run.step.cancelled\n",
        "event: thread.run.cancelled\n",
        "event: done\ndata: [DONE]\n\n",
    ];
    let last = rest.last().expect("the end");
    for event in end {
        assert!(last.contains(event), "{event} in {last}");
    }
    assert_eq!(look(&server, RUN)["status"], "cancelled");
    let list = look(&server, "/threads/thread_1/messages?limit=1");
    assert_eq!(
        list["data"][0]["incomplete_details"]["reason"],
        "run_cancelled"
    );
}
