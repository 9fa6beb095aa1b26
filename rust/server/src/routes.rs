//! Dispatches requests.

use crate::answer::Answer;
use crate::api_error::ApiError;
use crate::call::{Call, Changes};
use crate::dialect::Address;
use crate::operations::Operation;
use crate::reply::{Framing, Reply};
use crate::request::Request;
use crate::router::{self, Route};
use crate::scripted::ChatMessage;
use crate::{api, lock, skeleton, Shared};

/// The server's own response; `message`, if any, replaces the answer of the model.
pub(crate) fn answer(request: &Request, message: Option<ChatMessage>, shared: &Shared) -> Answer {
    let rules = shared.options.dialect.rules();
    let answer = dispatch(request, message, shared);
    let mut answer = answer.unwrap_or_else(|error| Answer {
        reply: (rules.error)(error),
        cancelled: None,
    });
    answer.reply = for_version(answer.reply, request.head.version_1_0);
    answer
}

fn dispatch(
    request: &Request,
    message: Option<ChatMessage>,
    shared: &Shared,
) -> Result<Answer, ApiError> {
    let rules = shared.options.dialect.rules();
    rules.authorize(&request.head)?;
    let Address { path: route, model } = (rules.address)(rules, &request.head)?;
    let path = request.head.path();
    let method = request.head.method.as_str();
    let unknown = || (rules.no_path)(method, path);
    match router::find(method, &route) {
        Route::Operation(operation, _)
            if is_of_assistants(operation) && !shared.options.assistants =>
        {
            Err(unknown())
        }
        Route::Operation(operation, _) if !rules.has(operation) => Err(unknown()),
        Route::Operation(operation, arguments) => {
            if is_of_assistants(operation) {
                api::require_version(&request.head)?;
            }
            let mut store = lock(&shared.store);
            let mut call = Call::parse(
                operation,
                arguments,
                &Changes {
                    model: model.as_deref(),
                    ignored: rules.ignored,
                },
                request,
                &shared.options,
                &mut store,
            )?;
            rules.take(operation, &call)?;
            call.message = message;
            let reply = match api::handler(operation.name) {
                Some(handler) => handler(&mut call)?,
                None => skeleton::answer(operation, &call),
            };
            Ok(Answer {
                reply: rules.convert(operation, reply),
                cancelled: call.cancelled,
            })
        }
        Route::WrongMethod(allowed) => Err(wrong_method(method, path, &allowed.join(", "))),
        Route::Unknown if matches!(method, "GET" | "POST" | "PUT" | "PATCH" | "DELETE") => {
            Err(unknown())
        }
        Route::Unknown => Err(wrong_method(method, path, "GET, POST")),
    }
}

/// Whether an operation belongs to the Assistants API, which OpenAI shut down on 2026-08-26
/// (<https://platform.openai.com/docs/deprecations>).
fn is_of_assistants(operation: &Operation) -> bool {
    let below = |root: &str| {
        operation
            .path
            .strip_prefix(root)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    !operation.shut.is_empty() && (below("/assistants") || below("/threads"))
}

fn wrong_method(method: &str, path: &str, allowed: &str) -> ApiError {
    // The response lists the allowed methods (RFC 9110, section 15.5.6).
    ApiError::new(405, format!("Invalid method for URL ({method} {path})"))
        .code("method_not_supported")
        .header("allow", allowed)
}

/// Removes the transfer coding for an HTTP/1.0 client (RFC 9112, section 6.1).
fn for_version(mut reply: Reply, version_1_0: bool) -> Reply {
    if version_1_0 && reply.framing == Framing::Chunked {
        reply.framing = Framing::Close;
    }
    reply
}
