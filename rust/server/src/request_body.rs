//! Request bodies: length, transfer coding, and how much is kept.

use crate::malformed::Malformed;
use crate::socket::{ClientClosed, Socket};

/// The maximum size of a request body that is kept; the rest is read and counted, but discarded. A
/// part of an upload is at most 64 MiB, plus the form around it.
pub const BODY_LIMIT: usize = 65 * 1024 * 1024;

/// The maximum length of a chunk-size line or a trailer.
const LINE_LIMIT: usize = 8 * 1024;
/// The maximum size of trailers in bytes.
const TRAILER_LIMIT: usize = 64 * 1024;

/// How the end of a body is determined (RFC 9112, section 6.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BodyFraming {
    Length(u64),
    Chunked,
}

/// A body, truncated at [`BODY_LIMIT`].
#[derive(Debug, Default)]
pub(crate) struct RequestBody {
    pub(crate) kept: Vec<u8>,
    pub(crate) length: u64,
}

/// Why a body could not be read.
#[derive(Debug)]
pub(crate) enum BodyError {
    Closed,
    Malformed(Malformed),
}

impl From<ClientClosed> for BodyError {
    fn from(_: ClientClosed) -> Self {
        BodyError::Closed
    }
}

impl From<Malformed> for BodyError {
    fn from(malformed: Malformed) -> Self {
        BodyError::Malformed(malformed)
    }
}

impl RequestBody {
    /// Reads a body to its end.
    pub(crate) async fn read(
        socket: &mut Socket,
        framing: BodyFraming,
    ) -> Result<RequestBody, BodyError> {
        let mut body = RequestBody::default();
        match framing {
            BodyFraming::Length(length) => body.read_bytes(socket, length).await?,
            BodyFraming::Chunked => body.read_chunks(socket).await?,
        }
        Ok(body)
    }

    async fn read_bytes(&mut self, socket: &mut Socket, length: u64) -> Result<(), ClientClosed> {
        let mut missing = length;
        while missing > 0 {
            if socket.unread().is_empty() {
                socket.fill().await?;
            }
            let available = socket.unread().len();
            let count =
                usize::try_from(missing).map_or(available, |missing| missing.min(available));
            self.push(&socket.unread()[..count]);
            socket.consume(count);
            missing -= count as u64;
        }
        Ok(())
    }

    /// Reads the chunked transfer coding (RFC 9112, section 7.1). Extensions and trailers are
    /// ignored.
    async fn read_chunks(&mut self, socket: &mut Socket) -> Result<(), BodyError> {
        loop {
            let line = read_line(socket).await?;
            match chunk_size(&line)? {
                0 => break,
                size => self.read_bytes(socket, size).await?,
            }
            if !read_line(socket).await?.is_empty() {
                return Err(Malformed::Syntax.into());
            }
        }
        let mut trailers = 0;
        loop {
            let line = read_line(socket).await?;
            trailers += line.len();
            if line.is_empty() {
                return Ok(());
            }
            if trailers > TRAILER_LIMIT {
                return Err(Malformed::TooLarge.into());
            }
        }
    }

    fn push(&mut self, bytes: &[u8]) {
        let room = BODY_LIMIT - self.kept.len();
        self.kept.extend_from_slice(&bytes[..bytes.len().min(room)]);
        self.length += bytes.len() as u64;
    }
}

/// Reads a line and removes its CRLF.
async fn read_line(socket: &mut Socket) -> Result<Vec<u8>, BodyError> {
    loop {
        if let Some(end) = socket.unread().windows(2).position(|pair| pair == b"\r\n") {
            let line = socket.unread()[..end].to_vec();
            socket.consume(end + 2);
            return Ok(line);
        }
        if socket.unread().len() > LINE_LIMIT {
            return Err(Malformed::TooLarge.into());
        }
        socket.fill().await?;
    }
}

/// Parses the hexadecimal size before any chunk extension.
fn chunk_size(line: &[u8]) -> Result<u64, Malformed> {
    let digits = line
        .split(|byte| *byte == b';')
        .next()
        .unwrap_or_default()
        .trim_ascii_end();
    let text = std::str::from_utf8(digits).map_err(|_| Malformed::Syntax)?;
    // `from_str_radix` also accepts a sign, which chunk sizes do not have.
    if !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(Malformed::Syntax);
    }
    u64::from_str_radix(text, 16).map_err(|_| Malformed::Syntax)
}
