"""Reads OpenAI's OpenAPI description and the package's table of operations."""

import csv
import json
import re

VERSION = "/v1"
# Paths in the description that differ from openai-python and the documentation.
OTHER_PATHS = {
    "/evals/{}/runs/{}/cancel": "/evals/{}/runs/{}",
}


def read_table(path):
    """The rows of `inst/operations.tsv`, each by the names of the columns."""
    with open(path, encoding="utf-8", newline="") as table:
        return list(csv.DictReader(table, delimiter="\t", quoting=csv.QUOTE_NONE))


def arguments(path):
    """The names of the arguments in a path."""
    return re.findall(r"\{(\w+)\}", path)


class Spec:
    """An OpenAPI description in JSON."""

    def __init__(self, path):
        with open(path, encoding="utf-8") as text:
            self.document = json.load(text)
        self.operations = {}
        self.paths = {}
        for path, methods in self.document["paths"].items():
            for method, operation in methods.items():
                self.operations[self._key(method, path)] = operation
                self.paths[self._key(method, path)] = path.removeprefix(VERSION)

    @staticmethod
    def _key(method, path):
        # The table uses other argument names, and some descriptions include the version in paths.
        path = re.sub(r"\{\w+\}", "{}", path.split("?")[0].removeprefix(VERSION))
        return method.upper(), OTHER_PATHS.get(path, path)

    def operation(self, row):
        """The operation of a row of the table, or None if the description lacks it."""
        return self.operations.get(self._key(row["method"], row["path"]))

    def path(self, row):
        """The path of an operation in the description, or None if the description lacks it."""
        return self.paths.get(self._key(row["method"], row["path"]))

    def success(self, row):
        """The status of a successful response, and its schemas by media type."""
        for status, response in self.operation(row)["responses"].items():
            if status.startswith("2"):
                content = self.plain(response).get("content", {})
                return int(status), {kind: body.get("schema", {}) for kind, body in content.items()}
        raise ValueError(f"{row['name']} has no response with status 2xx")

    def body(self, row):
        """The schemas of the body by media type."""
        body = self.plain(self.operation(row).get("requestBody", {}))
        return {kind: content["schema"] for kind, content in body.get("content", {}).items()}

    def parameters(self, row, place):
        """The parameters in `path`, `query` or `header`."""
        given = map(self.plain, self.operation(row).get("parameters", []))
        return [parameter for parameter in given if parameter["in"] == place]

    def plain(self, schema):
        """Resolves the reference and `allOf` at the top of a schema."""
        while "$ref" in schema:
            others = {name: value for name, value in schema.items() if name != "$ref"}
            schema = {**self._target(schema["$ref"]), **others}
        merged = {name: value for name, value in schema.items() if name != "allOf"}
        for part in map(self.plain, schema.get("allOf", [])):
            for name, value in part.items():
                if name == "properties":
                    merged[name] = {**value, **merged.get(name, {})}
                elif name == "required":
                    merged[name] = merged.get(name, []) + value
                else:
                    merged.setdefault(name, value)
        return merged

    def _target(self, reference):
        target = self.document
        for name in reference.removeprefix("#/").split("/"):
            target = target[name]
        return target
