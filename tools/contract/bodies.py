"""Creates a minimal valid request for each operation.

PYTHONPATH=tools python3 tools/contract/bodies.py SPEC prints JSON: for each operation its method,
its path with arguments, the query, the body with its files, the type of the response, the version
of its beta, and its path in the description, or null if the description lacks the operation.
"""

import base64
import json
import pathlib
import sys

from openapi.examples import EXAMPLE, TEXTS, Examples, identifier
from openapi.spec import Spec, arguments, read_table

TABLE = pathlib.Path(__file__).resolve().parents[2] / "inst/operations.tsv"

PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg=="
)
LINE = {
    "custom_id": "line-1", "method": "POST", "url": "/v1/chat/completions",
    "body": {"model": TEXTS["model"], "messages": [{"role": "user", "content": "Hello"}]},
}
TEXT = b"An example.\n"
# The files of forms, by the name of the field; other fields are text.
FILES = {
    "image": ("image.png", base64.b64decode(PIXEL)),
    "input_reference": ("image.png", base64.b64decode(PIXEL)),
    "mask": ("image.png", base64.b64decode(PIXEL)),
    "video": ("video.mp4", b"\x00\x00\x00\x14ftypisom\x00\x00\x02\x00isom"),
}
SOUND = b"RIFF\x24\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\x40\x1f\x00\x00" \
    b"\x80\x3e\x00\x00\x02\x00\x10\x00data\x00\x00\x00\x00"
# Fields that an operation needs although the description does not require them, or that depend on
# another field.
MORE = {
    "batches.create": {"endpoint": LINE["url"]},
    "chat.completions.create": {"messages": LINE["body"]["messages"]},
    "containers.files.create": {"file": "a file"},
    "files.create": {"purpose": "batch"},
    "responses.create": {"model": TEXTS["model"], "input": "Hello"},
    "uploads.create": {"bytes": len(TEXT), "mime_type": "text/plain"},
}


def main(spec_path):
    spec = Spec(spec_path)
    requests = {row["name"]: request(spec, row) for row in read_table(TABLE)}
    json.dump(requests, sys.stdout, indent=1)


def request(spec, row):
    known = spec.operation(row) is not None
    form, _, files = row["body"].partition(":")
    required = [name for name in row["required"].split(",") if name]
    values = fields(spec, row, required) if known else {name: unknown(name) for name in required}
    values.update(MORE.get(row["name"], {}))
    in_query = set(row["query"].split(",")) if row["body"] else set(values)
    is_file = {name.partition("*")[0] for name in files.split(",")} & set(values)
    return {
        "method": row["method"],
        "path": row["path"],
        "arguments": {name: identifier(name.removesuffix("_id")) for name in arguments(row["path"])},
        "query": {name: value for name, value in values.items() if name in in_query},
        "body": {
            name: value
            for name, value in values.items()
            if name not in in_query and name not in is_file
        },
        "files": {name: file(row["name"], name) for name in sorted(is_file)},
        "answer": row["answer"],
        "beta": row["beta"],
        "is_form": form == "form",
        "described": spec.path(row),
    }


def fields(spec, row, required):
    """The fields that the description or the table requires, in the body or in the query."""
    examples = Examples(spec)
    values = {
        parameter["name"]: examples.value(parameter["schema"], parameter["name"])
        for parameter in spec.parameters(row, "query")
        if parameter.get("required") or parameter["name"] in required
    }
    schemas = spec.body(row)
    if schemas and row["body"]:
        kind = "multipart/form-data" if row["body"].startswith("form") else "application/json"
        schema = spec.plain(schemas.get(kind) or next(iter(schemas.values())))
        schema["required"] = schema.get("required", []) + required
        values.update(examples.value(schema))
    return values


def unknown(name):
    """A value for a field of which only the name is known."""
    if name.endswith("s") and name != "questions":
        return [EXAMPLE]
    return TEXTS.get(name, EXAMPLE)


def file(operation, field):
    """The name and the bytes of a file."""
    if operation == "files.create":
        name, content = "lines.jsonl", json.dumps(LINE).encode() + b"\n"
    elif operation.startswith("audio."):
        name, content = "sound.wav", SOUND
    else:
        name, content = FILES.get(field, ("example.txt", TEXT))
    return {"name": name, "base64": base64.b64encode(content).decode()}


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python3 bodies.py SPEC (OpenAI's description, in JSON)")
    main(sys.argv[1])
