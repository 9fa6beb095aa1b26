use std::time::Duration;

use openaistream_server::{Framing, Reply};

use crate::support::{get, request, server, server_with, Client};

fn chunks(texts: &[&str]) -> Vec<Vec<u8>> {
    texts.iter().map(|text| text.as_bytes().to_vec()).collect()
}

/// The bytes of a response; the request asks the server to close the connection.
fn wire(reply: Reply) -> String {
    let request = request("GET", "/v1/models", "connection: close\r\n", "");
    Client::connect(&server_with(reply)).exchange_to_end(&request)
}

#[test]
fn a_plain_body_has_its_length() {
    assert_eq!(
        wire(Reply::body(429, "text/plain", "slow down")),
        "HTTP/1.1 429 Too Many Requests\r\ncontent-type: text/plain\r\ncontent-length: 9\r\n\
         connection: close\r\n\r\nslow down"
    );
}

#[test]
fn the_length_is_the_sum_of_all_chunks() {
    let reply = Reply {
        chunks: chunks(&["one", "", "two"]),
        ..Reply::default()
    };
    assert_eq!(
        wire(reply),
        "HTTP/1.1 200 OK\r\ncontent-length: 6\r\nconnection: close\r\n\r\nonetwo"
    );
}

#[test]
fn scripted_headers_replace_the_servers_headers_in_any_case() {
    let reply = Reply {
        headers: vec![
            ("Content-Length".to_owned(), "99".to_owned()),
            ("Connection".to_owned(), "keep-alive".to_owned()),
            ("X-A".to_owned(), "1".to_owned()),
            ("x-a".to_owned(), "2".to_owned()),
        ],
        chunks: chunks(&["short"]),
        ..Reply::default()
    };
    assert_eq!(
        wire(reply),
        "HTTP/1.1 200 OK\r\nContent-Length: 99\r\nConnection: keep-alive\r\nX-A: 1\r\nx-a: 2\r\n\r\nshort"
    );
}

#[test]
fn a_scripted_transfer_coding_may_be_invalid() {
    let reply = Reply {
        headers: vec![("transfer-encoding".to_owned(), "chunked".to_owned())],
        chunks: chunks(&["5\r\nhello\r\n", "zz\r\n"]),
        ..Reply::default()
    };
    assert_eq!(
        wire(reply),
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n\
         5\r\nhello\r\nzz\r\n"
    );
}

#[test]
fn a_status_without_a_body_has_no_length() {
    let reply = Reply {
        status: 204,
        ..Reply::default()
    };
    assert_eq!(
        wire(reply),
        "HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n"
    );
    // An unknown status has an empty reason phrase.
    let reply = Reply {
        status: 599,
        ..Reply::default()
    };
    assert!(wire(reply).starts_with("HTTP/1.1 599 \r\ncontent-length: 0\r\n"));
}

#[test]
fn each_chunk_is_an_http_chunk() {
    let reply = Reply {
        chunks: chunks(&["data: a\n\n", "", "0123456789abcdef"]),
        framing: Framing::Chunked,
        ..Reply::default()
    };
    assert_eq!(
        wire(reply),
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n\
         9\r\ndata: a\n\n\r\n10\r\n0123456789abcdef\r\n0\r\n\r\n"
    );
}

#[test]
fn a_body_can_end_with_the_connection() {
    let reply = Reply {
        chunks: chunks(&["some", "thing"]),
        framing: Framing::Close,
        ..Reply::default()
    };
    let answer = Client::connect(&server_with(reply)).exchange_to_end(&request("GET", "/", "", ""));
    assert_eq!(
        answer,
        "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nsomething"
    );
}

#[test]
fn a_raw_reply_is_sent_unchanged() {
    let answer =
        "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\
                  2;a=b\r\nhi\r\n0\r\nx-trailer: 1\r\n\r\n";
    let (interim, rest) = answer.split_at(30);
    let reply = Reply {
        status: 500,
        headers: vec![("x-not".to_owned(), "sent".to_owned())],
        chunks: chunks(&[interim, rest]),
        framing: Framing::Raw,
        ..Reply::default()
    };
    assert_eq!(wire(reply), answer);
}

#[test]
fn a_response_to_head_has_no_body() {
    for framing in [Framing::Length, Framing::Chunked] {
        let server = server_with(Reply {
            framing,
            ..Reply::body(200, "text/plain", "body")
        });
        let request = request("HEAD", "/", "connection: close\r\n", "");
        let answer = Client::connect(&server).exchange_to_end(&request);
        assert!(answer.ends_with("connection: close\r\n\r\n"), "{answer}");
    }
}

#[test]
fn replies_are_used_in_order_before_the_servers_own_responses() {
    let server = server();
    server.reply(Reply::body(500, "text/plain", "first"));
    server.reply(Reply::body(200, "text/plain", "second"));
    let mut client = Client::connect(&server);
    let models = request("GET", "/v1/models", "", "");
    assert_eq!(client.exchange(&models).body, b"first");
    assert_eq!(client.exchange(&models).body, b"second");
    assert_eq!(client.exchange(&models).json()["object"], "list");
    assert_eq!(server.connections(), 1, "the connection was kept");
}

#[test]
fn nothing_is_written_before_its_delay() {
    let pause = Duration::from_millis(20);
    let server = server_with(Reply {
        chunks: chunks(&["a", "b", "c", "d"]),
        delay: pause * 2,
        // The last delay applies to all further chunks.
        pauses: vec![Duration::ZERO, pause],
        ..Reply::default()
    });
    assert_eq!(get(&server, "/").body, b"abcd");
    let request = server.requests().pop().expect("a request");
    let written = request.written_at;
    assert!(written[0] - request.received_at > 0.035, "{written:?}");
    assert!(
        written[1..]
            .windows(2)
            .all(|pair| pair[1] - pair[0] > 0.015),
        "{written:?}"
    );
    assert_eq!(request.closed_at, None);
}

#[test]
fn a_body_larger_than_any_buffer_arrives_whole() {
    let body: Vec<u8> = (0..8_000_000_u32)
        .map(|number| (number % 251) as u8)
        .collect();
    let server = server_with(Reply::body(200, "application/octet-stream", body.clone()));
    assert!(get(&server, "/").body == body);
}
