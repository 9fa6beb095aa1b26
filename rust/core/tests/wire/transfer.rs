//! The byte counts of calls.

use std::sync::Arc;

use openaistream_core::{Body, Direction, Field, Request, Transfer};
use openaistream_server::{Ending, Reply};

use crate::support::{header, object, Session};

fn counted(mut request: Request) -> (Request, Arc<Transfer>) {
    let transfer = Arc::new(Transfer::default());
    request.counted_in(Arc::clone(&transfer));
    (request, transfer)
}

#[test]
fn a_counted_body_arrives_unchanged() {
    let session = Session::answering([object()]);
    let json = format!("\"{}\"", "x".repeat(300_000));
    let body = Body::Json(json.clone().into());
    let (request, transfer) = counted(session.request("POST", &["batches"], body));
    session.send(request).unwrap();

    let seen = session.seen();
    assert_eq!(header(&seen, "content-length"), Some("300002"));
    assert_eq!(header(&seen, "transfer-encoding"), None);
    assert!(seen.body == json.as_bytes());
    let progress = transfer.progress().unwrap();
    let counts = (progress.direction, progress.bytes, progress.total);
    assert_eq!(counts, (Direction::Down, 10, 10));
}

#[test]
fn a_counted_form_has_a_length() {
    let session = Session::answering([object()]);
    let path = std::env::temp_dir().join(format!("counted-{}", std::process::id()));
    std::fs::write(&path, [7; 200_000]).unwrap();
    let form = Body::Form(vec![Field::File {
        name: "file".into(),
        path: path.clone(),
        file_name: "file.bin".into(),
        part: None,
    }]);
    let (request, _) = counted(session.request("POST", &["files"], form));
    session.send(request).unwrap();
    std::fs::remove_file(path).unwrap();

    let seen = session.seen();
    let declared: usize = header(&seen, "content-length").unwrap().parse().unwrap();
    assert_eq!(declared, seen.body.len());
    assert!(declared > 200_000);
}

#[test]
fn progress_of_an_interrupted_response_is_known() {
    let reply = Reply {
        headers: vec![("content-length".to_owned(), "8".to_owned())],
        chunks: vec![b"half".to_vec()],
        ending: Ending::Close,
        ..Reply::default()
    };
    let session = Session::answering([reply]);
    let (request, transfer) = counted(session.request("GET", &["files"], Body::Empty));
    session.send(request).unwrap_err();

    let progress = transfer.progress().unwrap();
    assert_eq!((progress.bytes, progress.total), (4, 8));
}
