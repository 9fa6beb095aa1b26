use std::net::TcpListener;

use openaistream_core::{Body, Error, ErrorKind};
use openaistream_server::{Ending, Framing, Reply};

use crate::support::{request, Session};

/// The error of a call with this response.
fn failure(reply: Reply) -> Error {
    Session::answering([reply]).get().expect_err("an error")
}

fn json_failure(body: impl Into<Vec<u8>>) -> Error {
    failure(Reply::body(400, "application/json", body))
}

#[test]
fn errors_of_the_api_are_reported() {
    let body = r#"{"error": {"message": "No such model.", "type": "invalid_request_error",
                   "param": "model", "code": "model_not_found"}}"#;
    let mut reply = Reply::body(404, "application/json", body);
    let id = ("x-request-id".to_owned(), "req_42".to_owned());
    reply.headers.push(id);
    let error = failure(reply);
    assert_eq!((error.kind, error.status), (ErrorKind::Status, Some(404)));
    assert_eq!(
        error.message,
        "HTTP 404 Not Found. No such model. List the models to see which ones are available."
    );
    assert_eq!(error.error_type.as_deref(), Some("invalid_request_error"));
    assert_eq!(error.code.as_deref(), Some("model_not_found"));
    assert_eq!(error.param.as_deref(), Some("model"));
    assert_eq!(error.request_id.as_deref(), Some("req_42"));
    assert_eq!(error.attempts, 1);
}

/// The status, the path below the server, the body, and the advice.
#[test]
fn errors_with_a_known_remedy_contain_advice() {
    let deployment = r#"{"error":{"code":"DeploymentNotFound","message":"No deployment."}}"#;
    let filter = r#"{"error":{"code":"content_filter","message":"Filtered."}}"#;
    let key = r#"{"error":{"code":"401","message":"Invalid key or wrong API endpoint."}}"#;
    let endpoint = r#"{"error_code":"RESOURCE_DOES_NOT_EXIST","message":"No endpoint."}"#;
    let ollama = r#"{"error":{"message":"model 'x' not found","code":null}}"#;
    let fast_api = r#"{"detail":"Not Found"}"#;
    let stored = r#"{"error":{"message":"Response with id 'resp_1' not found."}}"#;
    let models = Some("List the models");
    for (status, path, body, advice) in [
        (
            404,
            "v1/chat/completions",
            deployment,
            Some("name of a deployment"),
        ),
        (
            400,
            "v1/chat/completions",
            filter,
            Some("Change the prompt"),
        ),
        (
            401,
            "v1/chat/completions",
            key,
            Some("name of the resource"),
        ),
        (
            404,
            "serving-endpoints/chat/completions",
            endpoint,
            Some("a serving endpoint"),
        ),
        (404, "v1/chat/completions", ollama, models),
        (404, "v1/responses", ollama, models),
        (
            400,
            "v1/chat/completions",
            r#"{"error":"x is not a valid model ID"}"#,
            models,
        ),
        (
            404,
            "v1/responses",
            fast_api,
            Some("use chat completions (`client$chat`)"),
        ),
        (
            405,
            "v1/responses",
            "",
            Some("use chat completions (`client$chat`)"),
        ),
        (404, "v1/responses", stored, None),
        (
            404,
            "chat/completions",
            "404 page not found",
            Some("http://host:port/v1"),
        ),
        (405, "models", "", Some("http://host:port/v1")),
        (404, "v1/files/f", fast_api, None),
        (400, "v1/responses", r#"{"error":"no"}"#, None),
    ] {
        let session = Session::answering([Reply::body(status, "application/json", body)]);
        let segments: Vec<&str> = path.split('/').collect();
        let base = session.server.url();
        let base = base.trim_end_matches("/v1");
        let error = session
            .send(request(base, "POST", &segments, Body::Empty))
            .expect_err("an error");
        let all = [
            "List the models",
            "use chat",
            "has no version",
            "Change",
            "deployment",
            "endpoint",
        ];
        match advice {
            Some(advice) => assert!(error.message.contains(advice), "{path}: {error}"),
            None => assert!(!all.iter().any(|it| error.message.contains(it)), "{error}"),
        }
    }
}

#[test]
fn errors_of_other_servers_are_reported() {
    let message = |body: &str| json_failure(body).message;
    let expected = |text: &str| format!("HTTP 400 Bad Request. {text}");
    assert_eq!(message(r#"{"error": "plain"}"#), expected("plain"));
    assert_eq!(message(r#"{"message": "top", "code": 3}"#), expected("top"));
    assert_eq!(message(r#"{"detail": "deep"}"#), expected("deep"));
    assert_eq!(
        message(r#"{"error": {}}"#),
        expected(r#"Response body: {"error": {}}"#)
    );
    assert_eq!(
        json_failure(r#"{"message": "m", "code": 3}"#)
            .code
            .as_deref(),
        Some("3")
    );
}

#[test]
fn an_html_page_is_quoted_on_one_line() {
    let page = format!("<h1>Bad\n  gateway</h1>{}", "x".repeat(10_000));
    let error = failure(Reply::body(502, "text/html", page));
    let start = "HTTP 502 Bad Gateway. Response body: <h1>Bad gateway</h1>xxx";
    assert!(error.message.starts_with(start), "{}", error.message);
    assert!(error.message.len() < 400 && error.message.ends_with("x ..."));
}

#[test]
fn a_failure_without_body_or_known_status_is_reported() {
    let message = |status| failure(Reply::body(status, "text/plain", "")).message;
    assert_eq!(message(503), "HTTP 503 Service Unavailable.");
    assert_eq!(message(599), "HTTP 599.");
}

#[test]
fn an_error_status_counts_even_if_its_body_is_incomplete() {
    let error = failure(Reply {
        headers: vec![("content-length".to_owned(), "900".to_owned())],
        ending: Ending::Close,
        ..Reply::body(429, "text/plain", "slow")
    });
    assert_eq!((error.kind, error.status), (ErrorKind::Status, Some(429)));
}

#[test]
fn any_text_of_an_error_is_kept() {
    let message = |body: &[u8]| json_failure(body).message;
    assert!(message(br#"{"error": {"message": "100%s %n %d"}}"#).ends_with(" 100%s %n %d"));
    assert!(message(br#"{"error": {"message": "a\u0000b"}}"#).ends_with(" a\u{FFFD}b"));
    let long = format!(
        r#"{{"error": {{"message": "{}"}}}}"#,
        "long ".repeat(200_000)
    );
    assert!(message(long.as_bytes()).len() > 1_000_000);

    let invalid = json_failure(b"{\"error\": {\"message\": \"caf\xe9!\", \"code\": \"c\"}}");
    assert_eq!(invalid.message, "HTTP 400 Bad Request. caf\u{FFFD}!");
    assert_eq!(invalid.code.as_deref(), Some("c"));
    assert!(message(b"\xff\xfe plain").ends_with("body: \u{FFFD}\u{FFFD} plain"));
}

#[test]
fn a_redirect_is_not_followed_and_its_target_reported() {
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
fn an_incomplete_response_is_a_connection_error() {
    for ending in [Ending::Close, Ending::Reset] {
        let error = failure(Reply {
            headers: vec![("content-length".to_owned(), "900".to_owned())],
            ending,
            ..Reply::body(200, "text/plain", "the beginning")
        });
        assert_eq!(error.kind, ErrorKind::Connection, "{error}");
    }
}

/// The error of a call to a server that closes connections like this, and the address of the
/// server.
fn broken(bytes: &str, ending: Ending) -> (Error, String) {
    let session = Session::answering([Reply {
        chunks: vec![bytes.to_owned().into()],
        framing: Framing::Raw,
        ending,
        ..Reply::default()
    }]);
    let address = format!("127.0.0.1:{}", session.server.port());
    (session.get().expect_err("an error"), address)
}

fn get(base_url: &str) -> Error {
    let call = request(base_url, "GET", &["models"], Body::Empty);
    Session::new().send(call).expect_err("an error")
}

/// The problem, the advice and the cause in the error of each kind of failure.
#[test]
fn connection_failures_are_described_with_their_cause() {
    let closed = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let (silent, silent_at) = broken("", Ending::Close);
    let (reset, reset_at) = broken("", Ending::Reset);
    let (no_http, no_http_at) = broken("SSH-2.0-OpenSSH_9.2\r\n", Ending::Close);
    let table = [
        (
            get(&format!("http://{closed}/v1")),
            format!("No server is listening at {closed}. Check that the server is running."),
            "refused",
        ),
        (
            get("http://no-such-host.invalid/v1"),
            "The host of no-such-host.invalid:80 could not be resolved. Check the base URL and the \
             network connection of this machine."
                .to_owned(),
            "dns error",
        ),
        (
            silent,
            format!("The server at {silent_at} closed the connection without a response."),
            "closed before message completed",
        ),
        (
            reset,
            format!("The server at {reset_at} closed the connection without a response."),
            "reset",
        ),
        (
            no_http,
            format!("The server at {no_http_at} does not use HTTP. Check the port."),
            "invalid HTTP version",
        ),
    ];
    for (error, beginning, cause) in table {
        assert_eq!((error.kind, error.status), (ErrorKind::Connection, None));
        assert!(error.message.starts_with(&beginning), "{error}");
        assert!(error.message.contains(" to http://"), "{error}");
        assert!(!error.message.contains("client error"), "{error}");
        let text = error.cause.clone().expect("a cause").to_lowercase();
        assert!(text.contains(&cause.to_lowercase()), "{text}");
    }
}

/// Validation problems in the formats of several servers, and the first one as a message.
#[test]
fn the_first_of_several_problems_is_reported() {
    let fast_api = r#"{"detail":[
        {"type":"missing","loc":["body","messages",0,"role"],"msg":"Field required"},
        {"type":"missing","loc":["body","model"],"msg":"Field required"}]}"#;
    let prism = r#"{"type":"https://stoplight.io/prism/errors#UNPROCESSABLE_ENTITY",
        "title":"Invalid request body","status":422,"detail":"Your request is not valid.",
        "validation":[{"location":["body","include"],"message":"must be array"}]}"#;
    for (body, problem) in [
        (
            fast_api,
            "body.messages.0.role: Field required (and 1 more, see the response body)",
        ),
        (
            prism,
            "Your request is not valid. body.include: must be array",
        ),
        (r#"{"errors":["no model"]}"#, "no model"),
        (
            r#"{"error":{"message":"invalid input error","details":[{"type":"extra_forbidden",
                "loc":["body","stream_options"],"msg":"Extra inputs are not permitted"}]}}"#,
            "invalid input error body.stream_options: Extra inputs are not permitted",
        ),
        (
            r#"{"error":{"message":"Invalid.","detail":[{"msg":"too long"}]}}"#,
            "Invalid. too long",
        ),
    ] {
        let error = failure(Reply::body(422, "application/json", body));
        let expected = format!("HTTP 422 Unprocessable Entity. {problem}");
        assert_eq!(error.message, expected);
        assert_eq!(error.body.as_deref(), Some(body));
    }
    for body in [r#"{"detail":[]}"#, r#"{"detail":[{"a":1}]}"#] {
        let error = failure(Reply::body(422, "application/json", body));
        assert!(error.message.contains(body), "{error}");
    }
}

#[test]
fn an_error_keeps_sixteen_kilobytes_of_a_body_and_quotes_little_of_it() {
    let most = 16 << 10;
    let body = |length: usize| failure(Reply::body(500, "text/plain", "é ".repeat(length / 3)));
    let whole = body(9_000);
    assert_eq!(whole.body, Some("é ".repeat(3_000)));
    assert!(whole.message.len() < 400, "{whole}");
    let cut = body(100_000).body.expect("a body");
    assert!(cut.len() <= most && cut.len() > most - 64, "{}", cut.len());
    assert!(cut.ends_with(" ..."));
}

/// The part of a key before the cut must not be visible.
#[test]
fn a_key_at_the_end_of_a_truncated_body_is_not_shown() {
    for before in (16_300..16_400).step_by(7) {
        let body = format!(
            "{}sk-test-0123456789abcdef{}",
            "x ".repeat(before / 2),
            "y".repeat(99)
        );
        let error = failure(Reply::body(500, "text/plain", body));
        assert!(!error.body.expect("a body").contains("0123"));
    }
}
