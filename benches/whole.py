"""Measures whole processes; whole.sh calls this. Only the standard library."""

import argparse
import json
import os
import socket
import statistics
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from pathlib import Path

SLIS = 90
SERIES_PER_QUERY = 5
WARM_UP = 2


def query(number):
    """One of 90 queries that differ in a matcher only: each reads five series of equal length."""
    return f'sum(rate(bench_requests_total{{step="s{number}"}}[300s]))'


def write_samples(path, now):
    """An hour and a half of samples around now, one every 15 seconds."""
    with path.open("w") as file:
        file.write("# TYPE bench_requests counter\n")
        for step in range(SLIS):
            for instance in range(SERIES_PER_QUERY):
                for at in range(-3600, 1800, 15):
                    value = (at + 3600) * (step + instance + 1)
                    labels = f'step="s{step}",instance="i{instance}"'
                    file.write(f"bench_requests_total{{{labels}}} {value} {now + at}\n")
        file.write("# EOF\n")


def start_prometheus(folder, now):
    """Starts a Prometheus on a free port that holds the samples and scrapes nothing."""
    samples = folder / "samples.txt"
    write_samples(samples, now)
    subprocess.run(
        ["promtool", "tsdb", "create-blocks-from", "openmetrics", samples, folder / "data"],
        check=True, stdout=subprocess.DEVNULL,
    )
    (folder / "prometheus.yml").write_text("global: {}\n")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        ["prometheus", f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/data",
         "--storage.tsdb.retention.time=10y", f"--web.listen-address=127.0.0.1:{port}"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    for _ in range(600):
        try:
            urllib.request.urlopen(f"{url}/-/ready").read()
            break
        except OSError:
            time.sleep(0.05)
    answer = urllib.request.urlopen(f"{url}/api/v1/query?" + urllib.parse.urlencode({"query": query(SLIS - 1)}))
    if not json.load(answer)["data"]["result"]:
        sys.exit("whole.py: Prometheus has no samples")
    return server, url


def write_gate(folder, url):
    """An SLO of 90 objectives, its queries, its configuration, and values to bring along."""
    names = [f"sli_{number}" for number in range(SLIS)]
    objectives = "".join(
        f'  - sli: {name}\n    pass: [{{criteria: ["<=+10%", "<1000000"]}}]\n    warning: [{{criteria: ["<=+20%"]}}]\n'
        for name in names
    )
    comparison = (
        "comparison:\n  compare_with: several_results\n  number_of_comparison_results: 5\n"
        "  include_result_with_score: all\n  aggregate_function: avg\n"
    )
    total = 'total_score: {pass: "90%", warning: "75%"}\n'
    (folder / "slo.yaml").write_text(f'spec_version: "1.0"\n{comparison}objectives:\n{objectives}{total}')
    queries = "".join(
        f"  {name}: '{query(number).replace('[300s]', '[$DURATION_SECONDS]')}'\n" for number, name in enumerate(names)
    )
    (folder / "sli.yaml").write_text(f'spec_version: "1.0"\nindicators:\n{queries}')
    (folder / "tidegate.yaml").write_text(
        f"project: bench\nstage: local\nservice: ninety\nproviders:\n  prometheus: {{url: '{url}'}}\n"
    )
    (folder / "values.json").write_text(json.dumps({name: number + 0.5 for number, name in enumerate(names)}))


def write_generator(folder, url):
    """The same 90 queries as SLOs of slo-generator."""
    (folder / "slos").mkdir(parents=True)
    (folder / "config.yaml").write_text(
        f"backends:\n  prometheus: {{url: '{url}'}}\nerror_budget_policies:\n  default:\n    steps:\n"
        "    - {name: 5 minutes, burn_rate_threshold: 9, alert: false, message_alert: Page, message_ok: OK, window: 300}\n"
    )
    for number in range(SLIS):
        expression = query(number).replace("[300s]", "[window]")
        (folder / "slos" / f"{number}.yaml").write_text(
            "apiVersion: sre.google.com/v2\nkind: ServiceLevelObjective\nmetadata:\n"
            f"  name: bench-ninety-s{number}\n"
            f"  labels: {{service_name: bench, feature_name: ninety, slo_name: s{number}}}\n"
            "spec:\n  description: one query\n  backend: prometheus\n  method: query_sli\n  exporters: []\n"
            f"  goal: 0.5\n  service_level_indicator:\n    expression: '{expression}'\n"
        )


def run(command, codes=(0,)):
    """Runs a command; returns how long it took in milliseconds."""
    start = time.perf_counter()
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=ENVIRONMENT)
    elapsed = (time.perf_counter() - start) * 1000
    if done.returncode not in codes:
        sys.stderr.buffer.write(done.stdout + done.stderr)
        sys.exit(f"whole.py: {command[0]} ended with {done.returncode}")
    return elapsed


def peak_memory(command):
    """Runs a command; returns its peak memory in MiB."""
    done = subprocess.run(["/usr/bin/time", "-f", "%M", *command], capture_output=True, text=True, env=ENVIRONMENT)
    return int(done.stderr.strip().splitlines()[-1]) / 1024


ENVIRONMENT = {
    key: value for key, value in os.environ.items()
    if not key.startswith("TIDEGATE_") and key.lower() not in ("http_proxy", "https_proxy", "all_proxy")
}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--tidegate", required=True)
    parser.add_argument("--slo-generator", default="")
    parser.add_argument("--folder", required=True, type=Path)
    parser.add_argument("--rounds", type=int, default=9)
    args = parser.parse_args()
    now = int(time.time())
    server, url = start_prometheus(args.folder, now)
    try:
        measure(args, url)
    finally:
        server.kill()
        server.wait()


def measure(args, url):
    gate = args.folder / "gate"
    gate.mkdir()
    write_gate(gate, url)
    write_generator(args.folder / "generator", url)
    encoded = urllib.parse.urlencode({"query": query(0)})
    body = args.folder / "body"
    body.write_text(encoded)
    ab = ["ab", "-q", "-n", str(SLIS), "-c", "8", "-k"]
    form = "application/x-www-form-urlencoded"
    tidegate = os.path.abspath(args.tidegate)
    of_values = ["--slo", str(gate / "slo.yaml"), "--values", str(gate / "values.json")]
    commands = {
        "prometheus": [tidegate, "evaluate", str(gate), "--output", "json"],
        "ab GET": [*ab, f"{url}/api/v1/query?{encoded}"],
        "ab POST": [*ab, "-p", str(body), "-T", form, f"{url}/api/v1/query"],
        "values": [tidegate, "evaluate", *of_values, "--event-log", str(gate / "values.db")],
        "version": [tidegate, "--version"],
    }
    if args.slo_generator:
        generator = args.folder / "generator"
        commands["slo-generator"] = [
            args.slo_generator, "compute", "-f", str(generator / "slos"), "-c", str(generator / "config.yaml"),
        ]
    times = {name: [] for name in commands}
    for round_number in range(WARM_UP + args.rounds):
        for name, command in commands.items():
            elapsed = run(command)
            if round_number >= WARM_UP:
                times[name].append(elapsed)
    medians = {name: statistics.median(values) for name, values in times.items()}
    print(f"{args.rounds} interleaved rounds after {WARM_UP} to warm up; medians of whole processes, lowest to highest\n")
    for name, values in times.items():
        print(f"{name:<14} {medians[name]:9.1f} ms   {min(values):8.1f} to {max(values):8.1f}")
    memory = {name: peak_memory(commands[name]) for name in ("prometheus", "values")}
    report(medians, memory)


def report(medians, memory):
    rows = [
        ("90 SLIs of Prometheus, stored / ab, GET", medians["prometheus"] / medians["ab GET"], 1.5, ""),
        ("90 SLIs brought along, stored", medians["values"], 20, "ms"),
        ("tidegate --version", medians["version"], 10, "ms"),
        ("peak memory, 90 SLIs of Prometheus", memory["prometheus"], 32, "MiB"),
        ("peak memory, 90 SLIs brought along", memory["values"], 32, "MiB"),
    ]
    if "slo-generator" in medians:
        rows.insert(1, ("90 SLIs of Prometheus, stored / slo-generator",
                        medians["prometheus"] / medians["slo-generator"], 0.05, ""))
    print(f"\n{'':<48} {'measured':>10}   target")
    missed = 0
    for label, measured, target, unit in rows:
        verdict = "" if measured < target else "   MISSED"
        missed += measured >= target
        print(f"{label:<48} {measured:10.3f} {unit:<4} < {target} {unit}{verdict}")
    print(f"{'(for comparison: the same / ab, POST)':<48} {medians['prometheus'] / medians['ab POST']:10.3f}")
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
