//! Search: a chunk scores higher the more words of the query it contains.

use std::collections::HashSet;

use serde_json::{json, Value};

use super::chunks::chunks;
use super::filter::passes;
use super::stored;
use crate::api_error::ApiError;
use crate::call::Call;
use crate::parameters::wrong_type;
use crate::reply::Reply;
use crate::store::Store;

/// The maximum number of results in OpenAI's reference, and the default.
const RESULT_LIMIT: u64 = 50;
const RESULTS: u64 = 10;

/// A search.
#[derive(Debug)]
pub(crate) struct Search<'a> {
    pub(crate) text: String,
    pub(crate) filter: Option<&'a Value>,
    /// The minimum score of results.
    pub(crate) threshold: Option<f64>,
}

/// A chunk of a file.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) file_id: String,
    pub(crate) filename: String,
    pub(crate) score: f64,
    pub(crate) attributes: Value,
    pub(crate) text: String,
}

pub(crate) fn search(call: &mut Call) -> Result<Reply, ApiError> {
    let id = call.argument(0);
    let body = &call.body;
    let query = body.required("query")?;
    if !query.is_string() && !query.is_array() {
        return Err(wrong_type(
            "query",
            "a string or an array of strings",
            query,
        ));
    }
    let queries = body.strings("query")?;
    let count = body.integer("max_num_results", 1..=RESULT_LIMIT)?;
    // The limit fits into `usize`.
    let count = count.unwrap_or(RESULTS) as usize;
    let ranking = body.get("ranking_options");
    let search = Search {
        text: queries.join(" "),
        filter: body.get("filters"),
        threshold: ranking.and_then(|ranking| ranking["score_threshold"].as_f64()),
    };
    let found = find(call.store, &id, &search)?;
    let data: Vec<Value> = found
        .into_iter()
        .take(count)
        .map(|found| {
            json!({
                "file_id": found.file_id,
                "filename": found.filename,
                "score": found.score,
                "attributes": found.attributes,
                "content": [{ "type": "text", "text": found.text }],
            })
        })
        .collect();
    Ok(Reply::json(&json!({
        "object": "vector_store.search_results.page",
        "search_query": queries,
        "data": data,
        "has_more": false,
        "next_page": null,
    })))
}

/// The matching chunks in a vector store, best first.
pub(crate) fn find(store: &mut Store, id: &str, search: &Search) -> Result<Vec<Found>, ApiError> {
    let files = stored(store, id)?.files.clone();
    let wanted = words(&search.text);
    let mut found = Vec::new();
    for file in files {
        if let Some(filter) = search.filter {
            if !passes(filter, &file.attributes)? {
                continue;
            }
        }
        let known = store.files.get(&file.id);
        let filename = known.map_or_else(String::new, |known| known.filename.clone());
        for text in chunks(store, &file) {
            let score = score(&wanted, &words(&text));
            if score > 0.0 && score >= search.threshold.unwrap_or(0.0) {
                found.push(Found {
                    file_id: file.id.clone(),
                    filename: filename.clone(),
                    score,
                    attributes: file.attributes.clone(),
                    text,
                });
            }
        }
    }
    // A stable sort keeps the order of the files for equal scores.
    found.sort_by(|left, right| right.score.total_cmp(&left.score));
    Ok(found)
}

/// The share of the query's words in the chunk.
fn score(wanted: &HashSet<String>, found: &HashSet<String>) -> f64 {
    if wanted.is_empty() {
        return 0.0;
    }
    wanted.intersection(found).count() as f64 / wanted.len() as f64
}

fn words(text: &str) -> HashSet<String> {
    let words = text.split(|letter: char| !letter.is_alphanumeric());
    words
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}
