//! Embeddings as the rows of a matrix.

use std::sync::Arc;

use extendr_api::prelude::*;
use extendr_ffi::{SEXP, SEXPTYPE};
use openaistream_core::embeddings::{embed, Embeddings, Part};
use openaistream_core::{Error, Request, Trace, Transport};

use crate::json_to_r::{build, plan, Plan};
use crate::request::json_of;
use crate::sexp::make::{
    new_integers, new_string, new_text, new_vector, protect, set_attribute, set_element,
    set_string, unprotect, write_doubles,
};
use crate::sexp::Attribute;
use crate::toplevel::at_toplevel;
use crate::values::{element, strings};

/// The inputs of a call, as its requests carry them.
pub struct Inputs {
    parts: Vec<Part>,
    fallback: Vec<Part>,
    names: Option<Vec<Option<String>>>,
}

/// All vectors, ready to become a matrix.
pub struct Matrix {
    embeddings: Embeddings,
    usage: Option<Plan>,
    /// Those of the rows.
    names: Option<Vec<Option<String>>>,
}

impl Inputs {
    /// Reads `list(bodies = , fallback = , sizes = , names = )`: the bodies of the requests, those
    /// to try where base64 is refused (or NULL), how many inputs are in each, and the names of all
    /// (or NULL). None where there is no such list but NULL.
    pub fn read(inputs: &Robj) -> std::result::Result<Option<Inputs>, Error> {
        let Some(list) = inputs.as_list().filter(|list| !list.is_null()) else {
            return Ok(None);
        };
        let sizes = element(&list, "sizes").as_integer_vector();
        let sizes = sizes.unwrap_or_default();
        let parts = |name: &str| -> std::result::Result<Vec<Part>, Error> {
            let bodies = element(&list, name).as_list().unwrap_or_default();
            bodies
                .values()
                .zip(&sizes)
                .map(|(body, inputs)| {
                    Ok(Part {
                        body: json_of(&body)?.into(),
                        inputs: *inputs as usize,
                    })
                })
                .collect()
        };
        Ok(Some(Inputs {
            parts: parts("bodies")?,
            fallback: parts("fallback")?,
            names: row_names_of(&list)?,
        }))
    }

    /// Sends them with what `request` says beside the body.
    pub async fn send(
        self,
        transport: &Transport,
        request: &Request,
        trace: &Arc<Trace>,
    ) -> std::result::Result<Matrix, Error> {
        let embeddings = embed(transport, request, self.parts, self.fallback, trace).await?;
        Ok(Matrix::new(embeddings, self.names))
    }
}

/// The element `names` of a list, those of the rows; None where it is NULL.
pub fn row_names_of(list: &List) -> std::result::Result<Option<Vec<Option<String>>>, Error> {
    let names = Some(element(list, "names")).filter(|names| !names.is_null());
    let names = names.map(|names| {
        strings(&names).ok_or_else(|| Error::argument("The names of `input` are no text."))
    });
    names.transpose()
}

impl Matrix {
    pub fn new(embeddings: Embeddings, names: Option<Vec<Option<String>>>) -> Matrix {
        Matrix {
            usage: embeddings.usage().map(plan),
            names,
            embeddings,
        }
    }

    /// Whether U+FFFD stands in it for what R cannot hold.
    pub fn has_replacements(&self) -> bool {
        self.embeddings.has_replacements()
    }

    /// The numeric matrix with attributes `model` and `usage`.
    pub fn build(&self) -> std::result::Result<Robj, Error> {
        let usage = self.usage.as_ref().map(build).transpose()?;
        // SAFETY: the `Robj` protects it until the end of this function.
        let usage = usage.as_ref().map(|usage| unsafe { usage.get() });
        let mut built = None;
        at_toplevel(|| built = Some(self.matrix(usage)));
        let built = built.ok_or_else(|| {
            Error::response("R could not make a matrix of the answer: it may lack memory.")
        })?;
        // SAFETY: R has just made it, and nothing else since; the `Robj` protects it from here on.
        Ok(unsafe { Robj::from_sexp(built) })
    }

    /// Makes the matrix, which it returns unprotected. May jump: no frame here owns memory.
    fn matrix(&self, usage: Option<SEXP>) -> SEXP {
        let (rows, width) = (self.embeddings.rows(), self.embeddings.width());
        let matrix = protect(new_vector(SEXPTYPE::REALSXP, rows * width));
        write_doubles(matrix, |cells| {
            self.embeddings.fill(cells, |cell, number| {
                cell.write(number);
            });
        });
        let dim = new_integers(&[rows as i32, width as i32]);
        set_attribute(matrix, Attribute::Dim, dim);
        if let Some(names) = &self.names {
            set_attribute(matrix, Attribute::DimNames, row_names(names));
        }
        if let Some(model) = self.embeddings.model() {
            set_attribute(matrix, Attribute::Other(c"model"), new_text(model));
        }
        if let Some(usage) = usage {
            set_attribute(matrix, Attribute::Other(c"usage"), usage);
        }
        unprotect(1);
        matrix
    }
}

/// `list(names, NULL)`.
fn row_names(names: &[Option<String>]) -> SEXP {
    let strings = protect(new_vector(SEXPTYPE::STRSXP, names.len()));
    for (place, name) in names.iter().enumerate() {
        set_string(strings, place, new_string(name.as_deref()));
    }
    let both = new_vector(SEXPTYPE::VECSXP, 2);
    set_element(both, 0, strings);
    unprotect(1);
    both
}
