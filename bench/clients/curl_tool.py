"""The benchmark's client that runs the command line tool curl, which parses
nothing. Its seconds are those that curl reports, without the start of the process;
its memory and CPU seconds are those of the whole process."""

import os
import statistics
import subprocess
import time

from measure import measure

POST = [
    "-H", "Content-Type: application/json", "-d", '{"model":"m","messages":[]}',
]


def run(*arguments, output="/dev/null"):
    """Runs curl, and returns its time and memory."""
    process = subprocess.Popen(
        ["curl", "-sS", "-f", "-N", "-o", output, "-w", "%{time_total}",
         *arguments],
        stdout=subprocess.PIPE,
    )
    seconds = process.stdout.read()
    process.stdout.close()
    _, status, used = os.wait4(process.pid, 0)
    # Otherwise Python would also wait for the process.
    process.returncode = status
    assert status == 0
    return {
        "seconds": float(seconds), "cpu": used.ru_utime + used.ru_stime,
        "peak_mb": used.ru_maxrss / 1024, "grown_mb": None,
    }


def post(path):
    def task(url, size, file):
        return run(*POST, url + path) | {"events": size}
    return task


def get(path):
    def task(url, size, file):
        return run(url + path) | {"events": size}
    return task


def first_event(url, size, path):
    delays = []
    for _ in range(size):
        command = ["curl", "-sS", "-f", "-N", *POST, url + "/chat/completions"]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            line = process.stdout.readline()
            arrived = time.time()
            process.stdout.read()
        written = line.split(b'"content":"')[1].split(b'"')[0]
        delays.append(arrived - float(written))
    return {"events": size, "seconds": statistics.median(delays)}


def upload(url, size, path):
    form = ["-F", "purpose=batch", "-F", "file=@" + path]
    return run(*form, url + "/files") | {"events": size}


def download(url, size, path):
    content = url + "/files/file-1/content"
    return run(content, output=path) | {"events": size}


measure({
    "stream": post("/chat/completions"),
    "large_event": post("/chat/completions"),
    "first_event": first_event,
    "embeddings_floats": post("/embeddings"),
    "embeddings_base64": post("/embeddings"),
    "json": get("/files"),
    "upload": upload,
    "download": download,
})
