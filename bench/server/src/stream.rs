//! Streams of events, each in a separate HTTP chunk, as servers write them.

use std::io::{self, Write};
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const HEAD: &str = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\
                    Transfer-Encoding: chunked\r\n\r\n";
const END: &str = "0\r\n\r\n";
/// The delay of the first event of `timed`.
const FIRST_EVENT_DELAY: Duration = Duration::from_millis(20);

const WORDS: [&str; 8] = [
    " river", " carries", " the", " water", " to", " sea", " Größe", ",",
];

/// Returns a chat event of about 250 bytes with this text, as one HTTP chunk.
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

fn complete(events: impl Iterator<Item = String>) -> Vec<u8> {
    let mut answer = String::from(HEAD);
    answer.extend(events);
    answer.push_str(&http_chunk("data: [DONE]\n\n"));
    answer.push_str(END);
    answer.into_bytes()
}

/// Returns a stream of `count` events with one word each, without pauses.
pub fn words(count: usize) -> Vec<u8> {
    complete((0..count).map(|at| event(WORDS[at % WORDS.len()])))
}

/// Returns the stream of a response with `count` deltas, without pauses, with all events that
/// OpenAI sends.
pub fn deltas(count: usize) -> Vec<u8> {
    let mut answer = String::from(HEAD);
    let mut number = 0;
    let mut push = |name: &str, members: &str| {
        let data = format!(
            "event: response.{name}\ndata: {{\"type\":\"response.{name}\",\
             \"sequence_number\":{number},{members}}}\n\n"
        );
        number += 1;
        answer.push_str(&http_chunk(&data));
    };
    let place = "\"item_id\":\"msg_68af4030baa48193b0b43b4c2a176a1a\",\"output_index\":0";
    let begun = response("in_progress", "");
    push("created", &begun);
    push("in_progress", &begun);
    push("output_item.added", &item("in_progress", ""));
    let part = |text: &str| {
        format!("\"part\":{{\"type\":\"output_text\",\"annotations\":[],\"text\":\"{text}\"}}")
    };
    push(
        "content_part.added",
        &format!("{place},\"content_index\":0,{}", part("")),
    );
    let mut text = String::new();
    for at in 0..count {
        let word = WORDS[at % WORDS.len()];
        text.push_str(word);
        let padding = &"obfuscation"[..at * 7 % 12];
        let members = format!(
            "{place},\"content_index\":0,\"delta\":\"{word}\",\"logprobs\":[],\
             \"obfuscation\":\"{padding}\""
        );
        push("output_text.delta", &members);
    }
    push(
        "output_text.done",
        &format!("{place},\"content_index\":0,\"text\":\"{text}\",\"logprobs\":[]"),
    );
    push(
        "content_part.done",
        &format!("{place},\"content_index\":0,{}", part(&text)),
    );
    push("output_item.done", &item("completed", &text));
    push("completed", &response("completed", &text));
    answer.push_str(END);
    answer.into_bytes()
}

/// Returns an item of a response, a message with this text if it is not empty, as a member of an
/// event.
fn item(status: &str, text: &str) -> String {
    format!("\"output_index\":0,\"item\":{}", message(status, text))
}

fn message(status: &str, text: &str) -> String {
    let content = match text {
        "" => String::new(),
        _ => format!("{{\"type\":\"output_text\",\"annotations\":[],\"text\":\"{text}\"}}"),
    };
    format!(
        "{{\"id\":\"msg_68af4030baa48193b0b43b4c2a176a1a\",\"type\":\"message\",\
         \"status\":\"{status}\",\"content\":[{content}],\"role\":\"assistant\"}}"
    )
}

/// Returns a response as a member of an event.
fn response(status: &str, text: &str) -> String {
    let output = match text {
        "" => String::new(),
        _ => message(status, text),
    };
    format!(
        "\"response\":{{\"id\":\"resp_68af4030592c81938ec0a5fbab4a3e9f\",\"object\":\"response\",\
         \"created_at\":1700000000,\"status\":\"{status}\",\"background\":false,\"error\":null,\
         \"incomplete_details\":null,\"instructions\":null,\"max_output_tokens\":null,\
         \"model\":\"gpt-6-luna\",\"output\":[{output}],\"parallel_tool_calls\":true,\
         \"previous_response_id\":null,\"reasoning\":{{\"effort\":null,\"summary\":null}},\
         \"store\":true,\"temperature\":1.0,\"text\":{{\"format\":{{\"type\":\"text\"}}}},\
         \"tool_choice\":\"auto\",\"tools\":[],\"top_p\":1.0,\"truncation\":\"disabled\",\
         \"usage\":null,\"user\":null,\"metadata\":{{}}}}"
    )
}

/// Returns a stream of one event whose text has this number of bytes.
pub fn large(bytes: usize) -> Vec<u8> {
    complete(std::iter::once(event(&"river ".repeat(bytes / 6))))
}

/// Writes an event after a delay. Its text is the time of writing, in seconds since 1970.
pub fn timed(socket: &mut TcpStream) -> io::Result<()> {
    socket.write_all(HEAD.as_bytes())?;
    thread::sleep(FIRST_EVENT_DELAY);
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_err(io::Error::other)?;
    socket.write_all(event(&format!("{:.6}", now.as_secs_f64())).as_bytes())?;
    socket.write_all(http_chunk("data: [DONE]\n\n").as_bytes())?;
    socket.write_all(END.as_bytes())
}
