"""Calls the local server with openai-python; a failed assertion ends the script."""

import sys

import openai

client = openai.OpenAI(api_key="sk-python", base_url=sys.argv[1], max_retries=0)
MESSAGES = [{"role": "user", "content": "Hello from Python"}]


def raised(error_class):
    try:
        client.models.list()
    except error_class as error:
        return error
    raise AssertionError(f"{error_class.__name__} was not raised")


# The first two answers are scripted by the test.
denied = raised(openai.AuthenticationError)
assert denied.status_code == 401 and denied.code == "invalid_api_key", denied
limited = raised(openai.RateLimitError)
assert limited.status_code == 429 and "slow down" in str(limited), limited

assert "gpt-6-luna" in [model.id for model in client.models.list()]

answer = client.chat.completions.create(model="gpt-6-luna", messages=MESSAGES)
text = answer.choices[0].message.content
assert "Hello from Python" in text, text
assert answer.usage.total_tokens > 0

stream = client.chat.completions.create(
    model="gpt-6-luna",
    messages=MESSAGES,
    stream=True,
    stream_options={"include_usage": True},
)
chunks = list(stream)
deltas = [chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices]
assert "".join(deltas) == text, deltas
assert chunks[-1].usage == answer.usage, chunks[-1]

floats, packed = (
    client.embeddings.create(
        model="text-embedding-3-small", input=["a", "b"], encoding_format=encoding
    )
    for encoding in ("float", "base64")
)
assert len(floats.data) == 2 and len(floats.data[0].embedding) == 1536
default = client.embeddings.create(model="text-embedding-3-small", input=["a", "b"])
for plain, unpacked in zip(floats.data, default.data):
    distance = max(abs(a - b) for a, b in zip(plain.embedding, unpacked.embedding))
    assert distance < 1e-6, distance
assert isinstance(packed.data[0].embedding, str)
print("ok")
