//! Ends items, steps and the run.

use super::{Stage, Translation};
use crate::json::{Node, Value};
use crate::stream::as_run::items::{Item, ItemState, Label};
use crate::stream::as_run::message::State;
use crate::stream::as_run::run::{ended_at, last_error, reason_of_message, usage_of, Ending};
use crate::stream::as_run::step::StepEnd;
use crate::stream::kind::members;

impl Translation {
    /// Ends the run, or sets its required actions.
    pub(super) fn end(&mut self, ending: Ending, response: Node<'_>) {
        let is_complete = ending == Ending::Completed;
        self.reach(match is_complete {
            true => Stage::InProgress,
            false => Stage::Queued,
        });
        for (index, item) in (0..).zip(members(response, "output")) {
            self.end_item(Label::of_item(item, Some(index)), item, is_complete);
        }
        let now = ended_at(response, self.now());
        if is_complete {
            self.end_open_items(now);
        }
        self.end_steps(ending, now, response);
        let calls = self.items.iter().filter(|item| item.waits_for_output());
        let calls: Vec<Value> = calls.filter_map(|item| item.call()?.required()).collect();
        self.has_ended = true;
        if is_complete && !calls.is_empty() {
            self.run.require_action(calls);
            return self.emit_run("thread.run.requires_action");
        }
        self.run.end(ending, now, response);
        self.emit_run(match ending {
            Ending::Completed => "thread.run.completed",
            Ending::Incomplete => "thread.run.incomplete",
            Ending::Failed => "thread.run.failed",
            Ending::Cancelled => "thread.run.cancelled",
        });
    }

    /// Ends open items, which some servers omit from the final response.
    fn end_open_items(&mut self, now: i64) {
        for position in 0..self.items.len() {
            if self.items[position].state == ItemState::Open {
                self.items[position].state = ItemState::Done;
                if self.items[position].call().is_none() {
                    let state = State::Completed(now);
                    self.emit_message("thread.message.completed", position, &state);
                }
            }
        }
    }

    fn end_steps(&mut self, ending: Ending, now: i64, response: Node<'_>) {
        for step in 0..self.steps.len() {
            if self.steps[step].end.is_some() {
                continue;
            }
            let message = self
                .items
                .iter()
                .position(|item| item.step == step && item.call().is_none() && !has_ended(item));
            if let Some(message) = message {
                let state = State::Incomplete(now, reason_of_message(ending, response));
                self.emit_message("thread.message.incomplete", message, &state);
            }
            let is_message = message.is_some();
            let end = match (self.own_end(step), ending) {
                (Some(end), _) => end,
                (None, Ending::Completed) if !is_message => continue,
                (None, Ending::Completed | Ending::Incomplete) if is_message => {
                    StepEnd::Completed(now)
                }
                (None, Ending::Cancelled) => StepEnd::Cancelled(now),
                (None, Ending::Failed) => StepEnd::Failed(now, last_error(response)),
                (None, _) => StepEnd::Failed(now, Value::Null),
            };
            let usage = match step + 1 == self.steps.len() {
                true => usage_of(response),
                false => Value::Null,
            };
            self.end_step(step, end, usage);
        }
    }

    /// Ends completed steps. Usage is known for the whole response only, so its last step gets it.
    pub(super) fn end_finished_steps(&mut self) {
        for step in 0..self.steps.len() {
            if self.steps[step].end.is_none() {
                if let Some(end) = self.own_end(step) {
                    self.end_step(step, end, Value::Null);
                }
            }
        }
    }

    /// How a step ends judging by its items.
    fn own_end(&self, step: usize) -> Option<StepEnd> {
        let items = || self.items.iter().filter(|item| item.step == step);
        if !items().all(has_ended) || items().any(Item::waits_for_output) {
            return None;
        }
        Some(match items().any(|item| item.state == ItemState::Failed) {
            true => StepEnd::Failed(self.now(), Value::Null),
            false => StepEnd::Completed(self.now()),
        })
    }

    fn end_step(&mut self, step: usize, end: StepEnd, usage: Value) {
        let event = end.event();
        self.steps[step].end = Some(end);
        self.steps[step].usage = usage;
        self.emit_step(event, step);
    }
}

/// Whether a complete item needs nothing more.
fn has_ended(item: &Item) -> bool {
    matches!(item.state, ItemState::Done | ItemState::Failed)
}
