//! Reads the result files of batches.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use serde_json::value::RawValue;
use serde_json::Value;

use crate::error::{Error, ErrorKind};

/// The result of one request.
#[derive(Debug)]
pub(super) struct ResultLine {
    /// The `custom_id` of the request.
    pub index: u64,
    pub result: Result<BatchResponse, Error>,
}

/// A response in a result file, with any status.
#[derive(Debug)]
pub(super) struct BatchResponse {
    pub status: u16,
    pub request_id: Option<String>,
    pub body: String,
}

type Fields<'a> = BTreeMap<String, &'a RawValue>;

impl ResultLine {
    /// Parses a line; `None` if it is not a result.
    fn read(line: &str) -> Option<ResultLine> {
        let fields: Fields<'_> = serde_json::from_str(line).ok()?;
        let index = text(fields.get("custom_id")?)?.parse().ok()?;
        let response = fields.get("response").and_then(|it| object(it));
        let result = match response {
            Some(response) => Ok(BatchResponse::read(&response)?),
            None => Err(refusal(fields.get("error").copied())),
        };
        Some(ResultLine { index, result })
    }
}

impl BatchResponse {
    fn read(response: &Fields<'_>) -> Option<BatchResponse> {
        let status = response.get("status_code")?.get().parse().ok()?;
        Some(BatchResponse {
            status,
            request_id: response.get("request_id").and_then(|id| text(id)),
            body: response.get("body")?.get().to_owned(),
        })
    }
}

fn object<'a>(raw: &'a RawValue) -> Option<Fields<'a>> {
    serde_json::from_str(raw.get()).ok()
}

fn text(raw: &RawValue) -> Option<String> {
    serde_json::from_str(raw.get()).ok()
}

/// The error of a request that got no response, for example because its batch expired first.
fn refusal(error: Option<&RawValue>) -> Error {
    let error = error.and_then(|error| serde_json::from_str::<Value>(error.get()).ok());
    let error = error.unwrap_or_default();
    let field = |name: &str| error.get(name).and_then(Value::as_str);
    let message = field("message").unwrap_or("The server gave no reason.");
    Error {
        code: field("code").map(str::to_owned),
        ..Error::new(
            ErrorKind::Batch,
            format!("The batch has no answer to this request: {message}"),
        )
    }
}

/// Calls `take` with each result in the file at `path`. Other lines are skipped; their requests
/// then have no result.
pub(super) fn each_line(
    path: &Path,
    mut take: impl FnMut(ResultLine) -> Result<(), Error>,
) -> Result<(), Error> {
    let unreadable = |error| {
        let path = path.display();
        Error::argument(format!("The file {path} cannot be read: {error}."))
    };
    let mut file = BufReader::new(File::open(path).map_err(unreadable)?);
    let mut line = Vec::new();
    while file.read_until(b'\n', &mut line).map_err(unreadable)? > 0 {
        if let Some(read) = ResultLine::read(&String::from_utf8_lossy(&line)) {
            take(read)?;
        }
        line.clear();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_unchanged() {
        let line = r#"{"id":"b","custom_id":"7","response":{"status_code":200,
            "request_id":"r","body":{"n":12345678901234567890.10}},"error":null}"#;
        let line = ResultLine::read(line).expect("a line");
        let response = line.result.expect("an answer");
        assert_eq!(
            (line.index, response.status, response.request_id.as_deref()),
            (7, 200, Some("r"))
        );
        assert_eq!(response.body, r#"{"n":12345678901234567890.10}"#);
    }

    #[test]
    fn a_request_that_was_not_sent_has_the_reason() {
        let line = r#"{"custom_id":"7","response":null,
            "error":{"code":"batch_expired","message":"It took too long."}}"#;
        let error = ResultLine::read(line).expect("a line").result.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Batch);
        assert_eq!(error.code.as_deref(), Some("batch_expired"));
        assert!(error.message.ends_with(": It took too long."));
    }

    #[test]
    fn lines_without_a_request_are_skipped() {
        for line in [
            "",
            "x",
            "[1]",
            r#"{"custom_id":7}"#,
            r#"{"custom_id":"x","response":{"status_code":200,"body":{}}}"#,
            r#"{"custom_id":"7","response":{"body":{}}}"#,
        ] {
            assert!(ResultLine::read(line).is_none(), "{line}");
        }
    }
}
