//! The request fields that are always arrays, and those that are always objects.
//!
//! Languages without scalars, such as R, cannot distinguish `"file-1"` from `["file-1"]`, so the
//! name of the field decides. The names are from OpenAI's OpenAPI description and have the same
//! shape wherever they appear.

/// The shape of a field's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    Array,
    Object,
    /// As given: a scalar, an array or an object.
    Any,
}

/// What determines the keys of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keys {
    /// Fields of the API.
    Api,
    /// Keywords of a JSON schema.
    Schema,
    /// Properties in a JSON schema, named by the user; each value is a schema.
    Properties,
    /// Named by the user, at any depth.
    Free,
}

const ARRAYS: [&str; 53] = [
    "acknowledged_safety_checks",
    "actions",
    "additional_messages",
    "allowed_callers",
    "allowed_domains",
    "attachments",
    "certificate_ids",
    "command",
    "commands",
    "context_management",
    "domain_secrets",
    "file_ids",
    "functions",
    "images",
    "include",
    "integrations",
    "items",
    "keys",
    "keywords",
    "known_speaker_names",
    "known_speaker_references",
    "labels",
    "languages",
    "messages",
    "modalities",
    "model_ids",
    "output_modalities",
    "outputs",
    "part_ids",
    "passing_labels",
    "pending_safety_checks",
    "permissions",
    "project_ids",
    "projects",
    "queries",
    "range",
    "recipients",
    "results",
    "scopes",
    "search_content_types",
    "skills",
    "sources",
    "tags",
    "template",
    "testing_criteria",
    "timestamp_granularities",
    "tool_calls",
    "tool_names",
    "tool_outputs",
    "tools",
    "users",
    "vector_store_ids",
    "vector_stores",
];

const OBJECTS: [&str; 75] = [
    "agent",
    "always",
    "approximate",
    "attributes",
    "audio",
    "automatic_thread_titling",
    "caller",
    "chatkit_configuration",
    "client_secret",
    "code_interpreter",
    "custom",
    "data_source",
    "data_source_config",
    "dpo",
    "env",
    "file_upload",
    "function",
    "grader",
    "graders",
    "grammar",
    "headers",
    "history",
    "hybrid_search",
    "hyperparameters",
    "image_file",
    "image_generation",
    "input_audio",
    "input_audio_noise_reduction",
    "input_audio_transcription",
    "input_image_mask",
    "input_messages",
    "input_schema",
    "item",
    "item_schema",
    "json_schema",
    "logit_bias",
    "mcp",
    "metadata",
    "method",
    "multi_agent",
    "network_policy",
    "never",
    "noise_reduction",
    "notification_channel",
    "outcome",
    "output_expires_after",
    "output_schema",
    "parameters",
    "policy",
    "prediction",
    "prompt_cache_breakpoint",
    "prompt_cache_options",
    "ranking_options",
    "rate_limits",
    "reasoning",
    "reinforcement",
    "sample",
    "sampling_params",
    "schema",
    "session",
    "state_variables",
    "static",
    "stream_options",
    "supervised",
    "thread",
    "token_limits",
    "tool_resources",
    "transcription",
    "turn_detection",
    "user_location",
    "variables",
    "wandb",
    "web_search",
    "web_search_options",
    "workflow",
];

impl Keys {
    /// The shape of the field `name`, and what determines the keys below it.
    pub fn field(self, name: &str) -> (Shape, Keys) {
        match self {
            Keys::Api => (shape_of(name), keys_below(name)),
            Keys::Schema => keyword(name),
            Keys::Properties => (Shape::Any, Keys::Schema),
            Keys::Free => (Shape::Any, Keys::Free),
        }
    }
}

fn shape_of(name: &str) -> Shape {
    if ARRAYS.binary_search(&name).is_ok() {
        Shape::Array
    } else if OBJECTS.binary_search(&name).is_ok() || describes_properties(name) {
        Shape::Object
    } else {
        Shape::Any
    }
}

fn keys_below(name: &str) -> Keys {
    match name {
        "metadata" | "attributes" | "variables" | "state_variables" | "headers" | "env"
        | "logit_bias" => Keys::Free,
        // The arguments of a tool call, and the rows of an evaluation.
        "arguments" | "item" | "sample" => Keys::Free,
        "parameters" | "schema" | "input_schema" | "output_schema" | "item_schema" => Keys::Schema,
        _ if describes_properties(name) => Keys::Properties,
        _ => Keys::Api,
    }
}

fn describes_properties(name: &str) -> bool {
    matches!(name, "properties" | "$defs")
}

/// The shape of a JSON Schema keyword, and what determines the keys below it.
fn keyword(name: &str) -> (Shape, Keys) {
    match name {
        "anyOf" | "oneOf" | "allOf" | "prefixItems" => (Shape::Array, Keys::Schema),
        "required" | "enum" => (Shape::Array, Keys::Free),
        "const" | "default" | "examples" => (Shape::Any, Keys::Free),
        _ if describes_properties(name) => (Shape::Object, Keys::Properties),
        _ => (Shape::Any, Keys::Schema),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_are_sorted_and_share_no_name() {
        assert!(ARRAYS.is_sorted());
        assert!(OBJECTS.is_sorted());
        assert!(OBJECTS.iter().all(|name| !ARRAYS.contains(name)));
    }

    #[test]
    fn names_have_a_different_meaning_in_a_schema() {
        assert_eq!(Keys::Api.field("items"), (Shape::Array, Keys::Api));
        assert_eq!(Keys::Schema.field("items"), (Shape::Any, Keys::Schema));
        assert_eq!(Keys::Properties.field("tools"), (Shape::Any, Keys::Schema));
        assert_eq!(Keys::Free.field("tools"), (Shape::Any, Keys::Free));
    }
}
