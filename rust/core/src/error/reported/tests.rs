use super::*;

fn reported(body: &str) -> Option<Reported> {
    Reported::in_bytes(body.as_bytes())
}

/// A body, and the message, code and status of its error.
#[test]
fn errors_in_all_known_formats_are_parsed() {
    for (body, message, code, status) in [
        (
            r#"{"error":{"message":"Provider returned error","code":502}}"#,
            "Provider returned error",
            "502",
            502,
        ),
        (
            r#"{"error":{"message":"Filtered.","code":"content_filter","innererror":{
                "content_filter_result":{"hate":{"filtered":false},"jailbreak":{"filtered":true},
                "violence":{"filtered":true,"severity":"high"}}}}}"#,
            "Filtered. (filtered: jailbreak, violence)",
            "content_filter",
            0,
        ),
        (r#"{"error":"model not found"}"#, "model not found", "", 0),
        (
            "data: {\"error\":{\"message\":\"in a stream\",\"code\":\"500\"}}\n\ndata: [DONE]\n\n",
            "in a stream",
            "500",
            500,
        ),
        (
            r#"{"detail":"Not authenticated"}"#,
            "Not authenticated",
            "",
            0,
        ),
        (
            r#"{"detail":[{"loc":["body","n"],"msg":"too large"},{"msg":"b"}]}"#,
            "body.n: too large (and 1 more, see the response body)",
            "",
            0,
        ),
        (
            r#"{"object":"error","message":"No model","type":"NotFoundError","code":404}"#,
            "No model",
            "404",
            404,
        ),
        (
            r#"{"code":"429","message":"Slow down"}"#,
            "Slow down",
            "429",
            429,
        ),
        (
            r#"[{"error":{"code":400,"message":"Bad key","status":"INVALID_ARGUMENT"}}]"#,
            "Bad key",
            "400",
            400,
        ),
        (
            r#"{"success":false,"errors":[{"code":10000,"message":"Authentication error"}]}"#,
            "Authentication error",
            "10000",
            0,
        ),
        (
            r#"{"Message":"User is not authorized"}"#,
            "User is not authorized",
            "",
            0,
        ),
        (
            r#"{"error":"invalid_grant","error_description":"The token expired"}"#,
            "invalid_grant",
            "",
            0,
        ),
        (
            r#"{"error":{"message":"Provider returned error","code":429,"metadata":{"raw":"{\"error\":{\"message\":\"out of credits\"}}","provider_name":"X"}}}"#,
            "Provider returned error: out of credits",
            "429",
            429,
        ),
        (
            r#"{"error":{"message":"","code":"context_length_exceeded"}}"#,
            "",
            "context_length_exceeded",
            0,
        ),
        (
            r#"{"error":{"message":"{\"error\":{\"message\":\"inner\"}}","code":500}}"#,
            "inner",
            "500",
            500,
        ),
        (
            r#"{"fault":{"faultstring":"Rate limit","detail":{"errorcode":"policies"}}}"#,
            "Rate limit",
            "policies",
            0,
        ),
        (
            r#"{"message":"no Route matched"}"#,
            "no Route matched",
            "",
            0,
        ),
        (r#"{"error":{"error":{"message":"deep"}}}"#, "deep", "", 0),
    ] {
        let read = reported(body).unwrap_or_else(|| panic!("{body} is an error"));
        assert_eq!(read.message.as_deref().unwrap_or(""), message, "{body}");
        assert_eq!(read.code.as_deref().unwrap_or(""), code, "{body}");
        assert_eq!(read.status.unwrap_or(0), status, "{body}");
        assert!(read.said().is_some(), "{body}");
    }
}

#[test]
fn empty_errors_are_ignored() {
    for body in [
        "{}",
        "[]",
        "null",
        "5",
        r#"{"error":null}"#,
        r#"{"error":""}"#,
        r#"{"error":{}}"#,
        r#"{"error":{"message":"","code":null}}"#,
        r#"{"errors":[]}"#,
        r#"{"choices":[],"error":false}"#,
        "not JSON",
    ] {
        assert_eq!(reported(body), None, "{body}");
    }
}

#[test]
fn a_message_among_other_fields_is_not_an_error() {
    for event in [
        r#"{"message":"loading the model"}"#,
        r#"{"status":"processing","message":"loading the model"}"#,
        r#"{"id":"1","usage":{"total_tokens":3}}"#,
        r#"{"type":"ping"}"#,
        r#"{"code":0,"data":{}}"#,
    ] {
        let document = Document::parse(event).expect("it is JSON");
        assert_eq!(Reported::instead(document.root()), None, "{event}");
    }
}
