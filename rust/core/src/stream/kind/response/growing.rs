//! The texts of items that grow event by event.

/// A text that `response.<stem>.delta` adds to, and that `response.<stem>.done` tells whole.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Growing {
    stem: &'static str,
    /// The type of the items that have it.
    pub item: &'static str,
    /// The parts of the item that have it, where it is none of the item itself.
    pub parts: Option<Parts>,
    /// The member that it is; the event that tells it whole calls it the same.
    pub member: &'static str,
}

/// Parts of an item, of which each has a text.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Parts {
    /// The member of the item that holds them.
    pub list: &'static str,
    /// The member of events that tells which of them.
    pub index: &'static str,
    /// Their type.
    pub part: &'static str,
}

const fn of_content(
    stem: &'static str,
    item: &'static str,
    part: &'static str,
    member: &'static str,
) -> Growing {
    let parts = Some(Parts {
        list: "content",
        index: "content_index",
        part,
    });
    Growing {
        stem,
        item,
        parts,
        member,
    }
}

const fn of_item(stem: &'static str, item: &'static str, member: &'static str) -> Growing {
    Growing {
        stem,
        item,
        parts: None,
        member,
    }
}

/// All that are known.
pub(super) const GROWING: [Growing; 8] = [
    of_content("output_text", "message", "output_text", "text"),
    of_content("refusal", "message", "refusal", "refusal"),
    of_content("reasoning_text", "reasoning", "reasoning_text", "text"),
    Growing {
        stem: "reasoning_summary_text",
        item: "reasoning",
        parts: Some(Parts {
            list: "summary",
            index: "summary_index",
            part: "summary_text",
        }),
        member: "text",
    },
    of_item("function_call_arguments", "function_call", "arguments"),
    of_item("custom_tool_call_input", "custom_tool_call", "input"),
    of_item("mcp_call_arguments", "mcp_call", "arguments"),
    of_item(
        "code_interpreter_call_code",
        "code_interpreter_call",
        "code",
    ),
];

/// What an event does to a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Growth {
    Delta,
    Done,
}

impl Growing {
    /// What an event of that type, without `response.`, does to which text.
    pub fn of(event: &str) -> Option<(&'static Growing, Growth)> {
        let (stem, growth) = match event.rsplit_once('.')? {
            (stem, "delta") => (stem, Growth::Delta),
            (stem, "done") => (stem, Growth::Done),
            _ => return None,
        };
        let growing = GROWING.iter().find(|growing| growing.stem == stem)?;
        Some((growing, growth))
    }

    /// The type of its deltas.
    pub fn delta_event(&self) -> String {
        format!("response.{}.delta", self.stem)
    }
}

/// The list of parts that an event without `response.` begins or ends one of: the member of the
/// item, and that of the event that tells which.
pub(super) fn part_event(event: &str) -> Option<(&'static str, &'static str)> {
    match event
        .strip_suffix(".added")
        .or(event.strip_suffix(".done"))?
    {
        "content_part" | "reasoning_part" => Some(("content", "content_index")),
        "reasoning_summary_part" => Some(("summary", "summary_index")),
        _ => None,
    }
}
