//! `POST /images/generations`, `/images/edits` and `/images/variations`
//! (<https://platform.openai.com/docs/api-reference/images>): images of a single colour, which
//! depends on the prompt.

use base64::engine::general_purpose::STANDARD;
use base64::Engine;
use serde_json::{json, Value};

use crate::api_error::ApiError;
use crate::call::Call;
use crate::events::{named_event, stream};
use crate::media::png;
use crate::model::tokens;
use crate::parameters::Parameters;
use crate::reply::Reply;
use crate::stable_hash::stable_hash;
use crate::store::CREATED;

/// The sizes that a response may contain.
const SIZES: [&str; 3] = ["1024x1024", "1024x1536", "1536x1024"];
/// The maximum length of the longer side in pixels.
const MAX_SIDE: u32 = 4096;
/// The number of tokens of an image.
const IMAGE_TOKENS: u64 = 1056;

/// Responds with the requested number of images, or streams one image with partial images before
/// it.
pub(crate) fn create(call: &mut Call) -> Result<Reply, ApiError> {
    let body = &call.body;
    let pictures = Pictures::parse(body)?;
    let count = body.integer("n", 1..=10)?.unwrap_or(1);
    let partial = body.integer("partial_images", 0..=3)?.unwrap_or(0);
    if !body.flag("stream")? {
        let data: Vec<Value> = (0..count)
            .map(|index| json!({ "b64_json": pictures.picture(index, 0) }))
            .collect();
        let mut answer = json!({ "created": CREATED, "data": data });
        pictures.describe(&mut answer);
        answer["usage"] = pictures.usage(count);
        return Ok(Reply::json(&answer));
    }
    let kind = match call.request.head.target.contains("/images/edits") {
        true => "image_edit",
        false => "image_generation",
    };
    let event = |name: &str, still_to_come: u64| {
        let mut event = json!({
            "type": format!("{kind}.{name}"),
            "b64_json": pictures.picture(0, still_to_come),
            "created_at": CREATED,
        });
        pictures.describe(&mut event);
        event
    };
    let mut events: Vec<Value> = (0..partial)
        .map(|index| {
            let mut event = event("partial_image", partial - index);
            event["partial_image_index"] = index.into();
            event
        })
        .collect();
    let mut completed = event("completed", 0);
    completed["usage"] = pictures.usage(1);
    events.push(completed);
    let events = events.iter().map(named_event).collect();
    Ok(stream(events, call.options.token_delay))
}

/// The common properties of the images of a request.
struct Pictures {
    prompt: String,
    width: u32,
    height: u32,
    size: &'static str,
    quality: String,
}

impl Pictures {
    fn parse(body: &Parameters) -> Result<Pictures, ApiError> {
        let asked = body.string("size")?.unwrap_or("auto");
        let side = |text: &str| {
            text.parse()
                .ok()
                .filter(|side| (1..=MAX_SIDE).contains(side))
        };
        let sides = asked.split_once('x');
        let sides = sides.and_then(|(width, height)| Some((side(width)?, side(height)?)));
        let (width, height) = match (asked, sides) {
            ("auto", _) => (1024, 1024),
            (_, Some(sides)) => sides,
            (_, None) => {
                let message = format!(
                    "Invalid value: '{asked}'. The size is 'auto' or two numbers up to \
                     {MAX_SIDE}, such as '1024x1024'."
                );
                return Err(ApiError::new(400, message)
                    .param("size")
                    .code("invalid_value"));
            }
        };
        let quality = body.string("quality")?;
        let known = quality.filter(|quality| ["low", "medium", "high"].contains(quality));
        Ok(Pictures {
            prompt: body.string("prompt")?.unwrap_or_default().to_owned(),
            width,
            height,
            size: SIZES
                .into_iter()
                .find(|known| *known == asked)
                .unwrap_or(SIZES[0]),
            quality: known.unwrap_or("low").to_owned(),
        })
    }

    /// An image in base64. A partial image is paler.
    fn picture(&self, index: u64, still_to_come: u64) -> String {
        let hash = stable_hash(format!("{index} {}", self.prompt).as_bytes()).to_le_bytes();
        let paler = |part: u8| 255 - ((255 - part) >> still_to_come);
        let colour = [hash[0], hash[1], hash[2]].map(paler);
        STANDARD.encode(png(self.width, self.height, colour))
    }

    fn describe(&self, answer: &mut Value) {
        answer["background"] = "opaque".into();
        answer["output_format"] = "png".into();
        answer["quality"] = self.quality.as_str().into();
        answer["size"] = self.size.into();
    }

    fn usage(&self, count: u64) -> Value {
        let text_tokens = tokens(&self.prompt).count() as u64;
        let output_tokens = IMAGE_TOKENS * count;
        json!({
            "input_tokens": text_tokens,
            "input_tokens_details": { "text_tokens": text_tokens, "image_tokens": 0 },
            "output_tokens": output_tokens,
            "total_tokens": text_tokens + output_tokens,
        })
    }
}
