use openaistream_core::{Body, ErrorKind, Request};
use openaistream_server::Reply;

use crate::support::{header, object, Session, CALLS, KEY};

const COMPLETION: &str = r#"{"choices":[{"index":0,"message":{"content":"Hello"}}]}"#;

#[test]
fn a_request_arrives_unchanged() {
    let session = Session::answering([Reply::body(200, "application/json", COMPLETION)]);
    let body = r#"{"model":"gpt-4o","messages":[{"role":"user","content":"Grüße \u0000"}]}"#;
    let request = session.request("POST", &["chat", "completions"], Body::Json(body.into()));
    session.send(request).unwrap();

    let seen = session.seen();
    assert_eq!(
        (seen.method.as_str(), seen.target.as_str()),
        ("POST", "/v1/chat/completions")
    );
    assert_eq!(String::from_utf8(seen.body.clone()).unwrap(), body);
    let bearer = format!("Bearer {KEY}");
    assert_eq!(header(&seen, "authorization"), Some(bearer.as_str()));
    assert_eq!(header(&seen, "content-type"), Some("application/json"));
    assert_eq!(header(&seen, "accept"), Some("*/*"));
    let agent = header(&seen, "user-agent").unwrap();
    assert!(agent.starts_with("openaistream/1."), "{agent}");
}

#[test]
fn path_and_query_are_escaped() {
    let session = Session::answering([Reply::default()]);
    let path = ["files".to_owned(), "a/b c?".to_owned()];
    let query = [("after".to_owned(), "x&y=ü z".to_owned())];
    let request = Request::new(
        "DELETE",
        &session.server.url(),
        &path,
        &query,
        String::new(),
    );
    session.send(request.unwrap()).unwrap();

    let seen = session.seen();
    assert_eq!(seen.method, "DELETE");
    assert_eq!(
        seen.target,
        "/v1/files/a%2Fb%20c%3F?after=x%26y%3D%C3%BC%20z"
    );
    assert_eq!(header(&seen, "authorization"), None, "there is no key");
    assert_eq!(header(&seen, "content-type"), None, "there is no body");
}

#[test]
fn headers_of_the_caller_replace_those_of_the_client() {
    let session = Session::answering([object()]);
    let mut request = session.request("POST", &["x"], Body::Json("{}".into()));
    request.header("Authorization", "Basic abc").unwrap();
    request.header("OpenAI-Beta", "assistants=v2").unwrap();
    request.header("User-Agent", "mine").unwrap();
    session.send(request).unwrap();

    let seen = session.seen();
    assert_eq!(header(&seen, "authorization"), Some("Basic abc"));
    assert_eq!(header(&seen, "openai-beta"), Some("assistants=v2"));
    assert_eq!(header(&seen, "user-agent"), Some("mine"));
}

#[test]
fn a_response_body_is_returned_byte_for_byte() {
    let bytes: Vec<u8> = (0..=u8::MAX).cycle().take(3_000_000).collect();
    let reply = Reply::body(201, "audio/mpeg", bytes.clone());
    assert!(Session::answering([reply]).file().unwrap() == bytes);
}

#[test]
fn a_response_of_the_wrong_type_is_described() {
    let page = format!("<html>\n  <p>Please log in</p>{}</html>", "ü".repeat(1000));
    let reply = Reply::body(200, "text/html", page);
    let error = Session::answering([reply]).get().expect_err("no JSON");
    assert_eq!(error.kind, ErrorKind::Response);
    let message = error.message;
    for part in [
        "HTTP 200",
        "\"text/html\"",
        "<html> <p>Please log in</p>ü",
        "ü ...",
    ] {
        assert!(message.contains(part), "{part} in {message}");
    }
    assert!(
        message.len() < 600 && !message.contains('\u{FFFD}'),
        "{message}"
    );
}

#[test]
fn successive_calls_share_a_connection() {
    let session = Session::new();
    for _ in 0..CALLS {
        session.get().unwrap();
    }
    assert_eq!(session.server.requests().len(), CALLS);
    session.assert_one_connection();
}
