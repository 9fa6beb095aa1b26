//! R values in plain memory, which may cross threads.

use openaistream_core::json::place_in;

/// An R value that only needs to be built.
#[derive(Debug)]
pub struct Plan {
    pub(super) root: Value,
    pub(super) texts: Texts<String>,
}

/// Makes plans: holds the texts that they need.
#[derive(Debug, Default)]
pub(super) struct Planner<'a> {
    texts: Texts<&'a str>,
}

/// What every [`Text`] is a stretch of.
#[derive(Debug, Default)]
pub(super) struct Texts<S> {
    /// The JSON text.
    source: S,
    /// What does not stand in it as it is.
    others: String,
}

/// A string of R's: a stretch of the plan's texts, or `NA`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Text {
    /// In the source, or behind `OTHERS` among the others.
    start: u32,
    len: u32,
}

/// Texts are shorter than 2 GiB.
const OTHERS: u32 = 1 << 31;

impl Text {
    pub const NA: Text = Text {
        start: u32::MAX,
        len: 0,
    };

    fn is_na(self) -> bool {
        self.start == u32::MAX
    }
}

impl<S: AsRef<str>> Texts<S> {
    /// What a text says; `NA` says nothing.
    pub fn read(&self, text: Text) -> Option<&str> {
        let arena = match text.start < OTHERS {
            true => self.source.as_ref(),
            false => &self.others,
        };
        let start = (text.start & !OTHERS) as usize;
        (!text.is_na()).then(|| &arena[start..start + text.len as usize])
    }
}

/// R's `NA_integer_`, and its `NA` among logicals.
pub(super) const NA_INTEGER: i32 = i32::MIN;

/// R's `NA_real_`: the one NaN that carries 1954.
pub(super) const NA_DOUBLE: f64 = f64::from_bits(0x7ff0_0000_0000_07a2);

#[derive(Debug)]
pub(super) enum Value {
    Null,
    Vector(Vector),
    /// A matrix or an array of more dimensions, column by column as R wants it.
    Array {
        elements: Vector,
        dim: Vec<i32>,
    },
    List(Vec<Value>),
    Named(Fields),
    Frame(Frame),
    /// Seconds since 1970, a `POSIXct`; `dim` is empty unless it came as a matrix.
    Times {
        seconds: Vec<f64>,
        dim: Vec<i32>,
    },
    /// Texts that R itself shall read as times.
    TimesFromText(Box<Value>),
    /// Times that make up one vector, some of which R itself shall read.
    JoinedTimes(Vec<Value>),
    /// A matrix or an array of rows, some of which are times that R itself shall read.
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
    /// Strings, some of which are numbers that R itself shall write.
    Mixed(Vec<Piece>),
}

/// A string, or a number that is to become one.
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
    /// 1 to that many.
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
    /// A planner for texts most of which stand in `source`, which it need not copy.
    pub fn over(source: &'a str) -> Self {
        let others = String::new();
        Planner {
            texts: Texts { source, others },
        }
    }

    /// What does not stand in the source; with the source it is what a plan needs.
    pub fn into_others(self) -> String {
        self.texts.others
    }

    /// The plan of a planner over nothing.
    pub fn finish(self, root: Value) -> Plan {
        Plan::new(root, String::new(), self.into_others())
    }

    /// Keeps a text for the plan.
    pub fn text(&mut self, text: &str) -> Text {
        let start = match place_in(self.texts.source, text) {
            Some(place) => place.start as u32,
            None => {
                let start = self.texts.others.len() as u32;
                self.texts.others.push_str(text);
                start | OTHERS
            }
        };
        let len = text.len() as u32;
        Text { start, len }
    }

    /// What a text of this planner says; `NA` says nothing.
    pub fn read(&self, text: Text) -> Option<&str> {
        self.texts.read(text)
    }
}

impl Plan {
    /// `source` is what the planner was over, `others` what it kept besides.
    pub(super) fn new(root: Value, source: String, others: String) -> Self {
        let texts = Texts { source, others };
        Plan { root, texts }
    }
}
