//! Serves the requests of a connection, one after the other.

use std::io::{self, BufReader, Read, Write};
use std::net::TcpStream;
use std::thread;

use crate::request::{next_request, skip_body};
use crate::workload::{json, Answers, Workload};
use crate::{file, stream};

const BUFFER: usize = 1 << 18;
const NOT_FOUND: &[u8] = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";

pub fn serve(mut socket: TcpStream, answers: &Answers) -> io::Result<()> {
    socket.set_nodelay(true)?;
    let mut reader = BufReader::with_capacity(BUFFER, socket.try_clone()?);
    while let Some(request) = next_request(&mut reader)? {
        let workload = answers.workload(&request.path);
        if let Some(Workload::Receive(megabytes)) = workload {
            let mut body = (&mut reader).take(request.content_length);
            let unchanged = file::is_received(&mut body, megabytes)?;
            io::copy(&mut body, &mut io::sink())?;
            let record = format!(r#"{{"id":"file-1","object":"file","unchanged":{unchanged}}}"#);
            socket.write_all(&json(record.as_bytes()))?;
            continue;
        }
        skip_body(&mut reader, &request)?;
        match workload {
            Some(Workload::Answer(bytes)) => socket.write_all(&bytes)?,
            Some(Workload::Wait(pause, bytes)) => {
                thread::sleep(pause);
                socket.write_all(&bytes)?;
            }
            Some(Workload::Timed) => stream::timed(&mut socket)?,
            Some(Workload::Send(megabytes)) => file::send(&mut socket, megabytes)?,
            Some(Workload::Receive(_)) | None => socket.write_all(NOT_FOUND)?,
        }
    }
    Ok(())
}
