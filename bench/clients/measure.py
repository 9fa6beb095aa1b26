"""Runs a task twice, first small as a warm-up and then measured, and prints one
JSON line. Imported by the clients in Python; their command line is
  <task> <URL> <size> <file> <warm-up URL> <warm-up size> <warm-up file>
with "-" if a task needs no file."""

import json
import sys
import time


def process_status(field):
    """A line of /proc/self/status, in MB."""
    with open("/proc/self/status") as lines:
        for line in lines:
            if line.startswith(field + ":"):
                return int(line.split()[1]) / 1024


def measure(tasks):
    """`tasks` is a dict of functions of url, size and path, which return the number
    of items received, or a dict that replaces measurements made here."""
    name, url, size, path, warm_url, warm_size, warm_path = sys.argv[1:]
    if name not in tasks:
        print(json.dumps({"not_available": "this client has no such function"}))
        return
    task = tasks[name]
    task(warm_url, int(warm_size), warm_path)
    # Resets the peak VmHWM: proc(5), /proc/pid/clear_refs.
    with open("/proc/self/clear_refs", "w") as peak:
        peak.write("5")
    resident = process_status("VmRSS")
    cpu = time.process_time()
    start = time.perf_counter()
    done = task(url, int(size), path)
    seconds = time.perf_counter() - start
    cpu = time.process_time() - cpu
    peak = process_status("VmHWM")
    if not isinstance(done, dict):
        done = {"events": done}
    measured = {
        "seconds": seconds, "cpu": cpu,
        "peak_mb": peak, "grown_mb": peak - resident,
    }
    print(json.dumps(measured | done))
