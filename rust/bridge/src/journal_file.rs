//! The file of a journal, which one process writes at a time.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;

use openaistream_core::parallel::Journal;
use openaistream_core::Error;

/// Opens or makes the journal at `path`; `shown` names it in errors.
pub fn open_journal(path: &Path, shown: &str) -> Result<Journal, Error> {
    let refused = |why: &str| Error::argument(format!("The journal \"{shown}\": {why}."));
    let file = open_alone(path).map_err(|error| match is_taken(&error) {
        true => refused("another run uses it; let that one end, or name another file"),
        false => refused(&format!("it cannot be opened: {error}")),
    })?;
    Journal::open(file).map_err(|error| refused(&error.message))
}

fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    options
}

/// The lock goes with the file: it ends when the file is closed, be it by a kill.
#[cfg(unix)]
fn open_alone(path: &Path) -> io::Result<File> {
    use std::os::fd::AsRawFd;

    let file = options().open(path)?;
    // SAFETY: the descriptor is open as long as `file` lives.
    match unsafe { libc::flock(file.as_raw_fd(), libc::LOCK_EX | libc::LOCK_NB) } {
        0 => Ok(file),
        _ => Err(io::Error::last_os_error()),
    }
}

#[cfg(unix)]
fn is_taken(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::WouldBlock
}

/// Nobody else may write the file until it is closed.
#[cfg(windows)]
fn open_alone(path: &Path) -> io::Result<File> {
    use std::os::windows::fs::OpenOptionsExt;

    const FILE_SHARE_READ: u32 = 1;
    options().share_mode(FILE_SHARE_READ).open(path)
}

#[cfg(windows)]
fn is_taken(error: &io::Error) -> bool {
    const SHARING_VIOLATION: i32 = 32;
    error.raw_os_error() == Some(SHARING_VIOLATION)
}
