//! Parses the parts of requests that the workloads need.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;

const MAX_HEADERS: usize = 64;

/// A request whose body has not been read yet.
pub struct Request {
    pub path: String,
    pub content_length: u64,
}

/// Reads the next request of a connection; `None` if the client closed it.
pub fn next_request(reader: &mut BufReader<TcpStream>) -> io::Result<Option<Request>> {
    let head = read_head(reader)?;
    if head.is_empty() {
        return Ok(None);
    }
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut parsed = httparse::Request::new(&mut headers);
    parsed.parse(&head).map_err(io::Error::other)?;
    let header = |name: &str| {
        let found = parsed
            .headers
            .iter()
            .find(|header| header.name.eq_ignore_ascii_case(name));
        found.and_then(|header| std::str::from_utf8(header.value).ok())
    };
    // curl waits for this response before it sends a large body.
    if header("expect").is_some() {
        reader
            .get_mut()
            .write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
    }
    Ok(Some(Request {
        path: parsed.path.unwrap_or_default().to_owned(),
        content_length: header("content-length")
            .and_then(|n| n.parse().ok())
            .unwrap_or(0),
    }))
}

/// Reads a body and discards it.
pub fn skip_body(reader: &mut impl Read, request: &Request) -> io::Result<()> {
    io::copy(&mut reader.take(request.content_length), &mut io::sink())?;
    Ok(())
}

/// Reads up to the empty line after the headers.
fn read_head(reader: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        if reader.read_until(b'\n', &mut head)? == 0 {
            break;
        }
    }
    Ok(head)
}
