"""Creates streams of the example responses in an OpenAPI description: streams.py SPEC.

Prints a JSON array of `{"name", "response", "streams"}`: the response as JSON, and a list of its
streams, each a list of server-sent events, in the variants of different servers.
"""

import copy
import itertools
import json
import sys

PIECE = 7


def examples(node, name=""):
    """The responses in the description, as values or in texts, each with its name."""
    if isinstance(node, str):
        yield from of_text(node, name)
    elif isinstance(node, dict):
        if node.get("object") == "response" and isinstance(node.get("output"), list):
            yield name, node
        for key, child in node.items():
            yield from examples(child, f"{name}/{key}")
    elif isinstance(node, list):
        for place, child in enumerate(node):
            yield from examples(child, f"{name}/{place}")


def of_text(text, name):
    """The responses in a text, which may be JSON or the events of a stream."""
    if '"response"' not in text:
        return
    lines = [line[len("data:"):] for line in text.splitlines() if line.startswith("data:")]
    for number, part in enumerate(lines or [text]):
        try:
            value = json.loads(part)
        except ValueError:
            continue
        yield from examples(value, f"{name}/{number}")


def deltas_of(stem, member, whole, **place):
    """The deltas of a text, and the event with the complete text."""
    for start in range(0, len(whole), PIECE):
        yield {"type": f"response.{stem}.delta", **place, "delta": whole[start : start + PIECE]}
    yield {"type": f"response.{stem}.done", **place, member: whole}


def of_parts(item, begun):
    """The events of the parts of a message. `begun` is the item in its first event."""
    begun["content"] = []
    for place, part in enumerate(item["content"]):
        member = "refusal" if part["type"] == "refusal" else "text"
        at = {"content_index": place}
        empty = {**part, member: ""}
        if "annotations" in part:
            empty["annotations"] = []
        yield {"type": "response.content_part.added", **at, "part": empty}
        yield from deltas_of(part["type"], member, part[member], **at)
        for number, annotation in enumerate(part.get("annotations", [])):
            yield {
                "type": "response.output_text.annotation.added",
                **at,
                "annotation_index": number,
                "annotation": annotation,
            }
        yield {"type": "response.content_part.done", **at, "part": part}


def of_summary(item, begun):
    """The events of the summary of a reasoning item."""
    begun["summary"] = []
    for place, part in enumerate(item["summary"]):
        yield from deltas_of("reasoning_summary_text", "text", part["text"], summary_index=place)


def of_item(item, place):
    """The events of an item of the output."""
    begun = copy.deepcopy(item)
    if "status" in item:
        begun["status"] = "in_progress"
    between = []
    if item["type"] == "message":
        between = list(of_parts(item, begun))
    elif item["type"] == "reasoning" and item.get("summary"):
        between = list(of_summary(item, begun))
    elif item["type"] == "function_call":
        begun["arguments"] = ""
        between = list(deltas_of("function_call_arguments", "arguments", item["arguments"]))
    yield {"type": "response.output_item.added", "output_index": place, "item": begun}
    for event in between:
        yield {**event, "item_id": item.get("id"), "output_index": place}
    yield {"type": "response.output_item.done", "output_index": place, "item": item}


def events_of(response):
    """The events of a response."""
    begun = {**response, "status": "in_progress", "output": [], "usage": None}
    yield {"type": "response.created", "response": begun}
    yield {"type": "response.in_progress", "response": begun}
    for place, item in enumerate(response["output"]):
        yield from of_item(item, place)
    end = response["status"]
    end = end if end in ("incomplete", "failed") else "completed"
    yield {"type": f"response.{end}", "response": response}


def streamed(events, numbers, indices, names, added):
    """The events as text; servers differ in the optional events and fields that they send."""
    sent = []
    for number, event in enumerate(events):
        kind = event["type"]
        if not added and kind.endswith(".added") and "annotation" not in kind:
            continue
        event = dict(event)
        if not indices:
            event = {key: value for key, value in event.items() if not key.endswith("_index")}
        if numbers:
            event["sequence_number"] = number
        name = f"event: {kind}\n" if names else ""
        sent.append(f"{name}data: {json.dumps(event)}\n\n")
    return sent


def main():
    """Prints the streams of the description given as an argument."""
    with open(sys.argv[1], encoding="utf-8") as file:
        spec = json.load(file)
    found = {}
    for name, response in examples(spec):
        # A response in progress has no complete stream.
        if response.get("status") in ("completed", "incomplete", "failed"):
            found.setdefault(json.dumps(response), name)
    variants = list(itertools.product((True, False), repeat=4))
    streams = [
        {
            "name": name,
            "response": response,
            "streams": [
                streamed(list(events_of(json.loads(response))), *variant) for variant in variants
            ],
        }
        for response, name in found.items()
    ]
    json.dump(streams, sys.stdout)


main()
