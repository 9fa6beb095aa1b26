//! Audio in events
//! (<https://platform.openai.com/docs/api-reference/audio/speech-audio-delta-event>).

use std::borrow::Cow;

use base64::engine::general_purpose::STANDARD;
use base64::Engine;

use super::completed_by::CompletedBy;
use super::{error_of_typed, event_type, text_member, Answer, Kind, StreamState};
use crate::error::Reported;
use crate::expected::Expected;
use crate::json::{Node, Value};
use crate::stream::event::Event;

const DELTA: &str = "speech.audio.delta";
const DONE: &str = "speech.audio.done";

pub(super) struct Speech;

impl Kind for Speech {
    fn texts<'a>(&self, _event: &'a Event) -> Vec<(i64, Cow<'a, str>)> {
        Vec::new()
    }

    /// A chunk with invalid base64 is an error, because it would leave a gap in the audio.
    fn error(&self, name: &str, root: Node<'_>) -> Option<Reported> {
        error_of_typed(name, root).or_else(|| {
            let is_piece = event_type(name, root) == DELTA;
            let broken = is_piece && STANDARD.decode(text_member(root, "audio")).is_err();
            broken.then(|| Reported {
                message: Some("a chunk of audio is not valid base64.".to_owned()),
                ..Reported::default()
            })
        })
    }

    fn expected(&self) -> Option<Expected> {
        Some(Expected::Sound)
    }

    fn state(&self) -> Box<dyn StreamState> {
        Box::new(CompletedBy::last_event(|event| event.event_type() == DONE))
    }

    fn answer(&self) -> Box<dyn Answer> {
        Box::new(SpeechAnswer::default())
    }
}

/// The bytes of the audio, as the call without streaming returns them.
#[derive(Debug, Default)]
struct SpeechAnswer {
    bytes: Vec<u8>,
    usage: Option<Value>,
}

impl Answer for SpeechAnswer {
    fn add(&mut self, event: &Event) {
        let data = event.document.root();
        match event.event_type() {
            DELTA => {
                let piece = STANDARD.decode(text_member(data, "audio"));
                self.bytes.extend(piece.unwrap_or_default());
            }
            DONE => self.usage = data.get("usage").map(Value::from),
            _ => {}
        }
    }

    fn whole(&self) -> Option<Value> {
        None
    }

    fn bytes(&self) -> Option<&[u8]> {
        Some(&self.bytes)
    }

    fn text(&self, choice: i64) -> Option<Cow<'_, str>> {
        (choice == 0).then_some(Cow::Borrowed(""))
    }

    fn usage(&self) -> Option<&Value> {
        self.usage.as_ref().filter(|usage| !usage.is_null())
    }
}
