//! The local practice server.

use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use extendr_api::prelude::*;
use openaistream_core::Error;
use openaistream_server::{
    ChatMessage, Dialect, Ending, Framing, Options, Reply, SeenRequest, Server, ToolCall,
};

use crate::outcome::{outcome, Failure};
use crate::owned::{external_pointer, on_native};
use crate::signals::without_signals;
use crate::values::{element, number, one_text, r_text, text, text_pairs};

/// The servers of this process, to be stopped when the package is unloaded.
static SERVERS: Mutex<Vec<Weak<Server>>> = Mutex::new(Vec::new());

type Outcome = std::result::Result<Robj, Failure>;

/// Starts a server: `list(port = , assistants = , token_delay = , background_delay = , resume_limit
/// = , run_limit = , batch_limit = , dialect = )`, with delays and limits in seconds; `assistants`
/// is 1 to provide the Assistants API, and `dialect` is the name of a [`Dialect`].
#[extendr]
fn server_start(options: List) -> Robj {
    outcome(|| start(&options))
}

fn start(options: &List) -> Outcome {
    let limit = |name| number(options, name, 0.0).map(seconds);
    let dialect = text(options, "dialect")?;
    let dialect = Dialect::named(&dialect).ok_or_else(|| {
        let names: Vec<&str> = Dialect::names().collect();
        let names = names.join("\", \"");
        Error::argument(format!(
            "`dialect` must be one of \"{names}\", not \"{dialect}\"."
        ))
    })?;
    let options = Options {
        dialect,
        port: number(options, "port", 0.0)? as u16,
        token_delay: limit("token_delay")?,
        background_delay: limit("background_delay")?,
        resume_limit: limit("resume_limit")?,
        assistants: number(options, "assistants", 0.0)? != 0.0,
        run_limit: limit("run_limit")?,
        batch_limit: limit("batch_limit")?,
    };
    let server = without_signals(|| Server::start(options))
        .map_err(|error| Error::argument(format!("The local server could not start: {error}.")))?;
    let server = Arc::new(server);
    let mut servers = SERVERS.lock().unwrap_or_else(PoisonError::into_inner);
    servers.retain(|server| server.strong_count() > 0);
    servers.push(Arc::downgrade(&server));
    drop(servers);
    external_pointer(server)
}

/// Stops all servers of this process.
pub fn stop_servers() {
    let servers = std::mem::take(&mut *SERVERS.lock().unwrap_or_else(PoisonError::into_inner));
    servers
        .iter()
        .filter_map(Weak::upgrade)
        .for_each(|server| server.stop());
}

/// The base URL for clients.
#[extendr]
fn server_url(server: Robj) -> Robj {
    outcome(|| on_server(&server, |server| Ok(server.url().into())))
}

/// Queues a response (see `R/local_server.R`).
#[extendr]
fn server_reply(server: Robj, reply: List) -> Robj {
    outcome(|| {
        on_server(&server, |server| {
            let read = read_reply(&reply)?;
            match one_text(&element(&reply, "path")) {
                Some(path) => server.reply_to(&path, read),
                None => server.reply(read),
            }
            Ok(().into())
        })
    })
}

/// Queues a message of the model: `list(content = , names = , arguments = )`, with the names of
/// tool calls and their arguments as JSON texts.
#[extendr]
fn server_reply_chat(server: Robj, message: List) -> Robj {
    outcome(|| {
        on_server(&server, |server| {
            let texts = |name| {
                element(&message, name)
                    .as_string_vector()
                    .unwrap_or_default()
            };
            let calls = texts("names").into_iter().zip(texts("arguments"));
            server.reply_chat(ChatMessage {
                content: one_text(&element(&message, "content")),
                tool_calls: calls
                    .map(|(name, arguments)| ToolCall { name, arguments })
                    .collect(),
            });
            Ok(().into())
        })
    })
}

/// Interrupts the next stream after this number of events.
#[extendr]
fn server_break_stream(server: Robj, after: Robj) -> Robj {
    outcome(|| {
        on_server(&server, |server| {
            server.break_stream(after.as_real().unwrap_or_default() as usize);
            Ok(().into())
        })
    })
}

/// The recorded requests, in order.
#[extendr]
fn server_requests(server: Robj) -> Robj {
    outcome(|| {
        on_server(&server, |server| {
            Ok(List::from_values(server.requests().iter().map(seen)).into())
        })
    })
}

/// The number of accepted connections.
#[extendr]
fn server_connections(server: Robj) -> Robj {
    outcome(|| on_server(&server, |server| Ok((server.connections() as f64).into())))
}

/// Stops the server; does nothing if it has already stopped.
#[extendr]
fn server_stop(server: Robj) -> Robj {
    outcome(|| {
        on_server(&server, |server| {
            server.stop();
            Ok(().into())
        })
    })
}

fn on_server(server: &Robj, action: impl FnOnce(&Server) -> Outcome) -> Outcome {
    on_native(server, "local server", |server: &Arc<Server>| {
        action(server)
    })
}

fn read_reply(list: &List) -> std::result::Result<Reply, Error> {
    Ok(Reply {
        status: number(list, "status", 200.0)? as u16,
        headers: text_pairs(list, "headers")?,
        chunks: chunks(&element(list, "chunks")),
        delay: seconds(number(list, "delay", 0.0)?),
        pauses: reals(&element(list, "pause")).map(seconds).collect(),
        framing: match text(list, "framing")?.as_str() {
            "chunked" => Framing::Chunked,
            "close" => Framing::Close,
            "raw" => Framing::Raw,
            _ => Framing::Length,
        },
        ending: match text(list, "ending")?.as_str() {
            "close" => Ending::Close,
            "reset" => Ending::Reset,
            "stall" => Ending::Stall,
            _ => Ending::KeepAlive,
        },
    })
}

fn chunks(value: &Robj) -> Vec<Vec<u8>> {
    let chunks = value
        .as_list()
        .into_iter()
        .flat_map(|list| list.values().collect::<Vec<_>>());
    chunks
        .map(|chunk| chunk.as_raw_slice().unwrap_or_default().to_vec())
        .collect()
}

fn reals(value: &Robj) -> impl Iterator<Item = f64> {
    value.as_real_vector().unwrap_or_default().into_iter()
}

fn seconds(count: f64) -> Duration {
    Duration::try_from_secs_f64(count).unwrap_or_default()
}

fn seen(request: &SeenRequest) -> Robj {
    let names = request.headers.iter().map(|(name, _)| r_text(name));
    let mut headers = Robj::from(
        request
            .headers
            .iter()
            .map(|(_, value)| r_text(value))
            .collect::<Vec<String>>(),
    );
    // Fails only for a wrong number of names.
    let _ = headers.set_names(names);
    list!(
        method = r_text(&request.method),
        target = r_text(&request.target),
        headers = headers,
        body = Raw::from_bytes(&request.body),
        connection = request.connection as f64,
        received_at = request.received_at,
        written_at = request.written_at.clone(),
        closed_at = request.closed_at.map_or_else(|| ().into(), Robj::from)
    )
    .into()
}

extendr_module! {
    mod server;
    fn server_start;
    fn server_url;
    fn server_reply;
    fn server_reply_chat;
    fn server_break_stream;
    fn server_requests;
    fn server_connections;
    fn server_stop;
}
