//! Stores the answers of a job in a file, so that an interrupted run can be resumed.
//!
//! Each answer is a line, written as soon as it has arrived. Failures are written to a separate
//! file next to it, and appended to the answers at the end of the run. The next run removes them,
//! so that each prompt has at most one line. If the process is killed, at most the last line is
//! incomplete. It is removed when the file is opened again.
//!
//! A prompt that is requested again has two answers until the end of the run; the later one counts.

use std::collections::HashSet;
use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::line::{is_header, Head};
use super::order::copy_in_order;
use crate::error::{Error, ErrorKind};
use crate::parallel::file_run::Counts;

/// The answers of earlier runs and of this one.
#[derive(Debug)]
pub struct ResultsFile {
    path: PathBuf,
    header: String,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// `None` once the run has finished.
    file: Option<File>,
    /// Where the next line starts.
    end: u64,
    /// For each prompt the digest of the answered prompt; 0 if there is no answer.
    answered: Vec<u16>,
    /// The number of the last prompt in the file, and whether all lines so far are in order.
    last: u64,
    is_in_order: bool,
    /// The numbers of answered prompts to ask again, until they have a new answer.
    again: HashSet<u64>,
    /// Whether a prompt has two lines.
    has_two_of_one: bool,
    /// The lines of failures.
    failures: Option<BufWriter<File>>,
    counts: Counts,
}

impl ResultsFile {
    /// Reads the results in `file`, which must be open for reading and writing at `path`. No other
    /// process may write to it. `header` is the first line of this job, `again` the numbers of the
    /// prompts to ask again even though they have an answer.
    ///
    /// # Errors
    /// Fails if the file cannot be read or has other content; it is then unchanged.
    pub fn open(
        file: File,
        path: &Path,
        header: String,
        again: &[u64],
    ) -> Result<ResultsFile, Error> {
        let refused = |error: io::Error| Error::argument(format!("it cannot be read: {error}"));
        // Devices and pipes may never end.
        if !file.metadata().map_err(refused)?.is_file() {
            return Err(Error::argument("it is not a regular file"));
        }
        let mut state = read(&file, &header, refused)?;
        state.ask_again(again);
        let results = ResultsFile {
            path: path.to_owned(),
            state: Mutex::new(state),
            header,
        };
        results.begin(file).map_err(refused)?;
        Ok(results)
    }

    /// Removes lines that will be written again.
    fn begin(&self, mut file: File) -> io::Result<()> {
        for name in [FAILED, OFFSETS, SORTED] {
            // Usually there is none.
            let _ = fs::remove_file(self.auxiliary_path(name));
        }
        let state = &mut *self.lock();
        file.set_len(state.end)?;
        file.seek(SeekFrom::Start(state.end))?;
        if state.end == 0 {
            file.write_all(self.header.as_bytes())?;
            state.end = self.header.len() as u64;
        }
        state.file = Some(file);
        Ok(())
    }

    /// Whether the prompt with this number, from 1, has an answer and need not be requested again.
    ///
    /// # Errors
    /// Fails if the answer belongs to a different prompt.
    pub(super) fn has(&self, index: u64, digest: u16) -> Result<bool, Error> {
        let state = self.lock();
        match state.answered.get(index as usize - 1) {
            None | Some(0) => Ok(false),
            Some(known) if *known == digest => Ok(!state.again.contains(&index)),
            Some(_) => Err(Error::argument(format!(
                "Prompt {index} differs from the one whose answer is in \"{}\": use the same \
                 prompts as before, or another results file.",
                self.path.display()
            ))),
        }
    }

    /// Stores an answer (JSON on one line), or null for a missing prompt.
    pub(super) fn store(
        &self,
        index: u64,
        digest: u16,
        answer: &str,
        id: Option<&str>,
    ) -> Result<(), Error> {
        let head = Head {
            index,
            digest,
            is_answer: true,
        };
        let line = head.line(answer, id);
        let state = &mut *self.lock();
        let Some(file) = &mut state.file else {
            return Ok(());
        };
        if let Err(error) = file.write_all(line.as_bytes()) {
            // An incomplete line must not precede other lines.
            let _ = file.set_len(state.end);
            let _ = file.seek(SeekFrom::Start(state.end));
            return Err(failed(&error));
        }
        state.end += line.len() as u64;
        state.answered(head);
        Ok(())
    }

    /// Stores an error (JSON on one line). The answer of a prompt that was requested again stays.
    pub(super) fn store_failure(
        &self,
        index: u64,
        digest: u16,
        error: &str,
        id: Option<&str>,
    ) -> Result<(), Error> {
        let head = Head {
            index,
            digest,
            is_answer: false,
        };
        let state = &mut *self.lock();
        if state.file.is_none() {
            return Ok(());
        }
        if state.again.contains(&index) {
            state.counts.failed += 1;
            return Ok(());
        }
        let failures = match &mut state.failures {
            Some(failures) => failures,
            None => {
                let opened =
                    created(&self.auxiliary_path(FAILED)).map_err(|error| failed(&error))?;
                state.failures.insert(BufWriter::new(opened))
            }
        };
        let line = head.line(error, id);
        let written = failures.write_all(line.as_bytes());
        written.map_err(|error| failed(&error))?;
        state.counts.failed += 1;
        Ok(())
    }

    pub fn counts(&self) -> Counts {
        self.lock().counts
    }

    /// Whether a prompt has two lines, which sorting turns into one.
    pub(super) fn has_two_of_one(&self) -> bool {
        self.lock().has_two_of_one
    }

    /// Appends the failures to the answers and closes the file so that another run can open it.
    /// With `in_order`, the lines are sorted by prompt. Nothing is stored after that.
    pub(super) fn close(&self, in_order: bool) -> Result<(), Error> {
        let (mut file, failures, end, is_sorted) = {
            let state = &mut *self.lock();
            let Some(file) = state.file.take() else {
                return Ok(());
            };
            (file, state.failures.take(), state.end, state.is_in_order)
        };
        let failures = failures.map(BufWriter::into_inner).transpose();
        let failures = failures.map_err(|error| failed(error.error()))?;
        let closed = match in_order && !is_sorted {
            true => self.sort(file, end, failures),
            false => self.append(&mut file, failures, in_order),
        };
        closed.map_err(|error| failed(&error))
    }

    fn append(&self, file: &mut File, failures: Option<File>, in_order: bool) -> io::Result<()> {
        let Some(mut failures) = failures else {
            return Ok(());
        };
        self.copy_failures(&mut failures, file, in_order)?;
        fs::remove_file(self.auxiliary_path(FAILED))
    }

    fn copy_failures(
        &self,
        failures: &mut File,
        target: &mut impl Write,
        in_order: bool,
    ) -> io::Result<()> {
        if in_order {
            let end = failures.metadata()?.len();
            return copy_in_order(failures, 0..end, &self.auxiliary_path(OFFSETS), target);
        }
        failures.seek(SeekFrom::Start(0))?;
        io::copy(failures, target).map(|_| ())
    }

    /// Replaces the file, which ends at `end`, by a sorted copy.
    fn sort(&self, mut file: File, end: u64, failures: Option<File>) -> io::Result<()> {
        let sorted = self.auxiliary_path(SORTED);
        let mut target = BufWriter::new(created(&sorted)?);
        target.write_all(self.header.as_bytes())?;
        let first = self.header.len() as u64;
        copy_in_order(
            &mut file,
            first..end,
            &self.auxiliary_path(OFFSETS),
            &mut target,
        )?;
        let had_failures = failures.is_some();
        if let Some(mut failures) = failures {
            self.copy_failures(&mut failures, &mut target, true)?;
        }
        let target = target
            .into_inner()
            .map_err(io::IntoInnerError::into_error)?;
        target.sync_all()?;
        if cfg!(windows) {
            // Windows cannot replace an open file. On other systems the file stays locked until it
            // is replaced.
            drop((file, target));
            fs::rename(&sorted, &self.path)?;
        } else {
            fs::rename(&sorted, &self.path)?;
            drop(file);
        }
        if had_failures {
            fs::remove_file(self.auxiliary_path(FAILED))?;
        }
        Ok(())
    }

    /// The path of an auxiliary file next to this one.
    fn auxiliary_path(&self, ending: &str) -> PathBuf {
        let mut path = OsString::from(&self.path);
        path.push(ending);
        path.into()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Auxiliary files, which exist during a run or briefly at its end.
const FAILED: &str = ".failed";
const OFFSETS: &str = ".places";
const SORTED: &str = ".sorted";

impl State {
    fn answered(&mut self, head: Head) {
        let position = head.index as usize - 1;
        if position >= self.answered.len() {
            self.answered.resize(position + 1, 0);
        }
        let is_known = self.has(head.index);
        self.answered[position] = head.digest;
        self.is_in_order &= head.index > self.last;
        self.last = self.last.max(head.index);
        self.has_two_of_one |= is_known;
        if !is_known || self.again.remove(&head.index) {
            self.counts.answered += 1;
        }
    }

    /// Requests the prompts with these numbers again, if they have an answer.
    fn ask_again(&mut self, indexes: &[u64]) {
        for index in indexes {
            if self.has(*index) && self.again.insert(*index) {
                self.counts.answered -= 1;
            }
        }
    }

    /// Whether a line can be another one of the same prompt, or the first.
    fn may_have(&self, head: &Head) -> bool {
        let known = self.answered.get(head.index as usize - 1);
        known.is_none_or(|digest| *digest == 0 || *digest == head.digest)
    }

    fn has(&self, index: u64) -> bool {
        matches!(self.answered.get(index as usize - 1), Some(digest) if *digest != 0)
    }
}

fn created(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options
        .read(true)
        .write(true)
        .create(true)
        .truncate(true)
        .open(path)
}

/// Reads the state of a file, so that writing can resume at its `end`.
fn read(file: &File, header: &str, refused: impl Fn(io::Error) -> Error) -> Result<State, Error> {
    let mut state = State {
        is_in_order: true,
        ..State::default()
    };
    let mut reader = BufReader::new(file);
    let mut line = Vec::new();
    reader.read_until(b'\n', &mut line).map_err(&refused)?;
    if line != header.as_bytes() {
        return match line {
            _ if header.as_bytes().starts_with(&line) => Ok(state),
            _ if is_header(&line) => Err(Error::argument(
                "it contains the results of another job (with another model, other fields or \
                 another system message); the file was not changed",
            )),
            _ => Err(Error::argument(
                "it is not a results file; the file was not changed",
            )),
        };
    }
    state.end = line.len() as u64;
    let mut has_failures = false;
    loop {
        line.clear();
        reader.read_until(b'\n', &mut line).map_err(&refused)?;
        // Ignore an incomplete line.
        if !line.ends_with(b"\n") {
            return Ok(state);
        }
        match Head::of(&line) {
            Some(head) if head.is_answer && !has_failures && state.may_have(&head) => {
                state.answered(head);
                state.end += line.len() as u64;
            }
            Some(head) if !head.is_answer && !state.has(head.index) => has_failures = true,
            _ => {
                return Err(Error::argument(
                    "it contains lines that are not results; the file was not changed",
                ))
            }
        }
    }
}

fn failed(error: &io::Error) -> Error {
    let message = format!("The results cannot be written: {error}.");
    Error::new(ErrorKind::Journal, message)
}

#[cfg(test)]
mod tests;
