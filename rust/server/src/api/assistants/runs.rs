//! `/threads/{thread_id}/runs`.

use std::collections::VecDeque;
use std::time::Duration;

use serde_json::{json, Value};
use tokio::sync::watch;

use super::assistant::{check_tools, given};
use super::round::{Pace, Round};
use super::steps::includes_content;
use super::stream::{last_bytes, run_stream};
use super::{messages, question, resources, stored, threads};
use crate::api::responses;
use crate::api_error::ApiError;
use crate::call::Call;
use crate::page::{page, PAGE};
use crate::parameters::wrong_type;
use crate::reply::Reply;
use crate::store::{size_of, Run, RunEvent, Store, CREATED};

/// The minimum token limit in OpenAI's reference.
const MIN_TOKENS: u64 = 256;

/// The default of a field.
type Default = fn() -> Value;

/// The fields of a run that default to those of its assistant.
const OF_ASSISTANT: [(&str, Default); 6] = [
    ("model", || Value::Null),
    ("instructions", || Value::Null),
    ("tools", || json!([])),
    ("temperature", || json!(1.0)),
    ("top_p", || json!(1.0)),
    ("response_format", || json!("auto")),
];
/// The fields of a run that only the request can set.
const OF_REQUEST: [(&str, Default); 5] = [
    ("max_prompt_tokens", || Value::Null),
    ("max_completion_tokens", || Value::Null),
    (
        "truncation_strategy",
        || json!({ "type": "auto", "last_messages": null }),
    ),
    ("tool_choice", || json!("auto")),
    ("parallel_tool_calls", || json!(true)),
];

pub(super) fn create(call: &mut Call) -> Result<Reply, ApiError> {
    let thread = call.argument(0);
    let active = stored::thread(call, &thread)?.active.clone();
    if let Some(run) = active {
        let message = format!("Thread {thread} already has an active run {run}.");
        return Err(ApiError::new(400, message));
    }
    begin(call, &thread, None)
}

/// Creates a thread and runs an assistant on it.
pub(super) fn create_with_thread(call: &mut Call) -> Result<Reply, ApiError> {
    stored::assistant(call.store, call.body.required_string("assistant_id")?)?;
    let fields = match call.body.get("thread") {
        None => serde_json::Map::new(),
        Some(Value::Object(fields)) => fields.clone(),
        Some(other) => return Err(wrong_type("thread", "an object", other)),
    };
    let thread = threads::make(call, fields)?;
    let made = threads::object(stored::thread(call, &thread)?);
    begin(call, &thread, Some(made))
}

/// Runs an assistant on a thread, which may have just been created.
fn begin(call: &mut Call, thread: &str, made: Option<Value>) -> Result<Reply, ApiError> {
    let streams = call.body.flag("stream")?;
    let mut run = new_run(call, thread)?;
    let additional = messages::read_all(&call.body, "additional_messages")?;
    for message in additional {
        messages::add(call, thread, message)?;
    }
    let response = ask(call, &run)?;
    let pace = pace(call, streams);
    let mut round = Round::new(&run, &mut call.store.ids, call.now, pace);
    if let Some(thread) = made {
        round.add("thread.created", thread);
    }
    round.begin();
    let events = round.work(&mut run, &response, pace);
    continue_run(call, run, events, streams)
}

/// Creates a queued run from the parameters of the request.
fn new_run(call: &mut Call, thread: &str) -> Result<Run, ApiError> {
    let body = &call.body;
    check_tools(body)?;
    for name in ["max_prompt_tokens", "max_completion_tokens"] {
        body.integer(name, MIN_TOKENS..=u64::MAX)?;
    }
    let assistant = stored::assistant(call.store, body.required_string("assistant_id")?)?;
    let mut object = json!({
        "id": null,
        "object": "thread.run",
        "created_at": CREATED,
        "assistant_id": assistant["id"],
        "thread_id": thread,
        "status": "queued",
        "required_action": null,
        "last_error": null,
        "expires_at": CREATED + call.options.run_limit.as_secs(),
        "started_at": null,
        "cancelled_at": null,
        "failed_at": null,
        "completed_at": null,
        "incomplete_details": null,
        "metadata": body.metadata()?,
        "usage": null,
    });
    for (name, default) in OF_ASSISTANT {
        let of_assistant = assistant.get(name).filter(|value| !value.is_null());
        let value = given(body, name).or_else(|| of_assistant.cloned());
        object[name] = value.unwrap_or_else(default);
    }
    for (name, default) in OF_REQUEST {
        let value = body.get(name).cloned();
        object[name] = value.unwrap_or_else(default);
    }
    if let Some(more) = body.string("additional_instructions")? {
        let instructions = object["instructions"].as_str();
        let all = instructions.map_or(more.to_owned(), |first| format!("{first}\n{more}"));
        object["instructions"] = all.into();
    }
    let of_assistant = assistant["tool_resources"].clone();
    let given = body.get("tool_resources").cloned();
    let last_messages = question::last_messages(body);
    let own = match given {
        Some(given) => resources::made(call.store, Some(&given))?,
        None => of_assistant,
    };
    let of_thread = stored::thread(call, thread)?.tool_resources.clone();
    let id = call.store.runs.next_id();
    object["id"] = id.as_str().into();
    Ok(Run {
        id,
        thread: thread.to_owned(),
        settings: question::settings(&object, &[&own, &of_thread]),
        object,
        steps: Vec::new(),
        events: VecDeque::new(),
        last_messages,
        calls: Vec::new(),
        input_tokens: 0,
        output_tokens: 0,
        expires: call.now + call.options.run_limit,
        cancel: watch::Sender::new(None),
    })
}

/// The model's answer to a run in its current state.
fn ask(call: &mut Call, run: &Run) -> Result<Value, ApiError> {
    let mut body = run.settings.clone();
    let input = question::input(call.store, run);
    body.insert("input".to_owned(), input.into());
    responses::answer(call, body)
}

fn pace(call: &Call, streams: bool) -> Pace {
    let step = call.options.token_delay;
    match streams {
        true => Pace {
            wait: Duration::ZERO,
            queued: step,
            step,
        },
        false => Pace {
            wait: call.options.background_delay,
            queued: Duration::ZERO,
            step,
        },
    }
}

/// Stores a run with its coming events, and responds with it, or with the stream of its events.
fn continue_run(
    call: &mut Call,
    mut run: Run,
    events: VecDeque<RunEvent>,
    streams: bool,
) -> Result<Reply, ApiError> {
    run.events = events;
    run.object["status"] = "queued".into();
    run.object["required_action"] = Value::Null;
    let reply = if streams {
        call.cancelled = Some(run.cancel.subscribe());
        let includes_content = includes_content(&call.query)?;
        run_stream(run.events.iter(), call.now, includes_content)
    } else {
        Reply::json(&run.object)
    };
    let bytes = run.events.iter().map(|it| size_of(&it.data)).sum();
    let (id, thread) = (run.id.clone(), run.thread.clone());
    call.store.runs.put(&id, bytes, run);
    stored::thread(call, &thread)?.active = Some(id);
    Ok(reply)
}

pub(super) fn retrieve(call: &mut Call) -> Result<Reply, ApiError> {
    Ok(Reply::json(&stored::run(call)?.object))
}

pub(super) fn update(call: &mut Call) -> Result<Reply, ApiError> {
    let metadata = call.body.metadata()?;
    let run = stored::run(call)?;
    run.object["metadata"] = metadata;
    Ok(Reply::json(&run.object))
}

pub(super) fn list(call: &mut Call) -> Result<Reply, ApiError> {
    let thread = call.argument(0);
    stored::thread(call, &thread)?;
    let runs = call.store.runs.iter();
    let of_thread = runs
        .filter(|run| run.thread == thread)
        .map(|run| run.object.clone())
        .collect();
    Ok(Reply::json(&page(&call.query, of_thread, PAGE)?))
}

/// Starts to cancel a run.
pub(super) fn cancel(call: &mut Call) -> Result<Reply, ApiError> {
    let at = call.now + call.options.background_delay;
    let run = stored::run(call)?;
    if run.has_ended() || run.status() == "cancelling" {
        let message = format!("Cannot cancel run with status '{}'.", run.status());
        return Err(ApiError::new(400, message));
    }
    let (thread, id) = (run.thread.clone(), run.id.clone());
    let Store { runs, threads, .. } = &mut *call.store;
    let (Some(run), Some(thread)) = (runs.get_mut(&id), threads.get(&thread)) else {
        return Err(stored::not_found("run", &id));
    };
    run.end("cancelled", thread, at);
    run.object["status"] = "cancelling".into();
    run.cancel.send_replace(Some(last_bytes(run.events.iter())));
    Ok(Reply::json(&run.object))
}

/// Continues a run with function outputs.
pub(super) fn submit_tool_outputs(call: &mut Call) -> Result<Reply, ApiError> {
    let streams = call.body.flag("stream")?;
    let outputs = outputs(call)?;
    let run = stored::run(call)?;
    if run.status() != "requires_action" {
        let message = format!(
            "Runs in status \"{}\" do not accept tool outputs.",
            run.status()
        );
        return Err(ApiError::new(400, message));
    }
    check_outputs(run, &outputs)?;
    let id = run.id.clone();
    let Some(mut run) = call.store.runs.remove(&id) else {
        return Err(stored::not_found("run", &id));
    };
    let known = run.calls.len();
    run.calls.extend(outputs.iter().map(
        |(id, output)| json!({ "type": "function_call_output", "call_id": id, "output": output }),
    ));
    let response = match ask(call, &run) {
        Ok(response) => response,
        Err(refused) => {
            run.calls.truncate(known);
            call.store.runs.put(&id, 0, run);
            return Err(refused);
        }
    };
    let pace = pace(call, streams);
    let mut round = Round::new(&run, &mut call.store.ids, call.now, pace);
    let open = run.steps.iter().find(|it| it["status"] == "in_progress");
    if let Some(step) = open {
        round.complete_calls(step.clone(), &outputs);
    }
    let events = round.work(&mut run, &response, pace);
    continue_run(call, run, events, streams)
}

/// The outputs in a request, with the ids of their calls.
fn outputs(call: &Call) -> Result<Vec<(String, String)>, ApiError> {
    let given = call.body.required("tool_outputs")?;
    let outputs = given
        .as_array()
        .ok_or_else(|| wrong_type("tool_outputs", "an array of objects", given))?;
    let text = |index: usize, name: &str, value: &Value| match value {
        Value::String(text) => Ok(text.clone()),
        other => Err(wrong_type(
            &format!("tool_outputs[{index}].{name}"),
            "a string",
            other,
        )),
    };
    let output = |(index, given): (usize, &Value)| {
        let id = text(index, "tool_call_id", &given["tool_call_id"])?;
        Ok((id, text(index, "output", &given["output"])?))
    };
    outputs.iter().enumerate().map(output).collect()
}

/// Rejects outputs that do not match the calls of the run.
fn check_outputs(run: &Run, outputs: &[(String, String)]) -> Result<(), ApiError> {
    let calls = run
        .object
        .pointer("/required_action/submit_tool_outputs/tool_calls")
        .and_then(Value::as_array);
    let calls = calls.into_iter().flatten();
    let mut expected: Vec<&str> = calls.filter_map(|call| call["id"].as_str()).collect();
    let mut given: Vec<&str> = outputs.iter().map(|(id, _)| id.as_str()).collect();
    expected.sort_unstable();
    given.sort_unstable();
    if expected == given {
        return Ok(());
    }
    let quoted = |ids: &[&str]| {
        let ids: Vec<String> = ids.iter().map(|id| format!("'{id}'")).collect();
        ids.join(", ")
    };
    let message = format!(
        "Expected tool outputs for call_ids [{}], got [{}]",
        quoted(&expected),
        quoted(&given)
    );
    Err(ApiError::new(400, message))
}
