use openaistream_server::{ChatMessage, ToolCall};
use serde_json::{json, Value};

use crate::assistants_support::{
    assistants_server, look, newest, prepare, refusal, response_text, run, tell, weather, RUN,
};
use crate::support::{text, upload_cats};

#[test]
fn functions_are_called_and_their_outputs_answered() {
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

    // A response with the same input has the same answer.
    let call = json!({ "type": "function_call", "call_id": "c", "name": "get_weather",
                       "arguments": arguments });
    let output = json!({ "type": "function_call_output", "call_id": "c", "output": "Sunny" });
    let message = json!({ "role": "user", "content": question });
    let answer = response_text(&server, json!({ "input": [message, call, output] }));
    assert_eq!(newest(&server), answer);
    assert!(answer
        .as_str()
        .is_some_and(|answer| answer.contains("Sunny")));

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
    upload_cats(&server, "assistants");
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
    let answer = &list["data"][0]["content"][0]["text"];
    let length = text(answer, "/value").chars().count();
    let citation = json!({ "type": "file_citation", "text": "", "start_index": length,
                           "end_index": length, "file_citation": { "file_id": "file-1" } });
    assert_eq!(answer["annotations"], json!([citation]));
}

#[test]
fn a_run_reads_the_same_input_as_a_response() {
    let server = assistants_server();
    prepare(&server, &weather(), "What is the weather?");
    let waiting = run(&server, json!({}));
    let id = &waiting["required_action"]["submit_tool_outputs"]["tool_calls"][0]["id"];
    let outputs = json!([{ "tool_call_id": id, "output": "Sunny and dry" }]);
    let path = format!("{RUN}/submit_tool_outputs");
    tell(&server, &path, &json!({ "tool_outputs": outputs }));
    let more = json!([{ "role": "user", "content": "Thanks" }]);
    let done = run(&server, json!({ "additional_messages": more }));

    let respond = |input: Value| {
        let mut function = weather()[0]["function"].clone();
        function["type"] = "function".into();
        let body = json!({ "model": "m", "conversation": "conv_1", "instructions": "Be brief.",
                           "input": input, "tools": [function] });
        tell(&server, "/responses", &body)
    };
    tell(&server, "/conversations", &json!({}));
    let called = respond(json!("What is the weather?"));
    let output = json!({ "type": "function_call_output", "output": "Sunny and dry",
                         "call_id": called["output"][0]["call_id"] });
    respond(json!([output]));
    let answered = respond(json!("Thanks"));
    assert_eq!(
        (
            &done["usage"]["prompt_tokens"],
            &done["usage"]["completion_tokens"]
        ),
        (
            &answered["usage"]["input_tokens"],
            &answered["usage"]["output_tokens"]
        )
    );
    assert_eq!(newest(&server), answered["output"][0]["content"][0]["text"]);
}
