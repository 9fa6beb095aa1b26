//! A server with one stored response whose streams are interrupted.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;
use std::time::Duration;

use serde_json::{json, Value};
use socket2::SockRef;

/// The behaviour of streams, and the received requests; tests change and read it.
#[derive(Default)]
pub struct Script {
    /// How each stream in turn is interrupted; later ones are complete.
    pub breaks: Vec<Break>,
    /// Whether streams can no longer be resumed.
    pub is_expired: bool,
    /// Whether the server sends the complete response instead of the rest of its stream, even as a
    /// stream.
    pub sends_whole: bool,
    /// How many polls return the response as in progress.
    pub pending: usize,
    /// The status codes with which requests to resume are rejected.
    pub refusals: Vec<u16>,
    /// How many clients disconnected while a stream was stalled.
    pub left: usize,
    /// The targets of the requests, and whether they had the key.
    pub seen: Vec<(String, bool)>,
}

/// After how many events a stream is interrupted, and how.
#[derive(Clone, Copy)]
pub enum Break {
    Reset(usize),
    /// The connection is closed normally.
    Close(usize),
    /// Nothing more is sent.
    Stall(usize),
    /// The connection is closed normally within the next event.
    Inside(usize),
}

pub struct StoredResponse {
    pub url: String,
    script: Arc<Mutex<Script>>,
    pub events: Vec<Value>,
}

/// The events of a response whose text has this number of deltas.
pub fn events(deltas: usize) -> Vec<Value> {
    let response = |status: &str, output: Value| {
        json!({
            "id": "resp_1", "object": "response", "status": status, "background": true,
            "error": null, "output": output, "model": "m",
        })
    };
    let words: Vec<String> = (0..deltas).map(|place| format!("{place} ")).collect();
    let part = |text: String| json!({ "type": "output_text", "annotations": [], "text": text });
    let message = |status: &str, content: Value| {
        json!({
            "id": "msg_1", "type": "message", "status": status, "content": content,
            "role": "assistant",
        })
    };
    let whole = message("completed", json!([part(words.concat())]));
    let mut events = vec![
        json!({ "type": "response.created", "response": response("in_progress", json!([])) }),
        json!({
            "type": "response.output_item.added", "output_index": 0,
            "item": message("in_progress", json!([])),
        }),
        json!({
            "type": "response.content_part.added", "item_id": "msg_1", "output_index": 0,
            "content_index": 0, "part": part(String::new()),
        }),
    ];
    events.extend(words.iter().map(|word| {
        json!({
            "type": "response.output_text.delta", "item_id": "msg_1", "output_index": 0,
            "content_index": 0, "delta": word, "logprobs": [],
        })
    }));
    events.push(json!({
        "type": "response.output_item.done", "output_index": 0, "item": whole,
    }));
    events.push(json!({
        "type": "response.completed", "response": response("completed", json!([whole])),
    }));
    for (number, event) in events.iter_mut().enumerate() {
        event["sequence_number"] = number.into();
    }
    events
}

impl StoredResponse {
    /// Starts a server, which runs until the test ends.
    pub fn start(events: Vec<Value>, script: Script) -> StoredResponse {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}/v1", listener.local_addr().expect("an address"));
        let script = Arc::new(Mutex::new(script));
        let (shared, response) = (Arc::clone(&script), events.clone());
        thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                let (script, events) = (Arc::clone(&shared), response.clone());
                thread::spawn(move || answer(&connection, &events, &script));
            }
        });
        StoredResponse {
            url,
            script,
            events,
        }
    }

    pub fn script(&self) -> MutexGuard<'_, Script> {
        lock(&self.script)
    }

    /// The requests after the stream was opened.
    pub fn later_requests(&self) -> Vec<String> {
        let script = self.script();
        assert!(script.seen.iter().all(|(_, has_key)| *has_key));
        let targets = script.seen.iter().skip(1).map(|(target, _)| target.clone());
        targets.collect()
    }
}

fn lock(script: &Mutex<Script>) -> MutexGuard<'_, Script> {
    script.lock().expect("no panic")
}

fn answer(mut connection: &TcpStream, events: &[Value], script: &Mutex<Script>) {
    let Some(target) = read_request(connection, script) else {
        return;
    };
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let after = query.split('&').find_map(|field| {
        let number = field.strip_prefix("starting_after=")?;
        number.parse::<usize>().ok()
    });
    let mut current = lock(script);
    if after.is_some() && !current.refusals.is_empty() {
        let status = current.refusals.remove(0);
        return write_json(
            connection,
            status,
            &json!({ "error": { "message": "busy" } }),
        );
    }
    if path.ends_with("/resp_1") && (after.is_none() || current.sends_whole) {
        let last = &events[events.len() - 1]["response"];
        let response = match current.pending {
            0 => last,
            _ => &events[0]["response"],
        };
        current.pending = current.pending.saturating_sub(1);
        let content_type = match after {
            Some(_) => "text/event-stream",
            None => JSON,
        };
        return write_whole(connection, 200, content_type, response);
    }
    if after.is_some() && current.is_expired {
        let message = "This response can no longer be streamed because it is more than 5 minutes \
                       old.";
        return write_json(connection, 400, &json!({ "error": { "message": message } }));
    }
    let stops = (!current.breaks.is_empty()).then(|| current.breaks.remove(0));
    drop(current);
    let events = &events[after.map_or(0, |number| number + 1)..];
    let count = match stops {
        None => events.len(),
        Some(
            Break::Reset(count) | Break::Close(count) | Break::Stall(count) | Break::Inside(count),
        ) => count.min(events.len()),
    };
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";
    let text: String = events[..count]
        .iter()
        .map(|it| format!("data: {it}\n\n"))
        .collect();
    // A client that has disconnected is not a failure.
    let _ = connection.write_all((head.to_owned() + &text).as_bytes());
    match stops {
        Some(Break::Reset(_)) => {
            let _ = SockRef::from(connection).set_linger(Some(Duration::ZERO));
        }
        Some(Break::Stall(_)) => {
            let _ = connection.read(&mut [0]);
            lock(script).left += 1;
        }
        Some(Break::Inside(_)) => {
            let _ = connection.write_all(b"data: {\"type\":\"resp");
        }
        Some(Break::Close(_)) | None => {}
    }
}

/// Reads a request and records its target.
fn read_request(connection: &TcpStream, script: &Mutex<Script>) -> Option<String> {
    let mut reader = BufReader::new(connection);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let target = line.split(' ').nth(1)?.to_owned();
    let (mut length, mut has_key) = (0, false);
    loop {
        line.clear();
        reader.read_line(&mut line).ok()?;
        let header = line.trim_end().to_ascii_lowercase();
        if header.is_empty() {
            break;
        }
        if let Some(value) = header.strip_prefix("content-length: ") {
            length = value.parse().ok()?;
        }
        has_key |= header.starts_with("authorization: ");
    }
    reader.read_exact(&mut vec![0; length]).ok()?;
    let mut script = lock(script);
    script.seen.push((target.clone(), has_key));
    Some(target)
}

const JSON: &str = "application/json";

fn write_json(connection: &TcpStream, status: u16, body: &Value) {
    write_whole(connection, status, JSON, body);
}

fn write_whole(mut connection: &TcpStream, status: u16, content_type: &str, body: &Value) {
    let body = body.to_string();
    let answer = format!(
        "HTTP/1.1 {status} Scripted\r\ncontent-type: {content_type}\r\ncontent-length: {}\r\n\
         connection: close\r\n\r\n{body}",
        body.len()
    );
    // A client that has disconnected is not a failure.
    let _ = connection.write_all(answer.as_bytes());
}
