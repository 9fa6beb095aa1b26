//! A connection's socket, which notices that the client left also while the server writes or waits.

use std::io;
use std::net::Shutdown;
use std::time::Duration;

use socket2::SockRef;
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

/// The least room for one read.
const READ_SIZE: usize = 16 * 1024;
/// The most bytes kept of what a client sends before its last request is answered. Beyond it
/// nothing is read, and that the client left is only noticed when a write fails.
const AHEAD_LIMIT: usize = 256 * 1024;
/// How long a closed connection is still read, see [`Socket::close`].
const LINGER: Duration = Duration::from_millis(500);

/// The client closed its side or the connection broke.
#[derive(Debug)]
pub(crate) struct ClientClosed;

/// A socket and what was read from it but not yet used.
#[derive(Debug)]
pub(crate) struct Socket {
    stream: TcpStream,
    unread: Vec<u8>,
    is_reset: bool,
}

impl Socket {
    pub(crate) fn new(stream: TcpStream) -> Socket {
        // Without it small chunks wait for each other; should it fail, they are only late.
        let _ = stream.set_nodelay(true);
        Socket {
            stream,
            unread: Vec::new(),
            is_reset: false,
        }
    }

    /// What was read and not yet consumed.
    pub(crate) fn unread(&self) -> &[u8] {
        &self.unread
    }

    /// Takes the first bytes of what was read; `count` is at most as many as there are.
    pub(crate) fn consume(&mut self, count: usize) {
        self.unread.drain(..count);
    }

    /// Waits until the client sent more.
    pub(crate) async fn fill(&mut self) -> Result<(), ClientClosed> {
        fill(&self.stream, &mut self.unread).await
    }

    /// Returns once the client closed its side. What it sends until then is kept for later.
    pub(crate) async fn wait_for_close(&mut self) -> ClientClosed {
        wait_for_close(&self.stream, &mut self.unread).await
    }

    /// Waits; without a duration it only lets the other connections run and looks whether the
    /// client left.
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

    /// Writes all bytes, by a single write where the socket takes them at once.
    pub(crate) async fn write(&mut self, bytes: &[u8]) -> Result<(), ClientClosed> {
        tokio::select! {
            biased;
            written = write_all(&self.stream, bytes) => written,
            closed = wait_for_close(&self.stream, &mut self.unread) => Err(closed),
        }
    }

    /// Closes in order: the client reads everything that was written, then the end.
    ///
    /// To close a socket with unread bytes resets the connection, which can take the answer away
    /// from the client. So the server reads on for a moment, as RFC 9112, section 9.6 advises.
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

    /// Resets the connection (RST) instead of closing it in order.
    pub(crate) fn reset(mut self) {
        // Should it fail, the client sees an orderly end at the wrong place, which is a fault as
        // well.
        let _ = self.stream.set_zero_linger();
        self.is_reset = true;
    }
}

/// Ends the connection even where a forked process holds the socket too.
impl Drop for Socket {
    fn drop(&mut self) {
        if !self.is_reset {
            let _ = SockRef::from(&self.stream).shutdown(Shutdown::Both);
        }
    }
}

// These are functions of the two parts of a socket, not of the whole, so that a write can go on
// while the other side is watched.

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
