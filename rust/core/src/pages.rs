//! Fetches the pages of a list and combines them.
//!
//! The resources of the API differ in how a page refers to the next one
//! (<https://platform.openai.com/docs/api-reference/introduction>).

use std::collections::HashSet;

use crate::error::Error;
use crate::http::request::Request;
use crate::http::trace::Trace;
use crate::http::transport::Transport;
use crate::json::{Array, Document, Fields, Node, Value};
use crate::received::Content;
use crate::send::{send, Answer};

/// How a page refers to the next one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cursor {
    /// `after` is the id of the last object.
    LastObject,
    /// `after` is `last_id`.
    LastId,
    /// `after` is `next`.
    Next,
    /// `page` is `next`.
    NextAsPage,
    /// `page` is `next_page`.
    NextPage,
}

impl Cursor {
    /// The cursor with this name in the table of operations.
    pub fn named(name: &str) -> Option<Cursor> {
        Some(match name {
            "after" => Cursor::LastObject,
            "last_id" => Cursor::LastId,
            "next" => Cursor::Next,
            "page" => Cursor::NextAsPage,
            "buckets" => Cursor::NextPage,
            _ => return None,
        })
    }

    fn parameter(self) -> &'static str {
        match self {
            Cursor::LastObject | Cursor::LastId | Cursor::Next => "after",
            Cursor::NextAsPage | Cursor::NextPage => "page",
        }
    }

    /// The value of the query parameter for the next page; `None` if this is the last page.
    fn after(self, page: Node<'_>) -> Option<String> {
        if matches!(page.get("has_more"), Some(Node::Bool(false))) {
            return None;
        }
        let of_last = || {
            let objects = page.get("data").and_then(Node::as_array)?;
            objects.iter().last()?.get("id")
        };
        let cursor = match self {
            Cursor::LastObject => of_last(),
            Cursor::LastId => page.get("last_id").or_else(of_last),
            Cursor::Next | Cursor::NextAsPage => page.get("next"),
            Cursor::NextPage => page.get("next_page"),
        };
        let cursor = cursor
            .and_then(Node::as_str)
            .filter(|cursor| !cursor.is_empty());
        cursor.map(str::to_owned)
    }
}

/// Sends `request`, and requests the following pages, at most `most` in all. The result is the last
/// page with the objects of all pages in `data`.
///
/// # Errors
/// Returns the errors of [`send`]. If a page fails, no pages are returned, and the error says where
/// to continue.
pub async fn send_for_pages(
    transport: &Transport,
    mut request: Request,
    trace: &Trace,
    cursor: Cursor,
    most: u64,
) -> Result<Answer, Error> {
    let mut objects = Vec::new();
    let mut first_id = None;
    // A server that does not support cursors returns the same page forever.
    let mut seen = HashSet::new();
    let mut pages = 0;
    let parameter = cursor.parameter();
    let mut start = String::new();
    loop {
        let answer = send(transport, &request, trace).await;
        let mut answer = answer.map_err(|error| with_position(error, pages, parameter, &start))?;
        pages += 1;
        let Content::Json(page) = &answer.content else {
            return Ok(answer);
        };
        let root = page.root();
        let next = cursor.after(root).filter(|_| pages < most);
        let next = next.filter(|next| seen.insert(next.clone()));
        if pages == 1 && next.is_none() {
            return Ok(answer);
        }
        let data = root.get("data").and_then(Node::as_array);
        objects.extend(data.into_iter().flat_map(Array::iter).map(Value::from));
        first_id = first_id.or_else(|| root.get("first_id").map(Value::from));
        let Some(next) = next else {
            let whole = whole(root, objects, first_id);
            let whole = Document::parse_with(whole.to_text(), request.options.large_integers);
            let unreadable = |error| answer.unreadable("a page of a list", &format!("{error}"));
            answer.content = Content::Json(whole.map_err(unreadable)?);
            return Ok(answer);
        };
        if let Some(transfer) = &request.transfer {
            transfer.add_page(pages, objects.len() as u64);
        }
        request.set_query(parameter, &next);
        start = next;
    }
}

/// The last page with the objects of all pages.
fn whole(last: Node<'_>, objects: Vec<Value>, first_id: Option<Value>) -> Value {
    let mut list = match Value::from(last) {
        Value::Object(list) => list,
        _ => Fields::default(),
    };
    list.set("data", Value::Array(objects));
    if let Some(first_id) = first_id {
        list.set("first_id", first_id);
    }
    Value::Object(list)
}

/// Adds to an error how many pages were received, and how to continue.
fn with_position(error: Error, pages: u64, parameter: &str, next: &str) -> Error {
    if pages == 0 {
        return error;
    }
    let message = format!(
        "{} {pages} pages were received before it; to continue, use `{parameter} = \"{next}\"`.",
        error.message
    );
    Error { message, ..error }
}
