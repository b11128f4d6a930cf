#!/usr/bin/env python3
"""A tidegate plug-in in Python: mean, max, or a percentile of a column of a CSV file. It speaks tidegate.exec/v1.

providers:  { csv: { type: exec, command: [./csv_column.py], config: { file: samples.csv } } }
indicators: { latency_p95: { provider: csv, query: p95(ms) }, latency_mean: { provider: csv, query: mean(ms) } }
"""
import csv, json, math, re, sys

API = "tidegate.exec/v1"


def answer(query, rows):
    match = re.fullmatch(r"(mean|max|p(\d{1,2}))\((\w+)\)", query)
    if not match:
        return {"status": "error", "kind": "bad_query", "message": "write mean(COLUMN), max(COLUMN), or p95(COLUMN)"}
    # Empty cells are no numbers; without any number there is no data, which is not 0.
    values = sorted(float(row[match[3]]) for row in rows if row.get(match[3]))
    if not values:
        return {"status": "no_data", "message": f"no value in column {match[3]}"}
    value = {"mean": sum(values) / len(values), "max": values[-1]}.get(match[1])
    if value is None:  # the nearest rank
        value = values[max(math.ceil(int(match[2]) / 100 * len(values)), 1) - 1]
    return {"status": "ok", "value": value, "samples": len(values), "unit": match[3]}


verb = sys.argv[1] if len(sys.argv) > 1 else ""
if verb == "describe":
    print(json.dumps({"apiVersion": API, "kind": "Description", "name": "csv-column", "version": "1.0.0",
                      "defaultIndicators": {"latency_p95": "p95(ms)"}, "capabilities": ["samples"]}))
elif verb == "fetch":
    request = json.load(sys.stdin)
    if request["apiVersion"] != API:
        print(json.dumps({"apiVersion": API, "kind": "VersionUnsupported", "supported": [API]}))
        sys.exit()
    file = (request["provider"].get("config") or {}).get("file")
    rows = list(csv.DictReader(open(file, newline=""))) if file else []
    results = [{"name": one["name"], **answer(one["query"], rows)} for one in request["indicators"]]
    print(json.dumps({"apiVersion": API, "kind": "FetchResponse", "results": results}, allow_nan=False))
else:
    sys.exit(2)
