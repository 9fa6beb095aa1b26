//! Streams as R takes from them, in the shapes of openaistream 0.3.0.

use std::iter;
use std::time::Duration;

use extendr_api::prelude::*;
use openaistream_core::stream::{ByteStream, End, Event, EventKind, EventStream, Taken};
use openaistream_core::{Error, Trace};

use crate::json_to_r::{build, plan_chat_delta, plan_node};
use crate::outcome::{error_record, outcome, Failure};
use crate::owned::{native, Native, Owned};
use crate::request::{prepare, Prepared};
use crate::runtime::engine;
use crate::values::{number, r_text, text};
use crate::wait::{print, wait};

/// A stream of one of the kinds that R knows.
enum Kind {
    Chat(EventStream),
    Run(EventStream),
    Speech(ByteStream),
}

/// Sends `request` and returns at once; answers are read in the background.
#[extendr]
fn stream_open(request: List) -> Robj {
    outcome(open(&request))
}

fn open(list: &List) -> std::result::Result<Robj, Failure> {
    let kind = text(list, "kind")?;
    let (handle, transports) = engine()?;
    let Prepared {
        request,
        transport,
        trace,
    } = prepare(list, &transports)?;
    let stream = match kind.as_str() {
        "speech" => Kind::Speech(ByteStream::open(&handle, transport, request, trace)?),
        "run" => Kind::Run(EventStream::open(
            &handle,
            transport,
            request,
            EventKind::Run,
            trace,
        )?),
        _ => Kind::Chat(EventStream::open(
            &handle,
            transport,
            request,
            EventKind::Chat,
            trace,
        )?),
    };
    Ok(Native::new(Owned::new(stream)).into())
}

/// Takes up to `num` events (of speech: `2 * num` bytes), waiting for the first.
///
/// Returns `list(items = , end = , replaced = )`: `items` is NULL or what `$next_value` returns; `end`
/// is NULL, `"complete"`, or the record of the error that ended the stream; `replaced` tells whether
/// U+FFFD stands in the items for what R cannot hold.
#[extendr]
fn stream_take(stream: Robj, options: List) -> Robj {
    outcome(take(&stream, &options))
}

fn take(stream: &Robj, options: &List) -> std::result::Result<Robj, Failure> {
    let num = number(options, "num", 1.0)? as usize;
    let stream: Native<Kind> = native(stream, "stream")?;
    match stream.here("stream")? {
        Kind::Chat(stream) => {
            let taken = events(stream.trace(), |slice| stream.take(num, slice))?;
            batch(taken, |event| {
                build(&plan_chat_delta(event.document.root()))
            })
        }
        Kind::Run(stream) => {
            let taken = events(stream.trace(), |slice| stream.take(num, slice))?;
            batch(taken, run_event)
        }
        Kind::Speech(stream) => {
            let taken = events(stream.trace(), |slice| stream.take(2 * num, slice))?;
            let items: Robj = match (taken.items.first(), &taken.end) {
                (Some(bytes), _) => Raw::from_bytes(bytes).into(),
                // 0.3.0 showed the end of a file as an empty piece.
                (None, Some(End::Complete)) => Raw::from_bytes(&[]).into(),
                (None, _) => ().into(),
            };
            Ok(list!(items = items, end = end_record(taken.end), replaced = false).into())
        }
    }
}

fn events<T>(
    trace: &Trace,
    mut take: impl FnMut(Duration) -> Taken<T>,
) -> std::result::Result<Taken<T>, Failure> {
    Ok(wait(trace, |slice| {
        let taken = take(slice);
        (!taken.items.is_empty() || taken.end.is_some()).then_some(taken)
    })?)
}

/// `list(all_resp = <texts>, vres = <values>)`, as 0.3.0 gave it.
fn batch(
    taken: Taken<Event>,
    value: impl Fn(&Event) -> std::result::Result<Robj, Error>,
) -> std::result::Result<Robj, Failure> {
    let replaced = taken
        .items
        .iter()
        .any(|event| event.document.has_replacements());
    let items: Robj = if taken.items.is_empty() {
        ().into()
    } else {
        let texts = taken
            .items
            .iter()
            .map(|event| r_text(event.document.source()));
        let values: std::result::Result<Vec<Robj>, Error> = taken.items.iter().map(value).collect();
        list!(
            all_resp = List::from_values(texts),
            vres = List::from_values(values?)
        )
        .into()
    };
    Ok(list!(
        items = items,
        end = end_record(taken.end),
        replaced = replaced
    )
    .into())
}

/// The parsed data of a run's event, after the `event` name, which the data does not hold.
fn run_event(event: &Event) -> std::result::Result<Robj, Error> {
    let name = Robj::from(r_text(&event.name));
    let data = build(&plan_node(event.document.root()))?;
    let fields = data.as_list().filter(|fields| fields.names().is_some());
    Ok(match fields {
        Some(fields) => {
            let pairs: Vec<_> = iter::once(("event", name)).chain(fields.iter()).collect();
            List::from_pairs(pairs).into()
        }
        None => list!(event = name, data = data).into(),
    })
}

fn end_record(end: Option<End>) -> Robj {
    match end {
        None => ().into(),
        Some(End::Complete) => "complete".into(),
        Some(End::Incomplete(error)) => error_record(&error),
    }
}

/// Cancels a stream and closes its connection; does nothing to one of another process or session.
#[extendr]
fn stream_close(stream: Robj) {
    let stream: std::result::Result<Native<Kind>, _> = native(&stream, "stream");
    match stream.as_deref().map(|stream| stream.here("stream")) {
        Ok(Ok(Kind::Chat(stream) | Kind::Run(stream))) => {
            stream.close();
            print(stream.trace());
        }
        Ok(Ok(Kind::Speech(stream))) => {
            stream.close();
            print(stream.trace());
        }
        Ok(Err(_)) | Err(_) => {}
    }
}

extendr_module! {
    mod stream;
    fn stream_open;
    fn stream_take;
    fn stream_close;
}
