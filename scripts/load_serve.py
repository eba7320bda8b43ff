"""Sends searches to udml-gpu serve from many clients at once, and prints how long answers took and what memory the server has.

udml-gpu serve photos.udml --addr 127.0.0.1:7319 &
python scripts/load_serve.py 127.0.0.1:7319 --clients 50 --seconds 60 --pid $!
"""

import argparse
import http.client
import json
import statistics
import threading
import time


def fetch(connection, method, path, body=None):
    headers = {"Content-Type": "application/json"} if body else {}
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    return answer.status, answer.read()


def client(address, ids, until, first, times, failures):
    connection = http.client.HTTPConnection(address, timeout=60)
    at = first
    while time.monotonic() < until:
        body = json.dumps({"like": [{"id": ids[at % len(ids)]}], "k": 10})
        at += 37
        start = time.monotonic()
        status, answer = fetch(connection, "POST", "/v1/search", body)
        times.append(time.monotonic() - start)
        if status != 200 or json.loads(answer)["results"][0]["score"] < 0.999:
            failures.append((status, answer[:200]))


def resident(pid):
    with open(f"/proc/{pid}/status") as f:
        return next(int(line.split()[1]) // 1024 for line in f if line.startswith("VmRSS"))


def main():
    p = argparse.ArgumentParser()
    p.add_argument("address")
    p.add_argument("--clients", type=int, default=50)
    p.add_argument("--seconds", type=float, default=60)
    p.add_argument("--pid", type=int)
    o = p.parse_args()
    _, answer = fetch(http.client.HTTPConnection(o.address), "GET", "/v1/items?limit=1000")
    ids = [item["id"] for item in json.loads(answer)["items"]]
    times, failures, until = [], [], time.monotonic() + o.seconds
    threads = [threading.Thread(target=client, args=(o.address, ids, until, 11 * n, times, failures)) for n in range(o.clients)]
    for t in threads:
        t.start()
    begun = time.monotonic()
    for n in range(1, 11):
        time.sleep(max(0, begun + n * o.seconds / 10 - time.monotonic()))
        if o.pid:
            print(f"{n * o.seconds / 10:.0f} s: {len(times)} answers, {resident(o.pid)} MiB resident", flush=True)
    for t in threads:
        t.join()
    times.sort()
    median, late = statistics.median(times), times[int(len(times) * 0.99)]
    print(f"{len(times)} answers in {o.seconds:.0f} s, {len(failures)} failures")
    print(f"median {median * 1000:.0f} ms, 99th percentile {late * 1000:.0f} ms")
    if failures:
        raise SystemExit(failures[0])


if __name__ == "__main__":
    main()
