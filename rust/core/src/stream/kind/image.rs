//! Partial and final images (<https://platform.openai.com/docs/api-reference/images-streaming>).

use std::borrow::Cow;

use super::completed_by::CompletedBy;
use super::{error_of_typed, members_but, Answer, Kind, StreamState};
use crate::error::Reported;
use crate::expected::Expected;
use crate::json::{Fields, Node, Value};
use crate::stream::event::Event;

/// The suffixes of event types, which start with `image_generation` or `image_edit`.
const PARTIAL: &str = ".partial_image";
const COMPLETED: &str = ".completed";

/// The members of an event that belong to its image; members of the event alone.
const OF_PICTURE: [&str; 3] = ["b64_json", "url", "revised_prompt"];
const OF_EVENT: [&str; 4] = [
    "type",
    "created_at",
    "partial_image_index",
    "sequence_number",
];

pub(super) struct Image;

impl Kind for Image {
    fn texts<'a>(&self, _event: &'a Event) -> Vec<(i64, Cow<'a, str>)> {
        Vec::new()
    }

    fn error(&self, name: &str, root: Node<'_>) -> Option<Reported> {
        error_of_typed(name, root)
    }

    fn expected(&self) -> Option<Expected> {
        Some(Expected::Images)
    }

    fn state(&self) -> Box<dyn StreamState> {
        // A request may create several images, so only the end of the connection shows that the last
        // one has arrived.
        Box::new(CompletedBy::event(|event| {
            event.event_type().ends_with(COMPLETED)
        }))
    }

    fn answer(&self) -> Box<dyn Answer> {
        Box::new(ImageAnswer::default())
    }
}

#[derive(Debug, Default)]
struct ImageAnswer {
    /// The response of a server that does not stream.
    whole: Option<Value>,
    /// The final images, followed by the latest partial image.
    pictures: Vec<Value>,
    partial: Option<Value>,
    /// Members for all images from the latest event.
    envelope: Fields,
}

impl Answer for ImageAnswer {
    fn add(&mut self, event: &Event) {
        let data = event.document.root();
        let event_type = event.event_type();
        if event.is_whole {
            self.whole = Some(Value::from(data));
        } else if event_type.ends_with(PARTIAL) {
            self.partial = Some(self.picture(data));
        } else if event_type.ends_with(COMPLETED) {
            let picture = self.picture(data);
            self.pictures.push(picture);
            self.partial = None;
        }
    }

    fn whole(&self) -> Option<Value> {
        if self.whole.is_some() {
            return self.whole.clone();
        }
        let pictures = self.pictures.iter().chain(&self.partial);
        let pictures: Vec<Value> = pictures.cloned().collect();
        let mut whole = Fields::default();
        if let Some(created) = self.envelope.get("created") {
            whole.set("created", created.clone());
        }
        let is_empty = pictures.is_empty();
        whole.set("data", Value::Array(pictures));
        for (name, value) in self.envelope.clone() {
            whole.set(&name, value);
        }
        (!is_empty).then_some(Value::Object(whole))
    }

    fn text(&self, choice: i64) -> Option<Cow<'_, str>> {
        (choice == 0).then_some(Cow::Borrowed(""))
    }

    fn usage(&self) -> Option<&Value> {
        let whole = self.whole.as_ref().and_then(Value::as_object);
        let usage = whole.unwrap_or(&self.envelope).get("usage");
        usage.filter(|usage| !usage.is_null())
    }
}

impl ImageAnswer {
    /// The image of an event; other members are added to the envelope.
    fn picture(&mut self, data: Node<'_>) -> Value {
        let left_out = [&OF_PICTURE[..], &OF_EVENT[..]].concat();
        if let Some(created) = data.get("created_at") {
            self.envelope.set("created", Value::from(created));
        }
        for (name, value) in members_but(data, &left_out) {
            self.envelope.set(&name, value);
        }
        let mut picture = Fields::default();
        for name in OF_PICTURE {
            if let Some(value) = data.get(name) {
                picture.set(name, Value::from(value));
            }
        }
        Value::Object(picture)
    }
}
