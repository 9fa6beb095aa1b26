//! Bodies that go to a file as they come.

use std::io;
use std::path::{Path, PathBuf};

use reqwest::Response;
use tokio::fs;
use tokio::io::{AsyncWriteExt, BufWriter};

use crate::error::Error;
use crate::http::exchange::Exchange;

/// How much is written at once: pieces of the network are small.
const WRITTEN_AT_ONCE: usize = 1 << 20;

/// Writes the body of an answer to `path`, which appears when it is whole: until then it has
/// another name beside, and a failure leaves nothing.
pub(crate) async fn save(
    exchange: &Exchange<'_>,
    response: &mut Response,
    path: &Path,
) -> Result<(), Error> {
    let unfinished = Unfinished::beside(path);
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

/// A file that is removed unless it got its name.
struct Unfinished(PathBuf);

impl Unfinished {
    fn beside(path: &Path) -> Self {
        let mut name = path.as_os_str().to_owned();
        name.push(".part");
        Unfinished(name.into())
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        // One that was renamed is not there any more.
        let _ = std::fs::remove_file(&self.0);
    }
}
