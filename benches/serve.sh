#!/usr/bin/env bash
# Measures `tidegate serve` under load, with its store on a disk, synchronous=FULL:
# - deliveries: 200 sequences of 5 tasks that end at once inside the process, triggered within a second, over HTTP;
# - the time from an event in to the next task out, while 1,000 sequences are open and 1,000,000 events are stored;
# - the time of a restart with that store, and the memory of a server that does nothing.
# The figures are the server's own (`/metrics`), so that the time of the load generator is not among them; what the
# generator saw is printed beside them.
#
# Needs python3 with SQLite 3.37 or newer. EVENTS=1000000 OPEN=1000 RATE=200 SECONDS_OF_LOAD=30 set how much it is.
set -euo pipefail
cd "$(dirname "$0")/.."

command -v python3 >/dev/null || { echo "serve.sh: python3 is missing" >&2; exit 1; }

profile=${PROFILE:-release}
if [ "$profile" = release ]; then cargo build --release --locked; else cargo build --locked; fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

python3 benches/serve.py --tidegate "${CARGO_TARGET_DIR:-target}/$profile/tidegate" --folder "$folder" \
    --events "${EVENTS:-1000000}" --open "${OPEN:-1000}" --rate "${RATE:-200}" --seconds "${SECONDS_OF_LOAD:-30}"
