//! Errors about requests that a model cannot handle, which servers describe in many ways.

use super::Error;

/// Why a model cannot handle a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// The input and the requested output are longer than the context window of the model.
    Context,
    /// The model does not accept images.
    ImageInput,
}

/// Error codes for a full context window: OpenAI, Azure, Groq; llama.cpp.
const CONTEXT_CODES: [&str; 2] = ["context_length_exceeded", "exceed_context_size_error"];

/// Error messages for a full context window.
const CONTEXT_WORDS: [&str; 24] = [
    // OpenAI, Azure, vLLM, OpenRouter, DeepSeek, Mistral, SGLang.
    "maximum context length",
    "exceeds the context window",
    "input tokens exceed the configured limit",
    "maximum input length is",
    // vLLM and SGLang.
    "the model's context length",
    "longer than the maximum model length",
    // llama.cpp and its Python server.
    "available context size",
    "exceed context window of",
    // Ollama.
    "max context length",
    "exceeds the context length",
    // LM Studio.
    "greater than the context length",
    "context length of only",
    // LiteLLM, and Anthropic behind it.
    "contextwindowexceedederror",
    "prompt is too long",
    "exceed context limit",
    // Groq and Cerebras.
    "reduce the length of the messages",
    // xAI, Google, Amazon, Hugging Face, Moonshot, MiniMax, GitHub, Poolside.
    "maximum prompt length",
    "exceeds the maximum number of tokens allowed",
    "input is too long for requested model",
    "`inputs` tokens + `max_new_tokens` must be",
    "exceeded model token limit",
    "context window exceeds limit",
    "prompt token count of",
    "maximum allowed input length",
];

/// Error messages for images sent to a model that does not accept them.
const IMAGE_WORDS: [&str; 17] = [
    // OpenAI and Azure.
    "image_url is only supported by certain models",
    "does not support image",
    "do not support image",
    "not support vision",
    "image inputs are not supported",
    // vLLM.
    "is not a multimodal model",
    "at most 0 image",
    // llama.cpp.
    "image input is not supported",
    // Ollama.
    "missing data required for image input",
    // Groq.
    "content must be a string",
    // OpenRouter.
    "no endpoints found that support image input",
    // DeepSeek.
    "unknown variant `image_url`",
    // LM Studio.
    "not support images",
    // Amazon, Mistral, Alibaba, Hugging Face.
    "doesn't support the image",
    "image input is not enabled",
    "unexpected item type in content",
    "image_url is not supported",
];

impl Reason {
    /// What it is called outside of this crate.
    pub fn name(self) -> &'static str {
        match self {
            Reason::Context => "context",
            Reason::ImageInput => "image_input",
        }
    }

    /// The reason of an error, if it is one of these; `has_picture` returns whether the request has
    /// an image.
    pub(crate) fn of(error: &Error, has_picture: impl FnOnce() -> bool) -> Option<Reason> {
        let called = [&error.code, &error.error_type];
        let mut called = called.into_iter().flatten();
        let message = error.message.to_lowercase();
        let mentions = |words: &[&str]| words.iter().any(|words| message.contains(words));
        if called.any(|name| CONTEXT_CODES.contains(&name.as_str())) || mentions(&CONTEXT_WORDS) {
            Some(Reason::Context)
        } else {
            (mentions(&IMAGE_WORDS) && has_picture()).then_some(Reason::ImageInput)
        }
    }
}
