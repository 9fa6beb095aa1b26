//! The workload that the first segment of a path names, with its size: `stream-20000`.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::{embeddings, stream, texts};

/// What is done for a request.
pub enum Workload {
    /// Bytes from memory.
    Answer(Arc<Vec<u8>>),
    /// The answer of a chat, after a pause.
    Wait(Duration, Arc<Vec<u8>>),
    /// An event that contains the time when it was written.
    Timed,
    /// A file of that many megabytes, sent or received.
    Send(usize),
    Receive(usize),
}

/// The answers generated so far, by the segment that names them.
#[derive(Default)]
pub struct Answers(Mutex<HashMap<String, Arc<Vec<u8>>>>);

impl Answers {
    /// The workload of a path; `None` where it names none.
    pub fn workload(&self, path: &str) -> Option<Workload> {
        let segment = path.split('/').nth(1)?;
        let (name, size) = segment.rsplit_once('-')?;
        let size: usize = size.parse().ok()?;
        let kept = |make: fn(usize) -> Vec<u8>| Workload::Answer(self.kept(segment, size, make));
        Some(match name {
            "stream" => kept(stream::words),
            "response" => kept(stream::deltas),
            "event" => kept(|megabytes| stream::large(megabytes << 20)),
            "floats" => kept(|rows| json(&embeddings::as_floats(rows))),
            "base64" => kept(|rows| json(&embeddings::as_base64(rows))),
            "json" => kept(|megabytes| json(&texts::records(megabytes * 1_000_000))),
            "wait" => Workload::Wait(
                Duration::from_millis(size as u64),
                self.kept(segment, size, |_| json(&texts::chat())),
            ),
            "timed" => Workload::Timed,
            "download" => Workload::Send(size),
            "upload" => Workload::Receive(size),
            _ => return None,
        })
    }

    fn kept(&self, segment: &str, size: usize, make: fn(usize) -> Vec<u8>) -> Arc<Vec<u8>> {
        let mut answers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let answer = answers
            .entry(segment.to_owned())
            .or_insert_with(|| Arc::new(make(size)));
        Arc::clone(answer)
    }
}

/// A whole answer of JSON.
pub fn json(body: &[u8]) -> Vec<u8> {
    let mut answer = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    )
    .into_bytes();
    answer.extend_from_slice(body);
    answer
}
