//! An exact answer: what is written, when, and how it ends.

use std::time::Duration;

use serde_json::Value;

/// An answer as a script gives it, see [`Server::reply`](crate::Server::reply).
///
/// The default is `200 OK` without headers or body, sent at once, after which the connection stays
/// open.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The status code. Not used by [`Framing::Raw`].
    pub status: u16,
    /// Headers in order. A header that the server would add by itself (`content-length`,
    /// `transfer-encoding`, `connection`) is not added when one of that name, in any case, stands
    /// here. Not used by [`Framing::Raw`].
    pub headers: Vec<(String, String)>,
    /// The body in pieces. Each is given to the socket in one write; only a piece larger than what
    /// the socket takes at once needs more. An empty piece writes nothing: it only makes its pause.
    pub chunks: Vec<Vec<u8>>,
    /// The pause before the first byte of the answer.
    pub delay: Duration,
    /// The pause before each chunk. When there are fewer than chunks the last one is repeated; when
    /// there are none nothing pauses. Pauses have the resolution of a millisecond.
    pub pauses: Vec<Duration>,
    /// How the client is told where the body ends.
    pub framing: Framing,
    /// What happens after the last chunk.
    pub ending: Ending,
}

/// How the client is told where the body ends (RFC 9112, section 6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// `content-length` with the length of all chunks. A `content-length` or `transfer-encoding`
    /// among the headers of the script stands instead, and may lie.
    Length,
    /// `transfer-encoding: chunked`, an HTTP chunk for each chunk, and a last chunk of size zero
    /// when the ending is [`Ending::KeepAlive`].
    Chunked,
    /// No length and `connection: close`: the body ends with the connection.
    Close,
    /// Nothing is added: the chunks are the very bytes of the whole answer, status line included.
    /// So interim answers (`103 Early Hints`), trailers, chunk extensions and broken framing are
    /// written.
    Raw,
}

/// What happens after the last chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The answer is complete and the connection waits for the next request, unless the framing is
    /// [`Framing::Close`] or the request asked for a close.
    KeepAlive,
    /// The connection is closed in order (FIN), without the last chunk of size zero.
    Close,
    /// The connection is reset (RST). On some systems the client loses what it had not read by
    /// then: a last, empty chunk with a pause gives it time to read.
    Reset,
    /// Nothing more is sent and the connection stays open until the client closes it or the server
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
    /// A plain answer: a status, a `content-type` and a body in one piece.
    pub fn body(status: u16, content_type: impl Into<String>, body: impl Into<Vec<u8>>) -> Reply {
        Reply {
            status,
            headers: vec![("content-type".to_owned(), content_type.into())],
            chunks: vec![body.into()],
            ..Reply::default()
        }
    }

    /// An answer of status 200 with this JSON.
    pub(crate) fn json(value: &Value) -> Reply {
        Reply::body(200, "application/json", value.to_string())
    }

    pub(crate) fn is_event_stream(&self) -> bool {
        let is_type = |(name, value): &(String, String)| {
            name == "content-type" && value.starts_with("text/event-stream")
        };
        self.headers.iter().any(is_type)
    }

    /// Nothing comes behind so many chunks, and the connection is closed too early.
    pub(crate) fn break_after(&mut self, chunks: usize) {
        self.chunks.truncate(chunks);
        self.ending = Ending::Close;
    }

    /// The pause before the chunk at this position.
    pub(crate) fn pause_before(&self, position: usize) -> Duration {
        self.pauses
            .get(position)
            .or(self.pauses.last())
            .copied()
            .unwrap_or_default()
    }

    /// Status line and headers with the empty line after them; nothing for [`Framing::Raw`].
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

    /// The headers that the framing needs and the script does not give.
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
            // RFC 9110, section 8.6: no length with these statuses; RFC 9112, section 6.2: nor
            // beside a transfer coding.
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

/// Whether answers with this status have no body and no length of one (RFC 9110, section 6.4.1).
fn without_body(status: u16) -> bool {
    matches!(status, 100..=199 | 204 | 304)
}

/// The reason phrase of RFC 9110, section 15; empty, which RFC 9112 allows, for a status not known
/// here.
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
