//! The run that the events show.

use super::values::{fields, integer_of, object, text};
use crate::json::{Fields, Node, Value};
use crate::stream::kind::text_member;

/// The error codes of runs.
const RUN_CODES: [&str; 3] = ["server_error", "rate_limit_exceeded", "invalid_prompt"];
const SERVER_ERROR: &str = RUN_CODES[0];

/// The type of the file search tool, which is also the name of its member.
const SEARCH: &str = "file_search";
/// The default ranker of file search.
const RANKER: &str = "default_2024_08_21";

/// The lifetime of a run in seconds.
const LIFETIME: i64 = 600;

/// How a response ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    Completed,
    Incomplete,
    Failed,
    Cancelled,
}

impl Ending {
    /// The ending that an event of this type reports.
    pub fn of_event(event_type: &str) -> Option<Ending> {
        Some(match event_type {
            "response.completed" => Ending::Completed,
            "response.incomplete" => Ending::Incomplete,
            "response.failed" => Ending::Failed,
            "response.cancelled" => Ending::Cancelled,
            _ => return None,
        })
    }
}

/// The run so far.
#[derive(Debug, Clone)]
pub(super) struct Run {
    fields: Fields,
    /// The usage of earlier rounds.
    used_before: Value,
}

/// The members that messages and steps copy from their run.
pub(super) struct Owner {
    pub run_id: Value,
    pub thread_id: Value,
    pub assistant_id: Value,
}

impl Run {
    /// The run at the start of a round.
    pub fn queued(fields: Fields) -> Run {
        let used_before = fields.get("usage").cloned().unwrap_or(Value::Null);
        let mut run = Run {
            fields,
            used_before,
        };
        run.set_all([
            ("status", text("queued")),
            ("required_action", Value::Null),
            ("usage", Value::Null),
        ]);
        run
    }

    pub fn value(&self) -> Value {
        Value::Object(self.fields.clone())
    }

    /// The member `name`; null if there is none.
    fn member(&self, name: &str) -> Value {
        self.fields.get(name).cloned().unwrap_or(Value::Null)
    }

    /// The members for its messages and steps.
    pub fn owner(&self) -> Owner {
        Owner {
            run_id: self.member("id"),
            thread_id: self.member("thread_id"),
            assistant_id: self.member("assistant_id"),
        }
    }

    pub fn created_at(&self) -> Option<i64> {
        match self.fields.get("created_at") {
            Some(Value::Integer(seconds)) => Some(*seconds),
            _ => None,
        }
    }

    /// The ranking options of its file search tool, or the defaults.
    pub fn ranking_options(&self) -> Value {
        let tools = self.fields.get("tools").and_then(Value::as_array);
        let mut tools = tools.into_iter().flatten().filter_map(Value::as_object);
        let is_search = |tool: &&Fields| tool.get("type").and_then(Value::as_str) == Some(SEARCH);
        let search = tools.find(is_search);
        let options = search.and_then(|tool| tool.get(SEARCH)?.as_object()?.get("ranking_options"));
        let options = options.and_then(Value::as_object);
        let option = |name| options.and_then(|it| it.get(name)).cloned();
        let ranker = option("ranker").unwrap_or_else(|| text(RANKER));
        let threshold = option("score_threshold").unwrap_or(Value::Double(0.0));
        object([("ranker", ranker), ("score_threshold", threshold)])
    }

    /// Sets the id and creation time, which are unknown before the response.
    pub fn take_origin(&mut self, response_id: &str, created_at: i64) {
        if self.member("id").is_null() {
            let id = response_id.strip_prefix("resp_").unwrap_or(response_id);
            self.fields.set("id", text(&format!("run_{id}")));
        }
        if self.created_at().is_none() {
            self.set_all([
                ("created_at", Value::Integer(created_at)),
                ("expires_at", Value::Integer(created_at + LIFETIME)),
            ]);
        }
    }

    pub fn begin(&mut self, started_at: i64) {
        self.fields.set("status", text("in_progress"));
        let known = self.fields.entry("started_at");
        if known.is_null() {
            *known = Value::Integer(started_at);
        }
    }

    /// The run waits for outputs of tool calls.
    pub fn require_action(&mut self, tool_calls: Vec<Value>) {
        let calls = object([("tool_calls", Value::Array(tool_calls))]);
        let action = object([
            ("type", text("submit_tool_outputs")),
            ("submit_tool_outputs", calls),
        ]);
        self.set_all([
            ("status", text("requires_action")),
            ("required_action", action),
        ]);
    }

    /// The run has ended.
    pub fn end(&mut self, ending: Ending, at: i64, response: Node<'_>) {
        let (status, time_of_end) = match ending {
            Ending::Completed => ("completed", Some("completed_at")),
            Ending::Incomplete => ("incomplete", None),
            Ending::Failed => ("failed", Some("failed_at")),
            Ending::Cancelled => ("cancelled", Some("cancelled_at")),
        };
        let usage = self.usage(response);
        self.set_all([
            ("status", text(status)),
            ("usage", usage),
            ("expires_at", Value::Null),
        ]);
        if let Some(name) = time_of_end {
            self.fields.set(name, Value::Integer(at));
        }
        match ending {
            Ending::Incomplete => {
                let reason = object([("reason", reason_of_run(response))]);
                self.fields.set("incomplete_details", reason);
            }
            Ending::Failed => self.fields.set("last_error", last_error(response)),
            Ending::Completed | Ending::Cancelled => {}
        }
    }

    /// The usage of all rounds.
    fn usage(&self, response: Node<'_>) -> Value {
        let Value::Object(mut usage) = usage_of(response) else {
            return self.used_before.clone();
        };
        for name in ["prompt_tokens", "completion_tokens", "total_tokens"] {
            let before = self.used_before.as_object().and_then(|it| it.get(name));
            if let (Some(Value::Integer(before)), Value::Integer(tokens)) =
                (before, usage.entry(name))
            {
                *tokens = tokens.saturating_add(*before);
            }
        }
        Value::Object(usage)
    }

    fn set_all<const N: usize>(&mut self, members: [(&str, Value); N]) {
        for (name, value) in fields(members) {
            self.fields.set(&name, value);
        }
    }
}

/// The usage of a response.
pub(super) fn usage_of(response: Node<'_>) -> Value {
    let Some(usage) = response.get("usage").filter(|it| it.as_object().is_some()) else {
        return Value::Null;
    };
    let count = |name| Value::Integer(integer_of(usage, name).unwrap_or_default());
    object([
        ("prompt_tokens", count("input_tokens")),
        ("completion_tokens", count("output_tokens")),
        ("total_tokens", count("total_tokens")),
    ])
}

/// When a response ended, by the clock of the server.
pub(super) fn ended_at(response: Node<'_>, now: i64) -> i64 {
    integer_of(response, "completed_at").unwrap_or(now)
}

fn reason_of_run(response: Node<'_>) -> Value {
    match incomplete_reason(response) {
        "max_output_tokens" => text("max_completion_tokens"),
        reason => text(reason),
    }
}

/// Why a message is incomplete.
pub(super) fn reason_of_message(ending: Ending, response: Node<'_>) -> Value {
    match (ending, incomplete_reason(response)) {
        (Ending::Failed, _) => text("run_failed"),
        (Ending::Cancelled, _) => text("run_cancelled"),
        (_, "max_output_tokens") => text("max_tokens"),
        (_, reason) => text(reason),
    }
}

fn incomplete_reason(response: Node<'_>) -> &str {
    let details = response.get("incomplete_details");
    details.map_or("", |details| text_member(details, "reason"))
}

/// Converts the error of a response to the error of a run. Error codes that runs did not have are
/// moved to the message.
pub(super) fn last_error(response: Node<'_>) -> Value {
    let error = response.get("error").unwrap_or(Node::Null);
    let (code, message) = (text_member(error, "code"), text_member(error, "message"));
    let (code, message) = match RUN_CODES.contains(&code) || code.is_empty() {
        true => (code, message.to_owned()),
        false => (SERVER_ERROR, format!("{message} ({code})")),
    };
    let code = if code.is_empty() { SERVER_ERROR } else { code };
    object([("code", text(code)), ("message", text(message.trim()))])
}
