//! Errors with details of the request.

use memchr::memmem;

use crate::error::{Error, Reason};
use crate::expected::Expected;
use crate::http::request::{Body, Request};

/// The types of image parts, in chats and in responses.
const PICTURES: [&str; 2] = ["\"image_url\"", "\"input_image\""];

impl Request {
    /// Prepares an error of this request for users: removes secrets, and adds advice if the model
    /// cannot handle the request.
    pub(crate) fn explained(&self, error: Error) -> Error {
        let error = error.without(self.secrets());
        match Reason::of(&error, || self.has_picture()) {
            Some(reason) => error.refused_for(reason, &self.advice(reason)),
            None => error,
        }
    }

    fn has_picture(&self) -> bool {
        match &self.body {
            Body::Json(body) => PICTURES
                .iter()
                .any(|picture| memmem::find(body, picture.as_bytes()).is_some()),
            Body::Empty | Body::Form(_) => false,
        }
    }

    fn advice(&self, reason: Reason) -> String {
        let model = self.model();
        let model = model.map_or("The model".to_owned(), |name| format!("Model \"{name}\""));
        match reason {
            Reason::Context if self.expected == Expected::Embeddings => {
                format!("{model} takes no text of this length: split it.")
            }
            Reason::Context => format!(
                "{model} takes no input of this length: leave out earlier messages, shorten the new \
                 one, ask for fewer output tokens, or use a model with a larger context."
            ),
            Reason::ImageInput => {
                format!("{model} does not take pictures: use one that does, or leave them out.")
            }
        }
    }
}
