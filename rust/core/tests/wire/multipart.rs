use std::fs;
use std::path::{Path, PathBuf};

use openaistream_core::{Body, Error, ErrorKind, Field};

use crate::support::{header, object, Session};

/// A temporary directory, removed when dropped.
struct Directory(PathBuf);

impl Directory {
    fn new(test: &str) -> Directory {
        let name = format!("openaistream-{test}-{}", std::process::id());
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).unwrap();
        Directory(path)
    }

    fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.0.join(name);
        fs::write(&path, bytes).unwrap();
        path
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        // Files that cannot be removed stay in the temporary directory.
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn text(name: &str, value: &str) -> Field {
    Field::Text {
        name: name.to_owned(),
        value: value.to_owned(),
    }
}

fn file(name: &str, path: &Path) -> Field {
    Field::File {
        name: name.to_owned(),
        path: path.to_owned(),
        file_name: path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned(),
        part: None,
    }
}

/// Sends a form, and returns the session with the received request.
fn upload(fields: Vec<Field>) -> (Session, Result<(), Error>) {
    let session = Session::answering([object()]);
    let request = session.request("POST", &["files"], Body::Form(fields));
    let sent = session.send(request).map(|_| ());
    (session, sent)
}

#[test]
fn a_form_arrives_with_its_fields_and_files_in_order() {
    let directory = Directory::new("form");
    let lines = directory.file("train.jsonl", b"{\"a\":1}\r\n--\r\n\0\xff");
    // Windows does not allow quotes in file names.
    let (name, name_as_sent) = match cfg!(windows) {
        true => ("Gr\u{fc}n 1.PNG", "Gr\u{fc}n 1.PNG"),
        false => ("Gr\u{fc}n \"1\".PNG", "Gr\u{fc}n %221%22.PNG"),
    };
    let image = directory.file(name, b"");
    let (session, sent) = upload(vec![
        text("purpose", "fine-tune"),
        file("file", &lines),
        text("timestamp_granularities[]", "word"),
        text("timestamp_granularities[]", "ü\n☀"),
        file("image", &image),
    ]);
    sent.unwrap();

    let seen = session.seen();
    let media_type = header(&seen, "content-type").unwrap();
    let boundary = media_type
        .strip_prefix("multipart/form-data; boundary=")
        .unwrap();
    let part = |head: &str, body: &[u8]| {
        let head = format!("--{boundary}\r\nContent-Disposition: form-data; {head}\r\n\r\n");
        [head.as_bytes(), body, b"\r\n"].concat()
    };
    let expected = [
        part("name=\"purpose\"", b"fine-tune"),
        part(
            "name=\"file\"; filename=\"train.jsonl\"\r\nContent-Type: application/octet-stream",
            b"{\"a\":1}\r\n--\r\n\0\xff",
        ),
        part("name=\"timestamp_granularities[]\"", b"word"),
        part("name=\"timestamp_granularities[]\"", "ü\n☀".as_bytes()),
        part(
            &format!("name=\"image\"; filename=\"{name_as_sent}\"\r\nContent-Type: image/png"),
            b"",
        ),
        format!("--{boundary}--\r\n").into_bytes(),
    ];
    assert_eq!(
        String::from_utf8_lossy(&seen.body),
        String::from_utf8_lossy(&expected.concat())
    );
    assert_eq!(seen.body, expected.concat());
    let length = seen.body_length.to_string();
    assert_eq!(header(&seen, "content-length"), Some(length.as_str()));
}

#[test]
fn a_large_file_arrives_whole() {
    const LENGTH: usize = 32 << 20;
    let bytes: Vec<u8> = (0..LENGTH).map(|index| (index % 251) as u8).collect();
    let directory = Directory::new("large");
    let path = directory.file("speech.mp3", &bytes);
    let (session, sent) = upload(vec![file("file", &path)]);
    sent.unwrap();

    let seen = session.seen();
    let head_end = seen
        .body
        .windows(4)
        .position(|window| window == b"\r\n\r\n")
        .unwrap()
        + 4;
    assert!(seen.body[head_end..head_end + LENGTH] == bytes);
    let rest = seen.body_length as usize - head_end - LENGTH;
    assert!(
        rest < 100,
        "only the last boundary follows, not {rest} bytes"
    );
}

#[test]
fn an_unreadable_file_is_reported_before_anything_is_sent() {
    let directory = Directory::new("missing");
    let missing = directory.0.join("no such file.txt");
    for path in [&missing, &directory.0] {
        let (session, sent) = upload(vec![text("purpose", "x"), file("file", path)]);
        let error = sent.expect_err("an error");
        assert_eq!(error.kind, ErrorKind::Argument);
        for part in [path.to_str().unwrap(), "\"file\""] {
            assert!(error.message.contains(part), "{part} in {error}");
        }
        assert_eq!(session.server.connections(), 0);
    }
}
