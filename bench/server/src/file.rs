//! A file that is generated block by block while it is sent, and verified while it is received.

use std::io::{self, BufRead, Read, Write};

use crate::noise::Noise;

const BLOCK: usize = 1 << 20;

/// The blocks of the file: noise that starts with the block's number.
struct Blocks(Vec<u8>);

impl Blocks {
    fn new() -> Self {
        let mut noise = Noise::new();
        Blocks((0..BLOCK).map(|_| noise.next() as u8).collect())
    }

    fn block(&mut self, number: usize) -> &[u8] {
        self.0[..8].copy_from_slice(&(number as u64).to_le_bytes());
        &self.0
    }
}

/// Sends the file with this number of megabytes.
pub fn send(writer: &mut impl Write, megabytes: usize) -> io::Result<()> {
    let length = megabytes * BLOCK;
    write!(
        writer,
        "HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n"
    )?;
    let mut blocks = Blocks::new();
    for number in 0..megabytes {
        writer.write_all(blocks.block(number))?;
    }
    Ok(())
}

/// Reads a multipart body, and returns whether its file is the one with this number of megabytes.
pub fn is_received(body: &mut impl BufRead, megabytes: usize) -> io::Result<bool> {
    if !skip_to_file(body)? {
        return Ok(false);
    }
    let mut blocks = Blocks::new();
    let mut received = vec![0; BLOCK];
    for number in 0..megabytes {
        body.read_exact(&mut received)?;
        if received != blocks.block(number) {
            return Ok(false);
        }
    }
    let mut rest = Vec::new();
    body.take(2).read_to_end(&mut rest)?;
    Ok(rest == b"\r\n")
}

/// Reads up to the content of the part that has a file name.
fn skip_to_file(body: &mut impl BufRead) -> io::Result<bool> {
    let mut has_file_name = false;
    let mut line = Vec::new();
    while body.read_until(b'\n', &mut line)? > 0 {
        if line == b"\r\n" && has_file_name {
            return Ok(true);
        }
        has_file_name |= line.windows(9).any(|name| name == b"filename=");
        line.clear();
    }
    Ok(false)
}
