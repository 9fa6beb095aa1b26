//! Streams a file, or a part of it, as a request body.

use std::fs::File;
use std::io::{self, Read, Take};
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame};
use tokio::sync::mpsc::{channel, Receiver, Sender};
use tokio::task::{spawn, spawn_blocking};

/// The size of a chunk in bytes.
const READ_AT_ONCE: usize = 256 << 10;
/// The number of chunks that are read ahead.
const READ_AHEAD: usize = 2;

/// A file that is read while it is sent, with only a few chunks in memory.
pub(crate) struct FileBody(Receiver<io::Result<Bytes>>);

impl FileBody {
    pub fn new(file: Take<File>) -> Self {
        let (sender, receiver) = channel(READ_AHEAD);
        spawn(read(file, sender));
        FileBody(receiver)
    }
}

/// Reads until the end of the file, an error, or until the receiver is dropped. No blocking thread
/// is held while waiting for the network, because their number is limited.
async fn read(mut file: Take<File>, sender: Sender<io::Result<Bytes>>) {
    loop {
        let read = spawn_blocking(move || read_piece(file)).await;
        match read.unwrap_or_else(|error| Err(error.into())) {
            Ok((_, piece)) if piece.is_empty() => return,
            Ok((rest, piece)) => {
                file = rest;
                if sender.send(Ok(piece)).await.is_err() {
                    return;
                }
            }
            Err(error) => {
                // Fails only if the receiver was dropped.
                let _ = sender.send(Err(error)).await;
                return;
            }
        }
    }
}

/// Reads the next chunk, empty at the end, and returns the file for further reads.
fn read_piece(mut file: Take<File>) -> io::Result<(Take<File>, Bytes)> {
    let mut piece = Vec::with_capacity(READ_AT_ONCE);
    file.by_ref()
        .take(READ_AT_ONCE as u64)
        .read_to_end(&mut piece)?;
    Ok((file, piece.into()))
}

impl Body for FileBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let piece = self.0.poll_recv(context);
        piece.map(|piece| piece.map(|piece| piece.map(Frame::data)))
    }
}
