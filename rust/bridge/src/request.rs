//! Reads a request from the list that R made of it.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use extendr_api::prelude::*;
use openaistream_core::json::LargeIntegers;
use openaistream_core::{
    base, Body, CallOptions, Error, Field, ProxyChoice, Request, Timeouts, Trace, Transport,
    TransportSettings, Transports,
};

use crate::json_from_r;
use crate::outcome::outcome;
use crate::values::{element, number, number_pairs, text, text_pairs};

type Read<T> = std::result::Result<T, Error>;

/// A request with the connections that it takes and the trace that it leaves.
pub struct Prepared {
    pub request: Request,
    pub transport: Transport,
    pub trace: Arc<Trace>,
}

/// Reads `request` and finds its connections in `transports`.
pub fn prepare(request: &List, transports: &Transports) -> Read<Prepared> {
    let verbosity = number(request, "verbosity", 0.0)? as u8;
    let proxy = element(request, "proxy").as_str().map(str::to_owned);
    let path = |name| element(request, name).as_str().map(PathBuf::from);
    let (ca_bundle, client_certificate) = (path("ca_bundle"), path("client_certificate"));
    let options = options(request)?;
    let mut request = read(request)?;
    request.options(options);
    let proxy = match proxy {
        Some(url) => ProxyChoice::Url(url),
        None if request.is_loopback() => ProxyChoice::Direct,
        None => ProxyChoice::Environment,
    };
    let settings = TransportSettings {
        proxy,
        tls: request.needs_tls(),
        connect_timeout: options.timeouts.connect,
        ca_bundle,
        client_certificate,
    };
    let transport = transports.get(&settings)?;
    let trace = Arc::new(Trace::new(verbosity, request.secret()));
    Ok(Prepared {
        request,
        transport,
        trace,
    })
}

/// The limits of the call; what R does not say stays as it is by default.
fn options(list: &List) -> Read<CallOptions> {
    let is_stream = !element(list, "kind").is_null();
    let default = if is_stream {
        Timeouts::STREAM
    } else {
        Timeouts::CALL
    };
    let told: Vec<(String, f64)> = number_pairs(&element(list, "timeouts"));
    let limit = |name: &str, default: Option<Duration>| {
        let told = told.iter().find(|(known, _)| known == name);
        // An infinite limit is none.
        told.map_or(default, |(_, seconds)| {
            Duration::try_from_secs_f64(*seconds).ok()
        })
    };
    let most = CallOptions::MAX_BYTES as f64;
    Ok(CallOptions {
        timeouts: Timeouts {
            connect: limit("connect", default.connect),
            first_byte: limit("first_byte", default.first_byte),
            idle: limit("idle", default.idle),
            total: limit("total", default.total),
        },
        max_retries: number(list, "max_retries", f64::from(CallOptions::MAX_RETRIES))? as u32,
        max_bytes: (number(list, "max_bytes", most)? as u64).min(CallOptions::MOST_BYTES),
        large_integers: if element(list, "bigint_as_char").as_bool() == Some(true) {
            LargeIntegers::Text
        } else {
            LargeIntegers::Nearest
        },
    })
}

fn read(list: &List) -> Read<Request> {
    let segments: Vec<String> = element(list, "path")
        .as_str_iter()
        .into_iter()
        .flatten()
        .map(str::to_owned)
        .collect();
    let query = texts_of(&element(list, "query"))?;
    let mut request = Request::new(
        &text(list, "method")?,
        &text(list, "base_url")?,
        &segments,
        &query,
        text(list, "key")?,
    )?;
    let body = element(list, "body");
    let form = element(list, "form");
    if !form.is_null() {
        request.body(Body::Form(fields_of(&form)?));
    } else if !body.is_null() {
        request.body(Body::Json(json_of(&body)?.into()));
    }
    for (name, value) in text_pairs(&element(list, "headers")) {
        request.header(&name, &value)?;
    }
    Ok(request)
}

fn json_of(value: &Robj) -> Read<Vec<u8>> {
    // SAFETY: `value` is protected by its `Robj` for the whole call.
    let written = json_from_r::from_r(unsafe { value.get() });
    written.map_err(|refusal| {
        Error::argument(format!(
            "`{}` cannot be sent as JSON: {}.",
            refusal.path, refusal.what
        ))
    })
}

/// The parts of a form: files where R marked a path, text otherwise.
fn fields_of(form: &Robj) -> Read<Vec<Field>> {
    let mut fields = Vec::new();
    for (name, value) in entries(form)? {
        if value.inherits("file_part") {
            let path = value
                .as_str()
                .map(PathBuf::from)
                .ok_or_else(|| not_text(&name))?;
            fields.push(Field::File { name, path });
        } else {
            let texts = texts(&name, &value)?.into_iter();
            fields.extend(texts.map(|(name, value)| Field::Text { name, value }));
        }
    }
    Ok(fields)
}

/// The names and texts of a list of plain values.
fn texts_of(values: &Robj) -> Read<Vec<(String, String)>> {
    let mut pairs = Vec::new();
    for (name, value) in entries(values)? {
        pairs.extend(texts(&name, &value)?);
    }
    Ok(pairs)
}

fn entries(values: &Robj) -> Read<Vec<(String, Robj)>> {
    if values.is_null() {
        return Ok(Vec::new());
    }
    let list = values.as_list().ok_or_else(|| not_text("query"))?;
    let mut entries = Vec::with_capacity(list.len());
    for (name, value) in list.iter() {
        if name.is_empty() || name == "NA" {
            return Err(Error::argument(
                "Every field of a query or a form needs a name.",
            ));
        }
        if !value.is_null() {
            entries.push((name.to_owned(), value));
        }
    }
    Ok(entries)
}

/// A value as the texts of a query or form; a vector is sent as `name[]`, once for each element,
/// as openai-python does it.
fn texts(name: &str, value: &Robj) -> Read<Vec<(String, String)>> {
    let values: Vec<Option<String>> = if value.inherits("factor") {
        return Err(not_text(name));
    } else if let Some(strings) = value.as_str_iter() {
        strings
            .map(|text| (!text.is_na()).then(|| text.to_owned()))
            .collect()
    } else if let Some(logicals) = value.as_logical_slice() {
        logicals
            .iter()
            .map(|x| (!x.is_na()).then(|| x.is_true().to_string()))
            .collect()
    } else if let Some(integers) = value.as_integer_slice() {
        integers
            .iter()
            .map(|x| (!x.is_na()).then(|| x.to_string()))
            .collect()
    } else if let Some(reals) = value.as_real_slice() {
        reals
            .iter()
            .map(|x| x.is_finite().then(|| x.to_string()))
            .collect()
    } else {
        return Err(not_text(name));
    };
    let name = if values.len() == 1 || name.ends_with("[]") {
        name.to_owned()
    } else {
        format!("{name}[]")
    };
    values
        .into_iter()
        .map(|value| {
            value
                .map(|value| (name.clone(), value))
                .ok_or_else(|| not_text(&name))
        })
        .collect()
}

fn not_text(name: &str) -> Error {
    Error::argument(format!(
        "`{name}` must be a string, a number, TRUE or FALSE, or a vector of these without NA."
    ))
}

/// Checks a base URL; R calls this when a client is made, so that the mistake shows there.
#[extendr]
fn base_url_check(url: &str) -> Robj {
    outcome(base(url).map(|url| url.as_str().into()).map_err(Into::into))
}

extendr_module! {
    mod request;
    fn base_url_check;
}
