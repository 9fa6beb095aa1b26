"""Compares the table of operations with openai-python: names, path arguments, required fields.

Usage: openai_names.py TABLE
"""

import inspect
import sys
from functools import reduce

from openai import OpenAI


def arguments(method):
    """The positional arguments of a method, and the keywords that it requires."""
    parameters = inspect.signature(method).parameters.values()
    positional = [it.name for it in parameters if it.kind is it.POSITIONAL_OR_KEYWORD]
    required = [
        it.name
        for it in parameters
        if it.kind is it.KEYWORD_ONLY and it.default is inspect.Parameter.empty
    ]
    return positional, sorted(required)


def in_path(path):
    return [part[1:-1] for part in path.split("?")[0].split("/") if part.startswith("{")]


def main(table):
    client = OpenAI(api_key="sk-test")
    header, *lines = open(table, encoding="utf-8").read().splitlines()
    for line in lines:
        row = dict(zip(header.split("\t"), line.split("\t")))
        method = reduce(getattr, row["name"].split("."), client)
        positional, required = arguments(method)
        ids = in_path(row["path"])
        fields = [name for name in row["required"].split(",") if name]
        # openai-python takes the ids before the last by name; R also takes them by position.
        if positional != [name for name in ids if name not in required]:
            print(row["name"], "has other arguments:", positional, required, ids)
        elif set(required) != set(ids + fields) - set(positional):
            print(row["name"], "requires other fields:", positional, required, ids, fields)
    print("compared:", len(lines))


main(sys.argv[1])
