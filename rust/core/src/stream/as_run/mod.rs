//! Converts the stream of a response to the stream of a run of the Assistants API, which OpenAI has
//! shut down (<https://platform.openai.com/docs/api-reference/assistants-streaming/events>).
//!
//! The events keep the old names, order and shapes. A message is a step, and so are consecutive
//! tool calls. The id of a step is `step_` followed by the id of its first item. Other items, such
//! as reasoning, are left out. A step ends when the next one starts or the response ends; the last
//! step of a response has its usage. A step with function calls ends when their outputs are
//! submitted, so the stream of the next round starts with the end of this step.

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

/// The run that represents a response, in the shapes of the Assistants API.
#[derive(Debug, Clone)]
pub struct AsRun {
    /// The run before the stream starts, with the usage of earlier rounds.
    run: Fields,
    /// The thread, if it was created with the run.
    thread: Option<Value>,
    /// The steps that end because the outputs of their calls are submitted.
    ended_steps: Vec<Value>,
    /// Whether there have been no events of the run yet.
    pub is_first_round: bool,
    /// Whether steps contain the texts found by file search.
    pub shows_found_texts: bool,
}

impl AsRun {
    /// Parses the run, the thread created with it, and the steps that end with the request, each
    /// given as JSON text. A run without `id` gets the id of the response, with `run_` instead of
    /// `resp_`; a run without `created_at` gets the time of the response.
    ///
    /// # Errors
    /// Fails if one of them has the wrong shape.
    pub fn of_json(
        run: &str,
        thread: Option<&str>,
        ended_steps: Option<&str>,
    ) -> Result<AsRun, Error> {
        let Value::Object(run) = parsed("run", run)? else {
            return Err(wrong_shape("run", "an object"));
        };
        let thread = thread.map(|thread| parsed("thread", thread)).transpose()?;
        if thread.as_ref().is_some_and(|it| it.as_object().is_none()) {
            return Err(wrong_shape("thread", "an object"));
        }
        let ended_steps = match ended_steps
            .map(|steps| parsed("steps", steps))
            .transpose()?
        {
            None => Vec::new(),
            Some(Value::Array(steps)) => steps,
            Some(_) => return Err(wrong_shape("steps", "an array")),
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

fn wrong_shape(name: &str, what: &str) -> Error {
    Error::argument(format!("`as_run${name}` must be {what} as JSON text."))
}
