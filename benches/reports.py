"""Measures what reports cost; reports.sh calls this. Only the standard library."""

import argparse
import json
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

SLIS = 90
RUNS = 50
WARM_UP = 2
FORMATS = [
    "json", "yaml", "markdown", "html", "junit", "tap", "csv", "openmetrics", "sarif", "codequality", "checkstyle",
    "jenkins-issues", "gitlab-annotations", "dotenv", "nagios", "badge", "shields", "cdevents", "in-toto",
    "keptn-event", "keptn-events", "table",
]


def write_slo(folder):
    """Writes an SLO of 90 objectives; every third has a warning, none fails the whole."""
    objective = (
        "  - sli: step_{0}\n    displayName: Response time of step {0}\n"
        "    pass: [{{criteria: ['<=+10%', '<900']}}]\n    warning: [{{criteria: ['<=+50%', '<950']}}]\n"
    )
    text = "objectives:\n" + "".join(objective.format(number) for number in range(SLIS))
    (folder / "slo.yaml").write_text(text + "total_score: {pass: '90%', warning: '0%'}\n")


def write_values(folder, run):
    """Writes values that differ from run to run."""
    values = {f"step_{number}": 500 + (number * 7919 + run * 104729) % 120 for number in range(SLIS)}
    (folder / "values.json").write_text(json.dumps(values))


def measured(command, folder):
    """Runs a command and returns how long it took, in milliseconds."""
    begin = time.perf_counter()
    done = subprocess.run(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    took = (time.perf_counter() - begin) * 1000
    if done.returncode not in (0, 1, 3):
        raise SystemExit(f"{command} ended with {done.returncode}: {done.stderr.decode()}")
    return took


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--tidegate", required=True, type=Path)
    parser.add_argument("--rounds", type=int, default=21)
    parser.add_argument("--reports", default="", help="where the reports go, if not into the folder of the log")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, tempfile.TemporaryDirectory(dir=args.reports or name) as reports:
        folder = Path(name)
        write_slo(folder)
        base = [args.tidegate.resolve(), "evaluate", "--values", "values.json", "--event-log", "sqlite:events.db"]
        base += ["--artifact", "carts@sha256:" + "0" * 64]
        for run in range(RUNS):
            write_values(folder, run)
            measured(base, folder)
        kinds = {
            "no report": base,
            "junit alone": [*base, "--report", f"junit={reports}/alone.xml"],
            "html alone": [*base, "--report", f"html={reports}/alone.html"],
            "all reports": base + [word for kind in FORMATS for word in ("--report", f"{kind}={reports}/{kind}")],
        }
        times = {kind: [] for kind in kinds}
        for number in range(WARM_UP + args.rounds):
            for kind, command in kinds.items():
                took = measured(command, folder)
                if number >= WARM_UP:
                    times[kind].append(took)
        alone = statistics.median(times["no report"])
        for kind, took in times.items():
            median = statistics.median(took)
            print(f"{kind:12} {median:7.1f} ms (from {min(took):.1f} to {max(took):.1f}); {median - alone:+6.1f} ms beyond the evaluation")


main()
