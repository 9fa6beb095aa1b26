use serde_json::{json, Value};

use crate::support::{delete, get, post, post_form, server, text};

const TARGET: &str = "/v1/files";

fn ids(page: &Value) -> Vec<&str> {
    let data = page["data"].as_array().expect("files").iter();
    data.map(|file| text(file, "/id")).collect()
}

#[test]
fn a_file_is_uploaded_read_and_deleted() {
    let server = server();
    let fields = [
        ("purpose", None, "user_data"),
        ("expires_after[anchor]", None, "created_at"),
        ("expires_after[seconds]", None, "3600"),
        ("file", Some("a b.txt"), "one\r\ntwo"),
    ];
    let file = post_form(&server, TARGET, &fields).json();
    assert_eq!(file["id"], "file-1");
    assert_eq!(
        (&file["filename"], &file["bytes"]),
        (&json!("a b.txt"), &json!(8))
    );
    assert_eq!(file["expires_at"], json!(1_700_003_600));
    assert_eq!(get(&server, "/v1/files/file-1").json(), file);
    let content = get(&server, "/v1/files/file-1/content");
    assert_eq!(content.body, b"one\r\ntwo");

    assert_eq!(delete(&server, "/v1/files/file-1").json()["deleted"], true);
    for target in ["/v1/files/file-1", "/v1/files/file-1/content"] {
        assert_eq!(get(&server, target).status(), 404);
    }
}

#[test]
fn files_are_listed_by_purpose_the_newest_first() {
    let server = server();
    for purpose in ["batch", "user_data", "batch"] {
        let fields = [("purpose", None, purpose), ("file", Some("x"), "x")];
        post_form(&server, TARGET, &fields);
    }
    assert_eq!(
        ids(&get(&server, TARGET).json()),
        ["file-3", "file-2", "file-1"]
    );
    let page = get(&server, "/v1/files?purpose=batch&limit=1").json();
    assert_eq!(
        (ids(&page), &page["has_more"]),
        (vec!["file-3"], &json!(true))
    );
    let page = get(&server, "/v1/files?purpose=batch&after=file-3").json();
    assert_eq!(
        (ids(&page), &page["has_more"]),
        (vec!["file-1"], &json!(false))
    );
}

#[test]
fn a_client_may_delete_while_it_pages() {
    let server = server();
    for _ in 0..4 {
        let fields = [("purpose", None, "batch"), ("file", Some("x"), "x")];
        post_form(&server, TARGET, &fields);
    }
    delete(&server, "/v1/files/file-3");
    let rest = get(&server, "/v1/files?after=file-3").json();
    assert_eq!(ids(&rest), ["file-2", "file-1"]);
    let rest = get(&server, "/v1/files?after=file-3&order=asc").json();
    assert_eq!(ids(&rest), ["file-4"]);
    assert_eq!(get(&server, "/v1/files?after=other-3").status(), 400);
}

#[test]
fn missing_fields_of_a_file_are_reported() {
    let server = server();
    for (fields, param) in [
        (vec![("purpose", None, "batch")], "file"),
        (vec![("file", Some("x"), "x")], "purpose"),
        (
            vec![("file", Some("x"), "x"), ("purpose", None, "fun")],
            "purpose",
        ),
    ] {
        let refused = post_form(&server, TARGET, &fields);
        assert_eq!((refused.status(), refused.error().2), (400, json!(param)));
    }
}

fn upload(server: &openaistream_server::Server, bytes: u64) -> Value {
    let body = json!({ "bytes": bytes, "filename": "x.jsonl", "mime_type": "text/jsonl",
                       "purpose": "batch" });
    post(server, "/v1/uploads", &body).json()
}

#[test]
fn parts_become_a_file_in_the_given_order() {
    let server = server();
    assert_eq!(upload(&server, 6)["status"], "pending");
    for (part, content) in [("part_1", "abc"), ("part_2", "def")] {
        let fields = [("data", Some("blob"), content)];
        let answer = post_form(&server, "/v1/uploads/upload_1/parts", &fields).json();
        assert_eq!(
            (&answer["id"], &answer["object"]),
            (&json!(part), &json!("upload.part"))
        );
    }
    let target = "/v1/uploads/upload_1/complete";
    for part_ids in [json!(["part_1"]), json!(["part_1", "part_9"])] {
        let refused = post(&server, target, &json!({ "part_ids": part_ids }));
        assert_eq!(refused.status(), 400);
    }
    let body = json!({ "part_ids": ["part_2", "part_1"] });
    let done = post(&server, target, &body).json();
    assert_eq!(
        (&done["status"], &done["file"]["id"]),
        (&json!("completed"), &json!("file-1"))
    );
    assert_eq!(get(&server, "/v1/files/file-1/content").body, b"defabc");
    assert_eq!(post(&server, target, &body).status(), 400, "only once");
}

#[test]
fn a_cancelled_upload_rejects_parts() {
    let server = server();
    upload(&server, 1);
    let answer = post(&server, "/v1/uploads/upload_1/cancel", &json!({})).json();
    assert_eq!(
        (&answer["status"], &answer["file"]),
        (&json!("cancelled"), &Value::Null)
    );
    let fields = [("data", Some("blob"), "x")];
    let refused = post_form(&server, "/v1/uploads/upload_1/parts", &fields);
    assert_eq!(refused.status(), 400);
    let missing = post(&server, "/v1/uploads/upload_9/cancel", &json!({}));
    assert_eq!(missing.status(), 404);
}
