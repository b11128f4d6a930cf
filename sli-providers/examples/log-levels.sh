#!/usr/bin/env bash
# A tidegate plug-in in Bash: counts the lines of a log by their level. It needs jq, and speaks tidegate.exec/v1.
#   providers:  { log: { type: exec, command: [./log-levels.sh], config: { file: service.log } } }
#   indicators: { errors: { provider: log, query: ERROR }, error_share: { provider: log, query: ERROR/all } }
set -euo pipefail
api=tidegate.exec/v1

if [ "${1:-}" = describe ]; then
    jq -n --arg api "$api" '{apiVersion: $api, kind: "Description", name: "log-levels", version: "1.0.0",
        configSchema: {type: "object", required: ["file"], properties: {file: {type: "string"}}},
        defaultIndicators: {errors: "ERROR"}, capabilities: ["samples"]}'
    exit
fi
[ "${1:-}" = fetch ] || exit 2

request=$(cat)
# Whoever asks in another version is told which one is known here.
version=$(jq -r .apiVersion <<<"$request")
if [ "$version" != "$api" ]; then
    jq -n --arg api "$api" '{apiVersion: $api, kind: "VersionUnsupported", supported: [$api]}'
    exit
fi
file=$(jq -r '.provider.config.file // empty' <<<"$request")
[ -r "$file" ] || { echo "cannot read the log '$file' that config.file names" >&2; exit 1; }

# One JSON object a level; what is not there is 0, because the log itself was read.
counts=$(awk '{ n[$2]++; n["all"]++ } END { for (l in n) printf "%s %d\n", l, n[l] }' "$file" |
    jq -Rn '[inputs | split(" ") | {(.[0]): (.[1] | tonumber)}] | add // {}')

jq --argjson counts "$counts" --arg api "$api" '{apiVersion: $api, kind: "FetchResponse", results: [.indicators[] |
    (.query | split("/")) as $parts | ($counts[$parts[0]] // 0) as $count | ($counts.all // 0) as $all |
    {name} + if ($parts[0] | test("^(DEBUG|INFO|WARN|ERROR|FATAL|all)$") | not) then
        {status: "error", kind: "bad_query", message: "no level of logs: \(.query)"}
    elif $parts[1:] == ["all"] then {status: "ok", good: $count, total: $all, samples: $all, unit: "ratio"}
    elif $parts[1:] == [] then {status: "ok", value: $count, samples: $all}
    else {status: "error", kind: "bad_query", message: "write LEVEL or LEVEL/all"} end]}' <<<"$request"
