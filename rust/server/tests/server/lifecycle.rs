use std::io::ErrorKind;
use std::net::{TcpListener, TcpStream};

use openaistream_server::{Ending, Reply, Server};

use crate::support::{get, request, server, server_with, wait_for, Client};

/// A client in the middle of a response that never ends.
fn stalled_client(server: &Server) -> Client {
    let mut client = Client::connect(server);
    client.send(request("GET", "/", "", ""));
    client.read_until("\r\n\r\n");
    client
}

fn stalling_server() -> Server {
    server_with(Reply {
        ending: Ending::Stall,
        ..Reply::default()
    })
}

fn assert_gone(port: u16, mut client: Client) {
    // The connection of a client with unread data is reset.
    let seen = client.next_read();
    assert!(
        matches!(seen, Ok(0) | Err(ErrorKind::ConnectionReset)),
        "{seen:?}"
    );
    assert!(
        TcpStream::connect(("127.0.0.1", port)).is_err(),
        "nobody listens"
    );
    TcpListener::bind(("127.0.0.1", port)).expect("the port is free");
}

#[test]
fn a_stop_frees_the_port_and_ends_the_connections() {
    let server = stalling_server();
    let client = stalled_client(&server);
    server.stop();
    assert_gone(server.port(), client);
    server.stop();
    assert_eq!(server.requests().len(), 1, "what it saw stays known");
}

#[test]
fn a_dropped_server_stops() {
    let server = stalling_server();
    let (port, client) = (server.port(), stalled_client(&server));
    drop(server);
    assert_gone(port, client);
}

#[test]
fn several_threads_can_stop_a_server_at_once() {
    let server = stalling_server();
    let client = stalled_client(&server);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| server.stop());
        }
    });
    assert_gone(server.port(), client);
}

#[test]
fn many_clients_are_served_at_the_same_time() {
    let server = server();
    for _ in 0..50 {
        server.reply(Reply {
            ending: Ending::Stall,
            ..Reply::default()
        });
    }
    let clients: Vec<Client> = (0..50).map(|_| stalled_client(&server)).collect();
    assert_eq!(get(&server, "/v1/models").status(), 200);
    drop(clients);
    wait_for("all closes", || {
        let requests = server.requests();
        let closed = requests
            .iter()
            .filter(|request| request.closed_at.is_some())
            .count();
        (closed == 50).then_some(())
    });
}

#[test]
fn an_idle_connection_does_not_delay_a_stop() {
    let server = server();
    let client = Client::connect(&server);
    wait_for("the connection", || {
        (server.connections() == 1).then_some(())
    });
    server.stop();
    assert_gone(server.port(), client);
}
