//! The usage that responses report.

use crate::json::Node;

/// Token counts. All kinds except `input` and `output` are included in these two.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tokens {
    pub input: u64,
    /// Input that was in the server's cache.
    pub cached: u64,
    /// Input that the server wrote to its cache.
    pub cache_write: u64,
    pub audio_input: u64,
    pub image_input: u64,
    pub output: u64,
    pub reasoning: u64,
    pub audio_output: u64,
    pub image_output: u64,
}

impl Tokens {
    /// Reads the member `usage` of a response, with the names of chat completions or of responses;
    /// `None` if it contains no token counts.
    pub(crate) fn of(usage: Node<'_>) -> Option<Tokens> {
        let number = |node: Node<'_>, names: &[&str]| {
            let reported = names.iter().find_map(|name| node.get(name)?.as_f64())?;
            Some(reported.max(0.0) as u64)
        };
        let detail = |groups: &[&str], name: &str| {
            let mut groups = groups.iter().filter_map(|group| usage.get(group));
            groups.find_map(|group| number(group, &[name])).unwrap_or(0)
        };
        let input = number(usage, &["input_tokens", "prompt_tokens"]);
        let output = number(usage, &["output_tokens", "completion_tokens"]);
        if input.is_none() && output.is_none() {
            return None;
        }
        Some(Tokens {
            input: input.unwrap_or(0),
            cached: detail(&INPUT_DETAILS, "cached_tokens"),
            cache_write: detail(&INPUT_DETAILS, "cache_write_tokens"),
            audio_input: detail(&INPUT_DETAILS, "audio_tokens"),
            image_input: detail(&INPUT_DETAILS, "image_tokens"),
            output: output.unwrap_or(0),
            reasoning: detail(&OUTPUT_DETAILS, "reasoning_tokens"),
            audio_output: detail(&OUTPUT_DETAILS, "audio_tokens"),
            image_output: detail(&OUTPUT_DETAILS, "image_tokens"),
        })
    }

    /// The counts in the order of declaration.
    fn counts(&mut self) -> [&mut u64; 9] {
        [
            &mut self.input,
            &mut self.cached,
            &mut self.cache_write,
            &mut self.audio_input,
            &mut self.image_input,
            &mut self.output,
            &mut self.reasoning,
            &mut self.audio_output,
            &mut self.image_output,
        ]
    }

    pub(crate) fn add(&mut self, mut more: Tokens) {
        for (count, more) in self.counts().into_iter().zip(more.counts()) {
            *count = count.saturating_add(*more);
        }
    }
}

/// Members with the details of the input and output counts; transcriptions use a different name.
const INPUT_DETAILS: [&str; 3] = [
    "input_tokens_details",
    "prompt_tokens_details",
    "input_token_details",
];
const OUTPUT_DETAILS: [&str; 2] = ["output_tokens_details", "completion_tokens_details"];

/// Objects with an id that can be retrieved again.
const LASTING: [&str; 2] = ["response", "thread.run"];

/// The usage that a response, or the events of a stream so far, reported.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ReportedUsage {
    /// The id of an object that may report its usage later.
    pub id: Option<String>,
    pub model: Option<String>,
    pub tier: Option<String>,
    pub tokens: Option<Tokens>,
    /// The number of text deltas of a stream, each about one token.
    pub pieces: u64,
}

impl ReportedUsage {
    pub fn of(answer: Node<'_>) -> ReportedUsage {
        let mut reported = ReportedUsage::default();
        reported.note(answer);
        reported
    }

    /// Whether it is equal except for `pieces`.
    pub fn is_like(&self, other: &ReportedUsage) -> bool {
        (&self.id, &self.model, &self.tier, self.tokens)
            == (&other.id, &other.model, &other.tier, other.tokens)
    }

    /// Takes the usage of a response or event; later values replace earlier ones.
    pub fn note(&mut self, root: Node<'_>) {
        let answer = root.get("response").filter(|it| it.as_object().is_some());
        let answer = answer.unwrap_or(root);
        let text = |name: &str| answer.get(name).and_then(Node::as_str);
        let object = text("object").unwrap_or_default();
        let is_lasting = LASTING.contains(&object);
        // Steps and messages of a run are counted with the run.
        if object.starts_with("thread") && !is_lasting {
            return;
        }
        let update = |known: &mut Option<String>, reported: Option<&str>| {
            if reported.is_some() && known.as_deref() != reported {
                *known = reported.map(str::to_owned);
            }
        };
        update(&mut self.id, text("id").filter(|_| is_lasting));
        update(&mut self.model, text("model"));
        update(&mut self.tier, text("service_tier"));
        let tokens = answer.get("usage").and_then(Tokens::of);
        self.tokens = tokens.or(self.tokens);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::Document;

    fn reported(json: &str) -> ReportedUsage {
        ReportedUsage::of(Document::parse(json).expect("it is JSON").root())
    }

    #[test]
    fn chats_and_responses_report_usage_with_different_names() {
        let expected = Tokens {
            input: 10,
            cached: 3,
            cache_write: 2,
            output: 7,
            reasoning: 5,
            ..Tokens::default()
        };
        let chat = reported(
            r#"{"usage":{"prompt_tokens":10,"completion_tokens":7,
            "prompt_tokens_details":{"cached_tokens":3,"cache_write_tokens":2},
            "completion_tokens_details":{"reasoning_tokens":5}}}"#,
        );
        assert_eq!(chat.tokens, Some(expected));
        let response = reported(
            r#"{"response":{"id":"resp_1","object":"response","model":"m","service_tier":"flex",
            "usage":{"input_tokens":10,"output_tokens":7,
            "input_tokens_details":{"cached_tokens":3,"cache_write_tokens":2},
            "output_tokens_details":{"reasoning_tokens":5}}}}"#,
        );
        assert_eq!(
            response,
            ReportedUsage {
                id: Some("resp_1".to_owned()),
                model: Some("m".to_owned()),
                tier: Some("flex".to_owned()),
                tokens: Some(expected),
                pieces: 0,
            }
        );
    }

    #[test]
    fn images_and_audio_have_their_own_tokens() {
        let tokens = reported(
            r#"{"usage":{"input_tokens":9,"input_token_details":{"audio_tokens":8},
            "output_tokens":3,"output_tokens_details":{"image_tokens":2}}}"#,
        );
        let expected = Tokens {
            input: 9,
            audio_input: 8,
            output: 3,
            image_output: 2,
            ..Tokens::default()
        };
        assert_eq!(tokens.tokens, Some(expected));
    }

    #[test]
    fn usage_without_tokens_is_ignored() {
        for json in [
            r#"{"usage":null}"#,
            r#"{"usage":{"type":"duration","seconds":3}}"#,
            r#"{"object":"thread.run.step","usage":{"prompt_tokens":1}}"#,
            "{}",
            "[]",
        ] {
            assert_eq!(reported(json).tokens, None, "{json}");
        }
    }

    #[test]
    fn an_event_keeps_earlier_usage() {
        let mut reported = reported(r#"{"model":"m","usage":{"prompt_tokens":1}}"#);
        let next = Document::parse(r#"{"usage":null,"service_tier":"default"}"#).unwrap();
        reported.note(next.root());
        assert_eq!(reported.model.as_deref(), Some("m"));
        assert_eq!(reported.tier.as_deref(), Some("default"));
        assert_eq!(reported.tokens.map(|it| it.input), Some(1));
    }
}
