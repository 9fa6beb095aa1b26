//! Other servers of the API, in what they do differently from OpenAI: addresses, keys, models,
//! fields that they refuse, members of answers, and errors.
//!
//! A file for each, after its vendor's documentation. They play the server of a recipe where the
//! real one cannot be had, and no more than that: what stands here is what clients trip over.

mod azure;
mod databricks;
mod groq;
mod lm_studio;
mod ollama;
mod openai;
mod openrouter;
mod rules;
mod spoken;
mod vllm;

pub(crate) use rules::{Address, Rules};

/// Whose server is played.
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

/// All dialects with the names by which they are asked for.
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
