//! A lower bound for reading a stream or sending many requests: hyper receives, and serde_json
//! parses each event or response.

use bench_measure::{measure, Job, Result};
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::{self, SendRequest};
use hyper::{Request, Uri};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// The number of connections, equal to the number of active requests of other clients.
const MAX_ACTIVE: usize = 100;

const QUESTION: &str =
    r#"{"model":"gpt-6-luna","messages":[{"role":"user","content":"Hello"}],"stream":false,"n":1}"#;

fn main() -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .build()?;
    measure(|task, job| {
        runtime.block_on(async {
            match task {
                "response" => stream(job, is_text_delta).await,
                "chats" => chats(job, MAX_ACTIVE).await,
                "chats_in_turn" => chats(job, 1).await,
                _ => stream(job, Value::is_object).await,
            }
        })
    })
}

fn is_text_delta(event: &Value) -> bool {
    event["type"] == "response.output_text.delta"
}

/// A connection to the server of a job.
async fn connect(uri: &Uri) -> Result<SendRequest<Full<Bytes>>> {
    let host = uri.authority().ok_or("no host")?.to_string();
    let socket = TcpStream::connect(&host).await?;
    socket.set_nodelay(true)?;
    let (sender, connection) = http1::handshake(TokioIo::new(socket)).await?;
    tokio::spawn(connection);
    Ok(sender)
}

fn question(uri: &Uri) -> Result<Request<Full<Bytes>>> {
    let host = uri.authority().ok_or("no host")?.to_string();
    Ok(Request::post(uri.path())
        .header("host", host)
        .header("content-type", "application/json")
        .body(QUESTION.into())?)
}

fn chat_of(job: &Job) -> Result<Uri> {
    Ok(format!("{}/chat/completions", job.url).parse()?)
}

/// Sends `job.size` requests over `max_active` connections.
async fn chats(job: &Job, max_active: usize) -> Result<usize> {
    let uri = chat_of(job)?;
    let mut connections = JoinSet::new();
    for connection in 0..max_active.min(job.size) {
        let uri = uri.clone();
        let count = (connection..job.size).step_by(max_active).len();
        connections.spawn(async move {
            let mut sender = connect(&uri).await?;
            for _ in 0..count {
                let answer = sender.send_request(question(&uri)?).await?;
                let body = answer.into_body().collect().await?.to_bytes();
                serde_json::from_slice::<Value>(&body)?;
            }
            Result::Ok(count)
        });
    }
    let mut answered = 0;
    while let Some(count) = connections.join_next().await {
        answered += count??;
    }
    Ok(answered)
}

/// Reads a stream, and returns the number of events that `is_counted`.
async fn stream(job: &Job, is_counted: fn(&Value) -> bool) -> Result<usize> {
    let uri = chat_of(job)?;
    let mut sender = connect(&uri).await?;
    let mut body = sender.send_request(question(&uri)?).await?.into_body();
    let mut events = 0;
    let mut rest = Vec::new();
    while let Some(frame) = body.frame().await {
        if let Some(bytes) = frame?.data_ref() {
            rest.extend_from_slice(bytes);
            events += parse_lines(&mut rest, is_counted)?;
        }
    }
    Ok(events)
}

/// Parses and removes the complete lines of `text`; returns the number of events that `is_counted`.
fn parse_lines(text: &mut Vec<u8>, is_counted: fn(&Value) -> bool) -> Result<usize> {
    let mut events = 0;
    let mut start = 0;
    while let Some(length) = memchr::memchr(b'\n', &text[start..]) {
        let line = &text[start..start + length];
        start += length + 1;
        match line.strip_prefix(b"data: ") {
            Some(data) if data != b"[DONE]" => {
                let event: Value = serde_json::from_slice(data)?;
                events += usize::from(is_counted(&event));
            }
            _ => {}
        }
    }
    text.drain(..start);
    Ok(events)
}
