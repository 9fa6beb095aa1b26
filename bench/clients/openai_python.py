"""The benchmark's client that uses openai-python."""

import asyncio
import statistics
import time

from openai import AsyncOpenAI, OpenAI

from measure import measure

HELLO = [{"role": "user", "content": "Hello"}]
MODEL = "gpt-6-luna"
MAX_ACTIVE = 100


def client_at(url):
    return OpenAI(api_key="sk-bench", base_url=url)


def read_stream(url, size, path):
    events = 0
    text = []
    with client_at(url) as client:
        for event in client.chat.completions.create(
            model=MODEL, messages=HELLO, stream=True
        ):
            text.append(event.choices[0].delta.content)
            events += 1
    return events


def read_response(url, size, path):
    text = []
    with client_at(url) as client:
        for event in client.responses.create(
            model=MODEL, input="Hello", stream=True
        ):
            if event.type == "response.output_text.delta":
                text.append(event.delta)
    return len(text)


def first_event(url, size, path):
    delays = []
    with client_at(url) as client:
        for _ in range(size):
            stream = client.chat.completions.create(
                model=MODEL, messages=HELLO, stream=True
            )
            event = next(stream)
            delays.append(time.time() - float(event.choices[0].delta.content))
            for event in stream:
                pass
    return {"events": size, "seconds": statistics.median(delays)}


def embed(**options):
    def task(url, size, path):
        with client_at(url) as client:
            answer = client.embeddings.create(
                model="text-embedding-3-small", input=["a river"] * size,
                **options
            )
        assert isinstance(answer.data[0].embedding[0], float)
        return len(answer.data)
    return task


def many_chats(url, size, path):
    async def run():
        limit = asyncio.Semaphore(MAX_ACTIVE)

        async def chat(client):
            async with limit:
                return await client.chat.completions.create(
                    model=MODEL, messages=HELLO
                )

        async with AsyncOpenAI(api_key="sk-bench", base_url=url) as client:
            answers = await asyncio.gather(*[chat(client) for _ in range(size)])
        return sum(len(answer.choices) for answer in answers)
    return asyncio.run(run())


def upload(url, size, path):
    with client_at(url) as client, open(path, "rb") as file:
        assert client.files.create(file=file, purpose="batch").unchanged
    return size


def download(url, size, path):
    with client_at(url) as client:
        files = client.files.with_streaming_response
        with files.content("file-1") as answer:
            answer.stream_to_file(path)
    return size


measure({
    "stream": read_stream,
    "response": read_response,
    "first_event": first_event,
    "large_event": read_stream,
    "embeddings_floats": embed(encoding_format="float"),
    "embeddings_base64": embed(),
    "chats": many_chats,
    "upload": upload,
    "download": download,
})
