//! Decides how to write an R value, which jsonlite leaves to S4 methods.
//!
//! The first known class of a value decides; unknown classes before it are ignored. A value without
//! a known class cannot be written.

use std::ffi::CStr;

use extendr_ffi::{SEXP, SEXPTYPE};

use super::elements::Elements;
use super::refusal::Refusal;
use crate::sexp::read::{self, Kept};
use crate::sexp::{nil, Attribute};

/// How a value is written.
#[derive(Debug)]
pub(super) enum Form<'a> {
    Null,
    Vector(Elements<'a>),
    List(List),
    Frame(SEXP),
    /// A matrix or array, and the form of its elements.
    Array {
        dim: &'a [i32],
        elements: Box<Form<'a>>,
    },
    /// `unbox()`: exactly one element, without an array.
    Single(Box<Form<'a>>),
    /// `I()` around a single atomic element: an array of length one.
    Boxed(Box<Form<'a>>),
}

/// A list, protected if it was created here.
#[derive(Debug)]
pub(super) struct List {
    pub object: SEXP,
    _kept: Option<Kept>,
}

/// The position of a value, which affects how R formats some values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Context {
    Column,
    Elsewhere,
}

/// The form of `value`.
pub(super) fn form<'a>(value: SEXP, context: Context) -> Result<Form<'a>, Refusal> {
    if read::is_s4(value) {
        return Err(Refusal::new("it is an S4 object"));
    }
    if !read::is_object(value) {
        return plain(value, context);
    }
    let classes = read::attribute_strings(value, Attribute::Class)?.unwrap_or_default();
    let classes = classes
        .iter()
        .map(|class| Ok(read::text(*class)?.unwrap_or_default().into_owned()));
    let classes = classes.collect::<Result<Vec<String>, Refusal>>()?;
    let classes: Vec<&str> = classes.iter().map(String::as_str).collect();
    form_of_class(value, &classes, context)
}

fn form_of_class<'a>(value: SEXP, classes: &[&str], context: Context) -> Result<Form<'a>, Refusal> {
    let Some((class, rest)) = classes.split_first() else {
        return plain(value, context);
    };
    Ok(match *class {
        "scalar" => Form::Single(Box::new(form_of_class(value, rest, context)?)),
        "AsIs" => as_is(value, form_of_class(value, rest, context)?),
        "data.frame" | "anova" => Form::Frame(value),
        "factor" | "ordered" => Form::Vector(factor(value)?),
        "integer64" if read::kind(value) == SEXPTYPE::REALSXP => {
            Form::Vector(Elements::Integers64(read::integers_of_64_bits(value)?))
        }
        "blob" => Form::Vector(blob(value)?),
        "matrix" | "array" | "mts" => plain(value, context)?,
        "ts" | "logical" | "integer" | "double" | "numeric" | "character" | "complex" | "raw"
        | "list" | "pairlist" => without_dim(value, context)?,
        "json" => without_dim(value, context)?,
        "Date" => formatted(c"function(x) { class(x) <- 'Date'; format(x) }", value)?,
        "POSIXct" | "POSIXlt" | "POSIXt" => formatted(posix(value, context), value)?,
        "hms" => formatted(
            c"function(x) {
                class(x) <- c('hms', 'difftime')
                ifelse(is.na(x), NA_character_, as.character(x))
            }",
            value,
        )?,
        "ITime" => formatted(
            c"function(x) { class(x) <- 'ITime'; as.character(x) }",
            value,
        )?,
        _ if rest.is_empty() => return Err(Refusal::new(format!("it has the class `{class}`"))),
        _ => form_of_class(value, rest, context)?,
    })
}

/// `I()` keeps a single atomic element in an array, and has no effect on other values.
fn as_is(value: SEXP, form: Form<'_>) -> Form<'_> {
    let atomic = matches!(form, Form::Vector(_)) && read::kind(value) != SEXPTYPE::VECSXP;
    match atomic && read::len(value) == 1 {
        true => Form::Boxed(Box::new(form)),
        false => form,
    }
}

/// The form of a value without a class.
fn plain<'a>(value: SEXP, context: Context) -> Result<Form<'a>, Refusal> {
    let dim = read::attribute(value, Attribute::Dim)?;
    if dim == nil() || read::kind(dim) != SEXPTYPE::INTSXP {
        return without_dim(value, context);
    }
    let elements = Box::new(without_dim(value, context)?);
    Ok(Form::Array {
        dim: read::integers(dim)?,
        elements,
    })
}

/// The form of a value without a class, ignoring its dimensions.
fn without_dim<'a>(value: SEXP, context: Context) -> Result<Form<'a>, Refusal> {
    let what = match read::kind(value) {
        SEXPTYPE::NILSXP => return Ok(Form::Null),
        SEXPTYPE::LGLSXP => return Ok(Form::Vector(Elements::Logicals(read::logicals(value)?))),
        SEXPTYPE::INTSXP => return Ok(Form::Vector(Elements::Integers(read::integers(value)?))),
        SEXPTYPE::REALSXP => return Ok(Form::Vector(Elements::Doubles(read::doubles(value)?))),
        SEXPTYPE::STRSXP => return Ok(Form::Vector(Elements::Strings(read::strings(value)?))),
        SEXPTYPE::CPLXSXP => return complex(value, context),
        SEXPTYPE::RAWSXP => return raw(value, context),
        SEXPTYPE::VECSXP => {
            return Ok(Form::List(List {
                object: value,
                _kept: None,
            }))
        }
        SEXPTYPE::LISTSXP => {
            let kept = read::vector_of_pairs(value)?;
            return Ok(Form::List(List {
                object: kept.object(),
                _kept: Some(kept),
            }));
        }
        SEXPTYPE::CLOSXP | SEXPTYPE::SPECIALSXP | SEXPTYPE::BUILTINSXP => "a function",
        SEXPTYPE::ENVSXP => "an environment",
        SEXPTYPE::SYMSXP => "a symbol",
        SEXPTYPE::LANGSXP => "a call",
        SEXPTYPE::EXPRSXP => "an expression",
        SEXPTYPE::EXTPTRSXP => "an external pointer",
        _ => "of a type that JSON does not support",
    };
    Err(Refusal::new(format!("it is {what}")))
}

fn factor<'a>(value: SEXP) -> Result<Elements<'a>, Refusal> {
    let levels = read::attribute_strings(value, Attribute::Levels)?;
    match levels {
        Some(levels) if read::kind(value) == SEXPTYPE::INTSXP => {
            Ok(Elements::Factor(read::integers(value)?, levels))
        }
        _ => Err(Refusal::new("it is a factor without levels")),
    }
}

fn blob<'a>(value: SEXP) -> Result<Elements<'a>, Refusal> {
    let broken = || Refusal::new("it is a blob that does not contain raw vectors");
    if read::kind(value) != SEXPTYPE::VECSXP {
        return Err(broken());
    }
    let raws = (0..read::len(value)).map(|index| {
        let element = read::element(value, index)?;
        match read::kind(element) {
            SEXPTYPE::NILSXP => Ok(None),
            SEXPTYPE::RAWSXP => Ok(Some(read::bytes(element)?)),
            _ => Err(broken()),
        }
    });
    raws.collect::<Result<_, _>>().map(Elements::Raws)
}

fn complex<'a>(value: SEXP, context: Context) -> Result<Form<'a>, Refusal> {
    let source = match context {
        Context::Elsewhere => c"function(x) prettyNum(as.vector(x), digits = 22)",
        Context::Column => {
            c"function(x) {
                text <- prettyNum(as.vector(x), digits = 22)
                ifelse(is.finite(as.vector(x)), text, NA_character_)
            }"
        }
    };
    formatted(source, value)
}

fn raw<'a>(value: SEXP, context: Context) -> Result<Form<'a>, Refusal> {
    match context {
        Context::Elsewhere => Ok(Form::Vector(Elements::Raw(read::bytes(value)?))),
        Context::Column => formatted(c"function(x) as.character.hexmode(x)", value),
    }
}

/// The R function that formats times; times in a column share a time zone.
fn posix(value: SEXP, context: Context) -> &'static CStr {
    match (read::kind(value), context) {
        (SEXPTYPE::VECSXP, Context::Elsewhere) => {
            c"function(x) { class(x) <- c('POSIXlt', 'POSIXt'); format(x, format = '') }"
        }
        (SEXPTYPE::VECSXP, Context::Column) => {
            c"function(x) {
                class(x) <- c('POSIXlt', 'POSIXt')
                format(as.POSIXct(x), format = '')
            }"
        }
        _ => c"function(x) { class(x) <- c('POSIXct', 'POSIXt'); format(x, format = '') }",
    }
}

/// The elements as strings, formatted by an R function.
fn formatted<'a>(source: &'static CStr, value: SEXP) -> Result<Form<'a>, Refusal> {
    let strings = read::called(source, value)?;
    match read::kind(strings.object()) {
        SEXPTYPE::STRSXP => Ok(Form::Vector(Elements::Formatted(strings))),
        // For no elements, R sometimes returns an empty vector of another type.
        _ if read::len(strings.object()) == 0 => Ok(Form::Vector(Elements::Strings(&[]))),
        _ => Err(Refusal::new("R cannot convert it to text")),
    }
}
