//! Stores answers in a file, so that an interrupted run can be resumed.
//!
//! Each answer is a line of JSON, written as soon as it has arrived. If the process is killed, at
//! most the last line is incomplete. It is removed when the journal is opened again.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::keys::{Digest, Key};
use crate::error::{Error, ErrorKind};

/// The prefix of an answer's line; the digest of the request follows.
const REQUEST: &str = "{\"request\":\"";
const OCCURRENCE: &str = "\",\"occurrence\":";
const ANSWER: &str = ",\"answer\":";
const END: &str = "}\n";
/// The prefix of the first line of a batch journal. The journal of a run contains only answers.
pub(crate) const BATCH_HEAD: &str = "{\"engine\":\"batch\",";

/// The position of an answer in the file.
#[derive(Debug, Clone, Copy)]
struct AnswerRange {
    start: u64,
    length: usize,
}

#[derive(Debug)]
struct Lines {
    /// `None` once the run has finished.
    file: Option<File>,
    /// Where the next line starts.
    end: u64,
    answers: HashMap<Key, AnswerRange>,
}

impl Lines {
    /// Writes a line and returns where it starts; `None` if the file is closed.
    fn append(&mut self, line: &[u8]) -> Result<Option<u64>, Error> {
        let Some(file) = &mut self.file else {
            return Ok(None);
        };
        let begin = self.end;
        let written = file.seek(SeekFrom::Start(begin));
        if let Err(error) = written.and_then(|_| file.write_all(line)) {
            // An incomplete line must not precede other lines.
            let _ = file.set_len(begin);
            return Err(failed("written", &error));
        }
        self.end += line.len() as u64;
        Ok(Some(begin))
    }
}

/// The answers of earlier runs and of this one.
#[derive(Debug)]
pub struct Journal {
    lines: Mutex<Lines>,
}

impl Journal {
    /// Reads the journal in `file`, which must be open for reading and writing. No other process
    /// may write to it.
    ///
    /// # Errors
    /// Fails if the file cannot be read or is not a journal; it is then unchanged.
    pub fn open(file: File) -> Result<Journal, Error> {
        if beginning(&file)?.starts_with(BATCH_HEAD.as_bytes()) {
            return Err(Error::argument(
                "it belongs to a run with `engine = \"batch\"`; the file was not changed",
            ));
        }
        Journal::open_with(file, &[], |_| false)
    }

    /// Opens a journal that also has other lines. `other` receives each of these lines without its
    /// line feed, and returns whether it is valid. They start with one of `beginnings`.
    pub(crate) fn open_with(
        mut file: File,
        beginnings: &[&str],
        mut other: impl FnMut(&str) -> bool,
    ) -> Result<Journal, Error> {
        let mut takes = |line: &[u8]| std::str::from_utf8(line).is_ok_and(&mut other);
        let mut answers = HashMap::new();
        let mut end = 0;
        let mut reader = BufReader::new(&mut file);
        let mut line = Vec::new();
        while reader.read_until(b'\n', &mut line).map_err(unreadable)? > 0 {
            if !line.ends_with(b"\n") {
                break;
            }
            match entry(&line, end) {
                Some((key, range)) => {
                    answers.insert(key, range);
                }
                None if takes(line.trim_ascii_end()) => {}
                None => return Err(no_journal()),
            }
            end += line.len() as u64;
            line.clear();
        }
        let known = || beginnings.iter().chain([&REQUEST]);
        if !known().any(|known| is_beginning(&line, known)) {
            return Err(no_journal());
        }
        file.set_len(end).map_err(unreadable)?;
        let lines = Lines {
            file: Some(file),
            end,
            answers,
        };
        Ok(Journal {
            lines: Mutex::new(lines),
        })
    }

    /// Whether the journal contains an answer.
    pub(crate) fn has(&self, key: &Key) -> bool {
        self.lines().answers.contains_key(key)
    }

    /// The JSON of a stored answer.
    pub(crate) fn answer(&self, key: &Key) -> Result<Option<Vec<u8>>, Error> {
        let lines = &mut *self.lines();
        let range = lines.answers.get(key).copied();
        let (Some(range), Some(file)) = (range, &mut lines.file) else {
            return Ok(None);
        };
        let mut answer = vec![0; range.length];
        let read = file.seek(SeekFrom::Start(range.start));
        read.and_then(|_| file.read_exact(&mut answer))
            .map_err(|error| failed("read", &error))?;
        Ok(Some(answer))
    }

    /// Stores an answer; its body is JSON or empty.
    pub(crate) fn store(&self, key: Key, body: &[u8]) -> Result<(), Error> {
        let mut line = head(&key).into_bytes();
        let start = line.len();
        line.extend(one_line(body).bytes());
        let length = line.len() - start;
        line.extend(END.bytes());
        let lines = &mut *self.lines();
        if let Some(begin) = lines.append(&line)? {
            let start = begin + start as u64;
            lines.answers.insert(key, AnswerRange { start, length });
        }
        Ok(())
    }

    /// Adds the answers of another journal.
    ///
    /// # Errors
    /// Fails if one of the journals cannot be read or written.
    pub fn merge(&self, other: &Journal) -> Result<(), Error> {
        let keys: Vec<Key> = other.lines().answers.keys().copied().collect();
        for key in keys {
            if let Some(answer) = other.answer(&key)? {
                self.store(key, &answer)?;
            }
        }
        Ok(())
    }

    /// Appends a line of another kind; it must end with a line feed.
    pub(crate) fn append(&self, line: &str) -> Result<(), Error> {
        self.lines().append(line.as_bytes()).map(|_| ())
    }

    /// Closes the file so that another run can open it. After that, nothing is found or stored.
    pub(crate) fn close(&self) {
        self.lines().file = None;
    }

    fn lines(&self) -> MutexGuard<'_, Lines> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The first bytes of a file.
///
/// # Errors
/// Fails if it cannot be read or is not a regular file.
pub(crate) fn beginning(mut file: &File) -> Result<Vec<u8>, Error> {
    // Devices and pipes may never end.
    if !file.metadata().map_err(unreadable)?.is_file() {
        return Err(Error::argument("it is not a regular file"));
    }
    let mut beginning = Vec::new();
    let longest = BATCH_HEAD.len().max(REQUEST.len()) as u64;
    let read = Read::take(file, longest).read_to_end(&mut beginning);
    read.and_then(|_| file.rewind()).map_err(unreadable)?;
    Ok(beginning)
}

/// Whether these first bytes belong to the journal of a run, not to a batch journal.
pub(crate) fn is_of_run(beginning: &[u8]) -> bool {
    beginning.starts_with(REQUEST.as_bytes())
}

fn head(key: &Key) -> String {
    let (digest, occurrence) = (key.digest.to_text(), key.occurrence);
    format!("{REQUEST}{digest}{OCCURRENCE}{occurrence}{ANSWER}")
}

/// Removes line feeds and the byte-order mark from JSON. Line feeds within strings are escaped.
pub(super) fn one_line(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    let text = text.trim_start_matches('\u{feff}').trim();
    if text.is_empty() {
        return "null".to_owned();
    }
    text.replace(['\n', '\r'], " ")
}

/// Parses a line that starts at `start` in the file.
fn entry(line: &[u8], start: u64) -> Option<(Key, AnswerRange)> {
    let line = std::str::from_utf8(line).ok()?;
    let (digest, rest) = line.strip_prefix(REQUEST)?.split_once(OCCURRENCE)?;
    let (occurrence, rest) = rest.split_once(ANSWER)?;
    let key = Key {
        digest: Digest::from_text(digest)?,
        occurrence: occurrence.parse().ok()?,
    };
    let range = AnswerRange {
        start: start + (line.len() - rest.len()) as u64,
        length: rest.strip_suffix(END)?.len(),
    };
    Some((key, range))
}

/// Whether these bytes, which do not end with a line feed, may be an incomplete line.
pub(crate) fn is_beginning(line: &[u8], of: &str) -> bool {
    line.starts_with(of.as_bytes()) || of.as_bytes().starts_with(line)
}

fn unreadable(error: io::Error) -> Error {
    Error::argument(format!("it cannot be read: {error}"))
}

pub(crate) fn no_journal() -> Error {
    Error::argument("it is not a journal; the file was not changed")
}

fn failed(what: &str, error: &io::Error) -> Error {
    let message = format!("The journal cannot be {what}: {error}.");
    Error::new(ErrorKind::Journal, message)
}

#[cfg(test)]
mod tests {
    use std::fs::{self, OpenOptions};
    use std::path::{Path, PathBuf};

    use super::*;
    use crate::parallel::keys::tests::digest_of;

    /// A temporary folder, removed when dropped.
    struct Scratch(PathBuf);

    impl Scratch {
        fn new(name: &str, bytes: &[u8]) -> Self {
            let name = format!("openaistream-{name}-{}.jsonl", std::process::id());
            let path = std::env::temp_dir().join(name);
            fs::write(&path, bytes).expect("a file");
            Scratch(path)
        }

        fn open(&self) -> Result<Journal, Error> {
            open(&self.0)
        }

        fn bytes(&self) -> Vec<u8> {
            fs::read(&self.0).expect("a file")
        }
    }

    impl Drop for Scratch {
        fn drop(&mut self) {
            let _ = fs::remove_file(&self.0);
        }
    }

    fn open(path: &Path) -> Result<Journal, Error> {
        let file = OpenOptions::new().read(true).write(true).open(path);
        Journal::open(file.expect("a file"))
    }

    fn key(body: &'static str, occurrence: u64) -> Key {
        Key {
            digest: digest_of("chat", body),
            occurrence,
        }
    }

    fn found(journal: &Journal, key: Key) -> Option<String> {
        let answer = journal.answer(&key).unwrap();
        answer.map(|answer| String::from_utf8(answer).unwrap())
    }

    #[test]
    fn only_stored_answers_are_found() {
        let scratch = Scratch::new("kept", b"");
        let journal = scratch.open().unwrap();
        journal
            .store(key("a", 1), b"{\"x\": \"\\n\",\r\n 1}\n")
            .unwrap();
        journal.store(key("b", 1), b"").unwrap();
        for journal in [journal, scratch.open().unwrap()] {
            let answer = found(&journal, key("a", 1));
            assert_eq!(answer.as_deref(), Some("{\"x\": \"\\n\",   1}"));
            assert_eq!(found(&journal, key("b", 1)).as_deref(), Some("null"));
            assert_eq!(found(&journal, key("a", 2)), None);
            assert_eq!(found(&journal, key("c", 1)), None);
        }
        assert_eq!(scratch.bytes().iter().filter(|b| **b == b'\n').count(), 2);
    }

    #[test]
    fn a_journal_is_merged_into_another() {
        let (scratch, part) = (Scratch::new("taking", b""), Scratch::new("part", b""));
        let (journal, other) = (scratch.open().unwrap(), part.open().unwrap());
        journal.store(key("a", 1), b"[1]").unwrap();
        other.store(key("a", 2), b"[2]").unwrap();
        other.store(key("b", 1), b"[3]").unwrap();
        journal.merge(&other).unwrap();
        for journal in [journal, scratch.open().unwrap()] {
            for (key, answer) in [
                (key("a", 1), "[1]"),
                (key("a", 2), "[2]"),
                (key("b", 1), "[3]"),
            ] {
                assert_eq!(found(&journal, key).as_deref(), Some(answer));
            }
        }
    }

    #[test]
    fn an_incomplete_line_is_removed_and_rewritten() {
        let scratch = Scratch::new("whole", b"");
        let journal = scratch.open().unwrap();
        journal.store(key("a", 1), b"[1]").unwrap();
        let first = scratch.bytes().len();
        journal.store(key("b", 1), b"[2]").unwrap();
        let whole = scratch.bytes();
        for cut in first..whole.len() {
            let scratch = Scratch::new("cut", &whole[..cut]);
            let journal = scratch.open().unwrap();
            assert_eq!(scratch.bytes(), whole[..first]);
            assert_eq!(found(&journal, key("a", 1)).as_deref(), Some("[1]"));
            assert_eq!(found(&journal, key("b", 1)), None);
            journal.store(key("b", 1), b"[2]").unwrap();
            assert_eq!(scratch.bytes(), whole);
        }
    }

    #[test]
    fn write_failures_are_reported() {
        let scratch = Scratch::new("read-only", b"");
        let journal = scratch.open().unwrap();
        journal.lines().file = Some(File::open(&scratch.0).unwrap());
        let error = journal.store(key("a", 1), b"[1]").unwrap_err();
        assert_eq!(error.kind, ErrorKind::Journal);
        assert_eq!(found(&journal, key("a", 1)), None);
    }

    #[test]
    fn a_file_of_another_kind_is_not_changed() {
        for content in [
            "id,name\n1,x\n",
            "no line feed",
            "{\"a\":1}\n",
            "{\"request\":\"ab\",\"occurrence\":1,\"answer\":2}\n",
            "\n",
        ] {
            let scratch = Scratch::new("other", content.as_bytes());
            assert!(scratch.open().is_err(), "{content:?}");
            assert_eq!(scratch.bytes(), content.as_bytes());
        }
    }
}
