"""Measures 500 SLIs over 5 slow providers; fanout.sh calls this. Only the standard library."""

import argparse
import asyncio
import json
import statistics
import sys
import time
from pathlib import Path

PROVIDERS = 5
SLIS_PER_PROVIDER = 100
ANSWER_AFTER = 0.1
MOST_IN_FLIGHT = 16
TARGET_MS = 800
WARM_UP = 2

BODY = b'{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[1,"1"]}]}}'
ANSWER = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(BODY), BODY)
)


class Counter:
    """Counts the requests that one provider has under way, and all there were."""

    def __init__(self):
        self.now = self.most = self.all = 0

    def begin(self):
        self.now += 1
        self.all += 1
        self.most = max(self.most, self.now)


class Slow(asyncio.Protocol):
    """One connection of a Prometheus that answers everything after a while."""

    def __init__(self, counter):
        self.counter = counter
        self.received = b""

    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.received += data
        head, end, body = self.received.partition(b"\r\n\r\n")
        if not end:
            return
        lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
        length = int(lengths[0].split(b":")[1]) if lengths else 0
        if len(body) < length:
            return
        self.received = body[length:]
        self.counter.begin()
        asyncio.get_running_loop().call_later(ANSWER_AFTER, self.answer)

    def answer(self):
        # Before the answer leaves: the next request may be here before this function goes on.
        self.counter.now -= 1
        self.transport.write(ANSWER)


def write_files(folder, ports):
    """Writes tidegate.yaml, sli.yaml and slo.yaml. They are JSON, which is YAML."""
    providers = {
        f"p{number}": {"type": "prometheus", "url": f"http://127.0.0.1:{port}"}
        for number, port in enumerate(ports)
    }
    (folder / "tidegate.yaml").write_text(json.dumps({"project": "bench", "providers": providers}))
    names = [(f"sli_{provider}_{number}", f"p{provider}", f"metric{number}")
             for provider in range(PROVIDERS) for number in range(SLIS_PER_PROVIDER)]
    indicators = {name: {"provider": provider, "query": query} for name, provider, query in names}
    (folder / "sli.yaml").write_text(json.dumps({"indicators": indicators}))
    objectives = [{"sli": name, "pass": [{"criteria": ["<=1"]}]} for name, _, _ in names]
    (folder / "slo.yaml").write_text(json.dumps({"objectives": objectives, "total_score": {"pass": "100%"}}))


async def run(command, folder):
    """Runs a command once; returns the milliseconds it took."""
    start = time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        *command, cwd=folder, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE
    )
    _, errors = await process.communicate()
    took = (time.perf_counter() - start) * 1000
    if process.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))} ended with {process.returncode}:\n{errors.decode()}")
    return took


async def measure(tidegate, folder, rounds):
    counters = [Counter() for _ in range(PROVIDERS)]
    loop = asyncio.get_running_loop()
    servers = [
        await loop.create_server(lambda counter=counter: Slow(counter), "127.0.0.1", 0) for counter in counters
    ]
    write_files(folder, [server.sockets[0].getsockname()[1] for server in servers])
    commands = {
        "evaluate": [tidegate, "evaluate", "--event-log", "memory:", "--output", "json"],
        "query": [tidegate, "query", "--output", "json"],
    }
    failed = False
    for name, command in commands.items():
        times = [await run(command, folder) for _ in range(WARM_UP + rounds)][WARM_UP:]
        median = statistics.median(times)
        print(f"{name:9} median {median:6.1f} ms, from {min(times):.1f} to {max(times):.1f} ms, target {TARGET_MS} ms")
        failed |= median > TARGET_MS
    expected = len(commands) * (WARM_UP + rounds) * SLIS_PER_PROVIDER
    for number, counter in enumerate(counters):
        print(f"p{number}: {counter.all} requests, {counter.most} under way at most")
        failed |= counter.most > MOST_IN_FLIGHT or counter.all != expected
    return 1 if failed else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tidegate", type=Path, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=9)
    arguments = parser.parse_args()
    tidegate = arguments.tidegate.resolve()
    sys.exit(asyncio.run(measure(tidegate, arguments.folder.resolve(), arguments.rounds)))


main()
