#!/usr/bin/env bash
# Measures 500 SLIs over 5 providers that each answer after 100 ms, with the default of 16 requests in flight for each
# provider. The least that is possible is 700 ms: 100 SLIs of one provider, 16 at a time. The target is 800 ms for the
# whole process. Fails where the median is above it, or where a provider sees more than 16 requests at once.
#
# Needs python3. ROUNDS=9 sets how often it is measured.
set -euo pipefail
cd "$(dirname "$0")/.."

command -v python3 >/dev/null || { echo "fanout.sh: python3 is missing" >&2; exit 1; }

cargo build --release --locked
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

python3 benches/fanout.py --tidegate "${CARGO_TARGET_DIR:-target}/release/tidegate" --folder "$folder" \
    --rounds "${ROUNDS:-9}"
