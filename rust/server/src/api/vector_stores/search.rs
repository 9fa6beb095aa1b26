//! Search: the more words of the query a piece of text has, the better it fits.

use std::collections::HashSet;

use serde_json::{json, Value};

use super::chunks::chunks;
use super::filter::passes;
use super::stored;
use crate::api_error::ApiError;
use crate::call::Call;
use crate::parameters::wrong_type;
use crate::reply::Reply;

/// The most results of a search, as OpenAI's reference says, and how many there are otherwise.
const RESULT_LIMIT: u64 = 50;
const RESULTS: u64 = 10;

pub(crate) fn search(call: &mut Call) -> Result<Reply, ApiError> {
    let id = call.argument(0);
    let files = stored(call.store, &id)?.files.clone();
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
    // The limit fits into any usize.
    let count = count.unwrap_or(RESULTS) as usize;
    let threshold = body.get("ranking_options");
    let threshold = threshold.and_then(|ranking| ranking["score_threshold"].as_f64());
    let wanted = words(&queries.join(" "));

    let mut found: Vec<(f64, Value)> = Vec::new();
    for file in &files {
        if let Some(filter) = body.get("filters") {
            if !passes(filter, &file.attributes)? {
                continue;
            }
        }
        let filename = call.store.files.get(&file.id).map(|file| &file.filename);
        for text in chunks(call.store, file) {
            let score = score(&wanted, &words(&text));
            if score > 0.0 && score >= threshold.unwrap_or(0.0) {
                let result = json!({
                    "file_id": file.id,
                    "filename": filename,
                    "score": score,
                    "attributes": file.attributes,
                    "content": [{ "type": "text", "text": text }],
                });
                found.push((score, result));
            }
        }
    }
    // A stable sort: what fits equally well stays in the order of the files.
    found.sort_by(|left, right| right.0.total_cmp(&left.0));
    let data: Vec<Value> = found.into_iter().take(count).map(|(_, it)| it).collect();
    Ok(Reply::json(&json!({
        "object": "vector_store.search_results.page",
        "search_query": queries,
        "data": data,
        "has_more": false,
        "next_page": null,
    })))
}

/// Which share of the wanted words is there.
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
