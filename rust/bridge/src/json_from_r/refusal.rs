//! R values that cannot be written as JSON.

use crate::sexp::read::{NotText, Raised};

/// What cannot be written, and its position in the value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The position as R code: `messages[[1]]$content`. Empty for the value itself.
    pub path: String,
    /// The reason, as a clause: `it is a function`.
    pub what: String,
}

impl Refusal {
    pub(super) fn new(what: impl Into<String>) -> Refusal {
        Refusal {
            path: String::new(),
            what: what.into(),
        }
    }

    /// Prepends the name of an element of a list.
    pub(super) fn in_field(self, name: &str) -> Refusal {
        let syntactic = name.starts_with(|first: char| first.is_alphabetic() || first == '.')
            && name
                .chars()
                .all(|it| it.is_alphanumeric() || it == '.' || it == '_');
        match syntactic {
            true => self.inside(name),
            false => self.inside(&format!("`{name}`")),
        }
    }

    /// Prepends the index of an element of a list, counted from 0.
    pub(super) fn in_element(self, index: usize) -> Refusal {
        self.inside(&format!("[[{}]]", index + 1))
    }

    /// Prepends the index of an element of a vector, counted from 0.
    pub(super) fn in_item(self, index: usize) -> Refusal {
        self.inside(&format!("[{}]", index + 1))
    }

    fn inside(self, step: &str) -> Refusal {
        let dollar = match self.path.chars().next() {
            None | Some('[') => "",
            Some(_) => "$",
        };
        Refusal {
            path: format!("{step}{dollar}{}", self.path),
            ..self
        }
    }
}

impl From<Raised> for Refusal {
    fn from(_: Raised) -> Refusal {
        Refusal::new("R raised an error while it was read")
    }
}

impl From<NotText> for Refusal {
    fn from(_: NotText) -> Refusal {
        Refusal::new(
            "it contains text that is not valid in its encoding; read it with the right encoding, \
             such as `fileEncoding = \"latin1\"` of read.csv(), or convert it with iconv()",
        )
    }
}
