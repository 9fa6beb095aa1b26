//! Workloads, named by the first segment of a path with their size, such as `stream-20000`.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::{embeddings, stream, texts};

/// The response to a request.
pub enum Workload {
    /// A response from memory.
    Answer(Arc<Vec<u8>>),
    /// The response of a chat, after a pause.
    Wait(Duration, Arc<Vec<u8>>),
    /// An event that contains the time of writing.
    Timed,
    /// A file with this number of megabytes, sent or received.
    Send(usize),
    Receive(usize),
}

/// The responses generated so far, by the first segment of the path.
#[derive(Default)]
pub struct Answers(Mutex<HashMap<String, Arc<Vec<u8>>>>);

impl Answers {
    /// Returns the workload of a path; `None` if the path does not name one.
    pub fn workload(&self, path: &str) -> Option<Workload> {
        let segment = path.split('/').nth(1)?;
        let (name, size) = segment.rsplit_once('-')?;
        let size: usize = size.parse().ok()?;
        let stored =
            |generate: fn(usize) -> Vec<u8>| Workload::Answer(self.stored(segment, size, generate));
        Some(match name {
            "stream" => stored(stream::words),
            "response" => stored(stream::deltas),
            "event" => stored(|megabytes| stream::large(megabytes << 20)),
            "floats" => stored(|rows| json(&embeddings::as_floats(rows))),
            "base64" => stored(|rows| json(&embeddings::as_base64(rows))),
            "json" => stored(|megabytes| json(&texts::records(megabytes * 1_000_000))),
            "wait" => Workload::Wait(
                Duration::from_millis(size as u64),
                self.stored(segment, size, |_| json(&texts::chat())),
            ),
            "timed" => Workload::Timed,
            "download" => Workload::Send(size),
            "upload" => Workload::Receive(size),
            _ => return None,
        })
    }

    fn stored(&self, segment: &str, size: usize, generate: fn(usize) -> Vec<u8>) -> Arc<Vec<u8>> {
        let mut answers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let answer = answers
            .entry(segment.to_owned())
            .or_insert_with(|| Arc::new(generate(size)));
        Arc::clone(answer)
    }
}

/// Returns a complete HTTP response with a JSON body.
pub fn json(body: &[u8]) -> Vec<u8> {
    let mut answer = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    )
    .into_bytes();
    answer.extend_from_slice(body);
    answer
}
