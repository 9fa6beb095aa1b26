//! The least that reading a stream takes: hyper reads, serde_json parses each event.

use bench_measure::{measure, Job, Result};
use http_body_util::{BodyExt, Empty};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::{Request, Uri};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;

fn main() -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .build()?;
    measure(|work, job| {
        let counts = match work {
            "response" => is_text_delta,
            _ => Value::is_object,
        };
        runtime.block_on(stream(job, counts))
    })
}

fn is_text_delta(event: &Value) -> bool {
    event["type"] == "response.output_text.delta"
}

/// Reads a stream, and tells how many of its events count.
async fn stream(job: &Job, counts: fn(&Value) -> bool) -> Result<usize> {
    let uri: Uri = format!("{}/chat/completions", job.url).parse()?;
    let host = uri.authority().ok_or("no host")?.to_string();
    let socket = TcpStream::connect(&host).await?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(socket)).await?;
    tokio::spawn(connection);
    let request = Request::post(uri.path())
        .header("host", host)
        .body(Empty::<Bytes>::new())?;
    let mut body = sender.send_request(request).await?.into_body();
    let mut events = 0;
    let mut rest = Vec::new();
    while let Some(frame) = body.frame().await {
        if let Some(bytes) = frame?.data_ref() {
            rest.extend_from_slice(bytes);
            events += parse_lines(&mut rest, counts)?;
        }
    }
    Ok(events)
}

/// Parses the whole lines of `text`, removes them, and tells how many of their events count.
fn parse_lines(text: &mut Vec<u8>, counts: fn(&Value) -> bool) -> Result<usize> {
    let mut events = 0;
    let mut start = 0;
    while let Some(length) = memchr::memchr(b'\n', &text[start..]) {
        let line = &text[start..start + length];
        start += length + 1;
        match line.strip_prefix(b"data: ") {
            Some(data) if data != b"[DONE]" => {
                let event: Value = serde_json::from_slice(data)?;
                events += usize::from(counts(&event));
            }
            _ => {}
        }
    }
    text.drain(..start);
    Ok(events)
}
