//! How an answer is written: its pieces, the pauses between them and its end.

use tokio::sync::watch;

use crate::reply::{Ending, Framing, Reply};
use crate::socket::{ClientClosed, Socket};

/// The end of a body in the chunked coding (RFC 9112, section 7.1).
const LAST_CHUNK: &[u8] = b"0\r\n\r\n";

/// What the request says about the answer to it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Recipient {
    /// The connection is to be closed after the answer.
    pub(crate) close: bool,
    /// The answer has no body, as that to `HEAD` (RFC 9110, section 9.3.2).
    pub(crate) head_only: bool,
}

/// What becomes of the connection after an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum After {
    KeepOpen,
    Close,
    Reset,
}

/// What is written in place of the rest of an answer that is cancelled; None before it is.
pub(crate) type LastBytes = Option<Vec<u8>>;

/// An answer, and what tells that it is cancelled.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) reply: Reply,
    pub(crate) cancelled: Option<watch::Receiver<LastBytes>>,
}

/// Writes an answer. `writing` is called just before each chunk is written.
pub(crate) async fn send(
    socket: &mut Socket,
    answer: Answer,
    to: Recipient,
    mut writing: impl FnMut(),
) -> Result<After, ClientClosed> {
    let Answer {
        reply,
        mut cancelled,
    } = answer;
    socket.pause(reply.delay).await?;
    let no_body = to.head_only && reply.framing != Framing::Raw;
    let chunks = if no_body { &[][..] } else { &reply.chunks[..] };

    let mut bytes = reply.head(to.close);
    let in_one_write =
        reply.framing == Framing::Length && chunks.len() == 1 && reply.pause_before(0).is_zero();
    if !in_one_write {
        socket.write(&bytes).await?;
        bytes.clear();
    }
    let mut instead = Vec::new();
    for (position, chunk) in chunks.iter().enumerate() {
        tokio::select! {
            biased;
            last = last_bytes(&mut cancelled) => {
                instead = last;
                break;
            }
            paused = socket.pause(reply.pause_before(position)) => paused?,
        }
        append_chunk(&mut bytes, chunk, reply.framing);
        if !bytes.is_empty() {
            writing();
            socket.write(&bytes).await?;
            bytes.clear();
        }
    }
    append_chunk(&mut bytes, &instead, reply.framing);
    if !bytes.is_empty() {
        writing();
        socket.write(&bytes).await?;
    }
    if reply.framing == Framing::Chunked && reply.ending == Ending::KeepAlive && !no_body {
        socket.write(LAST_CHUNK).await?;
    }

    match reply.ending {
        Ending::KeepAlive if to.close || reply.framing == Framing::Close => Ok(After::Close),
        Ending::KeepAlive => Ok(After::KeepOpen),
        Ending::Close => Ok(After::Close),
        Ending::Reset => Ok(After::Reset),
        Ending::Stall => Err(socket.wait_for_close().await),
    }
}

/// Returns once the answer is cancelled; never where it cannot be any more.
async fn last_bytes(cancelled: &mut Option<watch::Receiver<LastBytes>>) -> Vec<u8> {
    if let Some(cancelled) = cancelled {
        if let Ok(last) = cancelled.wait_for(Option::is_some).await {
            return last.clone().unwrap_or_default();
        }
    }
    std::future::pending().await
}

/// Adds a chunk as the framing wants it on the wire.
fn append_chunk(bytes: &mut Vec<u8>, chunk: &[u8], framing: Framing) {
    if framing == Framing::Chunked && !chunk.is_empty() {
        bytes.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
        bytes.extend_from_slice(chunk);
        bytes.extend_from_slice(b"\r\n");
    } else {
        // An empty chunk in the chunked coding would be the last one.
        bytes.extend_from_slice(chunk);
    }
}
