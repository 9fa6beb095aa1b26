//! The journal of a job sent as batches: the requests of each batch, its state, and the received
//! answers.

use std::collections::BTreeMap;
use std::fs::File;

use ring::rand::{SecureRandom, SystemRandom};
use serde_json::Value;

use super::part::{note_text, Note, Part, PartRecord, PART};
use crate::error::Error;
use crate::parallel::{beginning, is_beginning, is_of_run, no_journal, Journal, BATCH_HEAD};

/// The version of the file format.
const VERSION: u64 = 1;

/// The records that a file keeps about the batches of one job.
#[derive(Debug)]
pub struct BatchJournal {
    pub(super) answers: Journal,
    /// The random id of the job. The names of its files on the server are derived from it.
    pub(super) job: String,
    parts: BTreeMap<u64, Part>,
}

impl BatchJournal {
    /// Reads the journal in `file`, or starts a new one if the file is empty. The file must be open
    /// for reading and writing, and no other process may write to it.
    ///
    /// # Errors
    /// Fails if the file cannot be read or written, or if it is not a journal of batches; the file
    /// is then unchanged.
    pub fn open(file: File) -> Result<Self, Error> {
        let begins = beginning(&file)?;
        if is_of_run(&begins) {
            return Err(Error::argument(
                "it belongs to a run without `engine = \"batch\"`; the file was not changed",
            ));
        }
        if !is_beginning(&begins, BATCH_HEAD) {
            return Err(no_journal());
        }
        let mut job = None;
        let mut parts = BTreeMap::new();
        let answers = Journal::open_with(file, &[BATCH_HEAD, PART], |line| {
            if job.is_none() {
                job = read_head(line);
                return job.is_some();
            }
            match PartRecord::read(line) {
                Some(PartRecord::Started(part)) => {
                    parts.insert(part.number, part);
                    true
                }
                Some(PartRecord::Noted(number, note)) => parts
                    .get_mut(&number)
                    .map(|part| part.note(&note))
                    .is_some(),
                None => false,
            }
        })?;
        let job = match job {
            Some(job) => job,
            None => {
                let job = new_job()?;
                answers.append(&head(&job))?;
                job
            }
        };
        Ok(BatchJournal {
            answers,
            job,
            parts,
        })
    }

    /// The parts whose batches have not finished, oldest first.
    pub(super) fn unfinished(&self) -> impl Iterator<Item = &Part> {
        self.parts.values().filter(|part| !part.has_ended)
    }

    pub(super) fn part(&self, number: u64) -> Option<&Part> {
        self.parts.get(&number)
    }

    /// The number of the next part.
    pub(super) fn next_number(&self) -> u64 {
        self.parts.keys().next_back().map_or(1, |last| last + 1)
    }

    pub(super) fn begin(&mut self, part: Part) -> Result<(), Error> {
        self.answers.append(&part.to_text())?;
        self.parts.insert(part.number, part);
        Ok(())
    }

    pub(super) fn note(&mut self, number: u64, note: &Note) -> Result<(), Error> {
        if let Some(part) = self.parts.get_mut(&number) {
            self.answers.append(&note_text(number, note))?;
            part.note(note);
        }
        Ok(())
    }
}

fn head(job: &str) -> String {
    format!("{BATCH_HEAD}\"version\":{VERSION},\"job\":\"{job}\"}}\n")
}

/// Reads the job id from the first line of a journal.
fn read_head(line: &str) -> Option<String> {
    let head: Value = serde_json::from_str(line).ok()?;
    let is_known = head.get("version") == Some(&VERSION.into());
    let job = head.get("job")?.as_str()?;
    is_known.then(|| job.to_owned())
}

/// Creates a unique job id.
fn new_job() -> Result<String, Error> {
    let mut bytes = [0; 8];
    let made = SystemRandom::new().fill(&mut bytes);
    made.map_err(|_| Error::argument("the operating system provides no random numbers"))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
