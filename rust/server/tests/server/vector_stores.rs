use openaistream_server::Server;
use serde_json::{json, Value};

use crate::support::{delete, get, post, post_form, server, text};

const STORE: &str = "/v1/vector_stores/vs_1";

/// A server with a vector store that contains three files.
fn server_with_store() -> Server {
    let server = server();
    for (name, content) in [
        ("cats.txt", "Cats sleep all day. Cats eat fish."),
        ("dogs.txt", "Dogs bark at cats."),
        ("boats.txt", "Boats sail."),
    ] {
        let fields = [
            ("purpose", None, "user_data"),
            ("file", Some(name), content),
        ];
        post_form(&server, "/v1/files", &fields);
    }
    let body = json!({ "name": "animals", "file_ids": ["file-1", "file-2", "file-3"] });
    post(&server, "/v1/vector_stores", &body);
    server
}

fn names(page: &Value) -> Vec<&str> {
    let data = page["data"].as_array().expect("results").iter();
    data.map(|result| text(result, "/filename")).collect()
}

#[test]
fn a_store_counts_its_files_and_is_updated_and_deleted() {
    let server = server_with_store();
    let store = get(&server, STORE).json();
    assert_eq!(
        (&store["status"], &store["file_counts"]["completed"]),
        (&json!("completed"), &json!(3))
    );
    assert_eq!(store["usage_bytes"], 63);
    let body = json!({ "name": "zoo", "metadata": { "a": "b" } });
    let changed = post(&server, STORE, &body).json();
    assert_eq!(
        (&changed["name"], &changed["metadata"]),
        (&json!("zoo"), &json!({ "a": "b" }))
    );
    assert_eq!(
        get(&server, "/v1/vector_stores").json()["data"],
        json!([changed])
    );
    assert_eq!(
        delete(&server, STORE).json()["object"],
        "vector_store.deleted"
    );
    assert_eq!(get(&server, STORE).status(), 404);
    assert_eq!(get(&server, "/v1/files/file-1").status(), 200, "files stay");
}

#[test]
fn the_best_match_is_first() {
    let server = server_with_store();
    let target = format!("{STORE}/search");
    let found = post(&server, &target, &json!({ "query": "Do cats eat fish?" })).json();
    assert_eq!(names(&found), ["cats.txt", "dogs.txt"]);
    assert_eq!(found["search_query"], json!(["Do cats eat fish?"]));
    assert_eq!(found["data"][0]["score"], 0.75);
    assert_eq!(text(&found, "/data/1/content/0/text"), "Dogs bark at cats.");

    let body = json!({ "query": ["cats", "boats"], "max_num_results": 1 });
    assert_eq!(names(&post(&server, &target, &body).json()).len(), 1);
    let body = json!({ "query": "cats eat", "ranking_options": { "score_threshold": 0.9 } });
    assert_eq!(names(&post(&server, &target, &body).json()), ["cats.txt"]);
}

#[test]
fn a_search_is_filtered_by_attributes() {
    let server = server_with_store();
    let target = format!("{STORE}/files/file-2");
    let changed = post(&server, &target, &json!({ "attributes": { "year": 2024 } })).json();
    assert_eq!(changed["attributes"], json!({ "year": 2024 }));
    let filter = json!({ "type": "gte", "key": "year", "value": 2024 });
    let body = json!({ "query": "cats", "filters": filter });
    let found = post(&server, &format!("{STORE}/search"), &body).json();
    assert_eq!(names(&found), ["dogs.txt"]);
    let body = json!({ "query": "cats", "filters": { "type": "like" } });
    let refused = post(&server, &format!("{STORE}/search"), &body);
    assert_eq!(
        (refused.status(), refused.error().2),
        (400, json!("filters"))
    );
}

#[test]
fn files_are_added_read_and_removed() {
    let server = server_with_store();
    post(&server, "/v1/vector_stores", &json!({}));
    let target = "/v1/vector_stores/vs_2/files";
    let chunking = json!({ "type": "static",
        "static": { "max_chunk_size_tokens": 4, "chunk_overlap_tokens": 0 } });
    let body = json!({ "file_id": "file-1", "chunking_strategy": chunking });
    let file = post(&server, target, &body).json();
    assert_eq!(
        (&file["status"], &file["vector_store_id"]),
        (&json!("completed"), &json!("vs_2"))
    );
    let content = get(&server, &format!("{target}/file-1/content")).json();
    assert_eq!(text(&content, "/data/0/text"), "Cats sleep all day");
    assert_eq!(get(&server, target).json()["data"], json!([file]));
    let none = get(&server, &format!("{target}?filter=failed")).json();
    assert_eq!(none["data"], json!([]));

    assert_eq!(
        post(&server, target, &json!({ "file_id": "file-9" })).status(),
        404
    );
    let deleted = delete(&server, &format!("{target}/file-1")).json();
    assert_eq!(deleted["object"], "vector_store.file.deleted");
    assert_eq!(get(&server, &format!("{target}/file-1")).status(), 404);
}

#[test]
fn files_are_added_in_a_batch() {
    let server = server_with_store();
    post(&server, "/v1/vector_stores", &json!({}));
    let target = "/v1/vector_stores/vs_2/file_batches";
    let files = json!([{ "file_id": "file-3", "attributes": { "a": 1 } }, { "file_id": "file-1" }]);
    let batch = post(&server, target, &json!({ "files": files })).json();
    assert_eq!(
        (&batch["id"], &batch["file_counts"]["total"]),
        (&json!("vsfb_1"), &json!(2))
    );
    assert_eq!(get(&server, &format!("{target}/vsfb_1")).json(), batch);
    let listed = get(&server, &format!("{target}/vsfb_1/files?order=asc")).json();
    assert_eq!(listed["data"][0]["attributes"], json!({ "a": 1 }));
    assert_eq!(
        get(&server, "/v1/vector_stores/vs_2").json()["file_counts"]["total"],
        2
    );
    let refused = post(&server, target, &json!({ "file_ids": [] }));
    assert_eq!(
        (refused.status(), refused.error().2),
        (400, json!("file_ids"))
    );
    assert_eq!(
        get(&server, "/v1/vector_stores/vs_1/file_batches/vsfb_1").status(),
        404
    );
}
