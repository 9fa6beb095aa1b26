//! A connection, whose requests are answered one by one.

use tokio::net::TcpStream;

use crate::answer::{self, After, Answer};
use crate::api_error::ApiError;
use crate::journal::{unix_seconds, SeenRequest};
use crate::malformed::Malformed;
use crate::reply::Reply;
use crate::request::{Head, Request};
use crate::request_body::BodyError;
use crate::scripted::Scripted;
use crate::socket::{ClientClosed, Socket};
use crate::{lock, routes, Shared};

/// Serves a connection until one side closes it.
pub(crate) async fn serve(stream: TcpStream, connection: u64, shared: &Shared) {
    let mut socket = Socket::new(stream);
    loop {
        let after = match Request::read(&mut socket).await {
            Ok(request) => exchange(&mut socket, request, connection, shared).await,
            Err(BodyError::Malformed(malformed)) => refuse(&mut socket, malformed).await,
            Err(BodyError::Closed) => return,
        };
        match after {
            Ok(After::KeepOpen) => {}
            Ok(After::Close) => return socket.close().await,
            Ok(After::Reset) => return socket.reset(),
            Err(ClientClosed) => return,
        }
    }
}

/// Records a request, and sends the scripted response or the server's own.
async fn exchange(
    socket: &mut Socket,
    request: Request,
    connection: u64,
    shared: &Shared,
) -> Result<After, ClientClosed> {
    let received_at = unix_seconds();
    let scripted = scripted(&request.head, shared);
    let is_exact = matches!(scripted, Some(Scripted::Exact(_)));
    let mut answer = match scripted {
        Some(Scripted::Exact(reply)) => Answer {
            reply,
            cancelled: None,
        },
        Some(Scripted::Chat(message)) => routes::answer(&request, Some(message), shared),
        None => routes::answer(&request, None, shared),
    };
    let to = answer::Recipient {
        close: request.head.asks_for_close(),
        head_only: request.head.method == "HEAD",
    };

    let number = shared.journal.received(SeenRequest {
        method: request.head.method,
        target: request.head.target,
        headers: request.head.headers,
        body: request.body.kept,
        body_length: request.body.length,
        connection,
        received_at,
        written_at: Vec::new(),
        closed_at: None,
    });
    if !is_exact {
        identify(&mut answer.reply, number);
        if answer.reply.is_event_stream() {
            if let Some(count) = lock(&shared.breaks).pop_front() {
                answer.reply.break_after(count);
            }
        }
    }
    let answered = answer::send(socket, answer, to, || shared.journal.writing(number)).await;
    if answered.is_err() {
        shared.journal.closed(number);
    }
    answered
}

/// The queued response for a request, if there is one.
fn scripted(head: &Head, shared: &Shared) -> Option<Scripted> {
    let rules = shared.options.dialect.rules();
    let address = (rules.address)(rules, head).ok();
    let path = address.as_ref().map(|address| address.path.as_str());
    let path = path.unwrap_or_else(|| head.path());
    lock(&shared.replies).take(&head.method, path, shared.options.assistants)
}

/// Adds the headers of all OpenAI responses
/// (<https://platform.openai.com/docs/api-reference/debugging-requests>). The processing time is
/// fixed, so that the same requests always get the same responses.
fn identify(reply: &mut Reply, number: usize) {
    reply
        .headers
        .push(("x-request-id".to_owned(), format!("req_{number:032}")));
    reply
        .headers
        .push(("openai-processing-ms".to_owned(), "1".to_owned()));
}

/// Responds to malformed HTTP. The connection is closed, because what follows cannot be parsed
/// either.
async fn refuse(socket: &mut Socket, malformed: Malformed) -> Result<After, ClientClosed> {
    let (status, message) = match malformed {
        Malformed::Syntax => (
            400,
            "The server could not read the request: it is not valid HTTP/1.1.",
        ),
        Malformed::TooLarge => (431, "The request's header fields are too large."),
    };
    let answer = Answer {
        reply: ApiError::new(status, message).into(),
        cancelled: None,
    };
    let to = answer::Recipient {
        close: true,
        head_only: false,
    };
    answer::send(socket, answer, to, || {}).await
}
