//! Parses forms: `multipart/form-data` (RFC 7578).

use memchr::memmem;

use crate::api_error::ApiError;

/// The maximum number of parts.
const PART_LIMIT: usize = 1000;

/// A file in a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FormFile {
    pub(crate) name: String,
    /// Its media type, if the form contains it.
    pub(crate) kind: Option<String>,
    pub(crate) bytes: Vec<u8>,
}

/// A field of a form: text or a file.
#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) name: String,
    pub(crate) text: String,
    pub(crate) file: Option<FormFile>,
}

/// The boundary in the media type of a form.
pub(crate) fn boundary(content_type: &str) -> Option<String> {
    let (kind, parameters) = content_type.split_once(';')?;
    if !kind.trim().eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    parameter(parameters, "boundary")
}

/// Parses the parts of a form.
pub(crate) fn parts(body: &[u8], boundary: &str) -> Result<Vec<Part>, ApiError> {
    let refuse = || {
        ApiError::new(
            400,
            "We could not parse the multipart form of your request.",
        )
    };
    // Adds the line break before the first delimiter, which is optional, so that all delimiters are
    // equal.
    let delimiter = format!("\r\n--{boundary}");
    let first = memmem::find(body, &delimiter.as_bytes()[2..]).ok_or_else(refuse)?;
    let mut rest = &body[first + delimiter.len() - 2..];
    let mut parts = Vec::new();
    while !rest.starts_with(b"--") {
        let start = memmem::find(rest, b"\r\n").ok_or_else(refuse)? + 2;
        let length = memmem::find(&rest[start..], delimiter.as_bytes()).ok_or_else(refuse)?;
        if parts.len() == PART_LIMIT {
            return Err(refuse());
        }
        parts.push(part(&rest[start..start + length]).ok_or_else(refuse)?);
        rest = &rest[start + length + delimiter.len()..];
    }
    Ok(parts)
}

fn part(bytes: &[u8]) -> Option<Part> {
    let end = memmem::find(bytes, b"\r\n\r\n")?;
    let head = std::str::from_utf8(&bytes[..end]).ok()?;
    let bytes = &bytes[end + 4..];
    let header = |name: &str| {
        let mut lines = head.lines().filter_map(|line| line.split_once(':'));
        let found = lines.find(|(known, _)| known.trim().eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.trim())
    };
    let disposition = header("content-disposition")?;
    let file = parameter(disposition, "filename").map(|name| FormFile {
        name,
        kind: header("content-type").map(str::to_owned),
        bytes: bytes.to_vec(),
    });
    let text = match file {
        None => String::from_utf8_lossy(bytes).into_owned(),
        Some(_) => String::new(),
    };
    Some(Part {
        name: parameter(disposition, "name")?,
        text,
        file,
    })
}

/// A parameter of a header, quoted or not.
fn parameter(header: &str, name: &str) -> Option<String> {
    let parameters = header.split(';').filter_map(|part| part.split_once('='));
    let (_, value) = parameters
        .into_iter()
        .find(|(known, _)| known.trim().eq_ignore_ascii_case(name))?;
    let value = value.trim();
    let unquoted = value
        .strip_prefix('"')
        .and_then(|value| value.strip_suffix('"'));
    // Browsers encode quotes in names as `%22`.
    Some(unquoted.unwrap_or(value).replace("%22", "\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_has_texts_and_files() {
        let boundary = boundary("multipart/form-data; boundary=\"x-1\"").expect("a boundary");
        let body = b"--x-1\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nbatch\r\n\
                     --x-1\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a b.txt\"\r\n\
                     Content-Type: text/plain\r\n\r\n\r\n--x-\r\n\r\n--x-1--\r\n";
        let parts = parts(body, &boundary).expect("a form");
        assert_eq!((&*parts[0].name, &*parts[0].text), ("purpose", "batch"));
        let file = parts[1].file.clone().expect("a file");
        assert_eq!(file.name, "a b.txt");
        assert_eq!(file.kind.as_deref(), Some("text/plain"));
        assert_eq!(file.bytes, b"\r\n--x-\r\n");
    }

    #[test]
    fn an_incomplete_form_is_rejected() {
        for body in [
            "",
            "--b",
            "--b\r\n\r\n",
            "--b\r\nContent-Disposition: x\r\n\r\n\r\n--b--",
        ] {
            assert!(parts(body.as_bytes(), "b").is_err(), "{body:?}");
        }
    }
}
