"""The benchmark's client that uses httpx and Python's json."""

import asyncio
import json

import httpx

from measure import measure

BODY = {
    "model": "gpt-6-luna", "messages": [{"role": "user", "content": "Hello"}],
}
MAX_ACTIVE = 100


def read_stream(url, size, path):
    events = 0
    request = ("POST", url + "/chat/completions")
    with httpx.Client() as client, client.stream(*request, json=BODY) as answer:
        for line in answer.iter_lines():
            if line.startswith("data: {"):
                event = json.loads(line[6:])
                assert isinstance(event["choices"][0]["delta"]["content"], str)
                events += 1
    return events


def embed_floats(url, size, path):
    body = {"model": "m", "input": ["a river"] * size}
    with httpx.Client(timeout=60) as client:
        answer = client.post(url + "/embeddings", json=body).json()
    return len(answer["data"])


def parse_json(url, size, path):
    with httpx.Client(timeout=60) as client:
        return len(client.get(url + "/files").json()["data"])


def many_chats(url, size, path):
    async def run():
        limits = httpx.Limits(max_connections=MAX_ACTIVE)
        async with httpx.AsyncClient(limits=limits, timeout=60) as client:
            limit = asyncio.Semaphore(MAX_ACTIVE)

            async def chat():
                async with limit:
                    answer = await client.post(
                        url + "/chat/completions", json=BODY
                    )
                    return answer.json()

            answers = await asyncio.gather(*[chat() for _ in range(size)])
        return sum(len(answer["choices"]) for answer in answers)
    return asyncio.run(run())


measure({
    "stream": read_stream,
    "embeddings_floats": embed_floats,
    "json": parse_json,
    "chats": many_chats,
})
