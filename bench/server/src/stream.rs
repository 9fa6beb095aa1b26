//! Streams of events, each in an HTTP chunk of its own, as servers write them.

use std::io::{self, Write};
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const HEAD: &str = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\
                    Transfer-Encoding: chunked\r\n\r\n";
const END: &str = "0\r\n\r\n";
/// How long the first event of `timed` lets wait.
const THINKING: Duration = Duration::from_millis(20);

/// An event of a chat with a new text, about 250 bytes, as one HTTP chunk.
fn event(text: &str) -> String {
    let data = format!(
        concat!(
            "data: {{\"id\":\"chatcmpl-Bk3mZ9a8T1qLw7YcXn2RvHs5\",",
            "\"object\":\"chat.completion.chunk\",\"created\":1700000000,",
            "\"model\":\"gpt-6-luna\",\"service_tier\":\"default\",",
            "\"system_fingerprint\":\"fp_50cad350e4\",\"choices\":[{{\"index\":0,",
            "\"delta\":{{\"content\":\"{}\"}},\"logprobs\":null,",
            "\"finish_reason\":null}}]}}\n\n"
        ),
        text
    );
    http_chunk(&data)
}

fn http_chunk(data: &str) -> String {
    format!("{:x}\r\n{data}\r\n", data.len())
}

fn whole(events: impl Iterator<Item = String>) -> Vec<u8> {
    let mut answer = String::from(HEAD);
    answer.extend(events);
    answer.push_str(&http_chunk("data: [DONE]\n\n"));
    answer.push_str(END);
    answer.into_bytes()
}

/// That many events with a word each, all at once.
pub fn words(count: usize) -> Vec<u8> {
    let vocabulary = [
        " river", " carries", " the", " water", " to", " sea", " Größe", ",",
    ];
    whole((0..count).map(|i| event(vocabulary[i % vocabulary.len()])))
}

/// One event whose text has that many bytes.
pub fn large(bytes: usize) -> Vec<u8> {
    whole(std::iter::once(event(&"river ".repeat(bytes / 6))))
}

/// An event whose text is the time when it was written, in seconds since 1970, after a while.
pub fn timed(socket: &mut TcpStream) -> io::Result<()> {
    socket.write_all(HEAD.as_bytes())?;
    thread::sleep(THINKING);
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_err(io::Error::other)?;
    socket.write_all(event(&format!("{:.6}", now.as_secs_f64())).as_bytes())?;
    socket.write_all(http_chunk("data: [DONE]\n\n").as_bytes())?;
    socket.write_all(END.as_bytes())
}
