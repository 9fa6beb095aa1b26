//! Creates requests for inputs without a row, each with as many inputs as possible.

use std::mem::take;
use std::sync::Arc;

use tokio::task::yield_now;

use super::file::KnownRows;
use super::kept::KeptRows;
use super::mark::Mark;
use crate::error::Error;
use crate::http::request::Body;
use crate::parallel::item::{Item, Template};
use crate::parallel::prompts::{Prompt, Prompts};
use crate::parallel::source::{Numbered, Source};

/// The API accepts four times as many, but that many concurrent answers would use too much memory.
const MOST_INPUTS: usize = 512;
/// The maximum size of one request, because a token has at least one byte:
/// <https://platform.openai.com/docs/api-reference/embeddings/create>.
const MOST_BYTES: usize = 300_000;
/// The number of inputs with rows to skip before yielding to other tasks.
const AT_ONCE: u64 = 256;

/// The requests for inputs without a row.
pub(super) struct InputParts {
    prompts: Prompts,
    template: Arc<Template>,
    /// The JSON of the body before and after the inputs.
    frame: [String; 2],
    known: KnownRows,
    /// The number of inputs read and of requests created.
    count: u64,
    requests: usize,
    /// The rows of the next request.
    mark: Mark,
    inputs: Vec<String>,
    bytes: usize,
    is_over: bool,
    /// The error that ended the inputs, if any.
    failure: Option<Error>,
    rows: Arc<KeptRows>,
}

impl InputParts {
    pub fn new(
        prompts: Prompts,
        template: Arc<Template>,
        frame: [String; 2],
        known: KnownRows,
        rows: Arc<KeptRows>,
    ) -> Self {
        InputParts {
            prompts,
            template,
            frame,
            known,
            count: 0,
            requests: 0,
            mark: Mark::default(),
            inputs: Vec::new(),
            bytes: 0,
            is_over: false,
            failure: None,
            rows,
        }
    }

    /// Adds an input. If it does not fit, returns the request for the earlier inputs.
    fn add(&mut self, prompt: &Prompt) -> Result<Option<Numbered<Mark>>, Error> {
        self.count += 1;
        let digest = prompt.digest();
        if self.known.has_next(self.count, digest)? {
            self.mark.first = self.count;
            return Ok(None);
        }
        let input = prompt.value();
        let bytes = input.as_ref().map_or(0, String::len);
        let is_full = self.mark.digests.len() == MOST_INPUTS || self.bytes + bytes > MOST_BYTES;
        let request = (is_full && !self.inputs.is_empty()).then(|| self.request());
        self.mark.digests.push(digest);
        self.mark.is_sent.push(input.is_some());
        self.inputs.extend(input);
        self.bytes += bytes;
        Ok(request)
    }

    fn request(&mut self) -> Numbered<Mark> {
        let [before, behind] = &self.frame;
        let body = [before, self.inputs.join(",").as_str(), behind].concat();
        let mark = take(&mut self.mark);
        self.mark.first = mark.first + mark.digests.len() as u64;
        self.inputs.clear();
        self.bytes = 0;
        self.requests += 1;
        Numbered {
            index: self.requests - 1,
            item: Item {
                template: Arc::clone(&self.template),
                body: Body::Json(body.into()),
                ask_again: false,
                occurrence: None,
            },
            mark,
        }
    }
}

impl Source for InputParts {
    type Mark = Mark;

    async fn next(&mut self) -> Result<Option<Numbered<Mark>>, Error> {
        while !self.is_over {
            if self.count % AT_ONCE == AT_ONCE - 1 {
                yield_now().await;
            }
            match self.prompts.next().await {
                Ok(Some(prompt)) => {
                    if let Some(request) = self.add(&prompt)? {
                        return Ok(Some(request));
                    }
                }
                Ok(None) => self.is_over = true,
                // Earlier inputs are still sent.
                Err(error) => {
                    self.is_over = true;
                    self.failure = Some(error);
                }
            }
        }
        if !self.inputs.is_empty() {
            return Ok(Some(self.request()));
        }
        if !self.mark.digests.is_empty() {
            self.rows.put_missing(take(&mut self.mark))?;
        }
        self.failure.take().map_or(Ok(None), Err)
    }
}
