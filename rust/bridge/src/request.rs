//! Reads requests from R lists.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use extendr_api::prelude::*;
use openaistream_core::json::LargeIntegers;
use openaistream_core::{
    base_of_client, form_texts, redact_text, user_agent, Body, CallOptions, Error, Expected, Field,
    LogLevel, ProxyChoice, Request, Timeouts, Trace, Transport, TransportSettings, Transports,
};

use crate::json_from_r::{self, Refusal};
use crate::outcome::outcome;
use crate::usage::ledger_of;
use crate::values::{
    element, names, number, number_pairs, one_text, path, strings, text, text_pairs,
};

type Read<T> = std::result::Result<T, Error>;

/// A request with its connections and its trace.
pub struct Prepared {
    pub request: Request,
    pub transport: Transport,
    pub trace: Arc<Trace>,
}

/// Reads `request` and finds its connections in `transports`.
pub fn prepare(request: &List, transports: &Transports) -> Read<Prepared> {
    let verbosity = number(request, "verbosity", 0.0)? as u8;
    let proxy = one_text(&element(request, "proxy"));
    let ca_bundle = path(&element(request, "ca_bundle"));
    let client_certificate = path(&element(request, "client_certificate"));
    let options = options(request)?;
    let ledger = ledger_of(&element(request, "ledger"));
    let mut request = read(request)?;
    request.options(options);
    if let Some(ledger) = ledger {
        request.used_in(ledger);
    }
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
    let trace = Arc::new(Trace::new(
        verbosity,
        LogLevel::from_environment(),
        request.secrets().clone(),
    ));
    Ok(Prepared {
        request,
        transport,
        trace,
    })
}

/// The options of the call; missing ones have their defaults.
fn options(list: &List) -> Read<CallOptions> {
    let is_stream = !element(list, "kind").is_null();
    let default = if is_stream {
        Timeouts::STREAM
    } else {
        Timeouts::CALL
    };
    let given: Vec<(String, f64)> = number_pairs(&element(list, "timeouts"));
    let limit = |name: &str, default: Option<Duration>| {
        let given = given.iter().find(|(known, _)| known == name);
        // An infinite timeout means none.
        given.map_or(default, |(_, seconds)| {
            Duration::try_from_secs_f64(*seconds).ok()
        })
    };
    let max_wait = number(list, "max_wait", CallOptions::MAX_WAIT)?;
    // If longer waits are allowed, the total timeout is extended accordingly.
    let longer = Duration::try_from_secs_f64(max_wait - CallOptions::MAX_WAIT).unwrap_or_default();
    let most = CallOptions::DEFAULT_MAX_BYTES as f64;
    let is_true = |name| element(list, name).as_bool() == Some(true);
    Ok(CallOptions {
        timeouts: Timeouts {
            connect: limit("connect", default.connect),
            first_byte: limit("first_byte", default.first_byte),
            idle: limit("idle", default.idle),
            total: limit("total", default.total.map(|total| total + longer)),
        },
        max_retries: number(list, "max_retries", f64::from(CallOptions::MAX_RETRIES))? as u32,
        max_wait,
        max_bytes: (number(list, "max_bytes", most)? as u64).min(CallOptions::MAX_BYTES_LIMIT),
        large_integers: if is_true("bigint_as_char") {
            LargeIntegers::Text
        } else {
            LargeIntegers::Nearest
        },
        skip_broken_events: is_true("skip_broken_events"),
    })
}

fn read(list: &List) -> Read<Request> {
    let segments: Vec<String> = strings(&element(list, "path"))
        .and_then(|segments| segments.into_iter().collect())
        .ok_or_else(|| Error::argument("An id is not valid text in its encoding."))?;
    let query = entries(&element(list, "query"))?.into_iter();
    let query = query.map(|(name, value)| texts(&name, &value));
    let query = query.collect::<Read<Vec<_>>>()?.concat();
    let mut request = Request::new(
        &text(list, "method")?,
        &text(list, "base_url")?,
        &segments,
        &query,
        text(list, "key")?,
    )?;
    // Needed if the path does not determine it.
    let expected = one_text(&element(list, "expected"));
    if let Some(expected) = expected.as_deref().and_then(Expected::named) {
        request.expect(expected);
    }
    let body = element(list, "body");
    let form = element(list, "form");
    if !form.is_null() {
        request.body(Body::Form(fields_of(&form)?));
    } else if !body.is_null() {
        request.body(Body::Json(json_of(&body)?.into()));
    }
    request.header("user-agent", &format!("{} R", user_agent()))?;
    for (name, value) in text_pairs(list, "headers")? {
        request.header(&name, &value)?;
    }
    Ok(request)
}

/// A value as the JSON body of a request.
pub fn json_of(value: &Robj) -> Read<Vec<u8>> {
    // SAFETY: the `Robj` protects `value` during the call.
    let written = json_from_r::body(unsafe { value.get() });
    written.map_err(|refusal| unsendable(&refusal))
}

/// A value as the field `name` of a body.
pub fn json_of_field(name: &str, value: &Robj) -> Read<String> {
    // SAFETY: the `Robj` protects `value` during the call.
    let written = json_from_r::field(name, unsafe { value.get() });
    let written = written.map_err(|refusal| unsendable(&refusal))?;
    Ok(String::from_utf8_lossy(&written).into_owned())
}

fn unsendable(refusal: &Refusal) -> Error {
    Error::argument(format!(
        "`{}` cannot be sent: {}.",
        refusal.path, refusal.what
    ))
}

/// The parts of a form: files and byte ranges of files if R marked them as such, otherwise text.
pub fn fields_of(form: &Robj) -> Read<Vec<Field>> {
    let mut fields = Vec::new();
    for (name, value) in entries(form)? {
        if value.inherits("file_bytes") {
            fields.push(bytes_of_file(name, &value)?);
        } else if value.inherits("file_part") {
            fields.extend(files(&name, &value)?);
        } else {
            let texts = texts(&name, &value)?.into_iter();
            fields.extend(texts.map(|(name, value)| Field::Text { name, value }));
        }
    }
    Ok(fields)
}

/// The files of a field, as an array if there are several.
fn files(name: &str, value: &Robj) -> Read<Vec<Field>> {
    let paths = value.as_list().unwrap_or_default();
    let name = match paths.len() {
        1 => name.to_owned(),
        _ => format!("{name}[]"),
    };
    let paths = paths.values();
    paths.map(|path| file(name.clone(), &path, None)).collect()
}

/// A file, or a range of its bytes, with its name in UTF-8.
fn file(name: String, value: &Robj, part: Option<Range<u64>>) -> Read<Field> {
    let shown = one_text(value).ok_or_else(|| not_text(&name))?;
    let file_name = Path::new(&shown).file_name().unwrap_or_default();
    Ok(Field::File {
        path: path(value).ok_or_else(|| not_text(&name))?,
        file_name: file_name.to_string_lossy().into_owned(),
        part,
        name,
    })
}

/// A range of bytes of a file: `list(path = , from = , to = )`, without the byte at `to`.
fn bytes_of_file(name: String, value: &Robj) -> Read<Field> {
    let list = value.as_list().unwrap_or_default();
    let part = number(&list, "from", 0.0)? as u64..number(&list, "to", 0.0)? as u64;
    file(name, &element(&list, "path"), Some(part))
}

fn entries(values: &Robj) -> Read<Vec<(String, Robj)>> {
    if values.is_null() {
        return Ok(Vec::new());
    }
    let list = values
        .as_list()
        .ok_or_else(|| Error::argument("The fields of a query or a form must be a list."))?;
    let names = names(values).unwrap_or_default();
    if names.len() != list.len() || names.iter().any(String::is_empty) {
        return Err(Error::argument(
            "Every field of a query or a form must have a name.",
        ));
    }
    let entries = names.into_iter().zip(list.values());
    let entries = entries.filter(|(_, value)| !value.is_null()).collect();
    Ok(entries)
}

/// A value as the texts of a query or form.
fn texts(name: &str, value: &Robj) -> Read<Vec<(String, String)>> {
    // SAFETY: the `Robj` protects `value` during the call.
    let json = json_from_r::field(name, unsafe { value.get() });
    let json = json.map_err(|refusal| unsendable(&refusal))?;
    form_texts(name, &json).ok_or_else(|| {
        Error::argument(format!(
            "`{name}` contains NA or NULL, which a form or query cannot represent: omit it."
        ))
    })
}

fn not_text(name: &str) -> Error {
    Error::argument(format!("`{name}` must be one string."))
}

/// Checks a base URL when a client is created, so that errors are reported early.
#[extendr]
fn base_url_check(url: Robj) -> Robj {
    let checked = one_text(&url)
        .ok_or_else(|| not_text("base_url"))
        .and_then(|url| base_of_client(&url));
    outcome(|| checked.map(|url| url.as_str().into()).map_err(Into::into))
}

/// Redacts API keys, and passwords in URLs.
#[extendr]
fn text_redact(text: &str) -> Robj {
    redact_text(text).into()
}

extendr_module! {
    mod request;
    fn text_redact;
    fn base_url_check;
}
