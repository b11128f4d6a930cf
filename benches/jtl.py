"""Makes a JMeter CSV, and measures how long tidegate and pandas take to tell its percentiles. See jtl.sh."""

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import time
from pathlib import Path

HEADER = (
    "timeStamp,elapsed,label,responseCode,responseMessage,threadName,dataType,success,failureMessage,bytes,sentBytes,"
    "grpThreads,allThreads,URL,Latency,IdleTime,Connect\n"
)
LABELS = ["home", "login", "search", "product", "cart add", "cart view", "checkout", "payment", "orders", "logout"]

PANDAS = """
import sys, pandas
options = {"usecols": ["timeStamp", "elapsed", "label", "success"]} if sys.argv[2] == "needed" else {}
frame = pandas.read_csv(sys.argv[1], **options)
quantiles = frame["elapsed"].quantile([0.5, 0.95, 0.99], interpolation="higher")
span = (frame["timeStamp"] + frame["elapsed"]).max() - frame["timeStamp"].min()
print(quantiles.to_list(), len(frame) / span * 1000, 1 - frame["success"].mean())
"""

TIDEGATE = """
providers:
  load: { type: file, path: load.jtl }
event_log: "memory:"
"""

SLO = """
spec_version: "1.0"
objectives:
  - sli: response_time_p50
  - sli: response_time_p95
    pass: [{criteria: ["<100000"]}]
  - sli: response_time_p99
  - sli: error_rate
  - sli: throughput
total_score: {pass: "90%"}
"""


def block(rows: int, first: int, dice: random.Random) -> str:
    """Returns rows, a thousandth of a second apart: 10 labels, lognormal times, 1 % errors."""
    lines = []
    for n in range(rows):
        label = LABELS[int(dice.random() * 10)]
        elapsed = int(dice.lognormvariate(5, 0.8))
        latency = elapsed - elapsed // 8
        thread = int(dice.random() * 64) + 1
        size = 800 + int(dice.random() * 9000)
        failed = dice.random() < 0.01
        code, message, success = ("500", "Internal Server Error", "false") if failed else ("200", "OK", "true")
        path = label.replace(" ", "/")
        lines.append(
            f"{first + n},{elapsed},{label},{code},{message},Thread Group Users 1-{thread},text,{success},,{size},412,64,64,"
            f"https://shop.example.org/api/v2/{path},{latency},0,3\n"
        )
    return "".join(lines)


def make(path: Path, size: int) -> None:
    """Writes the file: twenty blocks again and again, whose times of day move on."""
    dice = random.Random(1)
    rows, epoch = 200_000, 1_700_000_000_000
    blocks = [block(rows, epoch + n * rows, dice).encode() for n in range(20)]
    written, n = 0, 0
    with path.open("wb") as file:
        written += file.write(HEADER.encode())
        while written < size:
            text = blocks[n % len(blocks)]
            if n >= len(blocks):
                text = text.replace(b"\n1700", b"\n%d" % (1700 + n // len(blocks)))
            written += file.write(text)
            n += 1


def measure(command: list[str], folder: Path) -> tuple[float, float, int, str]:
    """Runs a command. Returns seconds, seconds of the processor, KiB at most, and what it printed."""
    report = folder / "time.txt"
    start = time.perf_counter()
    done = subprocess.run(
        ["/usr/bin/time", "-f", "%U %S %M", "-o", str(report), *command], cwd=folder, capture_output=True, text=True
    )
    seconds = time.perf_counter() - start
    user, system, memory = report.read_text().split()[-3:]
    if done.returncode not in (0, 3):
        sys.exit(f"jtl.py: {command[0]} ended with {done.returncode}: {done.stdout}{done.stderr}")
    return seconds, float(user) + float(system), int(memory), done.stdout


def main() -> None:
    """Measures, and prints a table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--tidegate", required=True)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--bytes", type=int, default=1 << 30)
    options = parser.parse_args()
    folder = options.folder / "run"
    folder.mkdir(exist_ok=True)
    (folder / "tidegate.yaml").write_text(TIDEGATE)
    (folder / "slo.yaml").write_text(SLO)
    (folder / "pandas_all.py").write_text(PANDAS)
    make(folder / "load.jtl", options.bytes)
    size = os.path.getsize(folder / "load.jtl")
    commands = {
        "tidegate": [os.path.abspath(options.tidegate), "evaluate", "--output", "json"],
        "pandas, all columns": [sys.executable, "pandas_all.py", "load.jtl", "all"],
        "pandas, needed columns": [sys.executable, "pandas_all.py", "load.jtl", "needed"],
    }
    taken: dict[str, list[tuple[float, float, int, str]]] = {name: [] for name in commands}
    for _ in range(options.rounds):
        for name, command in commands.items():
            taken[name].append(measure(command, folder))
    print(f"{size / 1e6:.0f} MB, {options.rounds} rounds, medians")
    ours = None
    for name, runs in taken.items():
        seconds = statistics.median(run[0] for run in runs)
        processor = statistics.median(run[1] for run in runs)
        memory = max(run[2] for run in runs)
        ours = ours or (seconds, processor)
        print(
            f"{name:24} {seconds:7.2f} s {size / 1e6 / seconds:6.0f} MB/s   processor {processor:6.2f} s "
            f"{size / 1e6 / processor:6.0f} MB/s   {memory / 1024:7.1f} MiB   {seconds / ours[0]:5.2f} x "
            f"({processor / ours[1]:.2f} x)"
        )
    print("pandas:", taken["pandas, all columns"][0][3].strip())
    found = json.loads(taken["tidegate"][0][3])
    print("tidegate:", json.dumps(found)[:400])


if __name__ == "__main__":
    main()
