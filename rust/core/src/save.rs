//! Saves response bodies to files.

use std::io;
use std::path::{Path, PathBuf};

use reqwest::Response;
use tokio::fs;
use tokio::io::{AsyncWriteExt, BufWriter};

use crate::error::Error;
use crate::http::exchange::Exchange;

/// The write buffer size, because network chunks are small.
const WRITTEN_AT_ONCE: usize = 1 << 20;

/// Writes the body of a response to `path`. Until it is complete it has a temporary name in the
/// same folder; after a failure, no file remains.
pub(crate) async fn save(
    exchange: &Exchange<'_>,
    response: &mut Response,
    path: &Path,
) -> Result<(), Error> {
    let unfinished = Unfinished::next_to(path);
    let unwritable = |error: io::Error| {
        let path = path.display();
        Error::argument(format!("The file {path} cannot be written: {error}."))
    };
    let file = fs::File::create(&unfinished.0).await.map_err(unwritable)?;
    let mut file = BufWriter::with_capacity(WRITTEN_AT_ONCE, file);
    while let Some(piece) = exchange.next_piece(response).await? {
        file.write_all(&piece).await.map_err(unwritable)?;
    }
    file.flush().await.map_err(unwritable)?;
    drop(file);
    fs::rename(&unfinished.0, path).await.map_err(unwritable)
}

/// A file that is removed unless it has been renamed.
struct Unfinished(PathBuf);

impl Unfinished {
    fn next_to(path: &Path) -> Self {
        let mut name = path.as_os_str().to_owned();
        name.push(".part");
        Unfinished(name.into())
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        // Fails if the file has been renamed.
        let _ = std::fs::remove_file(&self.0);
    }
}
