//! `/batches` (<https://platform.openai.com/docs/api-reference/batch>).

mod lines;

use std::time::Instant;

use serde_json::{json, Value};

use super::files;
use crate::api_error::ApiError;
use crate::call::Call;
use crate::page::{page, PAGE};
use crate::reply::Reply;
use crate::store::{BatchStatus, Counts, Store, StoredBatch, CREATED};

/// The approximate size of a batch in the store, in bytes.
const BYTES: usize = 1024;
/// How long OpenAI keeps the files of a batch, in seconds.
const LIFETIME: u64 = 24 * 3600;

/// Answers all lines immediately; how many of them count as completed depends on the time.
pub(crate) fn create(call: &mut Call) -> Result<Reply, ApiError> {
    let body = &call.body;
    let endpoint = lines::endpoint(body)?;
    let completion_window = body.required_string("completion_window")?.to_owned();
    let metadata = body.metadata()?;
    let input_file = body.required_string("input_file_id")?.to_owned();
    let input = files::stored(call.store, &input_file)?.bytes.clone();
    let id = call.store.batches.next_id();

    let mut batch = StoredBatch {
        id: id.clone(),
        endpoint,
        input_file,
        completion_window,
        metadata,
        errors: Vec::new(),
        results: Vec::new(),
        counts: Counts::default(),
        output_file: None,
        error_file: None,
        started: call.now,
        step: call.options.background_delay,
        limit: call.options.batch_limit,
        cancelled: None,
    };
    let mut bytes = BYTES;
    match lines::parse(&input, &batch.endpoint) {
        Ok(lines) => {
            batch.results = lines::run(call, &batch.endpoint, &lines);
            bytes += batch.results.iter().map(|it| it.text.len()).sum::<usize>();
        }
        Err(errors) => batch.errors = errors,
    }
    let reply = Reply::json(&object(&batch, BatchStatus::Validating));
    call.store.batches.put(&id, bytes, batch);
    Ok(reply)
}

pub(crate) fn list(call: &mut Call) -> Result<Reply, ApiError> {
    let ids: Vec<String> = call.store.batches.iter().map(|it| it.id.clone()).collect();
    ids.iter().for_each(|id| settle(call.store, id, call.now));
    let batches = call.store.batches.iter();
    let batches = batches.map(|batch| object(batch, batch.status(call.now)));
    Ok(Reply::json(&page(&call.query, batches.collect(), PAGE)?))
}

pub(crate) fn retrieve(call: &mut Call) -> Result<Reply, ApiError> {
    let now = call.now;
    let batch = stored(call)?;
    Ok(Reply::json(&object(batch, batch.status(now))))
}

pub(crate) fn cancel(call: &mut Call) -> Result<Reply, ApiError> {
    let now = call.now;
    let batch = stored(call)?;
    match batch.status(now) {
        BatchStatus::Validating | BatchStatus::InProgress => batch.cancelled = Some(now),
        BatchStatus::Cancelling | BatchStatus::Cancelled => {}
        other @ (BatchStatus::Failed | BatchStatus::Completed | BatchStatus::Expired) => {
            let message = format!("Cannot cancel a batch with status '{}'.", name(other));
            return Err(ApiError::new(409, message));
        }
    }
    Ok(Reply::json(&object(batch, batch.status(now))))
}

/// Updates the counts of a batch; creates the results files of a finished one.
fn settle(store: &mut Store, id: &str, now: Instant) {
    let Some(batch) = store.batches.get_mut(id) else {
        return;
    };
    let status = batch.status(now);
    if batch.results.is_empty() {
        return;
    }
    let done = batch.done(now);
    batch.counts = batch.count(done);
    if !status.has_results() {
        return;
    }
    let results = std::mem::take(&mut batch.results);
    let mut add = |kind: &str, content: String| {
        (!content.is_empty()).then(|| {
            let name = format!("{id}_{kind}.jsonl");
            files::add(store, name, "batch_output", content.into_bytes(), None)
        })
    };
    let [output, errors] = lines::files(&results, done, status);
    let (output, errors) = (add("output", output), add("error", errors));
    if let Some(batch) = store.batches.get_mut(id) {
        batch.output_file = output;
        batch.error_file = errors;
    }
}

fn name(status: BatchStatus) -> &'static str {
    match status {
        BatchStatus::Validating => "validating",
        BatchStatus::Failed => "failed",
        BatchStatus::InProgress => "in_progress",
        BatchStatus::Completed => "completed",
        BatchStatus::Expired => "expired",
        BatchStatus::Cancelling => "cancelling",
        BatchStatus::Cancelled => "cancelled",
    }
}

fn object(batch: &StoredBatch, status: BatchStatus) -> Value {
    let Counts {
        total,
        completed,
        failed,
    } = batch.counts;
    let mut object = json!({
        "id": batch.id,
        "object": "batch",
        "endpoint": batch.endpoint,
        "input_file_id": batch.input_file,
        "completion_window": batch.completion_window,
        "status": name(status),
        "created_at": CREATED,
        "expires_at": CREATED + LIFETIME,
        "request_counts": { "total": total, "completed": completed, "failed": failed },
        "metadata": batch.metadata,
    });
    let times: &[&str] = match status {
        BatchStatus::Validating => &[],
        BatchStatus::Failed => &["failed_at"],
        BatchStatus::InProgress => &["in_progress_at"],
        BatchStatus::Completed => &["in_progress_at", "finalizing_at", "completed_at"],
        BatchStatus::Expired => &["in_progress_at", "finalizing_at", "expired_at"],
        BatchStatus::Cancelling => &["cancelling_at"],
        BatchStatus::Cancelled => &["cancelling_at", "cancelled_at"],
    };
    for time in times {
        object[time] = CREATED.into();
    }
    if status == BatchStatus::Failed {
        object["errors"] = json!({ "object": "list", "data": batch.errors });
    }
    let files = [
        ("output_file_id", &batch.output_file),
        ("error_file_id", &batch.error_file),
    ];
    for (name, file) in files {
        if let Some(file) = file {
            object[name] = file.as_str().into();
        }
    }
    object
}

/// The batch in the path, in its current state.
fn stored<'a>(call: &'a mut Call) -> Result<&'a mut StoredBatch, ApiError> {
    let id = call.argument(0);
    settle(call.store, &id, call.now);
    let found = call.store.batches.get_mut(&id);
    found.ok_or_else(|| ApiError::new(404, format!("No batch found with id '{id}'.")).param("id"))
}
