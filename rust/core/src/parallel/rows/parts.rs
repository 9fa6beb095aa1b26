//! Creates requests for inputs without a row, each with as many inputs as possible.

use std::mem::take;
use std::sync::Arc;

use tokio::task::yield_now;

use super::file::KnownRows;
use super::mark::Mark;
use super::sink::RowsSink;
use crate::error::Error;
use crate::http::request::Body;
use crate::parallel::item::{Item, Template};
use crate::parallel::prompts::{Prompt, Prompts};
use crate::parallel::source::{Numbered, Source};
use crate::token_estimate::estimate_older_tokens;

/// The API accepts four times as many; the responses to so many active requests would need too much
/// memory.
const MAX_INPUTS: usize = 512;
/// The maximum number of tokens in a request:
/// <https://platform.openai.com/docs/api-reference/embeddings/create>.
const MAX_TOKENS: f64 = 300_000.0;
/// How full to make requests whose tokens are estimated. If the server rejects one, it is sent again
/// in halves.
const FILLED_SHARE: f64 = 0.95;
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
    tokens: f64,
    has_ended: bool,
    /// The error that ended the inputs, if any.
    failure: Option<Error>,
    rows: Arc<RowsSink>,
}

impl InputParts {
    pub fn new(
        prompts: Prompts,
        template: Arc<Template>,
        frame: [String; 2],
        known: KnownRows,
        rows: Arc<RowsSink>,
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
            tokens: 0.0,
            has_ended: false,
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
        let tokens = input.as_deref().map_or(0.0, tokens_of);
        let is_full = self.mark.digests.len() == MAX_INPUTS || self.tokens + tokens > MAX_TOKENS;
        let request = (is_full && !self.inputs.is_empty()).then(|| self.request());
        self.mark.digests.push(digest);
        self.mark.is_sent.push(input.is_some());
        self.inputs.extend(input);
        self.tokens += tokens;
        Ok(request)
    }

    fn request(&mut self) -> Numbered<Mark> {
        let [before, behind] = &self.frame;
        let body = [before, self.inputs.join(",").as_str(), behind].concat();
        let mark = take(&mut self.mark);
        self.mark.first = mark.first + mark.digests.len() as u64;
        self.inputs.clear();
        self.tokens = 0.0;
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
        while !self.has_ended {
            if self.count % AT_ONCE == AT_ONCE - 1 {
                yield_now().await;
            }
            match self.prompts.next().await {
                Ok(Some(prompt)) => {
                    if let Some(request) = self.add(&prompt)? {
                        return Ok(Some(request));
                    }
                }
                Ok(None) => self.has_ended = true,
                // Earlier inputs are still sent.
                Err(error) => {
                    self.has_ended = true;
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

/// Estimates the number of tokens of an input, too many rather than too few. The JSON of an input
/// is a text or an array of token numbers.
fn tokens_of(input: &str) -> f64 {
    match serde_json::from_str::<String>(input) {
        Ok(text) => estimate_older_tokens(&text) as f64 / FILLED_SHARE,
        Err(_) => input.split(',').count() as f64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_estimated_and_tokens_counted() {
        assert_eq!(tokens_of("[5]"), 1.0);
        assert_eq!(tokens_of("[1,2, 3]"), 3.0);
        let tokens = tokens_of("\"a text of eight words, with a \\u00fc\"");
        assert!((8.0..16.0).contains(&tokens), "{tokens}");
    }
}
