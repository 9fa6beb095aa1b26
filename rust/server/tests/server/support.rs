//! A client that shows the exact bytes of responses.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use openaistream_server::{Options, Reply, SeenRequest, Server};
use serde_json::Value;

pub const RESPONSES: &str = "/v1/responses";

/// The time limit of a test.
const DEADLINE: Duration = Duration::from_secs(20);

pub fn server() -> Server {
    Server::start(Options::default()).expect("a server starts")
}

/// A server whose next response is this one.
pub fn server_with(reply: Reply) -> Server {
    let server = server();
    server.reply(reply);
    server
}

/// Polls until there is a value.
pub fn wait_for<T>(what: &str, look: impl Fn() -> Option<T>) -> T {
    let start = Instant::now();
    while start.elapsed() < DEADLINE {
        if let Some(seen) = look() {
            return seen;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    panic!("not seen in time: {what}");
}

/// Waits until the server has noticed that the client disconnected before the end of its only
/// response.
pub fn wait_for_close(server: &Server) -> SeenRequest {
    wait_for("the client's close", || {
        server
            .requests()
            .pop()
            .filter(|request| request.closed_at.is_some())
    })
}

/// A request with a key; `headers` are lines that end with CRLF.
pub fn request(method: &str, target: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "{method} {target} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer sk-test\r\n\
         {headers}content-length: {length}\r\n\r\n{body}"
    )
}

pub fn get(server: &Server, target: &str) -> Response {
    Client::connect(server).exchange(&request("GET", target, "", ""))
}

pub fn post(server: &Server, target: &str, body: &Value) -> Response {
    Client::connect(server).exchange(&request("POST", target, "", &body.to_string()))
}

/// Sends a form; a field with a file name is a file.
pub fn post_form(server: &Server, target: &str, fields: &[(&str, Option<&str>, &str)]) -> Response {
    let mut body = String::new();
    for (name, filename, content) in fields {
        let file = filename.map_or(String::new(), |it| format!("; filename=\"{it}\""));
        body.push_str(&format!(
            "--limit\r\ncontent-disposition: form-data; name=\"{name}\"{file}\r\n\r\n{content}\r\n"
        ));
    }
    body.push_str("--limit--\r\n");
    let header = "content-type: multipart/form-data; boundary=limit\r\n";
    Client::connect(server).exchange(&request("POST", target, header, &body))
}

pub fn delete(server: &Server, target: &str) -> Response {
    Client::connect(server).exchange(&request("DELETE", target, "", ""))
}

/// Creates a response, which must succeed.
pub fn create_response(server: &Server, body: Value) -> Value {
    let answer = post(server, RESPONSES, &body);
    assert_eq!(answer.status(), 200, "{}", answer.json());
    answer.json()
}

/// The text at `pointer`, which must be a string.
pub fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    let found = value.pointer(pointer).and_then(Value::as_str);
    found.unwrap_or_else(|| panic!("no text at {pointer} in {value}"))
}

/// A response as received.
#[derive(Debug)]
pub struct Response {
    /// The status line and headers, with the empty line after them.
    pub head: String,
    /// The body without its transfer coding.
    pub body: Vec<u8>,
    /// The HTTP chunks of the body, if any.
    pub chunks: Vec<String>,
}

impl Response {
    pub fn status(&self) -> u16 {
        self.head
            .split(' ')
            .nth(1)
            .and_then(|status| status.parse().ok())
            .expect("a status")
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().skip(1);
        lines
            .filter_map(|line| line.split_once(": "))
            .find(|(known, _)| *known == name)
            .map(|(_, value)| value)
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("a body of JSON")
    }

    /// The data of the named events of a stream.
    pub fn named_events(&self) -> Vec<Value> {
        let events = self.events().map(|(name, data)| {
            let data: Value = serde_json::from_str(data).expect("JSON");
            assert_eq!(data["type"], name);
            data
        });
        events.collect()
    }

    /// The names and the data of the events of a stream, each of which is a chunk.
    pub fn events(&self) -> impl Iterator<Item = (&str, &str)> {
        self.chunks.iter().map(|chunk| {
            let lines = chunk
                .strip_prefix("event: ")
                .and_then(|chunk| chunk.strip_suffix("\n\n"))
                .and_then(|chunk| chunk.split_once("\ndata: "));
            lines.expect("an event in a chunk of its own")
        })
    }

    /// The message, type, param and code of an error.
    pub fn error(&self) -> (String, Value, Value, Value) {
        let error = self.json()["error"].clone();
        let message = error["message"].as_str().expect("a message").to_owned();
        (
            message,
            error["type"].clone(),
            error["param"].clone(),
            error["code"].clone(),
        )
    }
}

/// A connection.
pub struct Client {
    stream: TcpStream,
}

impl Client {
    pub fn connect(server: &Server) -> Client {
        let stream = TcpStream::connect(("127.0.0.1", server.port())).expect("a connection");
        stream.set_read_timeout(Some(DEADLINE)).expect("a timeout");
        Client { stream }
    }

    pub fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream
            .write_all(bytes.as_ref())
            .expect("the server reads");
    }

    /// Sends all bytes; returns false if the server does not read for some time.
    pub fn try_send(&mut self, bytes: &[u8]) -> bool {
        self.stream
            .set_write_timeout(Some(Duration::from_millis(500)))
            .expect("a timeout");
        self.stream.write_all(bytes).is_ok()
    }

    pub fn exchange(&mut self, request: &str) -> Response {
        self.send(request);
        self.response()
    }

    /// Sends a request, and returns all bytes up to the end of the connection.
    pub fn exchange_to_end(&mut self, request: &str) -> String {
        self.send(request);
        let mut bytes = Vec::new();
        self.stream.read_to_end(&mut bytes).expect("an orderly end");
        String::from_utf8(bytes).expect("text")
    }

    pub fn response(&mut self) -> Response {
        let head = self.read_until("\r\n\r\n");
        let mut response = Response {
            head,
            body: Vec::new(),
            chunks: Vec::new(),
        };
        if let Some(length) = response.header("content-length") {
            response.body = self.read(length.parse().expect("a length"));
        } else if response.header("transfer-encoding") == Some("chunked") {
            while let Some(chunk) = self.chunk() {
                response.body.extend_from_slice(chunk.as_bytes());
                response.chunks.push(chunk);
            }
        }
        response
    }

    /// The next HTTP chunk; `None` for the empty last one.
    pub fn chunk(&mut self) -> Option<String> {
        let size = self.read_until("\r\n");
        let size = usize::from_str_radix(size.trim_end(), 16).expect("a size");
        let chunk = String::from_utf8(self.read(size)).expect("text");
        assert_eq!(self.read(2), b"\r\n");
        (size > 0).then_some(chunk)
    }

    pub fn read(&mut self, length: usize) -> Vec<u8> {
        let mut bytes = vec![0; length];
        self.stream.read_exact(&mut bytes).expect("as many bytes");
        bytes
    }

    /// Reads byte by byte, so that nothing after `end` is consumed.
    pub fn read_until(&mut self, end: &str) -> String {
        let mut bytes = Vec::new();
        while !bytes.ends_with(end.as_bytes()) {
            bytes.extend(self.read(1));
        }
        String::from_utf8(bytes).expect("text")
    }

    /// The next event: bytes, a normal end (0) or a reset.
    pub fn next_read(&mut self) -> Result<usize, ErrorKind> {
        self.stream
            .read(&mut [0; 1024])
            .map_err(|error| error.kind())
    }

    /// Whether there is nothing to read now, not even the end.
    pub fn is_silent(&mut self) -> bool {
        self.stream.set_nonblocking(true).expect("no waiting");
        let seen = self.next_read();
        self.stream.set_nonblocking(false).expect("waiting");
        seen == Err(ErrorKind::WouldBlock)
    }
}

/// Uploads a short text about cats, the first file of the server.
pub fn upload_cats(server: &Server, purpose: &str) {
    let fields = [
        ("purpose", None, purpose),
        ("file", Some("cats.txt"), "Cats eat fish."),
    ];
    post_form(server, "/v1/files", &fields);
}
