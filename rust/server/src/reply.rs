//! Scripted responses: their bytes, timing and ending.

use std::time::Duration;

use serde_json::{json, Value};

/// A scripted response, see [`Server::reply`](crate::Server::reply).
///
/// The default is `200 OK` without headers or body, sent immediately on a connection that stays
/// open.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The status code. Ignored with [`Framing::Raw`].
    pub status: u16,
    /// The headers in order. A header that the server adds (`content-length`, `transfer-encoding`,
    /// `connection`) is not added if it is listed here, in any case. Ignored with [`Framing::Raw`].
    pub headers: Vec<(String, String)>,
    /// The chunks of the body. Each is passed to the socket in a single write, if the socket
    /// accepts that many bytes. An empty chunk writes nothing, but its delay applies.
    pub chunks: Vec<Vec<u8>>,
    /// The delay before the first byte of the response.
    pub delay: Duration,
    /// The delay before each chunk. If there are fewer delays than chunks, the last one is
    /// repeated; without delays, there are none. The resolution is one millisecond.
    pub pauses: Vec<Duration>,
    /// How the end of the body is indicated.
    pub framing: Framing,
    /// What happens after the last chunk.
    pub ending: Ending,
}

/// How the end of the body is indicated (RFC 9112, section 6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// `content-length` with the total length of the chunks. A `content-length` or
    /// `transfer-encoding` header of the script takes precedence, and may be wrong.
    Length,
    /// `transfer-encoding: chunked`, with one HTTP chunk per chunk, and a final empty chunk if the
    /// ending is [`Ending::KeepAlive`].
    Chunked,
    /// `connection: close` without a length: the body ends with the connection.
    Close,
    /// The chunks are the bytes of the whole response, including the status line, and nothing is
    /// added. This allows interim responses (`103 Early Hints`), trailers, chunk extensions and
    /// invalid framing.
    Raw,
}

/// What happens after the last chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The response is complete and the connection stays open for the next request, unless the
    /// framing is [`Framing::Close`] or the request asked to close it.
    KeepAlive,
    /// The connection is closed normally (FIN), without the final empty chunk.
    Close,
    /// The connection is reset (RST). On some systems, the client loses data that it has not read
    /// yet; a final empty chunk with a delay gives it time to read.
    Reset,
    /// Nothing more is sent, and the connection stays open until the client closes it or the server
    /// stops.
    Stall,
}

impl Default for Reply {
    fn default() -> Self {
        Reply {
            status: 200,
            headers: Vec::new(),
            chunks: Vec::new(),
            delay: Duration::ZERO,
            pauses: Vec::new(),
            framing: Framing::Length,
            ending: Ending::KeepAlive,
        }
    }
}

impl Reply {
    /// A response with a status, a `content-type` and a body in one chunk.
    pub fn body(status: u16, content_type: impl Into<String>, body: impl Into<Vec<u8>>) -> Reply {
        Reply {
            status,
            headers: vec![("content-type".to_owned(), content_type.into())],
            chunks: vec![body.into()],
            ..Reply::default()
        }
    }

    /// A response with status 200 and this JSON.
    pub(crate) fn json(value: &Value) -> Reply {
        Reply::body(200, "application/json", value.to_string())
    }

    /// The response to the deletion of an object.
    pub(crate) fn deleted(id: &str, object: &str) -> Reply {
        Reply::json(&json!({ "id": id, "object": object, "deleted": true }))
    }

    pub(crate) fn is_event_stream(&self) -> bool {
        let is_type = |(name, value): &(String, String)| {
            name == "content-type" && value.starts_with("text/event-stream")
        };
        self.headers.iter().any(is_type)
    }

    /// Removes the chunks after this number, and closes the connection early.
    pub(crate) fn break_after(&mut self, chunks: usize) {
        self.chunks.truncate(chunks);
        self.ending = Ending::Close;
    }

    /// The delay before the chunk at this position.
    pub(crate) fn pause_before(&self, position: usize) -> Duration {
        self.pauses
            .get(position)
            .or(self.pauses.last())
            .copied()
            .unwrap_or_default()
    }

    /// The status line and headers with the empty line; empty for [`Framing::Raw`].
    pub(crate) fn head(&self, close: bool) -> Vec<u8> {
        if self.framing == Framing::Raw {
            return Vec::new();
        }
        let mut head = format!("HTTP/1.1 {} {}\r\n", self.status, reason(self.status));
        let automatic = self.automatic_headers(close);
        for (name, value) in self.headers.iter().chain(&automatic) {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str("\r\n");
        head.into_bytes()
    }

    /// The headers that the framing requires and the script does not set.
    fn automatic_headers(&self, close: bool) -> Vec<(String, String)> {
        let given = |name: &str| {
            self.headers
                .iter()
                .any(|(known, _)| known.eq_ignore_ascii_case(name))
        };
        let mut automatic = Vec::new();
        let mut add = |name: &str, value: String| {
            if !given(name) {
                automatic.push((name.to_owned(), value));
            }
        };
        match self.framing {
            // No length with these statuses (RFC 9110, section 8.6), nor with a transfer coding
            // (RFC 9112, section 6.2).
            Framing::Length if !without_body(self.status) && !given("transfer-encoding") => {
                let length: usize = self.chunks.iter().map(Vec::len).sum();
                add("content-length", length.to_string());
            }
            Framing::Chunked => add("transfer-encoding", "chunked".to_owned()),
            Framing::Length | Framing::Close | Framing::Raw => {}
        }
        if close || self.framing == Framing::Close {
            add("connection", "close".to_owned());
        }
        automatic
    }
}

/// Whether responses with this status have neither a body nor a length (RFC 9110, section 6.4.1).
fn without_body(status: u16) -> bool {
    matches!(status, 100..=199 | 204 | 304)
}

/// The reason phrase of RFC 9110, section 15; empty for other statuses, as RFC 9112 allows.
fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        201 => "Created",
        202 => "Accepted",
        204 => "No Content",
        301 => "Moved Permanently",
        302 => "Found",
        303 => "See Other",
        304 => "Not Modified",
        307 => "Temporary Redirect",
        308 => "Permanent Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        407 => "Proxy Authentication Required",
        408 => "Request Timeout",
        409 => "Conflict",
        413 => "Content Too Large",
        422 => "Unprocessable Content",
        429 => "Too Many Requests",
        431 => "Request Header Fields Too Large",
        500 => "Internal Server Error",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => "",
    }
}
