//! A stream of a response, told as the stream of a run of the Assistants API, which is shut
//! (<https://platform.openai.com/docs/api-reference/assistants-streaming/events>).
//!
//! The events keep their old names, order and shapes. A message is a step, and so are calls of tools
//! that follow each other: `step_` and the id of the first item. Other items, such as reasoning, are
//! not told. A step ends when the next begins, or the response ends, whose tokens stand with the
//! last one. A step with calls of functions ends when their outputs are handed in, so that the
//! stream of the next round begins with its end.

mod decoder;
mod items;
mod message;
mod run;
mod step;
mod tool_call;
mod translation;
mod values;

pub(super) use self::decoder::AsRunDecoder;
use crate::error::Error;
use crate::json::{Document, Fields, Value};

/// The run that a response is told as, in the shapes of the Assistants API.
#[derive(Debug, Clone)]
pub struct AsRun {
    /// The run as it stands before the stream, with the tokens that earlier rounds used.
    run: Fields,
    /// The thread, where it was made with the run.
    thread: Option<Value>,
    /// The steps that end because the outputs of their calls are sent.
    ended_steps: Vec<Value>,
    /// Whether nothing of the run was told before.
    pub is_first_round: bool,
    /// Whether steps show the texts that a search in files found.
    pub shows_found_texts: bool,
}

impl AsRun {
    /// The first round of a run, with the thread that was made with it and the steps that end with
    /// the request, each as JSON text. A run without `id` gets that of the response, with `run_` for `resp_`, and one
    /// without `created_at` begins with the response.
    ///
    /// # Errors
    /// Where one of them is not what it should be.
    pub fn of_json(
        run: &str,
        thread: Option<&str>,
        ended_steps: Option<&str>,
    ) -> Result<AsRun, Error> {
        let Value::Object(run) = parsed("run", run)? else {
            return Err(misshapen("run", "an object"));
        };
        let thread = thread.map(|thread| parsed("thread", thread)).transpose()?;
        if thread.as_ref().is_some_and(|it| it.as_object().is_none()) {
            return Err(misshapen("thread", "an object"));
        }
        let ended_steps = match ended_steps
            .map(|steps| parsed("steps", steps))
            .transpose()?
        {
            None => Vec::new(),
            Some(Value::Array(steps)) => steps,
            Some(_) => return Err(misshapen("steps", "an array")),
        };
        Ok(AsRun {
            run,
            thread,
            ended_steps,
            is_first_round: true,
            shows_found_texts: false,
        })
    }
}

fn parsed(name: &str, json: &str) -> Result<Value, Error> {
    let document = Document::parse(json);
    let document = document.map_err(|error| {
        Error::argument(format!("`as_run${name}` must be JSON text, but {error}."))
    })?;
    Ok(Value::from(document.root()))
}

fn misshapen(name: &str, what: &str) -> Error {
    Error::argument(format!("`as_run${name}` must be {what} as JSON text."))
}
