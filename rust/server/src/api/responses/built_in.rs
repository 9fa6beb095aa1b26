//! Tools that OpenAI runs itself: file search, web search, code interpreter, and image generation.

use base64::engine::general_purpose::STANDARD;
use base64::Engine;
use serde_json::{json, Value};

use super::request::ResponseRequest;
use crate::api::vector_stores::{find, Search};
use crate::api_error::ApiError;
use crate::call::Call;
use crate::media::png;
use crate::model::{names, ToolChoice};
use crate::stable_hash::stable_hash;

/// The result of every web search.
const PAGE: &str = "https://example.org/";
const PAGE_TITLE: &str = "Example";
/// The number of results of a file search.
const FOUND: usize = 20;
/// The width and height of an image in pixels.
const SIDES: (u32, u32) = (1024, 1024);

/// The results of built-in tools, used before the model answers.
#[derive(Debug, Default)]
pub(super) struct BuiltIn {
    /// An item for each tool that was used.
    pub(super) items: Vec<Value>,
    /// The ids and names of the files that were found.
    file_citations: Vec<(String, String)>,
    cites_page: bool,
}

impl BuiltIn {
    /// Uses the tools: file search always, the others if the question names them.
    pub(super) fn run(call: &mut Call, request: &ResponseRequest) -> Result<BuiltIn, ApiError> {
        let mut used = BuiltIn::default();
        let prompt = &request.prompt;
        if !prompt.results.is_empty() || prompt.tool_choice == ToolChoice::None {
            return Ok(used);
        }
        let tools = call.body.get("tools").and_then(Value::as_array);
        let chosen = call.body.get("tool_choice").cloned().unwrap_or_default();
        for tool in tools.cloned().unwrap_or_default() {
            let kind = tool["type"].as_str().unwrap_or_default();
            let is_named = chosen["type"] == kind || names(&prompt.question, kind);
            match kind {
                "file_search" => used.search_files(call, &tool, &prompt.question)?,
                "code_interpreter" if is_named => used.run_code(call, &prompt.question)?,
                "image_generation" if is_named => used.draw(call, &prompt.question),
                "web_search" | "web_search_preview" if is_named => {
                    used.search_web(call, &prompt.question);
                }
                _ => {}
            }
        }
        Ok(used)
    }

    fn search_files(
        &mut self,
        call: &mut Call,
        tool: &Value,
        question: &str,
    ) -> Result<(), ApiError> {
        let stores = tool["vector_store_ids"].as_array();
        let search = Search {
            text: question.to_owned(),
            filter: Some(&tool["filters"]).filter(|filter| !filter.is_null()),
            threshold: tool["ranking_options"]["score_threshold"].as_f64(),
        };
        let mut found = Vec::new();
        for store in stores.into_iter().flatten().filter_map(Value::as_str) {
            found.extend(find(call.store, store, &search)?);
        }
        let most = tool["max_num_results"].as_u64();
        found.truncate(most.map_or(FOUND, |most| most.min(FOUND as u64) as usize));
        for result in &found {
            let citation = (result.file_id.clone(), result.filename.clone());
            if !self.file_citations.contains(&citation) {
                self.file_citations.push(citation);
            }
        }
        let included = call.body.strings("include")?;
        let includes_results = included.iter().any(|it| it == "file_search_call.results");
        let results: Vec<Value> = found
            .into_iter()
            .map(|result| {
                json!({
                    "file_id": result.file_id,
                    "filename": result.filename,
                    "score": result.score,
                    "attributes": result.attributes,
                    "text": result.text,
                })
            })
            .collect();
        self.items.push(json!({
            "id": call.store.ids.next("fs_"),
            "type": "file_search_call",
            "status": "completed",
            "queries": [question],
            "results": includes_results.then_some(results),
        }));
        Ok(())
    }

    fn search_web(&mut self, call: &mut Call, question: &str) {
        self.cites_page = true;
        self.items.push(json!({
            "id": call.store.ids.next("ws_"),
            "type": "web_search_call",
            "status": "completed",
            "action": { "type": "search", "query": question, "queries": [question] },
        }));
    }

    /// Runs a program that prints the question.
    fn run_code(&mut self, call: &mut Call, question: &str) -> Result<(), ApiError> {
        let included = call.body.strings("include")?;
        let includes_outputs = included
            .iter()
            .any(|it| it == "code_interpreter_call.outputs");
        let outputs = json!([{ "type": "logs", "logs": format!("{question}\n") }]);
        self.items.push(json!({
            "id": call.store.ids.next("ci_"),
            "type": "code_interpreter_call",
            "status": "completed",
            "container_id": call.store.ids.next("cntr_"),
            "code": format!("print({})", Value::from(question)),
            "outputs": includes_outputs.then_some(outputs),
        }));
        Ok(())
    }

    fn draw(&mut self, call: &mut Call, question: &str) {
        let hash = stable_hash(question.as_bytes()).to_le_bytes();
        let picture = png(SIDES.0, SIDES.1, [hash[0], hash[1], hash[2]]);
        self.items.push(json!({
            "id": call.store.ids.next("ig_"),
            "type": "image_generation_call",
            "status": "completed",
            "background": "opaque",
            "output_format": "png",
            "quality": "low",
            "result": STANDARD.encode(picture),
            "revised_prompt": question,
            "size": format!("{}x{}", SIDES.0, SIDES.1),
        }));
    }

    /// The citations at the end of a text with this number of characters.
    pub(super) fn annotations(&self, length: usize) -> Vec<Value> {
        let files = self.file_citations.iter().map(|(file_id, filename)| {
            json!({
                "type": "file_citation",
                "index": length,
                "file_id": file_id,
                "filename": filename,
            })
        });
        let page = self.cites_page.then(|| {
            json!({
                "type": "url_citation",
                "start_index": 0,
                "end_index": length,
                "url": PAGE,
                "title": PAGE_TITLE,
            })
        });
        files.chain(page).collect()
    }
}
