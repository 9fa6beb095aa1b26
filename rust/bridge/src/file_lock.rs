//! Files that only one process may open at a time.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How long to wait before trying a lock again.
const LOOK: Duration = Duration::from_millis(2);

/// Opens or creates the file at `path` with a lock; fails if another process holds it.
///
/// The lock is released when the file is closed, even if the process is killed.
#[cfg(unix)]
pub fn open_alone(path: &Path) -> io::Result<File> {
    use std::os::fd::AsRawFd;

    let file = options().open(path)?;
    // SAFETY: the descriptor is open while `file` exists.
    match unsafe { libc::flock(file.as_raw_fd(), libc::LOCK_EX | libc::LOCK_NB) } {
        0 => Ok(file),
        _ => Err(io::Error::last_os_error()),
    }
}

/// Opens or creates the file at `path`; other processes cannot write to it until it is closed.
#[cfg(windows)]
pub fn open_alone(path: &Path) -> io::Result<File> {
    use std::os::windows::fs::OpenOptionsExt;

    const FILE_SHARE_READ: u32 = 1;
    options().share_mode(FILE_SHARE_READ).open(path)
}

/// Like [`open_alone`], but waits for the lock for up to `longest`.
pub fn wait_to_open_alone(path: &Path, longest: Duration) -> io::Result<File> {
    let end = Instant::now() + longest;
    loop {
        match open_alone(path) {
            Err(error) if is_taken(&error) && Instant::now() < end => sleep(LOOK),
            opened => return opened,
        }
    }
}

fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    options
}

/// Whether the error means that another process holds the lock.
#[cfg(unix)]
pub fn is_taken(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::WouldBlock
}

#[cfg(windows)]
pub fn is_taken(error: &io::Error) -> bool {
    const SHARING_VIOLATION: i32 = 32;
    error.raw_os_error() == Some(SHARING_VIOLATION)
}
