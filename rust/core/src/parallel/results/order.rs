//! Sorts the lines of a results file by prompt, in constant memory.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::ops::Range;
use std::path::Path;

use super::line::Head;

const BYTES_OF_OFFSET: u64 = size_of::<u64>() as u64;

/// Copies the lines in `bytes` of `source` to `target`, sorted by their indexes. A temporary file
/// at `offsets` stores where each line starts.
pub(super) fn copy_in_order(
    source: &mut File,
    bytes: Range<u64>,
    offsets: &Path,
    target: &mut impl Write,
) -> io::Result<()> {
    let copied = write_offsets(source, bytes, offsets)
        .and_then(|offsets| copy_by_offsets(source, offsets, target));
    fs::remove_file(offsets).and(copied)
}

/// Writes where the line of each index starts, plus one, so that 0 means no line.
fn write_offsets(source: &mut File, bytes: Range<u64>, path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(true);
    let mut offsets = BufWriter::new(options.open(path)?);
    source.seek(SeekFrom::Start(bytes.start))?;
    let mut reader = BufReader::new(source).take(bytes.end - bytes.start);
    let mut line = Vec::new();
    let mut start = bytes.start;
    let mut next = 0;
    while reader.read_until(b'\n', &mut line)? > 0 {
        if let Some(Head { index, .. }) = Head::of(&line) {
            let at = (index - 1) * BYTES_OF_OFFSET;
            if at != next {
                offsets.seek(SeekFrom::Start(at))?;
            }
            offsets.write_all(&(start + 1).to_le_bytes())?;
            next = at + BYTES_OF_OFFSET;
        }
        start += line.len() as u64;
        line.clear();
    }
    offsets.into_inner().map_err(io::IntoInnerError::into_error)
}

fn copy_by_offsets(
    source: &mut File,
    mut offsets: File,
    target: &mut impl Write,
) -> io::Result<()> {
    offsets.seek(SeekFrom::Start(0))?;
    let count = offsets.metadata()?.len() / BYTES_OF_OFFSET;
    let mut offsets = BufReader::new(offsets);
    source.seek(SeekFrom::Start(0))?;
    let mut reader = BufReader::new(source);
    let mut position = 0;
    let mut line = Vec::new();
    for _ in 0..count {
        let mut offset = [0; BYTES_OF_OFFSET as usize];
        offsets.read_exact(&mut offset)?;
        let Some(start) = u64::from_le_bytes(offset).checked_sub(1) else {
            continue;
        };
        // Nearby lines are in the buffer.
        reader.seek_relative(start as i64 - position as i64)?;
        line.clear();
        position = start + reader.read_until(b'\n', &mut line)? as u64;
        target.write_all(&line)?;
    }
    Ok(())
}
