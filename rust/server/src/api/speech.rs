//! `POST /audio/speech` (<https://platform.openai.com/docs/api-reference/audio/createSpeech>): a
//! tone for each token, as a WAV file for every format except `pcm` (raw samples).

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

/// The maximum number of characters in OpenAI's reference.
const INPUT_LIMIT: usize = 4096;
/// The maximum number of spoken tokens.
const SPOKEN_LIMIT: usize = 100;
/// The number of samples of a tone: 80 ms.
const TONE: usize = 1920;
/// The size of an audio chunk in bytes.
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
        // Frequencies from 100 to 400 Hz.
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
