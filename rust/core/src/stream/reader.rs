//! The task that reads a stream.

use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use reqwest::Response;
use tokio::time::timeout;

use super::observed::Observed;
use super::stored::{Found, Stored};
use super::Decode;
use crate::call_record::Ongoing;
use crate::error::{request_id, Error};
use crate::http::clock::Clock;
use crate::http::exchange::{content_type, Exchange};
use crate::http::request::Request;
use crate::http::retry::Attempts;
use crate::http::trace::Trace;
use crate::http::transport::{Transport, DRAIN};
use crate::queue::{End, Queue};

/// Compression would delay small events until a block is full.
const ENCODINGS: &str = "identity";

/// The maximum number of bytes of items that are queued together.
const MAX_BATCH_BYTES: usize = 64 << 10;

/// The state of the task.
pub(super) struct Reader<T: super::Weight> {
    pub transport: Transport,
    pub request: Request,
    /// How to resume the response after a lost connection.
    pub stored: Option<Stored>,
    pub queue: Arc<Queue<T>>,
    pub trace: Arc<Trace>,
    pub observed: Arc<Observed>,
}

/// However the task ends, including a panic or the end of the runtime, nobody must wait for it
/// forever.
impl<T: super::Weight> Drop for Reader<T> {
    fn drop(&mut self) {
        self.queue.abandon();
    }
}

/// A response whose first items, or whose end, have arrived.
struct Opened<D: Decode> {
    response: Response,
    decoder: D,
    items: Vec<D::Item>,
    end: Option<End>,
    /// The number of requests sent, including those that resume the stream.
    attempts: u32,
    /// The number of attempts to resume since the last item.
    tries: u32,
}

impl<T: super::Weight + Send + 'static> Reader<T> {
    /// Sends the request, with retries, and reads until the stream ends or its reader is gone.
    pub async fn read<D: Decode<Item = T>>(self, decoder: D) {
        let clock = Clock::start(self.request.options.timeouts);
        let exchange = Exchange {
            transport: &self.transport,
            request: &self.request,
            clock: &clock,
            trace: &self.trace,
            encodings: ENCODINGS,
        };
        let ongoing = self.request.record.request();
        let mut attempts = Attempts::new(&self.request, &clock, &self.trace);
        loop {
            // A request is not retried after its first event, which would be repeated.
            let failed = match self
                .begin(&exchange, decoder.clone(), attempts.begin())
                .await
            {
                Ok(opened) => {
                    let response = &opened.response;
                    let request_id = request_id(response.headers());
                    attempts.succeeded(response.status().as_u16(), request_id.as_deref());
                    return self.forward(&exchange, opened, ongoing).await;
                }
                Err(error) => self.request.explained(error),
            };
            if let Err(error) = attempts.wait_after(failed).await {
                self.observed.ended();
                ongoing.ends(Some(&error));
                self.queue
                    .push(Vec::new(), Some(End::Incomplete(error)))
                    .await;
                return;
            }
        }
    }

    async fn forward<D: Decode<Item = T>>(
        &self,
        exchange: &Exchange<'_>,
        mut opened: Opened<D>,
        ongoing: Ongoing,
    ) {
        let mut ongoing = Some(ongoing);
        loop {
            if let Some(reported) = opened.decoder.reported_usage() {
                self.observed.uses(reported);
            }
            let items = std::mem::take(&mut opened.items);
            if let Some(broke) = self.break_of(&mut opened, !items.is_empty()) {
                if !items.is_empty() && !self.queue.push(items, None).await {
                    return;
                }
                self.resume(exchange, &mut opened, broke).await;
                continue;
            }
            let end = opened.end.take();
            let ended = end.is_some();
            let complete = end == Some(End::Complete);
            let returning = complete.then(|| self.transport.returning());
            let end = end.map(|end| self.with_partial(end, &opened));
            let idle = items.is_empty() && !ended;
            if let Some(end) = &end {
                self.trace.last_piece_received();
                self.trace.stream_ended(end, opened.decoder.partial());
                self.observed.ended();
                if let Some(ongoing) = ongoing.take() {
                    ongoing.ends(end.error());
                }
            }
            if !idle && !self.queue.push(items, end).await {
                return;
            }
            if complete {
                self.drain(opened.response).await;
                drop(returning);
                return;
            }
            if ended {
                return;
            }
            let Opened {
                response, decoder, ..
            } = &mut opened;
            (opened.items, opened.end) = match self.next(exchange, response, decoder).await {
                Ok(next) => next,
                Err(error) => (Vec::new(), Some(End::Incomplete(error))),
            };
        }
    }

    /// The error that interrupted a response that can be resumed.
    fn break_of<D: Decode<Item = T>>(
        &self,
        opened: &mut Opened<D>,
        has_items: bool,
    ) -> Option<Error> {
        if has_items {
            opened.tries = 0;
        }
        let can_resume = self.stored.is_some() && opened.decoder.bookmark().is_some();
        match opened.end.take() {
            Some(End::Incomplete(error)) if can_resume && error.is_transient => Some(error),
            end => {
                opened.end = end;
                None
            }
        }
    }

    /// Resumes an interrupted stream, or ends with the reason why it cannot.
    async fn resume<D: Decode<Item = T>>(
        &self,
        exchange: &Exchange<'_>,
        opened: &mut Opened<D>,
        broke: Error,
    ) {
        let (Some(stored), Some(bookmark)) = (&self.stored, opened.decoder.bookmark()) else {
            return;
        };
        let before = opened.tries;
        let found = stored.find(exchange, &bookmark, broke, &mut opened.tries);
        let found = found.await;
        opened.attempts += opened.tries - before;
        match found {
            Ok(Found::Rest(rest)) => {
                opened.decoder.resume(&content_type(&rest));
                opened.response = rest;
            }
            Ok(Found::Whole(whole)) => {
                (opened.items, opened.end) = opened.decoder.catch_up(&whole, Instant::now());
            }
            Err(error) => {
                let message = format!(
                    "{} The stream could not be resumed; the response {} may be complete on the \
                     server.",
                    error.message, bookmark.response_id
                );
                opened.end = Some(End::Incomplete(Error {
                    message,
                    is_transient: false,
                    ..error
                }));
            }
        }
    }

    /// Reads the rest of a response after the end of its stream, so that its connection can be
    /// reused.
    async fn drain(&self, mut response: Response) {
        let rest = async { while let Ok(Some(_)) = response.chunk().await {} };
        let drained = timeout(DRAIN, rest).await.is_ok();
        self.transport.note_linger(!drained);
        if drained {
            drop(response);
            self.transport.give_back().await;
        }
    }

    /// The end for the reader of the stream, with the content received so far.
    fn with_partial<D: Decode>(&self, end: End, opened: &Opened<D>) -> End {
        match end {
            End::Complete => End::Complete,
            End::Incomplete(error) => End::Incomplete(
                self.request.explained(Error {
                    partial: Some(opened.decoder.partial().clone()),
                    response_id: opened.decoder.bookmark().map(|it| it.response_id),
                    request_id: error
                        .request_id
                        .clone()
                        .or_else(|| request_id(opened.response.headers())),
                    status: error.status.or(Some(opened.response.status().as_u16())),
                    attempts: opened.attempts,
                    ..error
                }),
            ),
        }
    }

    /// Makes one attempt, up to the first items.
    async fn begin<D: Decode<Item = T>>(
        &self,
        exchange: &Exchange<'_>,
        mut decoder: D,
        attempts: u32,
    ) -> Result<Opened<D>, Error> {
        let mut response = exchange.respond().await?;
        self.observed.answered(request_id(response.headers()));
        decoder.begin(&content_type(&response));
        loop {
            let (items, end) = self.next(exchange, &mut response, &mut decoder).await?;
            if !items.is_empty() || end.is_some() {
                return Ok(Opened {
                    response,
                    decoder,
                    items,
                    end,
                    attempts,
                    tries: 0,
                });
            }
        }
    }

    /// Decodes the next chunks of the response. Chunks that arrive together are queued together,
    /// because queueing each separately costs more than reading it.
    async fn next<D: Decode<Item = T>>(
        &self,
        exchange: &Exchange<'_>,
        response: &mut Response,
        decoder: &mut D,
    ) -> Result<(Vec<T>, Option<End>), Error> {
        let piece = exchange.next_piece(response).await?;
        let arrived = Instant::now();
        let (mut items, mut end) = self.decode(exchange, piece, arrived, decoder);
        let mut together = weight(&items);
        let mut failed = None;
        while end.is_none() && together < MAX_BATCH_BYTES {
            let Some(piece) = exchange.arrived_piece(response).await else {
                break;
            };
            let (more, ended) = match piece {
                Ok(piece) => self.decode(exchange, piece, arrived, decoder),
                Err(error) => {
                    failed = Some(error);
                    break;
                }
            };
            together += weight(&more);
            items.extend(more);
            end = ended;
        }
        if decoder.partial().bytes > 0 {
            self.observed.received(arrived, decoder.has_text());
        }
        match failed {
            Some(error) if items.is_empty() => Err(error),
            Some(error) => Ok((items, Some(End::Incomplete(error)))),
            None => Ok((items, end)),
        }
    }

    /// Decodes a chunk of the response, or its end.
    fn decode<D: Decode<Item = T>>(
        &self,
        exchange: &Exchange<'_>,
        piece: Option<Bytes>,
        arrived: Instant,
        decoder: &mut D,
    ) -> (Vec<T>, Option<End>) {
        let Some(bytes) = piece else {
            let (items, end) = decoder.finish();
            return (items, Some(end));
        };
        exchange.trace.piece_received(&bytes);
        decoder.feed(bytes, arrived)
    }
}

fn weight<T: super::Weight>(items: &[T]) -> usize {
    items.iter().map(T::bytes).sum()
}
