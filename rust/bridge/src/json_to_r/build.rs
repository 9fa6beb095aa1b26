//! Creates the R objects of a plan, on R's thread.
//!
//! Everything runs inside `at_toplevel`, so no frame here may own memory.

use extendr_api::prelude::Robj;
use extendr_ffi::{SEXP, SEXPTYPE};
use openaistream_core::Error;

use super::value::{Fields, Frame, Piece, Plan, RowNames, Text, Texts, Value, Vector, NA_INTEGER};
use crate::sexp::make::{
    as_strings, call, new_doubles, new_integers, new_logicals, new_string, new_text, new_vector,
    protect, set_attribute, set_double, set_element, set_string, string_at, unprotect,
};
use crate::sexp::{nil, Attribute};
use crate::toplevel::at_toplevel;

/// Creates the R value of a plan.
pub fn build(plan: &Plan) -> Result<Robj, Error> {
    let mut built = nil();
    if at_toplevel(|| built = build_at_toplevel(plan)) {
        // SAFETY: R has just created it, and has not allocated since; the `Robj` protects it from
        // here on.
        return Ok(unsafe { Robj::from_sexp(built) });
    }
    Err(Error::response(
        "R could not create a value from the response: it may be out of memory.",
    ))
}

/// Like [`build`], for callers inside `at_toplevel`; the value is not protected. May jump.
pub fn build_at_toplevel(plan: &Plan) -> SEXP {
    Builder { texts: &plan.texts }.value(&plan.root)
}

/// Creates unprotected objects.
#[derive(Clone, Copy)]
struct Builder<'a> {
    texts: &'a Texts,
}

impl Builder<'_> {
    fn value(self, value: &Value) -> SEXP {
        match value {
            Value::Null => nil(),
            Value::Vector(vector) => self.vector(vector),
            Value::Array { elements, dim } => with_dim(self.vector(elements), dim),
            Value::List(values) => self.list(values),
            Value::Named(fields) => self.fields(fields),
            Value::Frame(frame) => self.frame(frame),
            Value::Times { seconds, dim } => as_times(with_dim(new_doubles(seconds), dim)),
            Value::TimesFromText(texts) => call(
                c"function(x) {
                    zone <- if (all(grepl('Z$', x))) 'UTC' else ''
                    as.POSIXct(strptime(x, format = '%Y-%m-%dT%H:%M:%OS', tz = zone))
                }",
                self.value(texts),
            ),
            Value::BoundTimes { rows, dim } => self.bound(rows, dim),
            Value::JoinedTimes(values) => as_times(call(
                c"function(x) unlist(x, use.names = FALSE)",
                self.list(values),
            )),
        }
    }

    fn bound(self, rows: &[Value], dim: &[i32]) -> SEXP {
        let bind = c"function(x) do.call(rbind, lapply(x, as.vector))";
        with_dim(call(bind, self.list(rows)), dim)
    }

    fn vector(self, vector: &Vector) -> SEXP {
        match vector {
            Vector::Logical(values) => new_logicals(values),
            Vector::Integer(values) => new_integers(values),
            Vector::Double(values) => new_doubles(values),
            Vector::Text(texts) => self.strings(texts),
            Vector::Mixed(pieces) => self.mixed(pieces),
        }
    }

    fn strings(self, texts: &[Text]) -> SEXP {
        let vector = protect(new_vector(SEXPTYPE::STRSXP, texts.len()));
        let mut made = Made::default();
        for (index, text) in texts.iter().enumerate() {
            let string = match self.texts.read(*text) {
                Some(text) => made.string(text),
                None => new_string(None),
            };
            set_string(vector, index, string);
        }
        unprotect(1);
        vector
    }

    fn string(self, text: Text) -> SEXP {
        new_string(self.texts.read(text))
    }

    /// Strings; R formats the numbers among them.
    fn mixed(self, pieces: &[Piece]) -> SEXP {
        let numbers = protect(new_vector(SEXPTYPE::REALSXP, pieces.len()));
        for (index, piece) in pieces.iter().enumerate() {
            let number = match piece {
                Piece::Double(number) => *number,
                Piece::Text(_) => 0.0,
            };
            set_double(numbers, index, number);
        }
        let written = protect(as_strings(numbers));
        let vector = protect(new_vector(SEXPTYPE::STRSXP, pieces.len()));
        for (index, piece) in pieces.iter().enumerate() {
            let string = match piece {
                Piece::Double(_) => string_at(written, index),
                Piece::Text(text) => self.string(*text),
            };
            set_string(vector, index, string);
        }
        unprotect(3);
        vector
    }

    fn list(self, values: &[Value]) -> SEXP {
        let list = protect(new_vector(SEXPTYPE::VECSXP, values.len()));
        // Strings come last: each garbage collection, which other allocations trigger, traverses
        // R's table of all strings.
        for texts in [false, true] {
            for (index, value) in values.iter().enumerate() {
                if matches!(value, Value::Vector(Vector::Text(_))) == texts {
                    set_element(list, index, self.value(value));
                }
            }
        }
        unprotect(1);
        list
    }

    fn fields(self, fields: &Fields) -> SEXP {
        let list = protect(self.list(&fields.values));
        set_attribute(list, Attribute::Names, self.strings(&fields.names));
        unprotect(1);
        list
    }

    fn frame(self, frame: &Frame) -> SEXP {
        let list = protect(self.fields(&frame.columns));
        set_attribute(list, Attribute::Class, new_text("data.frame"));
        set_attribute(list, Attribute::RowNames, self.row_names(&frame.rows));
        unprotect(1);
        list
    }

    fn row_names(self, rows: &RowNames) -> SEXP {
        match rows {
            RowNames::Automatic(0) => new_integers(&[]),
            // R's compact form of 1 to n.
            RowNames::Automatic(rows) => new_integers(&[NA_INTEGER, -(*rows as i32)]),
            RowNames::Integer(values) => new_integers(values),
            RowNames::Text(texts) => self.strings(texts),
        }
    }
}

/// The most recent strings of a vector. R looks up each string in a table of all strings; columns
/// often repeat a few strings, and comparing them is faster.
#[derive(Default)]
struct Made<'a> {
    slots: [Option<(&'a str, SEXP)>; 16],
}

impl<'a> Made<'a> {
    /// A string, which is stored in the protected vector of earlier ones. May jump.
    fn string(&mut self, text: &'a str) -> SEXP {
        let last = text.as_bytes().last().copied().unwrap_or_default();
        let slot = &mut self.slots[(text.len() + usize::from(last)) % 16];
        match slot {
            Some((known, string)) if *known == text => *string,
            _ => {
                let string = new_string(Some(text));
                *slot = Some((text, string));
                string
            }
        }
    }
}

fn with_dim(vector: SEXP, dim: &[i32]) -> SEXP {
    if dim.is_empty() {
        return vector;
    }
    protect(vector);
    set_attribute(vector, Attribute::Dim, new_integers(dim));
    unprotect(1);
    vector
}

fn as_times(seconds: SEXP) -> SEXP {
    protect(seconds);
    let class = protect(new_vector(SEXPTYPE::STRSXP, 2));
    set_string(class, 0, new_string(Some("POSIXct")));
    set_string(class, 1, new_string(Some("POSIXt")));
    set_attribute(seconds, Attribute::Class, class);
    unprotect(2);
    seconds
}
