//! `POST /audio/speech` (<https://platform.openai.com/docs/api-reference/audio/createSpeech>): a tone
//! for each token, in the WAV format whatever is asked for, or as plain numbers (`pcm`).

use base64::engine::general_purpose::STANDARD;
use base64::Engine;
use serde_json::json;

use crate::api_error::ApiError;
use crate::call::Call;
use crate::events::{event, stream};
use crate::media::{tone, wav};
use crate::model::tokens;
use crate::reply::{Framing, Reply};
use crate::stable_hash::stable_hash;

/// The most characters of a text, as OpenAI's reference says.
const INPUT_LIMIT: usize = 4096;
/// The most tokens that are spoken.
const SPOKEN_LIMIT: usize = 100;
/// How many numbers a tone has: 80 ms.
const TONE: usize = 1920;
/// The bytes of one piece of sound.
const PIECE: usize = 8192;
const FORMATS: [&str; 6] = ["mp3", "opus", "aac", "flac", "wav", "pcm"];

pub(crate) fn create(call: &mut Call) -> Result<Reply, ApiError> {
    let body = &call.body;
    let input = body.required_string("input")?;
    let length = input.chars().count();
    if length > INPUT_LIMIT {
        let message = format!(
            "Invalid 'input': string too long. Expected a string with maximum length \
             {INPUT_LIMIT}, but got a string with length {length} instead."
        );
        return Err(ApiError::new(400, message)
            .param("input")
            .code("string_above_max_length"));
    }
    let format = body.choice("response_format", &FORMATS)?;
    let stream_format = body.choice("stream_format", &["audio", "sse"])?;

    let mut sound = Vec::new();
    for token in tokens(input).take(SPOKEN_LIMIT) {
        // Between 100 and 400 tones a second.
        let period = 60 + stable_hash(token.trim().as_bytes()) % 180;
        sound.extend(tone(TONE, period as usize));
    }
    let (kind, sound) = match format.as_str() {
        "pcm" => ("audio/pcm", sound),
        _ => ("audio/wav", wav(&sound)),
    };
    let pieces = sound.chunks(PIECE);
    if stream_format == "audio" {
        return Ok(Reply {
            headers: vec![("content-type".to_owned(), kind.to_owned())],
            chunks: pieces.map(<[u8]>::to_vec).collect(),
            pauses: vec![call.options.token_delay],
            framing: Framing::Chunked,
            ..Reply::default()
        });
    }
    let delta = |piece| json!({ "type": "speech.audio.delta", "audio": STANDARD.encode(piece) });
    let mut events: Vec<Vec<u8>> = pieces.map(|piece| event(&delta(piece))).collect();
    let input_tokens = tokens(input).count();
    let output_tokens = input_tokens.min(SPOKEN_LIMIT);
    events.push(event(&json!({
        "type": "speech.audio.done",
        "usage": {
            "input_tokens": input_tokens,
            "output_tokens": output_tokens,
            "total_tokens": input_tokens + output_tokens,
        },
    })));
    Ok(stream(events, call.options.token_delay))
}
