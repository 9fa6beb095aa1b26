//! Streams of JSON events, such as chat completions and runs.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::runtime::Handle;

use super::answer::StreamedAnswer;
use super::as_run::{AsRun, AsRunDecoder};
use super::event::Event;
use super::events::EventDecoder;
use super::kind::EventKind;
use super::stored::Stored;
use super::Stream;
use crate::error::Error;
use crate::http::request::Request;
use crate::http::trace::Trace;
use crate::http::transport::Transport;
use crate::queue::{End, Taken, Wake};

/// A stream of events.
pub struct EventStream {
    stream: Stream<Event>,
    answer: Mutex<StreamedAnswer>,
    /// Events that were taken and returned; they are already part of the answer.
    given_back: Mutex<VecDeque<Event>>,
}

impl EventStream {
    /// Sends `request` and starts reading.
    pub fn open(
        handle: &Handle,
        transport: Transport,
        request: Request,
        kind: EventKind,
        trace: Arc<Trace>,
    ) -> Result<Self, Error> {
        let (decoder, stored) = decoder(kind, &request);
        let asked_for = stored.as_ref().and_then(Stored::response_id);
        let stream = Stream::open(handle, transport, request, stored, decoder, trace)?;
        Ok(EventStream::of(stream, kind, asked_for))
    }

    /// Sends a request that creates a response, and converts its events to events of a run.
    pub fn open_as_run(
        handle: &Handle,
        transport: Transport,
        request: Request,
        run: AsRun,
        trace: Arc<Trace>,
    ) -> Result<Self, Error> {
        let (decoder, stored) = decoder(EventKind::Response, &request);
        let decoder = AsRunDecoder::new(decoder, run);
        let stream = Stream::open(handle, transport, request, stored, decoder, trace)?;
        Ok(EventStream::of(stream, EventKind::Run, None))
    }

    fn of(stream: Stream<Event>, kind: EventKind, asked_for: Option<String>) -> Self {
        let mut answer = StreamedAnswer::new(kind, stream.opened());
        answer.asked_for(asked_for);
        EventStream {
            stream,
            answer: Mutex::new(answer),
            given_back: Mutex::default(),
        }
    }

    /// Takes up to `most` events that have arrived; waits up to `patience` for the first one.
    pub fn take(&self, most: usize, patience: Duration) -> Taken<Event> {
        let mut given_back = lock(&self.given_back);
        if !given_back.is_empty() {
            let count = most.min(given_back.len());
            return Taken {
                items: given_back.drain(..count).collect(),
                end: None,
            };
        }
        drop(given_back);
        let mut taken = self.stream.queue.take(most, patience);
        let mut answer = self.answer();
        taken.items.iter().for_each(|event| answer.add(event));
        if let Some(End::Incomplete(error)) = &mut taken.end {
            if let Some(partial) = &mut error.partial {
                partial.text = answer.text(0).unwrap_or_default().into_owned();
            }
        }
        taken
    }

    /// Takes the next `count` events, if that many have arrived and all are `plain`.
    pub fn take_ready(&self, count: usize, plain: impl Fn(&Event) -> bool) -> Option<Vec<Event>> {
        if !lock(&self.given_back).is_empty() {
            return None;
        }
        let taken = self.stream.queue.take_ready(count, plain)?;
        let mut answer = self.answer();
        taken.iter().for_each(|event| answer.add(event));
        Some(taken)
    }

    /// Returns the last taken events; they will be taken next.
    pub fn give_back(&self, events: Vec<Event>) {
        let mut given_back = lock(&self.given_back);
        for event in events.into_iter().rev() {
            given_back.push_front(event);
        }
    }

    /// Calls `wake` once, from any thread, when there is something to take; see [`Wake`].
    pub fn wake_when_ready(&self, wake: Wake) {
        if lock(&self.given_back).is_empty() {
            self.stream.wake_when_ready(wake);
        } else {
            wake();
        }
    }

    /// The answer from the events taken so far.
    pub fn answer(&self) -> MutexGuard<'_, StreamedAnswer> {
        lock(&self.answer)
    }

    /// The underlying stream.
    pub fn channel(&self) -> &Stream<Event> {
        &self.stream
    }
}

/// The decoder for the response to a request, and how to resume it after a lost connection.
fn decoder(kind: EventKind, request: &Request) -> (EventDecoder, Option<Stored>) {
    let mut decoder = EventDecoder::new(kind, request.secrets().clone(), request.options);
    let stored = Stored::of(request).filter(|_| kind == EventKind::Response);
    if let Some(stored) = &stored {
        decoder.remember(stored.response_id());
    }
    (decoder, stored)
}

fn lock<T>(value: &Mutex<T>) -> MutexGuard<'_, T> {
    value.lock().unwrap_or_else(PoisonError::into_inner)
}
