//! The addresses of requests.

use reqwest::Url;

use crate::error::Error;
use crate::percent::{encoded_in_query, encoded_in_segment};

/// The ends of URLs of single endpoints, which are often given as base URLs by mistake.
const ENDPOINTS: [&str; 4] = [
    "/chat/completions",
    "/completions",
    "/embeddings",
    "/responses",
];

/// Parses the base URL of a client; the URL of a single endpoint is rejected.
pub fn base_of_client(base_url: &str) -> Result<Url, Error> {
    let url = base(base_url)?;
    let path = url.path().trim_end_matches('/');
    match ENDPOINTS.iter().find(|end| path.ends_with(*end)) {
        None => Ok(url),
        Some(end) => Err(Error::argument(format!(
            "The base URL \"{base_url}\" ends with {end}, which each call adds itself: remove it."
        ))),
    }
}

/// Parses a base URL such as `https://api.openai.com/v1`.
pub(super) fn base(base_url: &str) -> Result<Url, Error> {
    let refused = |why: &str| {
        Error::argument(format!(
            "The base URL \"{base_url}\" {why}; it should look like \"https://api.openai.com/v1\"."
        ))
    };
    let url = Url::parse(base_url).map_err(|error| refused(&format!("is not a URL ({error})")))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(refused("does not begin with http:// or https://"));
    }
    if !url.has_host() {
        return Err(refused("has no host"));
    }
    if url.fragment().is_some() {
        return Err(refused("has a fragment (#)"));
    }
    Ok(url)
}

/// Appends path segments. Only characters that RFC 3986 (section 3.3) does not allow in a segment
/// are escaped, so ids such as `ft:gpt-4o:acme::abc` are unchanged.
pub(crate) fn append(url: &mut Url, segments: &[String]) -> Result<(), Error> {
    let mut path = url.path().trim_end_matches('/').to_owned();
    for segment in segments {
        if segment.is_empty() || segment == "." || segment == ".." {
            return Err(Error::argument(format!(
                "\"{segment}\" is not allowed in the path of a URL."
            )));
        }
        path.push('/');
        path.push_str(&encoded_in_segment(segment));
    }
    url.set_path(&path);
    Ok(())
}

/// Adds query parameters to those of the base URL. A space is encoded as `%20`, because not every
/// server accepts `+`.
pub(crate) fn add_query(url: &mut Url, fields: &[(String, String)]) {
    let fields = fields
        .iter()
        .map(|(name, value)| format!("{}={}", encoded_in_query(name), encoded_in_query(value)));
    let query = url.query().map(str::to_owned).into_iter().chain(fields);
    let query: Vec<String> = query.filter(|part| !part.is_empty()).collect();
    if !query.is_empty() {
        url.set_query(Some(&query.join("&")));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::request::Request;

    fn url_of(segments: &[&str]) -> Result<String, Error> {
        let segments: Vec<String> = segments.iter().map(|segment| segment.to_string()).collect();
        let request = Request::new("GET", "http://host/v1/", &segments, &[], String::new())?;
        Ok(request.url.to_string())
    }

    #[test]
    fn segments_are_escaped_separately() {
        assert_eq!(
            url_of(&["models", "a/b?c#d e"]).unwrap(),
            "http://host/v1/models/a%2Fb%3Fc%23d%20e"
        );
        assert_eq!(
            url_of(&["models", "ft:a:b::c"]).unwrap(),
            "http://host/v1/models/ft:a:b::c"
        );
        assert_eq!(
            url_of(&["models", "ü%2e"]).unwrap(),
            "http://host/v1/models/%C3%BC%252e"
        );
    }

    #[test]
    fn a_query_escapes_all_but_plain_characters() {
        let query_of = |base: &str, query: &[(&str, &str)]| {
            let owned = |(name, value): &(&str, &str)| (name.to_string(), value.to_string());
            let query: Vec<_> = query.iter().map(owned).collect();
            let request = Request::new("GET", base, &[], &query, String::new()).unwrap();
            request.url.query().map(str::to_owned)
        };
        assert_eq!(
            query_of("http://host", &[("a[]", "b c+d&e=f"), ("ü", "~/-._%")]).unwrap(),
            "a%5B%5D=b%20c%2Bd%26e%3Df&%C3%BC=~%2F-._%25"
        );
        assert_eq!(
            query_of("http://host?version=1%202", &[("a", "b")]).unwrap(),
            "version=1%202&a=b"
        );
        assert_eq!(query_of("http://host", &[]), None);
    }

    #[test]
    fn dot_segments_and_empty_segments_are_rejected() {
        for segment in ["", ".", ".."] {
            assert_eq!(
                url_of(&["models", segment]).unwrap_err().kind,
                crate::ErrorKind::Argument
            );
        }
    }

    #[test]
    fn an_invalid_base_url_is_quoted() {
        for text in [
            "",
            "host",
            "ftp://host/v1",
            "http://",
            "https://host/#v1",
            "https://host/v1/chat/completions",
            "https://host/v1/responses/",
        ] {
            let error = base_of_client(text).unwrap_err();
            assert!(
                error.message.contains(&format!("\"{text}\"")),
                "{}",
                error.message
            );
        }
    }
}
