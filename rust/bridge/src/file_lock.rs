//! A file that one process uses at a time.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How long to wait before another look at a lock that somebody has.
const LOOK: Duration = Duration::from_millis(2);

/// Opens or makes the file at `path`, locked, unless somebody has it.
///
/// The lock goes with the file: it ends when the file is closed, be it by a kill.
#[cfg(unix)]
pub fn open_alone(path: &Path) -> io::Result<File> {
    use std::os::fd::AsRawFd;

    let file = options().open(path)?;
    // SAFETY: the descriptor is open as long as `file` lives.
    match unsafe { libc::flock(file.as_raw_fd(), libc::LOCK_EX | libc::LOCK_NB) } {
        0 => Ok(file),
        _ => Err(io::Error::last_os_error()),
    }
}

/// Nobody else may write the file until it is closed.
#[cfg(windows)]
pub fn open_alone(path: &Path) -> io::Result<File> {
    use std::os::windows::fs::OpenOptionsExt;

    const FILE_SHARE_READ: u32 = 1;
    options().share_mode(FILE_SHARE_READ).open(path)
}

/// The same, waiting for whoever has it, at most so long.
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

/// Whether opening failed because somebody has the file.
#[cfg(unix)]
pub fn is_taken(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::WouldBlock
}

#[cfg(windows)]
pub fn is_taken(error: &io::Error) -> bool {
    const SHARING_VIOLATION: i32 = 32;
    error.raw_os_error() == Some(SHARING_VIOLATION)
}
