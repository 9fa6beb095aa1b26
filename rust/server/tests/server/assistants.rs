use serde_json::{json, Value};

use crate::assistants_support::{ask, assistants_server, ids, look, refusal, tell};
use crate::support::{get, post, upload_cats};

#[test]
fn an_assistant_is_created_updated_and_deleted() {
    let server = assistants_server();
    let tools = json!([{ "type": "code_interpreter" }]);
    let made = tell(
        &server,
        "/assistants",
        &json!({ "model": "gpt-6-luna", "name": "Tutor", "tools": tools }),
    );
    assert_eq!(
        made,
        json!({
            "id": "asst_1", "object": "assistant", "created_at": 1_700_000_000, "metadata": {},
            "model": "gpt-6-luna", "name": "Tutor", "description": null, "instructions": null,
            "tools": tools, "tool_resources": {}, "temperature": 1.0, "top_p": 1.0,
            "response_format": "auto",
        })
    );
    let changes = json!({ "name": null, "metadata": { "a": "b" }, "temperature": 0.5 });
    let changed = tell(&server, "/assistants/asst_1", &changes);
    assert_eq!(
        (&changed["name"], &changed["metadata"], &changed["tools"]),
        (&Value::Null, &json!({ "a": "b" }), &tools)
    );
    assert_eq!(look(&server, "/assistants/asst_1"), changed);

    let gone = ask(&server, "DELETE", "/assistants/asst_1", &Value::Null);
    assert_eq!(
        gone.json(),
        json!({ "id": "asst_1", "object": "assistant.deleted", "deleted": true })
    );
    for method in ["GET", "DELETE"] {
        assert_eq!(
            refusal(&server, method, "/assistants/asst_1", &Value::Null),
            (404, "No assistant found with id 'asst_1'.".to_owned())
        );
    }
}

#[test]
fn assistants_are_listed_page_by_page() {
    let server = assistants_server();
    for _ in 0..3 {
        tell(&server, "/assistants", &json!({ "model": "m" }));
    }
    let first = look(&server, "/assistants?limit=2");
    assert_eq!(ids(&first), ["asst_3", "asst_2"]);
    assert_eq!(
        [&first["first_id"], &first["last_id"], &first["has_more"]],
        [&json!("asst_3"), &json!("asst_2"), &json!(true)]
    );
    let rest = look(&server, "/assistants?limit=2&after=asst_2");
    assert_eq!(
        (ids(&rest), &rest["has_more"]),
        (vec!["asst_1"], &json!(false))
    );
    let old = look(&server, "/assistants?order=asc&before=asst_2");
    assert_eq!(ids(&old), ["asst_1"]);
}

#[test]
fn a_request_without_api_version_is_rejected() {
    let server = assistants_server();
    let refused = post(&server, "/v1/assistants", &json!({ "model": "m" }));
    assert_eq!(refused.status(), 400);
    let (message, _, _, code) = refused.error();
    assert_eq!(
        message,
        "You must provide the 'OpenAI-Beta' header to access the Assistants API. Please try again \
         by setting the header 'OpenAI-Beta: assistants=v2'."
    );
    assert_eq!(code, "invalid_beta");
    assert_eq!(get(&server, "/v1/threads/thread_1").status(), 400);
}

#[test]
fn a_thread_is_created_updated_and_deleted() {
    let server = assistants_server();
    let made = tell(&server, "/threads", &Value::Null);
    assert_eq!(
        made,
        json!({ "id": "thread_1", "object": "thread", "created_at": 1_700_000_000,
                "metadata": {}, "tool_resources": {} })
    );
    let metadata = json!({ "a": "b" });
    tell(
        &server,
        "/threads/thread_1",
        &json!({ "metadata": metadata }),
    );
    let changed = tell(&server, "/threads/thread_1", &json!({}));
    assert_eq!(changed["metadata"], metadata);

    let gone = ask(&server, "DELETE", "/threads/thread_1", &Value::Null);
    assert_eq!(gone.json()["object"], "thread.deleted");
    let unknown = "No thread found with id 'thread_1'.".to_owned();
    for path in ["", "/messages", "/runs", "/messages/msg_1", "/runs/run_1"] {
        assert_eq!(
            refusal(
                &server,
                "GET",
                &format!("/threads/thread_1{path}"),
                &Value::Null
            ),
            (404, unknown.clone())
        );
    }
}

#[test]
fn messages_are_added_listed_updated_and_deleted() {
    let server = assistants_server();
    let first = json!({ "role": "user", "content": "One" });
    tell(&server, "/threads", &json!({ "messages": [first] }));
    let image = json!({ "type": "image_url", "image_url": { "url": "https://example.org/a.png" } });
    let second = json!({ "role": "assistant", "metadata": { "a": "b" },
                         "content": [{ "type": "text", "text": "Two" }, image] });
    let made = tell(&server, "/threads/thread_1/messages", &second);
    assert_eq!(
        made,
        json!({
            "id": "msg_2", "object": "thread.message", "created_at": 1_700_000_000,
            "thread_id": "thread_1", "status": "completed", "incomplete_details": null,
            "completed_at": 1_700_000_000, "incomplete_at": null, "role": "assistant",
            "content": [
                { "type": "text", "text": { "value": "Two", "annotations": [] } },
                { "type": "image_url",
                  "image_url": { "url": "https://example.org/a.png", "detail": "auto" } },
            ],
            "assistant_id": null, "run_id": null, "attachments": [], "metadata": { "a": "b" },
        })
    );
    let list = look(&server, "/threads/thread_1/messages");
    assert_eq!(ids(&list), ["msg_2", "msg_1"]);
    let path = "/threads/thread_1/messages/msg_2";
    tell(&server, path, &json!({ "metadata": { "c": "d" } }));
    assert_eq!(look(&server, path)["metadata"], json!({ "c": "d" }));

    let gone = ask(&server, "DELETE", path, &Value::Null).json();
    assert_eq!(gone["object"], "thread.message.deleted");
    assert_eq!(
        refusal(&server, "GET", path, &Value::Null),
        (404, "No message found with id 'msg_2'.".to_owned())
    );
}

#[test]
fn an_invalid_message_is_rejected_and_not_stored() {
    let server = assistants_server();
    for (message, param) in [
        (json!({ "role": "user" }), "messages[0].content"),
        (
            json!({ "role": "system", "content": "x" }),
            "messages[0].role",
        ),
        (
            json!({ "role": "user", "content": [] }),
            "messages[0].content",
        ),
        (
            json!({ "role": "user", "content": [{ "type": "text", "text": {} }] }),
            "messages[0].content[0].text",
        ),
    ] {
        let body = json!({ "messages": [message] });
        let refused = ask(&server, "POST", "/threads", &body);
        assert_eq!(refused.status(), 400, "{message}");
        assert_eq!(refused.error().2, param, "{message}");
    }
    let attachments = json!([{ "file_id": "file-9", "tools": [{ "type": "file_search" }] }]);
    let message = json!({ "role": "user", "content": "x", "attachments": attachments });
    let refused = ask(
        &server,
        "POST",
        "/threads",
        &json!({ "messages": [message] }),
    );
    assert_eq!(refused.status(), 404);
    let path = "/threads/thread_1";
    assert_eq!(ask(&server, "GET", path, &Value::Null).status(), 404);
}

#[test]
fn attached_files_are_added_to_the_tools_of_the_thread() {
    let server = assistants_server();
    upload_cats(&server, "assistants");
    let tools = json!([{ "type": "file_search" }, { "type": "code_interpreter" }]);
    let attachments = json!([{ "file_id": "file-1", "tools": tools }]);
    let message = json!({ "role": "user", "content": "x", "attachments": attachments });
    let thread = tell(&server, "/threads", &json!({ "messages": [message] }));
    assert_eq!(
        thread["tool_resources"],
        json!({ "file_search": { "vector_store_ids": ["vs_1"] },
                "code_interpreter": { "file_ids": ["file-1"] } })
    );
    let list = look(&server, "/threads/thread_1/messages");
    assert_eq!(list["data"][0]["attachments"], attachments);
    assert_eq!(ids(&look(&server, "/vector_stores/vs_1/files")), ["file-1"]);

    let wanted = json!({ "file_search": { "vector_stores": [{ "file_ids": ["file-1"] }] } });
    let made = tell(
        &server,
        "/assistants",
        &json!({ "model": "m", "tool_resources": wanted }),
    );
    assert_eq!(
        made["tool_resources"],
        json!({ "file_search": { "vector_store_ids": ["vs_2"] } })
    );
}
