use openaistream_server::{Reply, BODY_LIMIT};

use crate::support::{get, request, server, Client};

#[test]
fn a_chunked_body_is_decoded() {
    let server = server();
    let mut client = Client::connect(&server);
    client
        .send("POST /x HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n4\r\nWiki\r\nA;ext=\"1\"\r\n");
    client.send("0123456789\r\n0\r\ntrailer: x\r\n\r\n");
    assert_eq!(client.response().status(), 401);
    let seen = server.requests().pop().expect("a request");
    assert_eq!(seen.body, b"Wiki0123456789");
    assert_eq!(
        client
            .exchange(&request("GET", "/v1/models", "", ""))
            .status(),
        200
    );
}

#[test]
fn a_client_with_expect_continue_gets_an_interim_response() {
    let server = server();
    let mut client = Client::connect(&server);
    client.send("POST /x HTTP/1.1\r\nExpect: 100-Continue\r\ncontent-length: 4\r\n\r\n");
    assert_eq!(
        client.read_until("\r\n\r\n"),
        "HTTP/1.1 100 Continue\r\n\r\n"
    );
    assert!(server.requests().is_empty(), "not complete yet");
    client.send("body");
    assert_eq!(client.response().status(), 401);
    assert_eq!(server.requests()[0].body, b"body");
}

#[test]
fn only_the_start_of_a_huge_body_is_kept() {
    let server = server();
    server.reply(Reply::default());
    let mut client = Client::connect(&server);
    let length = BODY_LIMIT + 1000;
    client.send(format!(
        "POST /x HTTP/1.1\r\ncontent-length: {length}\r\n\r\n"
    ));
    let piece = vec![b'x'; 1 << 20];
    for start in (0..length).step_by(piece.len()) {
        client.send(&piece[..piece.len().min(length - start)]);
    }
    assert_eq!(client.response().status(), 200);
    let seen = server.requests().pop().expect("a request");
    assert_eq!(seen.body.len(), BODY_LIMIT);
    assert_eq!(seen.body_length, length as u64);
}

#[test]
fn malformed_http_is_rejected_and_the_connection_closed() {
    let server = server();
    server.reply(Reply::body(200, "text/plain", "for the next request"));
    let cases = [
        ("nonsense\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nbad header\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\ncontent-length: +1\r\n\r\nx", 400),
        (
            "POST / HTTP/1.1\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nx",
            400,
        ),
        (
            "POST / HTTP/1.1\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n",
            400,
        ),
        ("POST / HTTP/1.1\r\ntransfer-encoding: gzip\r\n\r\n", 400),
        (
            "POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n-1\r\n",
            400,
        ),
        (
            "POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n1\r\nxyz\r\n",
            400,
        ),
        (
            &format!("GET / HTTP/1.1\r\nx: {}\r\n\r\n", "y".repeat(100_000)),
            431,
        ),
        (
            &format!("GET / HTTP/1.1\r\n{}\r\n", "x: y\r\n".repeat(200)),
            431,
        ),
    ];
    for (bytes, status) in cases {
        let answer = Client::connect(&server).exchange_to_end(bytes);
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status} ")),
            "{bytes:.80}: {answer}"
        );
        assert!(answer.contains("\r\nconnection: close\r\n"), "{answer}");
    }
    assert!(server.requests().is_empty());
    assert_eq!(get(&server, "/").body, b"for the next request");
}

#[test]
fn an_incomplete_request_is_not_recorded() {
    let server = server();
    let mut client = Client::connect(&server);
    client.send("POST /x HTTP/1.1\r\ncontent-length: 10\r\n\r\nhalf");
    drop(client);
    get(&server, "/after");
    assert_eq!(server.requests().len(), 1);
}
