//! Records all requests, when their responses were written, and whether the client disconnected
//! early.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::lock;

/// The maximum number of recorded requests.
const REQUEST_LIMIT: usize = 10_000;
/// The maximum total size of recorded request bodies, in bytes.
const BODY_BYTES_LIMIT: usize = 256 * 1024 * 1024;

/// A recorded request, and the times of its response.
#[derive(Clone, Debug)]
pub struct SeenRequest {
    /// The method, as sent.
    pub method: String,
    /// The request target as sent, including the query and percent-encoding.
    pub target: String,
    /// The headers in the order in which they were sent, with names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body without its transfer coding. Only the first [`BODY_LIMIT`](crate::BODY_LIMIT) bytes
    /// (65 MiB) are kept.
    pub body: Vec<u8>,
    /// The length of the body in bytes, including what was not kept.
    pub body_length: u64,
    /// The number of the connection, from 1.
    pub connection: u64,
    /// When the request was received completely, in Unix seconds.
    pub received_at: f64,
    /// When each chunk of the response was about to be written, in Unix seconds.
    pub written_at: Vec<f64>,
    /// When the client closed the connection before the response was complete, in Unix seconds.
    pub closed_at: Option<f64>,
}

/// All recorded requests, oldest first, and the number of connections.
#[derive(Debug, Default)]
pub(crate) struct Journal {
    entries: Mutex<Entries>,
}

#[derive(Debug, Default)]
struct Entries {
    requests: VecDeque<SeenRequest>,
    /// How many of the oldest requests have been discarded.
    forgotten: usize,
    body_bytes: usize,
    connections: u64,
}

impl Journal {
    /// Counts a connection and returns its number.
    pub(crate) fn connected(&self) -> u64 {
        let mut entries = lock(&self.entries);
        entries.connections += 1;
        entries.connections
    }

    pub(crate) fn connections(&self) -> u64 {
        lock(&self.entries).connections
    }

    /// Records a request and returns its number, from 1.
    pub(crate) fn received(&self, request: SeenRequest) -> usize {
        let mut entries = lock(&self.entries);
        entries.body_bytes += request.body.len();
        entries.requests.push_back(request);
        let number = entries.forgotten + entries.requests.len();
        while entries.requests.len() > REQUEST_LIMIT || entries.body_bytes > BODY_BYTES_LIMIT {
            let Some(oldest) = entries.requests.pop_front() else {
                break;
            };
            entries.body_bytes -= oldest.body.len();
            entries.forgotten += 1;
        }
        number
    }

    /// Records that a chunk of a response is about to be written.
    pub(crate) fn writing(&self, number: usize) {
        self.update(number, |request| request.written_at.push(unix_seconds()));
    }

    /// Records that the client closed the connection before the response was complete.
    pub(crate) fn closed(&self, number: usize) {
        self.update(number, |request| request.closed_at = Some(unix_seconds()));
    }

    pub(crate) fn requests(&self) -> Vec<SeenRequest> {
        lock(&self.entries).requests.iter().cloned().collect()
    }

    fn update(&self, number: usize, change: impl FnOnce(&mut SeenRequest)) {
        let mut entries = lock(&self.entries);
        let position = number.checked_sub(entries.forgotten + 1);
        if let Some(request) = position.and_then(|position| entries.requests.get_mut(position)) {
            change(request);
        }
    }
}

/// The current time in Unix seconds, with fractions.
pub(crate) fn unix_seconds() -> f64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0.0, |since| since.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(number: usize, body: Vec<u8>) -> SeenRequest {
        SeenRequest {
            method: "GET".to_owned(),
            target: format!("/{number}"),
            headers: Vec::new(),
            body_length: body.len() as u64,
            body,
            connection: 1,
            received_at: 0.0,
            written_at: Vec::new(),
            closed_at: None,
        }
    }

    #[test]
    fn only_the_newest_ten_thousand_requests_are_kept() {
        let journal = Journal::default();
        for number in 1..=10_001 {
            assert_eq!(journal.received(request(number, Vec::new())), number);
        }
        let seen = journal.requests();
        assert_eq!(seen.len(), 10_000);
        assert_eq!((&*seen[0].target, &*seen[9_999].target), ("/2", "/10001"));
        journal.closed(1);
        journal.closed(10_001);
        let seen = journal.requests();
        assert_eq!(seen[0].closed_at, None, "one that is forgotten is no other");
        assert!(seen[9_999].closed_at.is_some());
    }

    #[test]
    fn the_oldest_requests_are_discarded_when_bodies_are_large() {
        let journal = Journal::default();
        for number in 1..=5 {
            journal.received(request(number, vec![0; 64 << 20]));
        }
        let targets: Vec<String> = journal.requests().into_iter().map(|it| it.target).collect();
        assert_eq!(targets, ["/2", "/3", "/4", "/5"]);
    }
}
