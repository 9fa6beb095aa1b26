//! Events that differ from the previous one only in their text: their lists are copies of its list
//! that share all other elements. This applies to most events of a stream, and is several times
//! faster than creating new lists.

use extendr_ffi::{self as ffi, SEXP, SEXPTYPE};
use openaistream_core::stream::{Addition, Event, EventKind};

use crate::json_to_r::is_special;
use crate::sexp::make::{
    index_of, new_integers, new_text, protect, set_element, shallow_copy, unprotect,
};

/// How an event differs from the previous one.
#[derive(Debug, Clone, Copy)]
pub struct Change<'a> {
    kind: EventKind,
    text: &'a str,
    sequence_number: Option<i32>,
    /// The random padding that hides the length of the text.
    obfuscation: Option<&'a str>,
}

impl<'a> Change<'a> {
    /// The change; `None` if other elements may differ.
    pub fn of(kind: EventKind, event: &'a Event) -> Option<Self> {
        let Addition {
            text,
            sequence_number,
            ..
        } = event.addition()?;
        // jsonlite reads some texts as numbers.
        if is_special(text) || !matches!(kind, EventKind::Chat | EventKind::Response) {
            return None;
        }
        let sequence_number = match sequence_number {
            Some(number) => Some(i32::try_from(number).ok()?),
            None => None,
        };
        let obfuscation = event.document.root().get("obfuscation");
        Some(Change {
            kind,
            text,
            sequence_number,
            obfuscation: obfuscation.and_then(|it| it.as_str()),
        })
    }

    /// Creates the list of the event from that of the previous one; `None` if that has unexpected
    /// elements. May jump.
    pub fn applied_to(self, model: SEXP) -> Option<SEXP> {
        match self.kind {
            EventKind::Chat => self.applied_to_chunk(model),
            _ => self.applied_to_delta(model),
        }
    }

    /// `list(text = , ..., choices = data.frame(delta = data.frame(content = )))`
    fn applied_to_chunk(self, model: SEXP) -> Option<SEXP> {
        let (choices_at, choices) = list_named(model, "choices")?;
        let (delta_at, delta) = list_named(choices, "delta")?;
        let content_at = text_named(delta, "content")?;
        let text_at = text_named(model, "text")?;
        let text = protect(new_text(self.text));
        let delta = protect(shallow_copy(delta));
        set_element(delta, content_at, text);
        let choices = protect(shallow_copy(choices));
        set_element(choices, delta_at, delta);
        let event = protect(shallow_copy(model));
        set_element(event, choices_at, choices);
        set_element(event, text_at, text);
        unprotect(4);
        Some(event)
    }

    /// `list(text = , event = , ..., sequence_number = , delta = , obfuscation = )`
    fn applied_to_delta(self, model: SEXP) -> Option<SEXP> {
        let text_at = text_named(model, "text")?;
        let delta_at = text_named(model, "delta")?;
        let number_at = index_of(model, "sequence_number");
        let obfuscation_at = index_of(model, "obfuscation");
        if number_at.is_some() != self.sequence_number.is_some()
            || obfuscation_at.is_some() != self.obfuscation.is_some()
        {
            return None;
        }
        let event = protect(shallow_copy(model));
        let text = protect(new_text(self.text));
        set_element(event, text_at, text);
        set_element(event, delta_at, text);
        if let (Some(index), Some(number)) = (number_at, self.sequence_number) {
            set_element(event, index, new_integers(&[number]));
        }
        if let (Some(index), Some(letters)) = (obfuscation_at, self.obfuscation) {
            set_element(event, index, new_text(letters));
        }
        unprotect(2);
        Some(event)
    }
}

/// The index of an element that is a list, and the list.
fn list_named(list: SEXP, name: &str) -> Option<(usize, SEXP)> {
    let index = index_of(list, name)?;
    // SAFETY: the index is within the list.
    let element = unsafe { ffi::VECTOR_ELT(list, index as ffi::R_xlen_t) };
    // SAFETY: every R object has a type.
    let is_list = unsafe { ffi::TYPEOF(element) } == SEXPTYPE::VECSXP;
    is_list.then_some((index, element))
}

/// The index of an element that is a single string.
fn text_named(list: SEXP, name: &str) -> Option<usize> {
    let index = index_of(list, name)?;
    // SAFETY: the index is within the list, and every R object has a type.
    let is_text = unsafe {
        let element = ffi::VECTOR_ELT(list, index as ffi::R_xlen_t);
        ffi::TYPEOF(element) == SEXPTYPE::STRSXP && ffi::Rf_xlength(element) == 1
    };
    is_text.then_some(index)
}
