//! Dialects: how other servers with this API differ from OpenAI in paths, keys, models, rejected
//! fields, members of responses, and errors.
//!
//! There is one file per dialect, based on the vendor's documentation. They imitate a server only
//! as far as the tests of its recipe need it, and concentrate on differences that affect clients.

mod azure;
mod base;
mod conversion;
mod databricks;
mod groq;
mod key;
mod lm_studio;
mod ollama;
mod openai;
mod openrouter;
mod rules;
mod vllm;

pub(crate) use rules::{Address, Rules};

/// The server to imitate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dialect {
    #[default]
    OpenAi,
    Azure,
    Databricks,
    Groq,
    LmStudio,
    Ollama,
    OpenRouter,
    Vllm,
}

/// All dialects with their names.
const NAMES: [(&str, Dialect); 8] = [
    ("openai", Dialect::OpenAi),
    ("azure", Dialect::Azure),
    ("databricks", Dialect::Databricks),
    ("groq", Dialect::Groq),
    ("lmstudio", Dialect::LmStudio),
    ("ollama", Dialect::Ollama),
    ("openrouter", Dialect::OpenRouter),
    ("vllm", Dialect::Vllm),
];

impl Dialect {
    /// The dialect of this name, such as `azure`.
    pub fn named(name: &str) -> Option<Dialect> {
        let known = NAMES.iter().find(|(known, _)| *known == name);
        known.map(|(_, dialect)| *dialect)
    }

    /// The names of all dialects.
    pub fn names() -> impl Iterator<Item = &'static str> {
        NAMES.iter().map(|(name, _)| *name)
    }

    pub(crate) fn rules(self) -> &'static Rules {
        match self {
            Dialect::OpenAi => &openai::RULES,
            Dialect::Azure => &azure::RULES,
            Dialect::Databricks => &databricks::RULES,
            Dialect::Groq => &groq::RULES,
            Dialect::LmStudio => &lm_studio::RULES,
            Dialect::Ollama => &ollama::RULES,
            Dialect::OpenRouter => &openrouter::RULES,
            Dialect::Vllm => &vllm::RULES,
        }
    }
}
