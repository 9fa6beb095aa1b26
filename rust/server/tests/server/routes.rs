use serde_json::{json, Value};

use crate::support::{delete, get, post, request, server, Client};

#[test]
fn models_are_listed_with_and_without_the_version_in_the_path() {
    let server = server();
    assert_eq!(
        server.url(),
        format!("http://127.0.0.1:{}/v1", server.port())
    );
    let list = get(&server, "/v1/models").json();
    assert_eq!(list["object"], "list");
    let ids: Vec<&Value> = list["data"]
        .as_array()
        .expect("an array")
        .iter()
        .map(|model| &model["id"])
        .collect();
    assert!(ids.contains(&&json!("gpt-6-luna")) && ids.contains(&&json!("text-embedding-3-small")));
    assert_eq!(get(&server, "/models?limit=1").json(), list);
}

#[test]
fn a_model_is_retrieved_by_its_id() {
    let server = server();
    let model = get(&server, "/v1/models/gpt%2D6-luna").json();
    assert_eq!(
        (&model["id"], &model["object"]),
        (&json!("gpt-6-luna"), &json!("model"))
    );

    let unknown = get(&server, "/v1/models/gpt%20x%zz%+f");
    assert_eq!(unknown.status(), 404);
    assert_eq!(
        unknown.error(),
        (
            "The model 'gpt x%zz%+f' does not exist".to_owned(),
            json!("invalid_request_error"),
            json!("model"),
            json!("model_not_found"),
        )
    );
}

#[test]
fn only_fine_tuned_models_can_be_deleted() {
    let server = server();
    for (model, status) in [("ft:mine", 200), ("gpt-4o", 403), ("nope", 404)] {
        let answer = delete(&server, &format!("/v1/models/{model}"));
        assert_eq!(answer.status(), status, "{model}");
    }
}

#[test]
fn the_assistants_api_is_shut_down() {
    let refused = post(&server(), "/v1/assistants", &json!({ "model": "m" }));
    assert_eq!(refused.status(), 404);
    assert_eq!(refused.error().0, "Invalid URL (POST /v1/assistants)");
}

#[test]
fn a_missing_required_field_is_reported() {
    let server = server();
    let body = json!({ "filename": "x", "mime_type": "x", "purpose": "batch" });
    let refused = post(&server, "/v1/uploads", &body);
    assert_eq!(refused.status(), 400);
    let (message, _, param, code) = refused.error();
    assert_eq!(message, "Missing required parameter: 'bytes'.");
    assert_eq!(
        (param, code),
        (json!("bytes"), json!("missing_required_parameter"))
    );
}

#[test]
fn a_request_without_a_key_is_rejected() {
    let server = server();
    for header in [
        "",
        "authorization: Bearer \r\n",
        "authorization: Basic abc\r\n",
    ] {
        let refused = Client::connect(&server).exchange(&format!(
            "GET /v1/models HTTP/1.1\r\nhost: localhost\r\n{header}\r\n"
        ));
        assert_eq!(refused.status(), 401, "{header}");
        let (message, kind, _, code) = refused.error();
        assert!(
            message.starts_with("You didn't provide an API key."),
            "{message}"
        );
        assert_eq!(
            (kind, code),
            (json!("invalid_request_error"), json!("invalid_api_key"))
        );
    }
}

#[test]
fn an_unknown_path_is_not_found() {
    let server = server();
    let nope = post(&server, "/v1/nope", &json!({}));
    assert_eq!(nope.status(), 404);
    let (message, kind, ..) = nope.error();
    assert_eq!(message, "Invalid URL (POST /v1/nope)");
    assert_eq!(kind, "invalid_request_error");
    for target in [
        "/",
        "/v1",
        "/v1/",
        "/v1models",
        "/v1/models/a/b",
        "/v1/models/",
    ] {
        assert_eq!(get(&server, target).status(), 404, "{target}");
    }
}

#[test]
fn a_wrong_method_is_rejected_with_the_allowed_ones() {
    let server = server();
    let refused = get(&server, "/v1/embeddings");
    assert_eq!(
        (refused.status(), refused.header("allow")),
        (405, Some("POST"))
    );
    let refused = post(&server, "/v1/models/gpt-4o", &json!({}));
    assert_eq!(
        (refused.status(), refused.header("allow")),
        (405, Some("DELETE, GET"))
    );
    let refused = Client::connect(&server).exchange(&request("BREW", "/v1/nope", "", ""));
    assert_eq!(refused.status(), 405);
}

#[test]
fn head_is_answered_without_a_body() {
    let server = server();
    let request = request("HEAD", "/v1/models", "connection: close\r\n", "");
    let answer = Client::connect(&server).exchange_to_end(&request);
    assert!(answer.starts_with("HTTP/1.1 405 "), "{answer}");
    assert!(answer.ends_with("\r\n\r\n"), "{answer}");
}

#[test]
fn unscripted_responses_have_sequential_request_ids() {
    let server = server();
    for (number, target) in ["/v1/models", "/v1/nope", "/v1/models/x"]
        .iter()
        .enumerate()
    {
        let answer = get(&server, target);
        assert_eq!(
            answer.header("x-request-id"),
            Some(&*format!("req_{:032}", number + 1))
        );
        assert!(answer.header("openai-processing-ms").is_some());
    }
}

#[test]
fn a_target_with_an_authority_is_accepted() {
    let server = server();
    assert_eq!(get(&server, "http://api.example/v1/models").status(), 200);
}
