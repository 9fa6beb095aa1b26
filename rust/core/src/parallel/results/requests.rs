//! Creates requests for the prompts that have no answer in a results file.

use std::sync::Arc;

use tokio::task::yield_now;

use super::file::ResultsFile;
use crate::error::Error;
use crate::http::request::Body;
use crate::parallel::item::{Item, Template};
use crate::parallel::prompts::{Frame, Prompt, Prompts};
use crate::parallel::source::{Numbered, Source};

/// The number of answered prompts to skip before yielding to other tasks.
const AT_ONCE: u64 = 256;

/// The part of a results line that comes from the prompt.
pub(super) struct Mark {
    pub digest: u16,
    pub id: Option<String>,
}

/// The requests for prompts without an answer.
pub(super) struct PromptRequests {
    pub prompts: Prompts,
    pub template: Arc<Template>,
    pub frame: Frame,
    pub results: Arc<ResultsFile>,
    /// The number of prompts read so far.
    pub count: u64,
}

impl Source for PromptRequests {
    type Mark = Mark;

    async fn next(&mut self) -> Result<Option<Numbered<Mark>>, Error> {
        loop {
            if self.count % AT_ONCE == AT_ONCE - 1 {
                yield_now().await;
            }
            let Some(prompt) = self.prompts.next().await? else {
                return Ok(None);
            };
            self.count += 1;
            if let Some(numbered) = self.request(prompt)? {
                return Ok(Some(numbered));
            }
        }
    }
}

impl PromptRequests {
    /// The request for the last prompt that was read; `None` if nothing needs to be sent.
    fn request(&self, prompt: Prompt) -> Result<Option<Numbered<Mark>>, Error> {
        let digest = prompt.digest();
        if self.results.has(self.count, digest)? {
            return Ok(None);
        }
        let body = self.frame.body(&prompt);
        let id = prompt.into_id();
        let Some(body) = body else {
            self.results
                .store(self.count, digest, "null", id.as_deref())?;
            return Ok(None);
        };
        Ok(Some(Numbered {
            index: self.count as usize - 1,
            item: Item {
                template: Arc::clone(&self.template),
                body: Body::Json(body),
                ask_again: false,
                occurrence: None,
            },
            mark: Mark { digest, id },
        }))
    }
}
