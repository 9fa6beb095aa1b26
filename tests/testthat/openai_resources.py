"""Calls the stateful resources of the local server with openai-python."""

import io
import json
import sys
import time

import openai
from pydantic import BaseModel

client = openai.OpenAI(api_key="sk-python", base_url=sys.argv[1], max_retries=0)
MODEL = "gpt-6-luna"


def raised(error_class, call, *arguments, **named):
    try:
        call(*arguments, **named)
    except error_class as error:
        return error
    raise AssertionError(f"{error_class.__name__} was not raised")


# Responses: created, streamed, parsed, chained.
answer = client.responses.create(model=MODEL, input="Hello from Python")
assert "Hello from Python" in answer.output_text, answer
assert client.responses.retrieve(answer.id) == answer
with client.responses.stream(model=MODEL, input="Hello from Python") as stream:
    events = list(stream)
    final = stream.get_final_response()
assert final.output_text == answer.output_text
assert [event.sequence_number for event in events] == list(range(len(events)))


class River(BaseModel):
    name: str
    km: int


parsed = client.responses.parse(model=MODEL, input="A river?", text_format=River)
assert isinstance(parsed.output_parsed, River), parsed

tool = {
    "type": "function",
    "name": "get_weather",
    "strict": True,
    "parameters": {
        "type": "object",
        "properties": {"city": {"type": "string"}},
        "required": ["city"],
        "additionalProperties": False,
    },
}
called = client.responses.create(model=MODEL, input="The weather?", tools=[tool])
call = called.output[0]
assert call.type == "function_call" and json.loads(call.arguments)["city"]
output = {"type": "function_call_output", "call_id": call.call_id, "output": "rain"}
answered = client.responses.create(
    model=MODEL, input=[output], previous_response_id=called.id, tools=[tool]
)
assert "rain" in answered.output_text
items = client.responses.input_items.list(answered.id)
assert [item.type for item in items] == ["function_call_output"]
count = client.responses.input_tokens.count(model=MODEL, input="one two")
assert count.input_tokens == 2
compacted = client.responses.compact(model=MODEL, input="one two")
assert compacted.output[-1].type == "compaction"

client.responses.delete(answer.id)
missing = raised(openai.NotFoundError, client.responses.retrieve, answer.id)
assert missing.status_code == 404
unknown = raised(
    openai.BadRequestError,
    client.responses.create,
    model=MODEL,
    input="x",
    previous_response_id="resp_999",
)
assert unknown.code == "previous_response_not_found"

# In the background: polled, resumed after a lost connection, cancelled.
waiting = client.responses.create(model=MODEL, input="Slowly", background=True)
assert waiting.status == "queued"
while waiting.status in ("queued", "in_progress"):
    time.sleep(0.01)
    waiting = client.responses.retrieve(waiting.id)
assert waiting.status == "completed" and "Slowly" in waiting.output_text
stream = client.responses.create(model=MODEL, input="Slowly", background=True, stream=True)
seen = []
for event in stream:
    seen.append(event)
    if len(seen) == 5:
        break
stream.close()
response_id = seen[0].response.id
rest = client.responses.retrieve(
    response_id, stream=True, starting_after=seen[-1].sequence_number
)
seen.extend(rest)
assert [event.sequence_number for event in seen] == list(range(len(seen)))
assert seen[-1].type == "response.completed"
waiting = client.responses.create(model=MODEL, input="Never", background=True)
assert client.responses.cancel(waiting.id).status == "cancelled"

# Conversations.
message = {"type": "message", "role": "user", "content": "First"}
conversation = client.conversations.create(items=[message], metadata={"a": "b"})
client.responses.create(model=MODEL, input="Second", conversation=conversation.id)
items = list(client.conversations.items.list(conversation.id, order="asc", limit=1))
assert [item.role for item in items] == ["user", "user", "assistant"], items
client.conversations.items.delete(items[0].id, conversation_id=conversation.id)
assert len(list(client.conversations.items.list(conversation.id))) == 2
assert client.conversations.delete(conversation.id).deleted

# Stored chats.
messages = [{"role": "user", "content": "Keep this"}]
chat = client.chat.completions.create(model=MODEL, messages=messages, store=True)
assert [kept.id for kept in client.chat.completions.list()] == [chat.id]
assert client.chat.completions.messages.list(chat.id).data[0].content == "Keep this"
assert client.chat.completions.delete(chat.id).deleted

# Files, uploads, batches.
lines = [
    {
        "custom_id": f"line-{number}",
        "method": "POST",
        "url": "/v1/responses",
        "body": {"model": MODEL, "input": f"Number {number}"},
    }
    for number in range(3)
]
content = "\n".join(json.dumps(line) for line in lines).encode()
upload = client.uploads.upload_file_chunked(
    file=content,
    filename="lines.jsonl",
    bytes=len(content),
    mime_type="application/jsonl",
    purpose="batch",
    part_size=100,
)
assert client.files.content(upload.file.id).content == content
batch = client.batches.create(
    input_file_id=upload.file.id, endpoint="/v1/responses", completion_window="24h"
)
while batch.status not in ("completed", "failed"):
    batch = client.batches.retrieve(batch.id)
results = client.files.content(batch.output_file_id).text.splitlines()
assert [json.loads(line)["custom_id"] for line in results] == ["line-0", "line-1", "line-2"]
assert batch.id in [listed.id for listed in client.batches.list()]

# Vector stores.
store = client.vector_stores.create(name="animals")
for name, text in (("cats.txt", b"Cats eat fish."), ("dogs.txt", b"Dogs bark.")):
    client.vector_stores.files.upload_and_poll(vector_store_id=store.id, file=(name, text))
found = client.vector_stores.search(store.id, query="Do cats eat fish?")
assert [result.filename for result in found] == ["cats.txt"], found
assert client.vector_stores.retrieve(store.id).file_counts.completed == 2
assert client.vector_stores.delete(store.id).deleted
for file in client.files.list(limit=2):
    assert client.files.delete(file.id).deleted

# Images, audio, moderation.
image = client.images.generate(prompt="a bird", model="gpt-image-1")
kinds = [
    event.type
    for event in client.images.generate(
        prompt="a bird", model="gpt-image-1", stream=True, partial_images=1
    )
]
assert kinds == ["image_generation.partial_image", "image_generation.completed"]
assert image.data[0].b64_json.startswith("iVBOR")
speech = client.audio.speech.create(model="tts-1", voice="alloy", input="Hello")
assert speech.content.startswith(b"RIFF")
file = ("hello.wav", io.BytesIO(speech.content))
transcript = client.audio.transcriptions.create(model="gpt-4o-transcribe", file=file)
stream = client.audio.transcriptions.create(
    model="gpt-4o-transcribe", file=("hello.wav", speech.content), stream=True
)
deltas = [event.delta for event in stream if event.type == "transcript.text.delta"]
assert "".join(deltas) == transcript.text
moderation = client.moderations.create(input="I will kill the process")
assert moderation.results[0].categories.violence
print("ok")
