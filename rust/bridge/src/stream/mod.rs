//! Streams, as R takes from them and looks at them.

mod alike;
mod answer;
mod items;
mod next;

use extendr_api::prelude::*;
use openaistream_core::stream::{AsRun, ByteStream, EventKind, EventStream, Observations, Wake};
use openaistream_core::{Error, Trace};

use crate::interrupts;
use crate::notify::waker;
use crate::outcome::{end_record, outcome, Failure};
use crate::owned::{give, on_native};
use crate::request::{prepare, Prepared};
use crate::runtime::engine;
use crate::values::{element, number, one_text, text};
use crate::wait::{print, take_within, wait};
use items::{byte_items, event_items, Shape};

type Result<T> = std::result::Result<T, Failure>;

/// A stream of one of the kinds that R knows.
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

/// Calls `action` with the stream in `stream`, unless it belongs elsewhere.
fn on_stream<T>(stream: &Robj, action: impl FnOnce(&Kind) -> Result<T>) -> Result<T> {
    on_native(stream, "stream", action)
}

/// Sends `request` and returns at once; answers are read in the background. Its `kind` names what
/// the stream carries, see [`EventKind::name`]; anything else, such as `"bytes"`, is bytes. The
/// response of one with `as_run` becomes a run, of the kind `"run"`.
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
    give(stream)
}

/// The run that a response is told as: `as_run = list(run = , thread = , steps = , first_round = ,
/// found_texts = )`, see [`AsRun`]: three JSON texts, of which a run must be there, and two flags.
fn as_run(request: &List) -> Result<Option<AsRun>> {
    let told = element(request, "as_run");
    if told.is_null() {
        return Ok(None);
    }
    let list = told
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

/// Whether speech is asked for as events; else it is bytes.
fn asks_for_events(request: &List) -> bool {
    let body = element(request, "body").as_list();
    let format = body.and_then(|body| one_text(&element(&body, "stream_format")));
    format.as_deref() == Some("sse")
}

/// Takes up to `num` events (of bytes `2 * num`, in other shapes than that of 0.3.0 what has
/// arrived) in a `shape`, waiting for the first, at most `timeout` seconds where that is told.
///
/// Returns `list(given_back = TRUE)` where an interrupt came meanwhile: the same can be taken again.
/// Else returns `list(items = , end = , replaced = )`: `items` is NULL or what came; `end` is NULL,
/// `"complete"`, or the record of the error that ended the stream; `replaced` tells whether U+FFFD
/// stands in the items for what R cannot hold.
#[extendr]
fn stream_take(stream: Robj, options: List) -> Robj {
    outcome(|| on_stream(&stream, |stream| take(stream, &options)))
}

fn take(stream: &Kind, options: &List) -> Result<Robj> {
    let num = number(options, "num", 1.0)? as usize;
    let shape = Shape::named(&text(options, "shape")?);
    let timeout = number(options, "timeout", f64::MAX)?;
    let end;
    let (items, replaced) = match stream {
        Kind::Events(kind, stream) => {
            let taken = take_within(stream.channel().trace(), timeout, |slice| {
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
            let taken = take_within(stream.channel().trace(), timeout, |slice| match shape {
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

/// Takes all that comes, up to the end, and makes no values of it: `list(end = )`.
#[extendr]
fn stream_finish(stream: Robj) -> Robj {
    outcome(|| {
        on_stream(&stream, |stream| {
            let end = match stream {
                Kind::Events(_, stream) => wait(stream.channel().trace(), |slice| {
                    stream.take(usize::MAX, slice).end
                })?,
                Kind::Bytes(stream) => wait(stream.channel().trace(), |slice| {
                    stream.take_arrived(slice).end
                })?,
            };
            Ok(list!(end = end_record(Some(&end))).into())
        })
    })
}

/// Cancels a stream and closes its connection; does nothing to one of another process or session.
#[extendr]
fn stream_close(stream: Robj) {
    let closed = on_stream(&stream, |stream| {
        stream.close();
        Ok(())
    });
    // One that is not here has nothing to close.
    drop(closed);
}

/// Has `wake(number)` run on an event loop of later, once, when there is something to take.
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
}
