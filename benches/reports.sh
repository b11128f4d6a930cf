#!/usr/bin/env bash
# Measures what all reports at once cost beyond the evaluation: 90 SLIs, 50 earlier runs in SQLite. Target: below 30 ms.
#
# Needs python3. ROUNDS=21 sets how often each command is measured; REPORTS=/dev/shm puts the reports on another disk.
set -euo pipefail
cd "$(dirname "$0")/.."

cargo build --release --locked
python3 benches/reports.py --tidegate "${CARGO_TARGET_DIR:-target}/release/tidegate" --rounds "${ROUNDS:-21}" \
    --reports "${REPORTS:-}"
