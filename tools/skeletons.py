"""Creates the responses of the practice server for operations without state.

python3 tools/skeletons.py SPEC writes `rust/server/src/skeleton/answers.tsv` from OpenAI's
description in JSON and from `inst/operations.tsv`: the name of an operation, the status, and the
response as JSON, or its media type if it is a file. Operations that the description lacks are
omitted; the server generates their responses from the table.
"""

import json
import pathlib
import sys

from openapi.examples import EXAMPLE, Examples, identifier
from openapi.spec import Spec, read_table

ROOT = pathlib.Path(__file__).resolve().parent.parent
TABLE = ROOT / "inst/operations.tsv"
ANSWERS = ROOT / "rust/server/src/skeleton/answers.tsv"

# Operations that the practice server implements in `rust/server/src/api`, or that were removed.
OTHERS = (
    "/assistants", "/audio/speech", "/audio/transcriptions", "/audio/translations", "/batches",
    "/chat/completions", "/completions", "/conversations", "/embeddings", "/files", "/images",
    "/models", "/moderations", "/responses", "/threads", "/uploads", "/vector_stores",
)
# The media types of files that the description does not specify.
FILE = "application/octet-stream"


def main(spec_path):
    spec = Spec(spec_path)
    rows = [row for row in read_table(TABLE) if not is_other(row["path"])]
    # If operations share a method and a path, the server uses the first one.
    answered = {(row["method"], row["path"]): row for row in reversed(rows)}
    lines = []
    for row in [row for row in rows if row in answered.values()]:
        if spec.operation(row) is None:
            continue
        status, answer = described(spec, row, rows)
        if not isinstance(answer, str):
            answer = json.dumps(answer, separators=(",", ":"))
        lines.append(f"{row['name']}\t{status}\t{answer}\n")
    ANSWERS.write_text("".join(lines), encoding="utf-8")


def is_other(path):
    path = path.split("?")[0]
    return any(path == other or path.startswith(other + "/") for other in OTHERS)


def described(spec, row, rows):
    """The status and the response that the description requires."""
    status, content = spec.success(row)
    if row["answer"] == "nothing":
        return status, ""
    if row["answer"] == "bytes":
        return status, next(iter(content), FILE)
    wanted = {name for sibling in siblings(row, rows) for name in fields(spec, sibling)}
    answer = Examples(spec, wanted).value(content["application/json"])
    if row["pages"]:
        for one in answer["data"]:
            name_kind(one, kind_of(row))
        name_kind(answer, "list")
        return status, paged(answer)
    name_kind(answer, kind_of(row) + (".deleted" if row["method"] == "DELETE" else ""))
    return status, answer


def kind_of(row):
    """The type of an operation's object: `agent.session` for `beta.agents.sessions.create`."""
    words = map(singular, row["name"].split(".")[:-1])
    return ".".join(word for word in words if word not in ("beta", "admin", "organization"))


def singular(word):
    return word[:-3] + "y" if word.endswith("ies") else word.removesuffix("s")


def name_kind(value, kind):
    """Sets the type and id of an object if the description does not specify them."""
    if value.get("object") == EXAMPLE:
        value["object"] = kind
    if value.get("id") == identifier("id"):
        value["id"] = identifier(kind)


def siblings(row, rows):
    resource = row["name"].rpartition(".")[0]
    return [other for other in rows if other["name"].rpartition(".")[0] == resource]


def fields(spec, row):
    """The fields of a body, which the response often repeats."""
    if spec.operation(row) is None:
        return []
    return [
        name
        for schema in spec.body(row).values()
        for name in spec.plain(schema).get("properties", {})
    ]


def paged(answer):
    """Adds a second object to a page with one."""
    first = answer["data"][0]
    if isinstance(first.get("id"), str):
        second = {**first, "id": first["id"].removesuffix("_1") + "_2"}
        answer["data"] = [first, second]
        for name, one in (("first_id", first), ("last_id", second)):
            if name in answer:
                answer[name] = one["id"]
    return answer


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python3 tools/skeletons.py SPEC (OpenAI's description, in JSON)")
    main(sys.argv[1])
