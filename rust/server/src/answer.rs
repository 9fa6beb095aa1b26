//! Writes responses: their chunks, the delays between them, and their ends.

use tokio::sync::watch;

use crate::reply::{Ending, Framing, Reply};
use crate::socket::{ClientClosed, Socket};

/// The end of a body in the chunked transfer coding (RFC 9112, section 7.1).
const LAST_CHUNK: &[u8] = b"0\r\n\r\n";

/// What the request says about its response.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Recipient {
    /// Whether to close the connection after the response.
    pub(crate) close: bool,
    /// Whether the response has no body, as for `HEAD` (RFC 9110, section 9.3.2).
    pub(crate) head_only: bool,
}

/// What happens to the connection after a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum After {
    KeepOpen,
    Close,
    Reset,
}

/// The bytes that replace the rest of a cancelled response; `None` until it is cancelled.
pub(crate) type LastBytes = Option<Vec<u8>>;

/// A response, and the channel that announces its cancellation.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) reply: Reply,
    pub(crate) cancelled: Option<watch::Receiver<LastBytes>>,
}

/// Writes a response. `writing` is called just before each chunk is written.
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

/// Waits until the response is cancelled; never returns if it cannot be.
async fn last_bytes(cancelled: &mut Option<watch::Receiver<LastBytes>>) -> Vec<u8> {
    if let Some(cancelled) = cancelled {
        if let Ok(last) = cancelled.wait_for(Option::is_some).await {
            return last.clone().unwrap_or_default();
        }
    }
    std::future::pending().await
}

/// Appends a chunk with this framing.
fn append_chunk(bytes: &mut Vec<u8>, chunk: &[u8], framing: Framing) {
    if framing == Framing::Chunked && !chunk.is_empty() {
        bytes.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
        bytes.extend_from_slice(chunk);
        bytes.extend_from_slice(b"\r\n");
    } else {
        // An empty chunk would end the body in the chunked transfer coding.
        bytes.extend_from_slice(chunk);
    }
}
