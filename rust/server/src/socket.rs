//! A socket that detects a disconnected client even while the server writes or waits.

use std::io;
use std::net::Shutdown;
use std::time::Duration;

use socket2::SockRef;
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

/// The minimum buffer for a read.
const READ_SIZE: usize = 16 * 1024;
/// The maximum number of buffered bytes from a client before its last request is answered. Beyond
/// this, nothing is read, and a disconnect is only detected when a write fails.
const AHEAD_LIMIT: usize = 256 * 1024;
/// How long a closed connection is still read, see [`Socket::close`].
const LINGER: Duration = Duration::from_millis(500);

/// The client closed the connection, or it failed.
#[derive(Debug)]
pub(crate) struct ClientClosed;

/// A socket, and the bytes read from it but not consumed yet.
#[derive(Debug)]
pub(crate) struct Socket {
    stream: TcpStream,
    unread: Vec<u8>,
    is_reset: bool,
}

impl Socket {
    pub(crate) fn new(stream: TcpStream) -> Socket {
        // Otherwise small chunks are delayed; a failure has no other effect.
        let _ = stream.set_nodelay(true);
        Socket {
            stream,
            unread: Vec::new(),
            is_reset: false,
        }
    }

    /// The bytes that were read and not consumed.
    pub(crate) fn unread(&self) -> &[u8] {
        &self.unread
    }

    /// Consumes the first `count` bytes, which must have been read.
    pub(crate) fn consume(&mut self, count: usize) {
        self.unread.drain(..count);
    }

    /// Waits for more bytes from the client.
    pub(crate) async fn fill(&mut self) -> Result<(), ClientClosed> {
        fill(&self.stream, &mut self.unread).await
    }

    /// Waits until the client closes the connection. Bytes received until then are kept.
    pub(crate) async fn wait_for_close(&mut self) -> ClientClosed {
        wait_for_close(&self.stream, &mut self.unread).await
    }

    /// Waits for this duration. With zero, it only yields and checks whether the client has
    /// disconnected.
    pub(crate) async fn pause(&mut self, duration: Duration) -> Result<(), ClientClosed> {
        let over = async {
            if duration.is_zero() {
                tokio::task::yield_now().await;
            } else {
                sleep(duration).await;
            }
        };
        tokio::select! {
            biased;
            closed = self.wait_for_close() => Err(closed),
            () = over => Ok(()),
        }
    }

    /// Writes all bytes, in a single write if the socket accepts it.
    pub(crate) async fn write(&mut self, bytes: &[u8]) -> Result<(), ClientClosed> {
        tokio::select! {
            biased;
            written = write_all(&self.stream, bytes) => written,
            closed = wait_for_close(&self.stream, &mut self.unread) => Err(closed),
        }
    }

    /// Closes the connection normally, so that the client can read everything before the end.
    ///
    /// Closing a socket with unread bytes resets the connection, which can discard the response.
    /// The server therefore reads on for a moment, as RFC 9112, section 9.6 advises.
    pub(crate) async fn close(mut self) {
        if tokio::io::AsyncWriteExt::shutdown(&mut self.stream)
            .await
            .is_ok()
        {
            let rest = async {
                while self.fill().await.is_ok() {
                    self.unread.clear();
                }
            };
            let _ = timeout(LINGER, rest).await;
        }
    }

    /// Resets the connection (RST) instead of closing it normally.
    pub(crate) fn reset(mut self) {
        // If this fails, the client sees a normal end at the wrong place, which is a failure too.
        let _ = self.stream.set_zero_linger();
        self.is_reset = true;
    }
}

/// Shuts the connection down even if a forked process holds the socket too.
impl Drop for Socket {
    fn drop(&mut self) {
        if !self.is_reset {
            let _ = SockRef::from(&self.stream).shutdown(Shutdown::Both);
        }
    }
}

// These functions take the two halves of the socket, so that reading can be watched while a write
// is in progress.

async fn fill(stream: &TcpStream, unread: &mut Vec<u8>) -> Result<(), ClientClosed> {
    loop {
        stream.readable().await.map_err(|_| ClientClosed)?;
        unread.reserve(READ_SIZE);
        match stream.try_read_buf(unread) {
            Ok(0) => return Err(ClientClosed),
            Ok(_) => return Ok(()),
            Err(error) if is_temporary(&error) => {}
            Err(_) => return Err(ClientClosed),
        }
    }
}

async fn wait_for_close(stream: &TcpStream, unread: &mut Vec<u8>) -> ClientClosed {
    while unread.len() < AHEAD_LIMIT {
        if let Err(closed) = fill(stream, unread).await {
            return closed;
        }
    }
    std::future::pending().await
}

async fn write_all(stream: &TcpStream, mut bytes: &[u8]) -> Result<(), ClientClosed> {
    while !bytes.is_empty() {
        match stream.try_write(bytes) {
            Ok(count) => bytes = &bytes[count..],
            Err(error) if is_temporary(&error) => {
                stream.writable().await.map_err(|_| ClientClosed)?;
            }
            Err(_) => return Err(ClientClosed),
        }
    }
    Ok(())
}

/// Whether the same call may succeed later.
fn is_temporary(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted
    )
}
