//! The server of the benchmark. It sends responses that are generated once, so that it does not
//! slow down any client. The first segment of a request's path names the workload (see
//! `workload.rs`), so that clients select it by their base URL.
//!
//! Prints its port, and exits at the end of its standard input.

mod connection;
mod embeddings;
mod file;
mod noise;
mod request;
mod stream;
mod texts;
mod workload;

use std::io::{self, Read};
use std::net::{Ipv4Addr, TcpListener};
use std::sync::Arc;
use std::thread;

use workload::Answers;

fn main() -> io::Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    println!("{}", listener.local_addr()?.port());
    thread::spawn(move || accept(&listener));
    io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}

fn accept(listener: &TcpListener) {
    let answers = Arc::new(Answers::default());
    for socket in listener.incoming().flatten() {
        let answers = Arc::clone(&answers);
        thread::spawn(move || {
            // A disconnected client is not an error.
            let _ = connection::serve(socket, &answers);
        });
    }
}
