//! The fast path of `$next_value`, for a complete batch of chat events that has already arrived.
//!
//! A script that reads a fast stream takes this path for almost every batch. It avoids what takes
//! longer than the batch itself: extendr's wrapper and lists, plans, and new attributes for every
//! data frame. All special cases use `stream_take()`.

use std::cell::OnceCell;
use std::panic::{catch_unwind, AssertUnwindSafe};

use extendr_ffi::{self as ffi, SEXP, SEXPTYPE};
use openaistream_core::stream::{Event, EventKind};

use super::Kind;
use crate::interrupts::{hold, is_pending};
use crate::json_to_r::{build_at_toplevel, is_special, plan_chat_delta, Plan};
use crate::owned::native;
use crate::sexp::make::{
    keep_constant, new_integers, new_string, new_text, new_vector, protect, set_attribute,
    set_element, set_string, unprotect,
};
use crate::sexp::{nil, Attribute};
use crate::toplevel::at_toplevel;

/// A batch of `num` events as returned by `$next_value`; NULL if `stream_take()` must be used or an
/// interrupt is pending; a null pointer if R is out of memory.
///
/// # Safety
/// Must be called by R, on its own thread, with protected objects.
#[no_mangle]
pub unsafe extern "C" fn stream_next_batch(stream: SEXP, num: SEXP) -> SEXP {
    let _held = hold();
    // SAFETY: the same rule.
    let batch = catch_unwind(AssertUnwindSafe(|| unsafe { next_batch(stream, num) }));
    // After a panic, `stream_take()` will panic again and report it.
    batch.unwrap_or_else(|_| nil())
}

unsafe fn next_batch(stream: SEXP, num: SEXP) -> SEXP {
    // SAFETY: R protects `stream` during the call.
    let (Ok(Kind::Events(EventKind::Chat, stream)), Some(num)) =
        (unsafe { native::<Kind>(stream, "stream") }, count(num))
    else {
        return nil();
    };
    if !stream.channel().trace().is_off() {
        return nil();
    }
    let Some(events) = stream.take_ready(num, |event| !event.document.has_replacements()) else {
        return nil();
    };
    let deltas: Vec<Delta> = events.iter().map(Delta::of).collect();
    let mut batch = nil();
    if !at_toplevel(|| batch = new_batch(&events, &deltas)) {
        return std::ptr::null_mut();
    }
    if is_pending() {
        stream.give_back(events);
        return nil();
    }
    batch
}

/// A whole number of at least 1.
fn count(num: SEXP) -> Option<usize> {
    // SAFETY: the type and the length are checked before the element is read.
    let num = unsafe {
        match ffi::TYPEOF(num) {
            SEXPTYPE::REALSXP if ffi::Rf_xlength(num) == 1 => *ffi::REAL(num),
            SEXPTYPE::INTSXP if ffi::Rf_xlength(num) == 1 => f64::from(*ffi::INTEGER(num)),
            _ => return None,
        }
    };
    (num >= 1.0).then_some(num as usize)
}

/// How the delta of an event is converted.
enum Delta<'a> {
    /// The index of the choice and a text, as in almost all events.
    Content(i32, &'a str),
    Other(Plan),
}

impl<'a> Delta<'a> {
    fn of(event: &'a Event) -> Self {
        // jsonlite reads some texts as numbers.
        let addition = event.addition().filter(|it| !is_special(it.text));
        let content = addition.and_then(|it| Some((i32::try_from(it.choice).ok()?, it.text)));
        match content {
            Some((index, text)) => Delta::Content(index, text),
            None => Delta::Other(plan_chat_delta(event)),
        }
    }
}

/// `list(all_resp = , vres = )`. May jump.
fn new_batch(events: &[Event], deltas: &[Delta<'_>]) -> SEXP {
    let texts = protect(new_vector(SEXPTYPE::VECSXP, events.len()));
    let frames = protect(new_vector(SEXPTYPE::VECSXP, events.len()));
    for (index, (event, delta)) in events.iter().zip(deltas).enumerate() {
        set_element(texts, index, new_text(event.document.source()));
        let frame = match delta {
            Delta::Content(index, text) => new_frame(*index, text),
            Delta::Other(plan) => build_at_toplevel(plan),
        };
        set_element(frames, index, frame);
    }
    let batch = protect(new_vector(SEXPTYPE::VECSXP, 2));
    set_element(batch, 0, texts);
    set_element(batch, 1, frames);
    set_attribute(batch, Attribute::Names, constants(|it| it.batch_names));
    unprotect(3);
    batch
}

/// `data.frame(index = , content = )`. May jump.
fn new_frame(index: i32, content: &str) -> SEXP {
    let frame = protect(new_vector(SEXPTYPE::VECSXP, 2));
    set_element(frame, 0, new_integers(&[index]));
    let text = protect(new_vector(SEXPTYPE::STRSXP, 1));
    set_string(text, 0, new_string(Some(content)));
    set_element(frame, 1, text);
    set_attribute(frame, Attribute::Names, constants(|it| it.frame_names));
    set_attribute(frame, Attribute::Class, constants(|it| it.frame_class));
    set_attribute(frame, Attribute::RowNames, constants(|it| it.one_row));
    unprotect(2);
    frame
}

/// Attributes shared by all batches.
struct Constants {
    batch_names: SEXP,
    frame_names: SEXP,
    frame_class: SEXP,
    one_row: SEXP,
}

/// One of the constants, which are created on first use. May jump.
fn constants(choose: impl FnOnce(&Constants) -> SEXP) -> SEXP {
    thread_local! {
        // R has a single thread, so there is one instance.
        static CONSTANTS: OnceCell<Constants> = const { OnceCell::new() };
    }
    CONSTANTS.with(|constants| {
        choose(constants.get_or_init(|| Constants {
            batch_names: keep_constant(new_texts(["all_resp", "vres"])),
            frame_names: keep_constant(new_texts(["index", "content"])),
            frame_class: keep_constant(new_text("data.frame")),
            // R's compact form of the row names of a single row.
            one_row: keep_constant(new_integers(&[i32::MIN, -1])),
        }))
    })
}

/// Creates a character vector. May jump.
fn new_texts(texts: [&str; 2]) -> SEXP {
    let vector = protect(new_vector(SEXPTYPE::STRSXP, texts.len()));
    for (index, text) in texts.into_iter().enumerate() {
        set_string(vector, index, new_string(Some(text)));
    }
    unprotect(1);
    vector
}
