//! Streams: R opens them, takes their items, and inspects them.

mod alike;
mod answer;
mod items;
mod next;

use std::sync::Arc;

use extendr_api::prelude::*;
use openaistream_core::stream::{AsRun, ByteStream, EventKind, EventStream, Observations, Wake};
use openaistream_core::{CallRecord, Error, Trace};

use crate::call_record::record_list;
use crate::interrupts;
use crate::notify::waker;
use crate::outcome::{end_record, outcome, Failure};
use crate::owned::{external_pointer, on_native};
use crate::progress::Display;
use crate::request::{prepare, Prepared};
use crate::runtime::engine;
use crate::values::{element, number, one_text, text};
use crate::wait::{print, take_within, wait};
use items::{byte_items, event_items, Shape};

type Result<T> = std::result::Result<T, Failure>;

/// A stream of events or of bytes.
enum Kind {
    Events(EventKind, EventStream),
    Bytes(ByteStream),
}

impl Kind {
    fn trace(&self) -> &Trace {
        match self {
            Kind::Events(_, stream) => stream.channel().trace(),
            Kind::Bytes(stream) => stream.channel().trace(),
        }
    }

    fn observations(&self) -> Observations {
        match self {
            Kind::Events(_, stream) => stream.channel().observations(),
            Kind::Bytes(stream) => stream.channel().observations(),
        }
    }

    fn record(&self) -> &Arc<CallRecord> {
        match self {
            Kind::Events(_, stream) => stream.channel().record(),
            Kind::Bytes(stream) => stream.channel().record(),
        }
    }

    fn wake_when_ready(&self, wake: Wake) {
        match self {
            Kind::Events(_, stream) => stream.wake_when_ready(wake),
            Kind::Bytes(stream) => stream.channel().wake_when_ready(wake),
        }
    }

    fn close(&self) {
        match self {
            Kind::Events(_, stream) => stream.channel().close(),
            Kind::Bytes(stream) => stream.channel().close(),
        }
        print(self.trace());
    }
}

/// Calls `action` with the stream in `stream`, unless it belongs to another process or session.
fn on_stream<T>(stream: &Robj, action: impl FnOnce(&Kind) -> Result<T>) -> Result<T> {
    on_native(stream, "stream", action)
}

/// Sends `request` and returns immediately; the response is read in the background. `kind` is the
/// kind of events, see [`EventKind::name`]; other values, such as `"bytes"`, mean bytes. With
/// `as_run`, the response is converted to a run, of the kind `"run"`.
#[extendr]
fn stream_open(request: List) -> Robj {
    outcome(|| open(&request))
}

fn open(list: &List) -> Result<Robj> {
    let kind = text(list, "kind")?;
    let (handle, transports) = engine()?;
    let Prepared {
        request,
        transport,
        trace,
    } = prepare(list, &transports)?;
    let kind = EventKind::named(&kind).filter(|kind| match kind {
        EventKind::Speech => asks_for_events(list),
        _ => true,
    });
    request.begin();
    let stream = match kind {
        Some(kind) => {
            let stream = match as_run(list)? {
                Some(run) => EventStream::open_as_run(&handle, transport, request, run, trace),
                None => EventStream::open(&handle, transport, request, kind, trace),
            };
            Kind::Events(kind, stream?)
        }
        None => Kind::Bytes(ByteStream::open(&handle, transport, request, trace)?),
    };
    external_pointer(stream)
}

/// The run that represents a response: `as_run = list(run = , thread = , steps = , first_round = ,
/// found_texts = )`, see [`AsRun`]: three JSON texts, of which `run` is required, and two flags.
fn as_run(request: &List) -> Result<Option<AsRun>> {
    let given = element(request, "as_run");
    if given.is_null() {
        return Ok(None);
    }
    let list = given
        .as_list()
        .ok_or_else(|| Error::argument("`as_run` must be a list."))?;
    let thread = one_text(&element(&list, "thread"));
    let steps = one_text(&element(&list, "steps"));
    let is_true = |name| element(&list, name).as_bool() == Some(true);
    let run = text(&list, "run")?;
    let mut run = AsRun::of_json(&run, thread.as_deref(), steps.as_deref())?;
    run.is_first_round = is_true("first_round");
    run.shows_found_texts = is_true("found_texts");
    Ok(Some(run))
}

/// Whether speech is requested as events; otherwise it is bytes.
fn asks_for_events(request: &List) -> bool {
    let body = element(request, "body").as_list();
    let format = body.and_then(|body| one_text(&element(&body, "stream_format")));
    format.as_deref() == Some("sse")
}

/// Takes up to `num` events in a `shape`; waits for the first one, for at most `timeout` seconds if
/// that is set. From a stream of bytes, it takes `2 * num` bytes in the shape of 0.3.0, and all
/// available bytes in others.
///
/// Returns `list(given_back = TRUE)` if an interrupt arrived in the meantime: the same items can be
/// taken again. Otherwise returns `list(items = , end = , replaced = )`: `items` is NULL or the
/// items; `end` is NULL, `"complete"`, or the record of the error that ended the stream; `replaced`
/// is whether text that R cannot store was replaced by U+FFFD.
#[extendr]
fn stream_take(stream: Robj, options: List) -> Robj {
    outcome(|| on_stream(&stream, |stream| take(stream, &options)))
}

fn take(stream: &Kind, options: &List) -> Result<Robj> {
    let num = number(options, "num", 1.0)? as usize;
    let shape = Shape::named(&text(options, "shape")?);
    let timeout = number(options, "timeout", f64::MAX)?;
    let mut display = Display::of(element(options, "progress"), stream.record());
    let display = display.as_mut();
    let end;
    let (items, replaced) = match stream {
        Kind::Events(kind, stream) => {
            let taken = take_within(stream.channel().trace(), display, timeout, |slice| {
                stream.take(num, slice)
            })?;
            end = taken.end;
            let made = event_items(*kind, shape, &taken.items)?;
            if interrupts::is_pending() {
                stream.give_back(taken.items);
                return Err(Failure::GivenBack);
            }
            made
        }
        Kind::Bytes(stream) => {
            let trace = stream.channel().trace();
            let taken = take_within(trace, display, timeout, |slice| match shape {
                Shape::Values => stream.take(2 * num, slice),
                _ => stream.take_arrived(slice),
            })?;
            end = taken.end;
            (byte_items(shape, taken.items.first(), end.as_ref()), false)
        }
    };
    Ok(list!(
        items = items,
        end = end_record(end.as_ref()),
        replaced = replaced
    )
    .into())
}

/// Takes all items up to the end without converting them: `list(end = )`. `progress` is the R
/// function of a display, or NULL.
#[extendr]
fn stream_finish(stream: Robj, progress: Robj) -> Robj {
    outcome(|| {
        on_stream(&stream, |stream| {
            let mut display = Display::of(progress, stream.record());
            let end = wait(stream.trace(), display.as_mut(), |slice| match stream {
                Kind::Events(_, stream) => stream.take(usize::MAX, slice).end,
                Kind::Bytes(stream) => stream.take_arrived(slice).end,
            })?;
            Ok(list!(end = end_record(Some(&end))).into())
        })
    })
}

/// Cancels a stream and closes its connection; does nothing if it belongs to another process or
/// session.
#[extendr]
fn stream_close(stream: Robj) {
    let closed = on_stream(&stream, |stream| {
        stream.close();
        Ok(())
    });
    // A stream of another process has nothing to close.
    drop(closed);
}

/// Returns the record of the call of a stream; see `call_last()`.
#[extendr]
fn stream_call(stream: Robj) -> Robj {
    outcome(|| on_stream(&stream, |stream| Ok(record_list(stream.record()))))
}

/// Runs `wake(number)` once on an event loop of later, when there is something to take.
#[extendr]
fn stream_notify(stream: Robj, number: f64, event_loop: i32) -> Robj {
    outcome(|| {
        on_stream(&stream, |stream| {
            stream.wake_when_ready(waker(number, event_loop));
            Ok(().into())
        })
    })
}

extendr_module! {
    mod stream;
    use answer;
    fn stream_open;
    fn stream_take;
    fn stream_finish;
    fn stream_close;
    fn stream_notify;
    fn stream_call;
}
