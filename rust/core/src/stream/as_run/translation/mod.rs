//! Converts the events of a response to events of a run.

mod ending;

use std::sync::Arc;
use std::time::Instant;

use super::items::{find_item, state_of, Content, Item, ItemState, Label};
use super::message::{self, Message, PartKind, State};
use super::run::{Ending, Run};
use super::step::{self, Step, StepKind};
use super::tool_call::{Search, ToolCall};
use super::values::{integer_of, object, text};
use super::AsRun;
use crate::json::{Document, Node, Value};
use crate::stream::event::Event;
use crate::stream::kind::{text_member, ResponseAnswer};

/// An event of a run: its name and data.
pub(super) type RunEvent = (&'static str, Value);

/// How many of the initial events of the run have been emitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    Nothing,
    Created,
    Queued,
    InProgress,
}

/// A response received so far, as a run.
#[derive(Debug, Clone)]
pub(super) struct Translation {
    round: AsRun,
    run: Run,
    stage: Stage,
    response_id: Option<Arc<str>>,
    /// When the response was created, by the clock of the server, and when its first event arrived.
    started: Option<(i64, Instant)>,
    /// When the current event arrived.
    arrived: Instant,
    steps: Vec<Step>,
    items: Vec<Item>,
    has_ended: bool,
    emitted: Vec<RunEvent>,
}

impl Translation {
    pub fn new(round: AsRun) -> Translation {
        Translation {
            run: Run::queued(round.run.clone()),
            round,
            stage: Stage::Nothing,
            response_id: None,
            started: None,
            arrived: Instant::now(),
            steps: Vec::new(),
            items: Vec::new(),
            has_ended: false,
            emitted: Vec::new(),
        }
    }

    /// Whether the run has ended or waits for outputs.
    pub fn has_ended(&self) -> bool {
        self.has_ended
    }

    pub fn response_id(&self) -> Option<&Arc<str>> {
        self.response_id.as_ref()
    }

    /// The events of the run for an event of the response.
    pub fn take(&mut self, event: &Event) -> Vec<RunEvent> {
        self.arrived = event.arrived;
        let data = event.document.root();
        if event.is_whole {
            self.take_whole(data);
        } else {
            self.take_data(event.event_type(), data);
        }
        std::mem::take(&mut self.emitted)
    }

    /// Takes the response of a server that does not stream.
    fn take_whole(&mut self, response: Node<'_>) {
        self.note_response(response);
        match text_member(response, "status") {
            "queued" => return self.reach(Stage::Queued),
            "in_progress" => return self.reach(Stage::InProgress),
            _ => {}
        }
        for event in ResponseAnswer::default().missing(response) {
            if let Ok(event) = Document::parse(event) {
                self.take_data(text_member(event.root(), "type"), event.root());
            }
        }
    }

    fn take_data(&mut self, event_type: &str, data: Node<'_>) {
        let response = data.get("response").unwrap_or(Node::Null);
        self.note_response(response);
        if let Some(ending) = Ending::of_event(event_type) {
            return self.end(ending, response);
        }
        let item = data.get("item").unwrap_or(Node::Null);
        let label = Label::of_item(item, integer_of(data, "output_index"));
        let content_index = integer_of(data, "content_index").unwrap_or_default();
        match event_type {
            "response.created" => self.reach(Stage::Created),
            "response.queued" => self.reach(Stage::Queued),
            "response.in_progress" => self.reach(Stage::InProgress),
            "response.output_item.added" => {
                self.find_or_begin(label, item);
            }
            "response.output_item.done" => self.end_item(label, item, true),
            "response.output_text.delta" => self.add_part(data, |message| {
                message.add(content_index, PartKind::Text, text_member(data, "delta"))
            }),
            "response.refusal.delta" => self.add_part(data, |message| {
                message.add(content_index, PartKind::Refusal, text_member(data, "delta"))
            }),
            "response.output_text.annotation.added" => {
                if let Some(annotation) = data.get("annotation") {
                    self.add_part(data, |message| message.annotate(content_index, annotation));
                }
            }
            "response.function_call_arguments.delta" => self.add_to_call(data, "function_call"),
            "response.code_interpreter_call_code.delta" => {
                self.add_to_call(data, "code_interpreter_call");
            }
            _ => {}
        }
    }

    fn note_response(&mut self, response: Node<'_>) {
        if response.as_object().is_none() || self.response_id.is_some() {
            return;
        }
        let id = text_member(response, "id");
        let created_at = integer_of(response, "created_at");
        let created_at = created_at.or(self.run.created_at()).unwrap_or_default();
        self.started = Some((created_at, self.arrived));
        self.run.take_origin(id, created_at);
        self.response_id = Some(id.into());
    }

    /// When the response was created.
    fn created_at(&self) -> i64 {
        let known = self.started.map(|(created_at, _)| created_at);
        known.or(self.run.created_at()).unwrap_or_default()
    }

    /// The current time by the clock of the server.
    fn now(&self) -> i64 {
        let passed = self.started.map(|(_, first)| self.arrived - first);
        let passed = passed.map_or(0, |passed| passed.as_secs());
        self.created_at() + i64::try_from(passed).unwrap_or_default()
    }

    fn emit(&mut self, name: &'static str, data: Value) {
        self.emitted.push((name, data));
    }

    fn emit_run(&mut self, name: &'static str) {
        self.emit(name, self.run.value());
    }

    /// Emits initial events that have not been emitted yet. Some servers omit events.
    fn reach(&mut self, stage: Stage) {
        if self.stage < Stage::Created && stage >= Stage::Created {
            if let Some(thread) = self.round.thread.take() {
                self.emit("thread.created", thread);
            }
            if self.round.is_first_round {
                self.emit_run("thread.run.created");
            }
            for step in std::mem::take(&mut self.round.ended_steps) {
                self.emit("thread.run.step.completed", step);
            }
        }
        if self.stage < Stage::Queued && stage >= Stage::Queued {
            self.emit_run("thread.run.queued");
        }
        if self.stage < Stage::InProgress && stage >= Stage::InProgress {
            self.run.begin(self.created_at());
            self.emit_run("thread.run.in_progress");
        }
        self.stage = self.stage.max(stage);
    }

    /// The position of an item, which is created if necessary; `None` for items that runs do not
    /// show.
    fn find_or_begin(&mut self, label: Label<'_>, item: Node<'_>) -> Option<usize> {
        if let Some(known) = find_item(&self.items, label) {
            return Some(known);
        }
        let id = match label.id {
            "" => self.made_up_id(),
            id => id.to_owned(),
        };
        let content = self.new_content(label.item_type, item, &id)?;
        self.reach(Stage::InProgress);
        let kind = match content {
            Content::Message(_) => StepKind::Message,
            Content::Call(_) => StepKind::ToolCalls,
        };
        let step = match self.steps.last() {
            // Consecutive calls share a step.
            Some(last) if (last.kind, kind) == (StepKind::ToolCalls, StepKind::ToolCalls) => {
                self.steps.len() - 1
            }
            _ => self.begin_step(&id, kind),
        };
        self.items.push(Item::new(label, id, step, content));
        let new = self.items.len() - 1;
        if kind == StepKind::Message {
            self.emit_step("thread.run.step.created", step);
            self.emit_step("thread.run.step.in_progress", step);
            self.emit_message("thread.message.created", new, &State::InProgress);
            self.emit_message("thread.message.in_progress", new, &State::InProgress);
        } else {
            let at = self.index_in_step(new);
            let first = self.items[new].call().map(|call| call.first_delta(at));
            self.emit_calls(new, first);
        }
        Some(new)
    }

    /// The initial content of an item of this type; `None` for items that runs do not show.
    fn new_content(&self, item_type: &str, item: Node<'_>, id: &str) -> Option<Content> {
        if item_type == "message" {
            return Some(Content::Message(Message::default()));
        }
        let search = Search {
            ranking_options: self.run.ranking_options(),
            shows_texts: self.round.shows_found_texts,
        };
        ToolCall::of_item(item_type, item, id, search).map(Content::Call)
    }

    /// The id of an item for which the server sent none.
    fn made_up_id(&self) -> String {
        let response = self.response_id.as_deref().unwrap_or_default();
        format!("{response}_{}", self.items.len())
    }

    fn begin_step(&mut self, item_id: &str, kind: StepKind) -> usize {
        self.end_finished_steps();
        self.steps.push(Step {
            id: format!("step_{item_id}"),
            created_at: self.created_at(),
            kind,
            end: None,
            usage: Value::Null,
        });
        let step = self.steps.len() - 1;
        if kind == StepKind::ToolCalls {
            self.emit_step("thread.run.step.created", step);
            self.emit_step("thread.run.step.in_progress", step);
        }
        step
    }

    /// Adds to a message and emits the delta.
    fn add_part(&mut self, data: Node<'_>, add: impl FnOnce(&mut Message) -> Value) {
        let label = Label::of_event(data, "message");
        let Some(position) = self.find_or_begin(label, Node::Null) else {
            return;
        };
        let item = &mut self.items[position];
        if let (ItemState::Open, Content::Message(message)) = (item.state, &mut item.content) {
            let part = add(message);
            let delta = message::delta(&item.id, part);
            self.emit("thread.message.delta", delta);
        }
    }

    /// Adds to the arguments of a function or to code. A call whose name is not known yet starts
    /// when its complete item arrives.
    fn add_to_call(&mut self, data: Node<'_>, item_type: &str) {
        let Some(position) = find_item(&self.items, Label::of_event(data, item_type)) else {
            return;
        };
        let at = self.index_in_step(position);
        let item = &mut self.items[position];
        if let (ItemState::Open, Content::Call(call)) = (item.state, &mut item.content) {
            let added = call.add(text_member(data, "delta"), at);
            self.emit_calls(position, added);
        }
    }

    /// Takes a complete item.
    fn end_item(&mut self, label: Label<'_>, item: Node<'_>, is_complete: bool) {
        let Some(position) = self.find_or_begin(label, item) else {
            return;
        };
        if self.items[position].state != ItemState::Open {
            return;
        }
        let at = self.index_in_step(position);
        let known = &mut self.items[position];
        known.state = state_of(item, is_complete);
        match &mut known.content {
            Content::Message(message) => {
                let id = known.id.clone();
                let state = known.state;
                for part in message.take(item) {
                    self.emit("thread.message.delta", message::delta(&id, part));
                }
                if state != ItemState::Cut {
                    let state = State::Completed(self.now());
                    self.emit_message("thread.message.completed", position, &state);
                }
            }
            Content::Call(call) => {
                let missing = call.take(item, at);
                self.emit_calls(position, missing);
            }
        }
    }

    /// The index of a call in its step.
    fn index_in_step(&self, item: usize) -> usize {
        let before = self.items[..item].iter();
        before
            .filter(|other| other.step == self.items[item].step)
            .count()
    }

    fn emit_calls(&mut self, item: usize, calls: impl IntoIterator<Item = Value>) {
        for call in calls {
            let id = &self.steps[self.items[item].step].id;
            let delta = step::delta(id, call);
            self.emit("thread.run.step.delta", delta);
        }
    }

    fn emit_step(&mut self, name: &'static str, step: usize) {
        let items = || self.items.iter().filter(|item| item.step == step);
        let details = match self.steps[step].kind {
            StepKind::Message => {
                let id = items().next().map_or("", |item| &item.id);
                object([("message_id", text(id))])
            }
            StepKind::ToolCalls => {
                let calls = items().filter_map(|item| Some(item.call()?.value()));
                Value::Array(calls.collect())
            }
        };
        let step = self.steps[step].value(details, self.run.owner());
        self.emit(name, step);
    }

    fn emit_message(&mut self, name: &'static str, item: usize, state: &State) {
        let item = &self.items[item];
        if let Content::Message(message) = &item.content {
            let owner = self.run.owner();
            let message = message.value(&item.id, self.created_at(), state, owner);
            self.emit(name, message);
        }
    }
}
