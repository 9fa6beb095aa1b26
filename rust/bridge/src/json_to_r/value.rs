//! R values in plain memory, which may cross threads.

/// An R value that only needs to be built.
#[derive(Debug)]
pub struct Plan {
    pub(super) root: Value,
    /// What every [`Text`] is a stretch of.
    pub(super) texts: String,
}

/// Makes plans: holds the texts that they need.
#[derive(Debug, Default)]
pub(super) struct Planner {
    texts: String,
}

/// A string of R's: a stretch of the plan's texts, or `NA`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Text {
    start: u32,
    len: u32,
}

impl Text {
    pub const NA: Text = Text {
        start: u32::MAX,
        len: 0,
    };

    /// The characters among the plan's texts; none for `NA`.
    pub fn read(self, texts: &str) -> Option<&str> {
        let start = self.start as usize;
        (self.start != u32::MAX).then(|| &texts[start..start + self.len as usize])
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

impl Planner {
    pub fn finish(self, root: Value) -> Plan {
        Plan {
            root,
            texts: self.texts,
        }
    }

    /// Keeps a text for the plan.
    pub fn text(&mut self, text: &str) -> Text {
        let start = self.texts.len();
        self.texts.push_str(text);
        // All texts come from one document, which is shorter than 2 GiB.
        Text {
            start: start as u32,
            len: text.len() as u32,
        }
    }

    /// What a text of this planner says; `NA` says nothing.
    pub fn read(&self, text: Text) -> Option<&str> {
        text.read(&self.texts)
    }
}
