//! R values in plain memory, which can be sent between threads.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::atomic::AtomicBool;
use std::sync::{Mutex, MutexGuard, PoisonError};

use openaistream_core::json::range_in;

/// An R value that is ready to be built.
#[derive(Debug)]
pub struct Plan {
    pub(super) root: Value,
    pub(super) texts: Texts,
}

/// Creates plans and stores their texts.
#[derive(Debug, Default)]
pub(super) struct Planner<'a> {
    /// Whether several threads plan the columns of a data frame.
    pub shared_out: AtomicBool,
    /// The texts of the document.
    known: [&'a str; 2],
    /// Texts that are not part of the document.
    others: Mutex<String>,
}

/// The texts that contain every [`Text`]: those of the document, and others.
#[derive(Debug)]
pub(super) struct Texts([String; 3]);

/// An R string: a part of one of the plan's texts, or `NA`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Text {
    /// Texts are shorter than 2 GiB, so the highest bits of both fields select one of the texts.
    start: u32,
    len: u32,
}

/// The index of `Planner::others` among the texts.
const OTHERS: usize = 2;

const HIGHEST_BIT: u32 = 1 << 31;

impl Text {
    pub const NA: Text = Text {
        start: u32::MAX,
        len: u32::MAX,
    };

    fn new(arena: usize, start: usize, len: usize) -> Text {
        let bit = |index: usize| (arena as u32 >> index & 1) << 31;
        Text {
            start: start as u32 | bit(0),
            len: len as u32 | bit(1),
        }
    }

    /// The index of the text and the range in it; `None` for `NA`.
    fn range(self) -> Option<(usize, Range<usize>)> {
        let arena = (self.start >> 31 | self.len >> 31 << 1) as usize;
        let start = (self.start & !HIGHEST_BIT) as usize;
        let end = start + (self.len & !HIGHEST_BIT) as usize;
        (arena <= OTHERS).then_some((arena, start..end))
    }
}

impl Texts {
    /// The content of a text; `None` for `NA`.
    pub fn read(&self, text: Text) -> Option<&str> {
        let (arena, range) = text.range()?;
        Some(&self.0[arena][range])
    }
}

/// R's `NA_integer_`, and its logical `NA`.
pub(super) const NA_INTEGER: i32 = i32::MIN;

/// R's `NA_real_`: the NaN with the payload 1954.
pub(super) const NA_DOUBLE: f64 = f64::from_bits(0x7ff0_0000_0000_07a2);

#[derive(Debug)]
pub(super) enum Value {
    Null,
    Vector(Vector),
    /// A matrix or array in column-major order.
    Array {
        elements: Vector,
        dim: Vec<i32>,
    },
    List(Vec<Value>),
    Named(Fields),
    Frame(Frame),
    /// Seconds since 1970 (`POSIXct`); `dim` is empty unless the value is a matrix.
    Times {
        seconds: Vec<f64>,
        dim: Vec<i32>,
    },
    /// Texts that R will parse as times.
    TimesFromText(Box<Value>),
    /// Times to be combined in one vector; R will parse some of them.
    JoinedTimes(Vec<Value>),
    /// A matrix or array of rows; R will parse some of them as times.
    BoundTimes {
        rows: Vec<Value>,
        dim: Vec<i32>,
    },
}

/// The elements of an atomic vector.
#[derive(Debug)]
pub(super) enum Vector {
    Logical(Vec<i32>),
    Integer(Vec<i32>),
    Double(Vec<f64>),
    Text(Vec<Text>),
    /// Strings; R will format the numbers among them.
    Mixed(Vec<Piece>),
}

/// A string, or a number to be formatted.
#[derive(Debug, Clone, Copy)]
pub(super) enum Piece {
    Text(Text),
    Double(f64),
}

/// The elements of a named list, or the columns of a data frame.
#[derive(Debug, Default)]
pub(super) struct Fields {
    pub names: Vec<Text>,
    pub values: Vec<Value>,
}

#[derive(Debug)]
pub(super) struct Frame {
    pub columns: Fields,
    pub rows: RowNames,
}

#[derive(Debug)]
pub(super) enum RowNames {
    /// 1 to this number.
    Automatic(usize),
    Integer(Vec<i32>),
    Text(Vec<Text>),
}

impl Vector {
    pub fn len(&self) -> usize {
        match self {
            Vector::Logical(values) | Vector::Integer(values) => values.len(),
            Vector::Double(values) => values.len(),
            Vector::Text(values) => values.len(),
            Vector::Mixed(values) => values.len(),
        }
    }
}

impl<'a> Planner<'a> {
    /// Creates a planner for texts that are mostly in `known` and need not be copied.
    pub fn over(known: [&'a str; 2]) -> Self {
        Planner {
            known,
            ..Planner::default()
        }
    }

    /// The texts that are not in the known ones. A plan needs both.
    pub fn into_others(self) -> String {
        self.others
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// The plan of a planner without known texts.
    pub fn finish(self, root: Value) -> Plan {
        Plan::new(root, [String::new(), String::new()], self.into_others())
    }

    /// Stores a text.
    pub fn text(&self, text: &str) -> Text {
        for (arena, known) in self.known.into_iter().enumerate() {
            if let Some(range) = range_in(known, text) {
                return Text::new(arena, range.start, text.len());
            }
        }
        let mut others = self.others();
        let start = others.len();
        others.push_str(text);
        Text::new(OTHERS, start, text.len())
    }

    /// The content of a text of this planner; `None` for `NA`.
    pub fn read(&self, text: Text) -> Option<Cow<'a, str>> {
        let (arena, range) = text.range()?;
        Some(match self.known.get(arena) {
            Some(known) => Cow::Borrowed(&known[range]),
            None => Cow::Owned(self.others()[range].to_owned()),
        })
    }

    fn others(&self) -> MutexGuard<'_, String> {
        self.others.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Plan {
    /// `known` are the known texts of the planner, `others` the texts that it stored.
    pub(super) fn new(root: Value, known: [String; 2], others: String) -> Self {
        let [source, unescaped] = known;
        let texts = Texts([source, unescaped, others]);
        Plan { root, texts }
    }
}
