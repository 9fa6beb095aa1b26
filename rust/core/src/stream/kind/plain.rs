//! Events without a known format, such as those of agent sessions.

use std::borrow::Cow;

use super::completed_by::CompletedBy;
use super::{error_of_typed, event_type, Answer, Kind, StreamState};
use crate::error::Reported;
use crate::expected::Expected;
use crate::json::{Node, Value};
use crate::stream::event::Event;

pub(super) struct Plain;

impl Kind for Plain {
    fn texts<'a>(&self, _event: &'a Event) -> Vec<(i64, Cow<'a, str>)> {
        Vec::new()
    }

    fn error(&self, name: &str, root: Node<'_>) -> Option<Reported> {
        // An event with a type may report errors that do not end the stream.
        let is_typed = !matches!(event_type(name, root), "" | "error");
        error_of_typed(name, root).filter(|_| !is_typed)
    }

    fn expected(&self) -> Option<Expected> {
        None
    }

    fn state(&self) -> Box<dyn StreamState> {
        Box::new(CompletedBy::event(|_event| true))
    }

    fn answer(&self) -> Box<dyn Answer> {
        Box::new(PlainAnswer::default())
    }
}

/// The data of all events, or the response of a server that does not stream.
#[derive(Debug, Default)]
struct PlainAnswer {
    events: Vec<Value>,
    whole: Option<Value>,
}

impl Answer for PlainAnswer {
    fn add(&mut self, event: &Event) {
        let data = Value::from(event.document.root());
        if event.is_whole {
            self.whole = Some(data);
        } else {
            self.events.push(data);
        }
    }

    fn whole(&self) -> Option<Value> {
        let events = (!self.events.is_empty()).then(|| Value::Array(self.events.clone()));
        self.whole.clone().or(events)
    }

    fn text(&self, choice: i64) -> Option<Cow<'_, str>> {
        (choice == 0).then_some(Cow::Borrowed(""))
    }
}
