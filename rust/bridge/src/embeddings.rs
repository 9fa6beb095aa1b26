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

/// The inputs of a call, divided into requests.
pub struct Inputs {
    parts: Vec<Part>,
    fallback: Vec<Part>,
    names: Option<Vec<Option<String>>>,
}

/// All vectors, ready to become a matrix.
pub struct Matrix {
    embeddings: Embeddings,
    usage: Option<Plan>,
    /// The row names.
    names: Option<Vec<Option<String>>>,
}

impl Inputs {
    /// Parses `list(bodies = , fallback = , sizes = , names = )`: the bodies of the requests, the
    /// bodies to use if base64 is not supported (or NULL), the number of inputs of each request,
    /// and the names of all inputs (or NULL). Returns `None` if `inputs` is NULL.
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

    /// Sends the requests, with everything but the body from `request`.
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

/// The row names in the element `names` of a list; `None` if it is NULL.
pub fn row_names_of(list: &List) -> std::result::Result<Option<Vec<Option<String>>>, Error> {
    let names = Some(element(list, "names")).filter(|names| !names.is_null());
    let names = names.map(|names| {
        strings(&names).ok_or_else(|| Error::argument("The names of `input` are not valid text."))
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

    /// Whether text that R cannot store was replaced by U+FFFD.
    pub fn has_replacements(&self) -> bool {
        self.embeddings.has_replacements()
    }

    /// The numeric matrix with the attributes `model` and `usage`.
    pub fn build(&self) -> std::result::Result<Robj, Error> {
        let usage = self.usage.as_ref().map(build).transpose()?;
        // SAFETY: protected by the `Robj` until the end of this function.
        let usage = usage.as_ref().map(|usage| unsafe { usage.get() });
        let mut built = None;
        at_toplevel(|| built = Some(self.matrix(usage)));
        let built = built.ok_or_else(|| {
            Error::response(
                "R could not create a matrix from the response: it may be out of memory.",
            )
        })?;
        // SAFETY: R has just created it, and has not allocated since; the `Robj` protects it from
        // here on.
        Ok(unsafe { Robj::from_sexp(built) })
    }

    /// Creates the matrix, unprotected. May jump: no frame here owns memory.
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
    for (index, name) in names.iter().enumerate() {
        set_string(strings, index, new_string(name.as_deref()));
    }
    let both = new_vector(SEXPTYPE::VECSXP, 2);
    set_element(both, 0, strings);
    unprotect(1);
    both
}
