use std::io::ErrorKind;
use std::time::Duration;

use openaistream_server::{Ending, Framing, Reply};

use crate::support::{request, server_with, wait_for, wait_for_close, Client};

const HOUR: Duration = Duration::from_secs(3600);

/// A chunked response with one event and this ending.
fn one_event(ending: Ending) -> Reply {
    Reply {
        chunks: vec![b"data: 1\n\n".to_vec()],
        framing: Framing::Chunked,
        ending,
        ..Reply::default()
    }
}

/// A client that has received the event of the response.
fn client_with_event(server: &openaistream_server::Server) -> Client {
    let mut client = Client::connect(server);
    client.send(request("GET", "/", "", ""));
    client.read_until("\r\n\r\n");
    assert_eq!(client.chunk().as_deref(), Some("data: 1\n\n"));
    client
}

#[test]
fn a_close_omits_the_last_chunk() {
    let server = server_with(one_event(Ending::Close));
    assert_eq!(client_with_event(&server).next_read(), Ok(0));
}

#[test]
fn a_close_may_precede_the_announced_length() {
    let server = server_with(Reply {
        headers: vec![("content-length".to_owned(), "100".to_owned())],
        chunks: vec![b"short".to_vec()],
        ending: Ending::Close,
        ..Reply::default()
    });
    let answer = Client::connect(&server).exchange_to_end(&request("GET", "/", "", ""));
    assert_eq!(
        answer,
        "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nshort"
    );
}

#[test]
fn a_close_may_replace_the_response() {
    let server = server_with(Reply {
        framing: Framing::Raw,
        ending: Ending::Close,
        ..Reply::default()
    });
    let answer = Client::connect(&server).exchange_to_end(&request("GET", "/", "", ""));
    assert_eq!(answer, "");
}

#[test]
fn a_reset_follows_the_written_chunks() {
    // On Windows, the client would lose unread data.
    let time_to_read = Duration::from_millis(200);
    let server = server_with(Reply {
        chunks: vec![b"data: 1\n\n".to_vec(), Vec::new()],
        pauses: vec![Duration::ZERO, time_to_read],
        ..one_event(Ending::Reset)
    });
    assert_eq!(
        client_with_event(&server).next_read(),
        Err(ErrorKind::ConnectionReset)
    );
    assert_eq!(
        server.requests()[0].closed_at,
        None,
        "the server ended it, not the client"
    );
}

#[test]
fn a_stall_lasts_until_the_client_disconnects() {
    let server = server_with(one_event(Ending::Stall));
    let mut client = client_with_event(&server);
    assert!(client.is_silent());
    assert_eq!(server.requests()[0].closed_at, None);
    drop(client);
    let seen = wait_for_close(&server);
    assert!(seen.closed_at >= Some(seen.written_at[0]));
}

#[test]
fn a_disconnect_during_the_delay_is_detected() {
    let server = server_with(Reply {
        delay: HOUR,
        ..Reply::body(200, "text/plain", "late")
    });
    let mut client = Client::connect(&server);
    client.send(request("GET", "/", "", ""));
    wait_for("the request", || server.requests().pop());
    drop(client);
    assert!(wait_for_close(&server).written_at.is_empty());
}

#[test]
fn a_disconnect_between_chunks_stops_the_response() {
    let server = server_with(Reply {
        chunks: vec![b"data: 1\n\n".to_vec(); 3],
        pauses: vec![Duration::ZERO, HOUR],
        ..one_event(Ending::KeepAlive)
    });
    drop(client_with_event(&server));
    assert_eq!(wait_for_close(&server).written_at.len(), 1);
}

#[test]
fn a_disconnect_without_reading_is_detected() {
    let server = server_with(Reply::body(200, "text/plain", vec![b'x'; 50_000_000]));
    let mut client = Client::connect(&server);
    client.send(request("GET", "/", "", ""));
    client.read_until("\r\n\r\n");
    drop(client);
    wait_for_close(&server);
}

#[test]
fn pipelined_requests_are_answered_in_order() {
    let server = server_with(one_event(Ending::KeepAlive));
    server.reply(Reply::body(200, "text/plain", "second"));
    let mut client = Client::connect(&server);
    client.send(request("GET", "/1", "", "") + &request("GET", "/2", "", ""));
    assert_eq!(client.response().body, b"data: 1\n\n");
    assert_eq!(client.response().body, b"second");
    let targets: Vec<String> = server
        .requests()
        .into_iter()
        .map(|request| request.target)
        .collect();
    assert_eq!(targets, ["/1", "/2"]);
}

#[test]
fn endless_pipelined_data_is_not_buffered() {
    let server = server_with(one_event(Ending::Stall));
    let mut client = client_with_event(&server);
    // More than the server reads: the rest stays with the client, whose writes then block.
    let flood = std::thread::spawn(move || {
        let mut sent = 0;
        while client.try_send(&[b'x'; 65536]) {
            sent += 65536;
        }
        sent
    });
    wait_for("a flood that stands still or ends", || {
        flood.is_finished().then_some(())
    });
    assert!(flood.join().expect("no panic") < 64 * 1024 * 1024);
    assert_eq!(server.requests().len(), 1);
}
