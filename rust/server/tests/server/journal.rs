use openaistream_server::Server;

use crate::support::{get, request, server, Client};

fn targets(server: &Server) -> Vec<String> {
    server
        .requests()
        .into_iter()
        .map(|request| request.target)
        .collect()
}

#[test]
fn a_request_is_recorded_as_sent() {
    let server = server();
    let body = "{\"größe\":1}";
    Client::connect(&server).exchange(&format!(
        "POST /v1/files/a%2Fb?x=%20y&z=[] HTTP/1.1\r\nHost: localhost\r\nX-B: 2\r\nX-a:  1 \r\n\
         x-b: 3\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    ));
    let seen = server.requests().pop().expect("a request");
    assert_eq!(seen.method, "POST");
    assert_eq!(seen.target, "/v1/files/a%2Fb?x=%20y&z=[]");
    let headers: Vec<(&str, &str)> = seen
        .headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    assert_eq!(
        headers,
        [
            ("host", "localhost"),
            ("x-b", "2"),
            ("x-a", "1"),
            ("x-b", "3"),
            ("content-length", "13")
        ]
    );
    assert_eq!(seen.body, body.as_bytes());
    assert_eq!(seen.body_length, 13);
    assert_eq!(seen.written_at.len(), 1);
    assert!(seen.written_at[0] >= seen.received_at);
    assert_eq!(seen.closed_at, None);
}

#[test]
fn requests_are_recorded_in_order_with_their_connection() {
    let server = server();
    let mut first = Client::connect(&server);
    first.exchange(&request("GET", "/a", "", ""));
    let mut second = Client::connect(&server);
    second.exchange(&request("GET", "/b", "", ""));
    first.exchange(&request("GET", "/c", "", ""));
    assert_eq!(targets(&server), ["/a", "/b", "/c"]);
    let connections: Vec<u64> = server
        .requests()
        .iter()
        .map(|request| request.connection)
        .collect();
    assert_eq!(connections, [1, 2, 1]);
    assert_eq!(server.connections(), 2);
}

#[test]
fn servers_record_only_their_own_requests() {
    let (one, other) = (server(), server());
    get(&one, "/one");
    assert_eq!(targets(&one), ["/one"]);
    assert!(other.requests().is_empty());
    assert_eq!(other.connections(), 0);
}
