//! Reads requests (RFC 9112).

use httparse::{Status, EMPTY_HEADER};

use crate::malformed::Malformed;
use crate::request_body::{BodyError, BodyFraming, RequestBody};
use crate::socket::Socket;

/// The maximum size of the request line and headers in bytes.
const HEAD_LIMIT: usize = 64 * 1024;
/// The maximum number of headers.
const HEADER_LIMIT: usize = 128;

/// A complete request.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) head: Head,
    pub(crate) body: RequestBody,
}

/// The request line and the headers.
#[derive(Debug)]
pub(crate) struct Head {
    pub(crate) method: String,
    pub(crate) target: String,
    /// Names in lower case, in the order in which they were sent.
    pub(crate) headers: Vec<(String, String)>,
    /// Whether the client uses HTTP/1.0, which has neither interim responses nor chunks.
    pub(crate) version_1_0: bool,
}

impl Request {
    /// Reads the next request of a connection.
    pub(crate) async fn read(socket: &mut Socket) -> Result<Request, BodyError> {
        let head = read_head(socket).await?;
        let framing = head.body_framing()?;
        let body_is_waiting = framing != BodyFraming::Length(0) && socket.unread().is_empty();
        // RFC 9110, section 10.1.1: not for HTTP/1.0, and not needed once the body is being sent.
        if body_is_waiting && !head.version_1_0 && head.lists("expect", "100-continue") {
            socket.write(b"HTTP/1.1 100 Continue\r\n\r\n").await?;
        }
        let body = RequestBody::read(socket, framing).await?;
        Ok(Request { head, body })
    }
}

impl Head {
    /// The value of the first header with this name, given in lower case.
    pub(crate) fn header(&self, name: &'static str) -> Option<&str> {
        self.values(name).next()
    }

    /// The path of the target, which starts with an authority in requests to a proxy (RFC 9112,
    /// section 3.2.2).
    pub(crate) fn path(&self) -> &str {
        let path = match self.target.split_once("://") {
            Some((_, rest)) => rest.find('/').map_or("/", |start| &rest[start..]),
            None => &self.target,
        };
        path.split(['?', '#']).next().unwrap_or_default()
    }

    /// Whether to close the connection after the response (RFC 9112, section 9.3).
    pub(crate) fn asks_for_close(&self) -> bool {
        self.version_1_0 || self.lists("connection", "close")
    }

    fn values(&self, name: &'static str) -> impl Iterator<Item = &str> {
        self.headers
            .iter()
            .filter(move |(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// Whether a comma-separated header contains this element.
    fn lists(&self, name: &'static str, element: &str) -> bool {
        let mut elements = self.values(name).flat_map(|value| value.split(','));
        elements.any(|known| known.trim().eq_ignore_ascii_case(element))
    }

    fn body_framing(&self) -> Result<BodyFraming, Malformed> {
        let coded = self.header("transfer-encoding").is_some();
        let mut lengths = self.values("content-length");
        match lengths.next() {
            None if !coded => Ok(BodyFraming::Length(0)),
            None if self.lists("transfer-encoding", "chunked") => Ok(BodyFraming::Chunked),
            // A length with a transfer coding, or two lengths, enable request smuggling.
            Some(length) if !coded && lengths.all(|other| other == length) => {
                let digits_only = length.bytes().all(|byte| byte.is_ascii_digit());
                let length = length.parse().ok().filter(|_| digits_only);
                length.map(BodyFraming::Length).ok_or(Malformed::Syntax)
            }
            _ => Err(Malformed::Syntax),
        }
    }
}

async fn read_head(socket: &mut Socket) -> Result<Head, BodyError> {
    loop {
        let start = &socket.unread()[..socket.unread().len().min(HEAD_LIMIT)];
        if let Some((head, length)) = parse_head(start)? {
            socket.consume(length);
            return Ok(head);
        }
        if start.len() == HEAD_LIMIT {
            return Err(Malformed::TooLarge.into());
        }
        socket.fill().await?;
    }
}

/// Parses the request line and headers at the start of these bytes, and returns their length;
/// `None` if they are incomplete.
fn parse_head(bytes: &[u8]) -> Result<Option<(Head, usize)>, Malformed> {
    let mut headers = [EMPTY_HEADER; HEADER_LIMIT];
    let mut parsed = httparse::Request::new(&mut headers);
    let length = match parsed.parse(bytes) {
        Ok(Status::Complete(length)) => length,
        Ok(Status::Partial) => return Ok(None),
        Err(httparse::Error::TooManyHeaders) => return Err(Malformed::TooLarge),
        Err(_) => return Err(Malformed::Syntax),
    };
    let headers = parsed.headers.iter().map(|header| {
        (
            header.name.to_ascii_lowercase(),
            String::from_utf8_lossy(header.value).into_owned(),
        )
    });
    let head = Head {
        method: parsed.method.unwrap_or_default().to_owned(),
        target: parsed.path.unwrap_or_default().to_owned(),
        headers: headers.collect(),
        version_1_0: parsed.version == Some(0),
    };
    Ok(Some((head, length)))
}
