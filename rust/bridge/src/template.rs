//! The common part of the requests of a run.

use extendr_api::prelude::*;
use openaistream_core::parallel::{Price, Template};
use openaistream_core::{Error, Transports};

use crate::request::{prepare, Prepared};
use crate::values::{element, number};

type Read<T> = std::result::Result<T, Error>;

/// Reads a request without a body, with the prices of its tokens.
pub fn template(list: &List, transports: &Transports) -> Read<Template> {
    let Prepared {
        request, transport, ..
    } = prepare(list, transports)?;
    Ok(Template {
        request,
        transport,
        price: price(list)?,
    })
}

/// The prices of tokens: `price = list(input = , cached = , cache_write = , output = )`, in dollars
/// per token.
fn price(list: &List) -> Read<Option<Price>> {
    let price = element(list, "price");
    let Some(price) = price.as_list().filter(|_| !price.is_null()) else {
        return Ok(None);
    };
    Ok(Some(Price {
        input: number(&price, "input", 0.0)?,
        cached: number(&price, "cached", 0.0)?,
        cache_write: number(&price, "cache_write", 0.0)?,
        output: number(&price, "output", 0.0)?,
    }))
}
