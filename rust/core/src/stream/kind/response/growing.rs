//! The texts of items that grow with each event.

/// A text to which `response.<stem>.delta` adds; `response.<stem>.done` contains all of it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Growing {
    stem: &'static str,
    /// The type of the items with this text.
    pub item: &'static str,
    /// The parts of the item that have this text, unless it belongs to the item itself.
    pub parts: Option<Parts>,
    /// Its member, in the item and in the final event.
    pub member: &'static str,
}

/// The parts of an item that each have a text.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Parts {
    /// The member of the item that contains them.
    pub list: &'static str,
    /// The member of events with the index of the part.
    pub index: &'static str,
    /// The type of the parts.
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

/// All known texts.
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

/// The effect of an event on a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Growth {
    Delta,
    Done,
}

impl Growing {
    /// The text and the effect of an event type, given without `response.`.
    pub fn of(event: &str) -> Option<(&'static Growing, Growth)> {
        let (stem, growth) = match event.rsplit_once('.')? {
            (stem, "delta") => (stem, Growth::Delta),
            (stem, "done") => (stem, Growth::Done),
            _ => return None,
        };
        let growing = GROWING.iter().find(|growing| growing.stem == stem)?;
        Some((growing, growth))
    }

    /// The type of its delta events.
    pub fn delta_event(&self) -> String {
        format!("response.{}.delta", self.stem)
    }
}

/// The list of parts to which a part event (without `response.`) belongs: the member of the item,
/// and the member of the event with the index.
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
