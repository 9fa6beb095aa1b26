//! JSON responses.

use std::fmt::Write;

use crate::noise::Noise;

/// Returns a list of at least `bytes` bytes. Each record has texts, numbers, an object and an array.
pub fn records(bytes: usize) -> Vec<u8> {
    let mut noise = Noise::new();
    let mut text = String::with_capacity(bytes + 1000);
    text.push_str(r#"{"object":"list","data":["#);
    while text.len() < bytes {
        if !text.ends_with('[') {
            text.push(',');
        }
        let (a, b, c) = (noise.next(), noise.next() % 10_000_000, noise.next() % 1000);
        write!(
            text,
            "{{\"id\":\"file-{a:08x}\",\"object\":\"file\",\"bytes\":{b},\
             \"created_at\":17{c:08},\"filename\":\"Überblick {a}.jsonl\",\
             \"purpose\":\"batch\",\"status\":\"processed\",\"status_details\":null,\
             \"usage\":{{\"prompt_tokens\":{c},\"cost\":{}}},\
             \"scores\":[{},{},{}]}}",
            c as f64 / 128.0,
            a as f64 / 65536.0,
            b as f64 / 8.0,
            c
        )
        .expect("writing to a string cannot fail");
    }
    text.push_str(r#"],"has_more":false}"#);
    text.into_bytes()
}

/// Returns the response of a chat without streaming.
pub fn chat() -> Vec<u8> {
    concat!(
        r#"{"id":"chatcmpl-1","object":"chat.completion","created":1700000000,"#,
        r#""model":"gpt-6-luna","choices":[{"index":0,"message":{"role":"assistant","#,
        r#""content":"Rivers carry water from the mountains to the sea.","refusal":null},"#,
        r#""logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":9,"#,
        r#""completion_tokens":10,"total_tokens":19}}"#
    )
    .into()
}
