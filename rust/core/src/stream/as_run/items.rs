//! The items of a response that appear in a run: messages and tool calls.

use super::message::Message;
use super::tool_call::ToolCall;
use super::values::integer_of;
use crate::json::Node;
use crate::stream::kind::text_member;

/// An item received so far.
#[derive(Debug, Clone)]
pub(super) struct Item {
    pub id: String,
    index: Option<i64>,
    item_type: String,
    /// The index of its step.
    pub step: usize,
    pub state: ItemState,
    pub content: Content,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ItemState {
    Open,
    Done,
    Failed,
    /// It has ended, but is incomplete.
    Cut,
}

#[derive(Debug, Clone)]
pub(super) enum Content {
    Message(Message),
    Call(ToolCall),
}

/// Identifies the item of an event. Some servers omit the id, the index, or both.
#[derive(Clone, Copy)]
pub(super) struct Label<'a> {
    pub id: &'a str,
    pub index: Option<i64>,
    pub item_type: &'a str,
}

impl<'a> Label<'a> {
    /// The label in an event about an item of this type.
    pub fn of_event(data: Node<'a>, item_type: &'a str) -> Self {
        Label {
            id: text_member(data, "item_id"),
            index: integer_of(data, "output_index"),
            item_type,
        }
    }

    /// The label of the item at this index of the output.
    pub fn of_item(item: Node<'a>, index: Option<i64>) -> Self {
        Label {
            id: text_member(item, "id"),
            index,
            item_type: text_member(item, "type"),
        }
    }
}

impl Item {
    pub fn new(label: Label<'_>, id: String, step: usize, content: Content) -> Item {
        Item {
            id,
            index: label.index,
            item_type: label.item_type.to_owned(),
            step,
            state: ItemState::Open,
            content,
        }
    }

    pub fn call(&self) -> Option<&ToolCall> {
        match &self.content {
            Content::Call(call) => Some(call),
            Content::Message(_) => None,
        }
    }

    /// Whether the caller must submit its output.
    pub fn waits_for_output(&self) -> bool {
        self.state == ItemState::Done && self.call().is_some_and(ToolCall::is_function)
    }
}

/// The position of the item that an event refers to.
pub(super) fn find_item(items: &[Item], label: Label<'_>) -> Option<usize> {
    let newest = |fits: &dyn Fn(&Item) -> bool| items.iter().rposition(fits);
    let same_id = newest(&|item| !label.id.is_empty() && item.id == label.id);
    same_id.or_else(|| {
        let may_be = |item: &Item| item.item_type == label.item_type && label.id.is_empty();
        match label.index {
            Some(_) => newest(&|item| may_be(item) && item.index == label.index),
            None => newest(&|item| may_be(item) && item.state == ItemState::Open),
        }
    })
}

/// The state of a complete item, in a response that is complete or not.
pub(super) fn state_of(item: Node<'_>, is_complete: bool) -> ItemState {
    match text_member(item, "status") {
        "failed" => ItemState::Failed,
        "incomplete" => ItemState::Cut,
        "in_progress" | "searching" | "interpreting" if !is_complete => ItemState::Cut,
        _ => ItemState::Done,
    }
}
