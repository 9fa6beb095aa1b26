"""Creates small values that match a schema. Their texts are not from the description."""


# The creation time of all objects, in Unix seconds.
CREATED = 1_700_000_000
TIMES = {"created": CREATED, "start_time": CREATED, "end_time": CREATED + 86_400}
# The depth below which values are null or empty if possible.
MAX_DEPTH = 8
EXAMPLE = "example"

TEXTS = {
    "content": "An example.",
    "currency": "USD",
    "data": "ZXhhbXBsZQ==",
    "email": "user@example.com",
    "expression": "0 9 * * 1",
    "filename": "example.txt",
    "hash": "example",
    "instructions": "Answer briefly.",
    "interval": "month",
    "language": "en",
    "model": "gpt-6-luna",
    "name": "Example",
    "owned_by": "organization",
    "path": "/example.txt",
    "prompt": "A lighthouse at dusk.",
    "role": "user",
    "sdp": "v=0",
    "seconds": "4",
    "secret": "example-secret",
    "size": "1024x1024",
    "source": "user",
    "status": "active",
    "text": "An example.",
    "timezone": "Europe/Berlin",
    "title": "Example",
    "url": "https://example.com/",
    "value": "example-value",
}
FORMATS = {
    "date": "2023-11-14",
    "date-time": "2023-11-14T22:13:20Z",
    "uri": "https://example.com/",
}
PATTERNS = {
    r"^tunnel_[a-z0-9]{32}$": "tunnel_" + "0" * 32,
}
# Fields for which null would not be a useful example.
NEVER_NULL = {"created", "created_at", "id", "metadata", "name", "object", "status"}


class Examples:
    """Values of the schemas of a description.

    Without `wanted`, objects only have the required fields. With `wanted`, a set of names, they
    also have these fields, and nullable fields are null except those of NEVER_NULL.
    """

    def __init__(self, spec, wanted=None):
        self.spec = spec
        self.wanted = wanted

    def value(self, schema, name="", depth=0):
        schema = self._chosen(schema, name, depth)
        if schema is None:
            return None
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return next(value for value in schema["enum"] if value is not None)
        kind = schema.get("type")
        if kind == "object" or "properties" in schema:
            return self._object(schema, depth)
        if kind == "array":
            return self._array(schema, name, depth)
        if kind in ("integer", "number"):
            return self._number(schema, name)
        if kind == "boolean":
            return name == "deleted"
        return self._text(schema, name)

    def _chosen(self, schema, name, depth):
        """The schema of one kind of value, or None for null."""
        schema = self.spec.plain(schema)
        kinds = schema.get("type")
        if isinstance(kinds, list):
            if "null" in kinds and self._may_be_null(name, depth):
                return None
            kind = next(kind for kind in kinds if kind != "null")
            schema = {**schema, "type": kind}
        choices = schema.get("anyOf", schema.get("oneOf"))
        if choices:
            choices = list(map(self.spec.plain, choices))
            others = [choice for choice in choices if choice.get("type") != "null"]
            if not others or (len(others) < len(choices) and self._may_be_null(name, depth)):
                return None
            rest = {key: value for key, value in schema.items() if key not in ("anyOf", "oneOf")}
            return self._chosen({"allOf": [others[0], rest]}, name, depth)
        return None if schema.get("type") == "null" else schema

    def _may_be_null(self, name, depth):
        return depth > MAX_DEPTH or (self.wanted is not None and name not in NEVER_NULL)

    def _object(self, schema, depth):
        properties = schema.get("properties", {})
        required = schema.get("required", [])
        wanted = NEVER_NULL | self.wanted if self.wanted is not None and depth < 3 else set()
        kind = properties.get("object", {})
        values = {}
        for name, property in properties.items():
            if name in required or name in wanted:
                values[name] = self.value(property, name, depth + 1)
        for name in required:
            values.setdefault(name, self._text({}, name))
        # Ids show the type of their object.
        if isinstance(values.get("id"), str) and kind.get("enum"):
            values["id"] = identifier(kind["enum"][0])
        return values

    def _array(self, schema, name, depth):
        minimum = schema.get("minItems", 0)
        if depth > MAX_DEPTH or (self.wanted is not None and depth > 2):
            count = minimum
        else:
            count = max(minimum, 1)
        singular = name.removesuffix("s")
        return [self.value(schema.get("items", {}), singular, depth + 1)] * count

    @staticmethod
    def _number(schema, name):
        if schema.get("format") == "unixtime" or name.endswith("_at") or name in TIMES:
            return TIMES.get(name, CREATED)
        minimum = schema.get("minimum", schema.get("exclusiveMinimum", -1) + 1)
        maximum = schema.get("maximum", 1)
        value = minimum if minimum > 1 else min(1, maximum)
        return value if schema["type"] == "integer" else float(value)

    @staticmethod
    def _text(schema, name):
        if name in ("object", "type") and "default" in schema:
            text = schema["default"]
        elif schema.get("pattern") in PATTERNS:
            text = PATTERNS[schema["pattern"]]
        elif schema.get("format") in FORMATS:
            text = FORMATS[schema["format"]]
        elif name in TEXTS:
            text = TEXTS[name]
        elif name == "id" or name.endswith("_id"):
            text = identifier(name.removesuffix("_id"))
        elif name.endswith("url"):
            text = "https://example.com/"
        else:
            text = EXAMPLE
        text = text.ljust(schema.get("minLength", 0), "x")
        return text[: schema.get("maxLength")]


def identifier(kind):
    """An example id, such as `run_1` for `eval.run`."""
    return f"{kind.removesuffix('.deleted').split('.')[-1]}_1"
