//! The task of a run: sends the requests of a source, several at a time, and passes the results to
//! a sink.

use std::sync::Arc;

use bytes::Bytes;
use tokio::runtime::Handle;
use tokio::task::{AbortHandle, JoinError, JoinSet};

use super::budget::{Admission, Budget, CostFactors, Price, Reservation};
use super::item::{Outcome, Settings};
use super::journal::Journal;
use super::keys::{Key, Keys};
use super::sink::Sink;
use super::source::{Numbered, Source};
use super::tokens;
use crate::error::{Error, ErrorKind};
use crate::http::pace::{Forecast, Pace, Paced};
use crate::http::request::Request;
use crate::http::trace::Trace;
use crate::http::transport::Transport;
use crate::log::LogLevel;
use crate::queue::End;
use crate::received::Content;
use crate::send::Answer;
use crate::usage::{ReportedUsage, Tokens};

/// A run in the background. Dropping it cancels the remaining requests.
pub(super) struct Launched {
    pace: Arc<Pace>,
    journal: Option<Arc<Journal>>,
    task: AbortHandle,
}

/// Sends the requests of `source` in order, on the runtime of `handle`, and reads the answers there
/// with `sink`.
pub(super) fn launch<O: Source, S: Sink<Mark = O::Mark>>(
    handle: &Handle,
    source: O,
    sink: Arc<S>,
    settings: Settings,
) -> Launched {
    let journal = settings.journal.map(Arc::new);
    let pace = Arc::new(Pace::new(
        settings.requests_per_minute,
        settings.tokens_per_minute,
        settings.debt,
        settings.max_wait,
    ));
    let runner = Runner {
        shared: Arc::new(Shared {
            pace: Arc::clone(&pace),
            counts_tokens: settings.tokens_per_minute.is_some(),
            journal: journal.clone(),
            log: settings.log,
            sink,
        }),
        max_active: settings.max_active,
        stops_at_failure: settings.stops_at_failure,
        max_cost: settings.max_cost,
        spent: settings.spent,
    };
    let task = handle.spawn(runner.run(source)).abort_handle();
    Launched {
        pace,
        journal,
        task,
    }
}

impl Launched {
    /// The number of seconds for which the server blocks requests.
    pub fn blocked_seconds(&self) -> f64 {
        self.pace.blocked_seconds()
    }

    /// The number of seconds for which the limits of the run are used up.
    pub fn debt(&self) -> f64 {
        self.pace.debt()
    }

    pub fn cancel(&self) {
        self.task.abort();
        if let Some(journal) = &self.journal {
            journal.close();
        }
    }
}

impl Drop for Launched {
    fn drop(&mut self) {
        self.cancel();
    }
}

/// The state shared by all requests of a run.
struct Shared<S> {
    pace: Arc<Pace>,
    counts_tokens: bool,
    journal: Option<Arc<Journal>>,
    log: LogLevel,
    sink: Arc<S>,
}

impl<S: Sink> Shared<S> {
    /// Gets the answer to a request from the journal, or sends the request, and delivers the
    /// result.
    ///
    /// # Errors
    /// Fails if the journal or the sink fails; this ends the run.
    async fn finish(
        &self,
        request: Request,
        transport: &Transport,
        keyed: Keyed<S::Mark>,
    ) -> Result<Finished, Error> {
        let trace = Arc::new(Trace::new(0, self.log, request.secrets().clone()));
        let mut answered = None;
        let result = self.result(&request, transport, &keyed, &trace, &mut answered);
        let (result, bytes) = result.await?;
        let succeeded = result.is_ok();
        let outcome = Outcome {
            index: keyed.index,
            result,
            trace,
            bytes,
        };
        let is_wanted = self.sink.put(keyed.mark, outcome).await?;
        Ok(Finished {
            succeeded,
            is_wanted,
            answered,
            reservation: keyed.reservation,
        })
    }

    async fn result(
        &self,
        request: &Request,
        transport: &Transport,
        keyed: &Keyed<S::Mark>,
        trace: &Trace,
        answered: &mut Option<Option<Tokens>>,
    ) -> Result<(Result<S::Value, Error>, usize), Error> {
        let read = |answer| self.sink.read(&keyed.mark, answer);
        if let Some(answer) = self.stored_answer(keyed)? {
            let bytes = answer.len();
            // An answer that can no longer be read is requested again.
            let answer = Answer::stored(request, answer);
            if let Some(Ok(value)) = answer.map(read) {
                if let Some(pace) = &request.pace {
                    pace.leave();
                }
                return Ok((Ok(value), bytes));
            }
        }
        let answer = match self.sink.send(transport, request, trace).await {
            Ok(answer) => answer,
            Err(error) => return Ok((Err(error), 0)),
        };
        if let (Some(paced), true) = (&request.pace, self.counts_tokens) {
            if let Some(used) = tokens::used(&answer.content) {
                paced.used(used);
            }
        }
        *answered = Some(match &answer.content {
            Content::Json(document) => ReportedUsage::of(document.root()).tokens,
            _ => None,
        });
        let bytes = answer.bytes();
        let to_store = match (&answer.content, keyed.key) {
            (Content::Json(document), Some(key)) => Some((key, document.source().to_owned())),
            _ => None,
        };
        let result = read(answer);
        if let (Ok(_), Some((key, body)), Some(journal)) = (&result, to_store, &self.journal) {
            // The key must not be stored on disk, even if a server repeats it.
            if !request.secrets().occur_in(body.as_bytes()) {
                journal.store(key, body.as_bytes())?;
            }
        }
        Ok((result, bytes))
    }

    fn stored_answer(&self, keyed: &Keyed<S::Mark>) -> Result<Option<Bytes>, Error> {
        let key = keyed.key.filter(|_| !keyed.ask_again);
        let (Some(key), Some(journal)) = (key, &self.journal) else {
            return Ok(None);
        };
        Ok(journal.answer(&key)?.map(Bytes::from))
    }
}

/// The properties of a request in the run.
struct Keyed<M> {
    index: usize,
    key: Option<Key>,
    ask_again: bool,
    mark: M,
    /// The cost reserved for it.
    reservation: Option<(Reservation, Price)>,
}

/// The result of a request.
struct Finished {
    succeeded: bool,
    is_wanted: bool,
    /// The tokens that the answer reported, if a request was sent.
    answered: Option<Option<Tokens>>,
    reservation: Option<(Reservation, Price)>,
}

/// The next request to send.
struct Ready<M> {
    request: Request,
    transport: Transport,
    keyed: Keyed<M>,
    /// The properties that determine its cost, if the cost is limited.
    cost_factors: Option<CostFactors>,
}

struct Runner<S: Sink> {
    shared: Arc<Shared<S>>,
    max_active: usize,
    stops_at_failure: bool,
    max_cost: Option<f64>,
    spent: f64,
}

/// However a run ends, nobody must wait for it forever.
impl<S: Sink> Drop for Runner<S> {
    fn drop(&mut self) {
        self.shared.sink.abandon();
    }
}

impl<S: Sink> Runner<S> {
    async fn run(self, source: impl Source<Mark = S::Mark>) {
        let end = match self.deliver(source).await {
            Ok(()) => End::Complete,
            Err(error) => End::Incomplete(error),
        };
        if let Some(journal) = &self.shared.journal {
            journal.close();
        }
        self.shared.sink.end(end).await;
    }

    /// Delivers the results of all requests. If it ends early, active requests are cancelled.
    async fn deliver(&self, mut source: impl Source<Mark = S::Mark>) -> Result<(), Error> {
        let mut active = JoinSet::new();
        let mut keys = Keys::default();
        let mut budget = self.max_cost.map(|most| Budget::new(most, self.spent));
        // The next request, while its cost may still fit into the budget.
        let mut waiting = None;
        // How the source ended.
        let mut source_end = None;
        loop {
            let takes_more = source_end.is_none()
                && waiting.is_none()
                && active.len() < self.max_active
                && self.shared.sink.has_room();
            tokio::select! {
                biased;
                next = source.next(), if takes_more => match next {
                    Ok(Some(numbered)) => waiting = Some(self.ready(numbered, &mut keys)),
                    Ok(None) => source_end = Some(Ok(())),
                    Err(error) => source_end = Some(Err(error)),
                },
                Some(ended) = active.join_next() => {
                    let finished = finished(ended)?;
                    if let (Some(budget), Some((reserve, price))) =
                        (&mut budget, finished.reservation)
                    {
                        budget.settle(reserve, price, finished.answered);
                    }
                    if !finished.is_wanted || (!finished.succeeded && self.stops_at_failure) {
                        return Ok(());
                    }
                },
                else => return source_end.unwrap_or(Ok(())),
            }
            let Some(mut ready) = waiting.take() else {
                continue;
            };
            let admission = budget.as_mut().zip(ready.cost_factors);
            match admission
                .map(|(budget, cost_factors)| budget.admit(cost_factors, !active.is_empty()))
            {
                Some(Admission::Deferred) => waiting = Some(ready),
                Some(Admission::Rejected(error)) => source_end = Some(Err(error)),
                Some(Admission::Admitted(reserve)) => {
                    ready.keyed.reservation = ready
                        .cost_factors
                        .map(|cost_factors| (reserve, cost_factors.price));
                    self.begin(ready, &mut active).await;
                }
                None => self.begin(ready, &mut active).await,
            }
        }
    }

    fn ready(&self, numbered: Numbered<S::Mark>, keys: &mut Keys) -> Ready<S::Mark> {
        let Numbered { index, item, mark } = numbered;
        let transport = item.template.transport.clone();
        let price = item.template.price.filter(|_| self.max_cost.is_some());
        let (ask_again, occurrence) = (item.ask_again, item.occurrence);
        let request = item.request();
        let journal = self.shared.journal.as_ref();
        let key = journal.map(|_| keys.next(&request, occurrence));
        let is_stored = !ask_again && journal.zip(key).is_some_and(|(it, key)| it.has(&key));
        let cost_factors = price.filter(|_| !is_stored).map(|price| {
            let Forecast { input, output } = request.forecast();
            CostFactors {
                price,
                input,
                output,
            }
        });
        Ready {
            request,
            transport,
            keyed: Keyed {
                index,
                key,
                ask_again,
                mark,
                reservation: None,
            },
            cost_factors,
        }
    }

    async fn begin(&self, ready: Ready<S::Mark>, active: &mut JoinSet<Result<Finished, Error>>) {
        let Ready {
            request,
            transport,
            keyed,
            ..
        } = ready;
        let request = self.paced(request).await;
        let shared = Arc::clone(&self.shared);
        active.spawn(async move { shared.finish(request, &transport, keyed).await });
    }

    async fn paced(&self, mut request: Request) -> Request {
        let tokens = match self.shared.counts_tokens {
            true => request.forecast().total(),
            false => 0.0,
        };
        request.pace = Some(Paced::new(&self.shared.pace, tokens).await);
        request
    }
}

fn finished(ended: Result<Result<Finished, Error>, JoinError>) -> Result<Finished, Error> {
    ended.map_err(|_| Error::new(ErrorKind::Response, LOST))?
}

const LOST: &str =
    "A request ended without a result. This is an error of openaistream; please report it.";
