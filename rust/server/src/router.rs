//! Finds the operation of a request.

use crate::operations::{Operation, OPERATIONS};

/// The result of the lookup of a method and a path.
#[derive(Debug)]
pub(crate) enum Route {
    /// An operation and its path arguments.
    Operation(&'static Operation, Vec<String>),
    /// The path exists only with these methods.
    WrongMethod(Vec<&'static str>),
    Unknown,
}

/// Finds the operation of a path below the base URL. If several paths match, the one with the
/// fewest arguments is used: `/videos/characters` is not a video.
pub(crate) fn find(method: &str, path: &str) -> Route {
    let fitting = OPERATIONS
        .iter()
        .filter_map(|operation| Some((operation, arguments(operation.path, path)?)));
    let (same, others): (Vec<_>, Vec<_>) =
        fitting.partition(|(operation, _)| operation.method == method);
    let nearest = same
        .into_iter()
        .min_by_key(|(_, arguments)| arguments.len());
    match nearest {
        Some((operation, arguments)) => Route::Operation(operation, arguments),
        None if others.is_empty() => Route::Unknown,
        None => {
            let mut methods: Vec<&str> = others.iter().map(|(other, _)| other.method).collect();
            methods.sort_unstable();
            methods.dedup();
            Route::WrongMethod(methods)
        }
    }
}

/// The percent-decoded arguments of a path that matches the pattern.
fn arguments(pattern: &str, path: &str) -> Option<Vec<String>> {
    let mut arguments = Vec::new();
    let mut segments = path.split('/');
    for wanted in pattern.split('/') {
        let segment = segments.next()?;
        if !wanted.starts_with('{') {
            if segment != wanted {
                return None;
            }
        } else if segment.is_empty() {
            return None;
        } else {
            arguments.push(unescape(segment));
        }
    }
    segments.next().is_none().then_some(arguments)
}

/// Decodes percent-encoding (RFC 3986, section 2.1); invalid sequences are unchanged.
pub(crate) fn unescape(segment: &str) -> String {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let mut bytes = Vec::with_capacity(segment.len());
    let mut rest = segment.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let escaped = match after {
            [high, low, ..] if *first == b'%' => digit(*high).zip(digit(*low)),
            _ => None,
        };
        // Two hexadecimal digits are at most 255.
        bytes.push(escaped.map_or(*first, |(high, low)| (high * 16 + low) as u8));
        rest = if escaped.is_some() {
            &after[2..]
        } else {
            after
        };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_is_found_by_its_method_and_path() {
        for operation in OPERATIONS.iter() {
            let path: Vec<&str> = operation
                .path
                .split('/')
                .map(|part| if part.starts_with('{') { "a%20b" } else { part })
                .collect();
            match find(operation.method, &path.join("/")) {
                Route::Operation(found, arguments) => {
                    assert_eq!(found.path, operation.path);
                    assert!(arguments.iter().all(|argument| argument == "a b"));
                }
                other => panic!("{}: {other:?}", operation.name),
            }
        }
    }

    #[test]
    fn a_fixed_segment_takes_precedence_over_an_argument() {
        let Route::Operation(found, arguments) = find("POST", "/videos/characters") else {
            panic!("not found");
        };
        assert_eq!(found.name, "videos.create_character");
        assert!(arguments.is_empty());
    }
}
