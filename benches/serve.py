"""Puts `tidegate serve` under load; see serve.sh."""

import argparse
import base64
import http.client
import json
import os
import pathlib
import re
import signal
import socket
import sqlite3
import subprocess
import threading
import time
import uuid

SHIPYARD = """apiVersion: spec.keptn.sh/0.2.3
kind: Shipyard
metadata: {name: load}
spec:
  stages:
  - name: flow
    sequences:
    - name: delivery
      tasks: [%s]
  - name: hold
    sequences:
    - name: delivery
      tasks: [%s]
""" % (
    ", ".join(["{name: approval, properties: {pass: automatic, warning: automatic}}"] * 5),
    ", ".join("{name: step%d}" % n for n in range(5)),
)


class Server:
    """A server, and how it is asked."""

    def __init__(self, tidegate, folder):
        self.tidegate, self.folder, self.process = tidegate, pathlib.Path(folder), None
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.local = threading.local()

    def start(self):
        """Starts, and returns how many seconds it took until an event could be taken in."""
        # Connections to the server before are gone.
        self.local = threading.local()
        began = time.monotonic()
        environment = {**os.environ, "TIDEGATE_LOG": "warn"}
        self.process = subprocess.Popen(
            [self.tidegate, "serve", "--allow-anonymous", "--listen", f"127.0.0.1:{self.port}",
             "--data", str(self.folder / "data")],
            cwd=self.folder, env=environment)
        while time.monotonic() - began < 120:
            try:
                connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
                connection.request("GET", "/ready")
                if connection.getresponse().status == 200:
                    return time.monotonic() - began
            except OSError:
                pass
            time.sleep(0.005)
        raise SystemExit("the server does not get ready")

    def stop(self):
        """Stops gently."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(120)

    def ask(self, method, path, body=None):
        """Asks over the connection of this thread; returns the JSON."""
        connection = getattr(self.local, "connection", None)
        if connection is None:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
            self.local.connection = connection
        text = None if body is None else json.dumps(body)
        try:
            connection.request(method, "/api" + path, text, {"Content-Type": "application/json"})
            answer = connection.getresponse()
        except http.client.RemoteDisconnected:
            # The server has closed the connection because nothing came over it for a while.
            self.local.connection = None
            if method != "GET":
                raise
            return self.ask(method, path, body)
        read = answer.read()
        if answer.status >= 300:
            raise SystemExit(f"{method} {path}: {answer.status} {read[:500]!r}")
        return json.loads(read) if read else None

    def histogram(self, name):
        """Returns the buckets of a histogram, over all labels: {upper end: count}."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        connection.request("GET", "/metrics")
        text = connection.getresponse().read().decode()
        buckets = {}
        for labels, count in re.findall(rf"^{name}_bucket{{(.*)}} (\S+)$", text, re.M):
            end = float(re.search(r'le="([^"]+)"', labels).group(1).replace("+Inf", "inf"))
            buckets[end] = buckets.get(end, 0) + float(count)
        return buckets

    def memory(self):
        """Returns the resident memory in MiB."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status).group(1)) / 1024


def quantile(before, after, share):
    """Returns the upper end of the bucket that holds a quantile of what came between two looks."""
    counts = {end: after[end] - before.get(end, 0) for end in sorted(after)}
    total = counts.get(float("inf"), 0)
    return next((end for end, count in counts.items() if count >= share * total and total), None), total


def trigger(server, stage, service):
    """Triggers a delivery."""
    return server.ask("POST", "/v1/event", {
        "type": f"sh.keptn.event.{stage}.delivery.triggered", "source": "load", "specversion": "1.0",
        "data": {"project": "load", "stage": stage, "service": service, "result": "pass"},
    })["keptnContext"]


def in_parallel(threads, work, items):
    """Does work for each item; returns the seconds that each took."""
    items, took, lock = iter(list(items)), [], threading.Lock()

    def run():
        while True:
            with lock:
                item = next(items, None)
            if item is None:
                return
            began = time.monotonic()
            work(item)
            took.append(time.monotonic() - began)

    all_threads = [threading.Thread(target=run) for _ in range(threads)]
    for thread in all_threads:
        thread.start()
    for thread in all_threads:
        thread.join()
    return sorted(took)


def fill(folder, events):
    """Stores events of another project, as the server stores them."""
    file = next(path for path in pathlib.Path(folder).rglob("*.db") if b"server_executions" in path.read_bytes())
    database = sqlite3.connect(file)
    (there,) = database.execute("SELECT count(*) FROM events").fetchone()
    start = int(time.time() * 1e9) - events * 1_000_000 - 10**9

    def rows():
        for n in range(max(0, events - there)):
            context = str(uuid.UUID(int=(n // 20) | (4 << 76) | (8 << 60)))
            data = {"project": "past", "stage": "dev", "service": f"s{n % 50}", "result": "pass", "status": "succeeded"}
            moment = start + n * 1_000_000
            event_type = "sh.keptn.event.deployment.finished"
            event = {"id": f"past-{n}", "source": "load", "specversion": "1.0", "type": event_type,
                     "shkeptncontext": context, "triggeredid": f"t{n}", "data": data,
                     "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(moment // 10**9))}
            yield (f"past-{n}", event_type, moment, "past", "dev", data["service"], context, f"t{n}", "pass",
                   json.dumps(event))

    with database:
        database.executemany(
            "INSERT INTO events (id, type, time, project, stage, service, context, triggeredid, result, json)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows())
    (there,) = database.execute("SELECT count(*) FROM events").fetchone()
    database.close()
    return there


def flow(server, services, rate, seconds):
    """Triggers sequences at a rate, waits until all have ended, and tells how many a second did."""
    before = server.histogram("tidegate_task_out_seconds")
    count, began = rate * seconds, time.monotonic()
    lock, took = threading.Lock(), []

    def one(n):
        wait = began + n / rate - time.monotonic()
        if wait > 0:
            time.sleep(wait)
        asked = time.monotonic()
        trigger(server, "flow", services[n % len(services)])
        with lock:
            took.append(time.monotonic() - asked)

    in_parallel(32, one, range(count))
    took.sort()
    sent = time.monotonic() - began
    while True:
        ended = server.ask("GET", "/controlPlane/v1/sequence-execution?project=load&stage=flow&status=finished&pageSize=1")
        if ended["totalCount"] >= count:
            break
        time.sleep(0.02)
    all_of_it = time.monotonic() - began
    end, total = quantile(before, server.histogram("tidegate_task_out_seconds"), 0.95)
    print(f"flow: {count} sequences of 5 tasks, triggered in {sent:.1f} s, all ended after {all_of_it:.1f} s: "
          f"{count / all_of_it:.0f} sequences/s, {5 * count / all_of_it:.0f} tasks/s; "
          f"from the event in to the next task out p95 <= {end} s (the server's figure, {total:.0f} tasks); "
          f"the generator's p95 of a trigger {1000 * took[int(0.95 * len(took))]:.1f} ms")


def steps(server):
    """Answers the first task of all open sequences, and tells how long it took until the next one was out."""
    open_tasks, key = [], "0"
    while True:
        page = server.ask("GET", "/controlPlane/v1/event/triggered/sh.keptn.event.step0.triggered"
                                 f"?project=load&pageSize=1000&nextPageKey={key}")
        open_tasks += page["events"]
        key = page["nextPageKey"]
        if key == "0":
            break
    before = server.histogram("tidegate_task_out_seconds")

    def answer(kind, event):
        server.ask("POST", "/v1/event", {
            "type": event["type"].replace("triggered", kind), "source": "load", "specversion": "1.0",
            "shkeptncontext": event["shkeptncontext"], "triggeredid": event["id"],
            "data": {**{key: event["data"][key] for key in ("project", "stage", "service")},
                     "result": "pass", "status": "succeeded"},
        })

    in_parallel(8, lambda event: answer("started", event), open_tasks)
    took = in_parallel(8, lambda event: answer("finished", event), open_tasks)
    end, total = quantile(before, server.histogram("tidegate_task_out_seconds"), 0.95)
    print(f"step: {len(took)} tasks finished; from the event in to the next task out p95 <= {end} s "
          f"(the server's figure, {total:.0f} tasks); the generator's p95 {1000 * took[int(0.95 * len(took))]:.1f} ms")


def main():
    """Measures."""
    parser = argparse.ArgumentParser()
    for name, kind in [("tidegate", str), ("folder", str), ("events", int), ("open", int), ("rate", int), ("seconds", int)]:
        parser.add_argument(f"--{name}", type=kind, required=True)
    wanted = parser.parse_args()
    server = Server(os.path.abspath(wanted.tidegate), wanted.folder)
    print(f"start of an empty server: {server.start():.2f} s")
    time.sleep(2)
    print(f"memory of an idle, empty server: {server.memory():.1f} MiB")
    server.ask("POST", "/controlPlane/v1/project",
               {"name": "load", "shipyard": base64.b64encode(SHIPYARD.encode()).decode()})
    services = [f"s{n}" for n in range(wanted.open)]
    for service in services:
        server.ask("POST", "/controlPlane/v1/project/load/service", {"serviceName": service})
    server.stop()
    print(f"events stored: {fill(server.folder, wanted.events)}")
    server.start()
    in_parallel(16, lambda service: trigger(server, "hold", service), services)
    steps(server)
    flow(server, services, wanted.rate, wanted.seconds)
    server.stop()
    print(f"restart with all of it: {server.start():.2f} s until ready")
    time.sleep(2)
    print(f"memory of an idle server with {wanted.open} open sequences: {server.memory():.1f} MiB")
    server.stop()


if __name__ == "__main__":
    main()
