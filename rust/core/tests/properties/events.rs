//! Random responses to streamed calls.

use crate::check::events::check;
use crate::random::for_a_while;
use crate::sse::case;

/// The parts of responses: valid and invalid events, and what separates them.
const PIECES: [&str; 30] = [
    "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"ü😀\"}}]}\n\n",
    "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"}}]}\r\n\r\n",
    "data: {\"choices\":[{\"index\":1,\"delta\":{\"content\":\"b\"}}]}\r\r",
    "data: {\"choices\":[{\"index\":0,\"finish_reason\":\"stop\"}]}\n\n",
    "data: {\"choices\":[{\"index\":1,\"finish_reason\":\"\"}]}\n\n",
    "data: {\"choices\":[],\"usage\":{\"total_tokens\":7}}\n\n",
    "event: thread.message.delta\ndata: {\"delta\":{\"content\":[{\"text\":{\"value\":\"x\"}}]}}\n\n",
    "event: thread.run.completed\ndata: {}\n\n",
    "event: response.created\ndata: {\"response\":{\"id\":\"r\"},\"sequence_number\":0}\n\n",
    "data: {\"type\":\"response.output_text.delta\",\"delta\":\"a\",\"sequence_number\":1}\n\n",
    "data: {\"type\":\"response.output_text.delta\",\"delta\":\"ü\",\"sequence_number\":12}\n\n",
    "data: {\"type\":\"response.failed\",\"response\":{\"status\":\"failed\"}}\n\n",
    "data: {\"type\":\"speech.audio.delta\",\"audio\":\"YQ==\"}\n\n",
    "event: error\ndata: {}\n\n",
    "event: keepalive\ndata: {\"x\":1}\n\n",
    "data: {\"error\":{\"message\":\"no\",\"code\":\"x\"}}\n\n",
    "data: {\"choices\":\ndata: []}\n\n",
    "data: [DONE]\n\n",
    "data: [DONE]",
    "data: ",
    ": comment\n\n",
    "\n",
    "\r",
    " ",
    "\u{FEFF}",
    "{\"choices\":[{\"index\":0,\"message\":{\"content\":\"whole\"},\"finish_reason\":\"stop\"}]}",
    "{\"error\":\"no\"}",
    "{",
    "<html>",
    "id: 7\n",
];

#[test]
fn events_and_end_do_not_depend_on_the_split() {
    for_a_while(|random| check(&case(random, &PIECES)));
}
