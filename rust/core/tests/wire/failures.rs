use std::net::TcpListener;

use openaistream_core::{Body, Error, ErrorKind};
use openaistream_server::{Ending, Framing, Reply};

use crate::support::{request, Session};

/// The error of a call that is answered so.
fn failure(reply: Reply) -> Error {
    Session::answering([reply]).get().expect_err("an error")
}

fn json_failure(body: impl Into<Vec<u8>>) -> Error {
    failure(Reply::body(400, "application/json", body))
}

#[test]
fn what_the_api_says_about_a_failure_is_told() {
    let body = r#"{"error": {"message": "No such model.", "type": "invalid_request_error",
                   "param": "model", "code": "model_not_found"}}"#;
    let mut reply = Reply::body(404, "application/json", body);
    let id = ("x-request-id".to_owned(), "req_42".to_owned());
    reply.headers.push(id);
    let error = failure(reply);
    assert_eq!((error.kind, error.status), (ErrorKind::Status, Some(404)));
    assert_eq!(
        error.message,
        "HTTP 404 Not Found. No such model. Ask for the list of models to see which there are."
    );
    assert_eq!(error.error_type.as_deref(), Some("invalid_request_error"));
    assert_eq!(error.code.as_deref(), Some("model_not_found"));
    assert_eq!(error.param.as_deref(), Some("model"));
    assert_eq!(error.request_id.as_deref(), Some("req_42"));
    assert_eq!(error.attempts, 1);
}

#[test]
fn failures_of_other_servers_are_told_too() {
    let message = |body: &str| json_failure(body).message;
    let said = |text: &str| format!("HTTP 400 Bad Request. {text}");
    assert_eq!(message(r#"{"error": "plain"}"#), said("plain"));
    assert_eq!(message(r#"{"message": "top", "code": 3}"#), said("top"));
    assert_eq!(message(r#"{"detail": "deep"}"#), said("deep"));
    assert_eq!(
        message(r#"{"error": {}}"#),
        said(r#"The server said: {"error": {}}"#)
    );
    assert_eq!(
        json_failure(r#"{"message": "m", "code": 3}"#)
            .code
            .as_deref(),
        Some("3")
    );
}

#[test]
fn a_page_is_quoted_on_one_line() {
    let page = format!("<h1>Bad\n  gateway</h1>{}", "x".repeat(10_000));
    let error = failure(Reply::body(502, "text/html", page));
    let start = "HTTP 502 Bad Gateway. The server said: <h1>Bad gateway</h1>xxx";
    assert!(error.message.starts_with(start), "{}", error.message);
    assert!(error.message.len() < 400 && error.message.ends_with("x ..."));
}

#[test]
fn a_failure_without_a_body_or_a_known_status_is_told() {
    let message = |status| failure(Reply::body(status, "text/plain", "")).message;
    assert_eq!(message(503), "HTTP 503 Service Unavailable.");
    assert_eq!(message(599), "HTTP 599.");
}

#[test]
fn a_status_counts_even_if_its_body_breaks_off() {
    let error = failure(Reply {
        headers: vec![("content-length".to_owned(), "900".to_owned())],
        ending: Ending::Close,
        ..Reply::body(429, "text/plain", "slow")
    });
    assert_eq!((error.kind, error.status), (ErrorKind::Status, Some(429)));
}

#[test]
fn any_text_of_a_failure_survives() {
    let message = |body: &[u8]| json_failure(body).message;
    assert!(message(br#"{"error": {"message": "100%s %n %d"}}"#).ends_with(" 100%s %n %d"));
    assert!(message(br#"{"error": {"message": "a\u0000b"}}"#).ends_with(" a\0b"));
    let long = format!(
        r#"{{"error": {{"message": "{}"}}}}"#,
        "long ".repeat(200_000)
    );
    assert!(message(long.as_bytes()).len() > 1_000_000);

    let invalid = json_failure(b"{\"error\": {\"message\": \"caf\xe9!\", \"code\": \"c\"}}");
    assert_eq!(invalid.message, "HTTP 400 Bad Request. caf\u{FFFD}!");
    assert_eq!(invalid.code.as_deref(), Some("c"));
    assert!(message(b"\xff\xfe plain").ends_with("said: \u{FFFD}\u{FFFD} plain"));
}

#[test]
fn a_redirect_is_not_followed_and_names_its_place() {
    for status in [301, 302, 303, 307, 308] {
        let session = Session::answering([Reply {
            status,
            headers: vec![("location".to_owned(), "http://other.test/v2".to_owned())],
            ..Reply::default()
        }]);
        let error = session.get().expect_err("an error");
        assert_eq!(
            (error.kind, error.status),
            (ErrorKind::Status, Some(status))
        );
        assert!(
            error.message.contains("redirects to http://other.test/v2."),
            "{error}"
        );
        assert_eq!(session.server.requests().len(), 1);
    }
}

#[test]
fn an_answer_that_breaks_off_is_an_error_of_the_connection() {
    for ending in [Ending::Close, Ending::Reset] {
        let error = failure(Reply {
            headers: vec![("content-length".to_owned(), "900".to_owned())],
            ending,
            ..Reply::body(200, "text/plain", "the beginning")
        });
        assert_eq!(error.kind, ErrorKind::Connection, "{error}");
    }
}

#[test]
fn an_answer_that_is_not_http_is_an_error_of_the_connection() {
    for bytes in ["SSH-2.0-OpenSSH_9.2\r\n", ""] {
        let error = failure(Reply {
            chunks: vec![bytes.into()],
            framing: Framing::Raw,
            ending: Ending::Close,
            ..Reply::default()
        });
        assert_eq!(error.kind, ErrorKind::Connection, "{error}");
        assert!(error.message.contains("http://127.0.0.1:"), "{error}");
    }
}

#[test]
fn a_refused_connection_names_place_and_cause() {
    let closed = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let base_url = format!("http://{closed}/v1");
    let error = Session::new().send(request(&base_url, "GET", &["models"], Body::Empty));
    let error = error.expect_err("an error");
    assert_eq!((error.kind, error.status), (ErrorKind::Connection, None));
    let message = error.message.to_lowercase();
    for part in [format!("http://{closed}"), "refused".to_owned()] {
        assert!(message.contains(&part), "{part} in {message}");
    }
}

#[test]
fn an_unknown_host_is_named_with_the_cause() {
    let call = request(
        "http://no-such-host.invalid/v1",
        "GET",
        &["models"],
        Body::Empty,
    );
    let error = Session::new().send(call).expect_err("an error");
    assert_eq!(error.kind, ErrorKind::Connection);
    for part in ["http://no-such-host.invalid", "dns error"] {
        assert!(error.message.contains(part), "{part} in {error}");
    }
}
