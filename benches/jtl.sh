#!/usr/bin/env bash
# Measures how fast a JMeter CSV of 1 GB is read: `tidegate evaluate` against pandas, which reads all columns or only those
# that are needed, interleaved. Targets: 400 MB/s, 64 MiB, 2.5 times pandas' default, faster than pandas with `usecols`.
#
# Needs time and python3. Installs pandas into a temporary folder. ROUNDS=5 sets how often each is measured, BYTES how
# large the file is. Where the machine is busy the time of the processor, which is printed beside, says more.
set -euo pipefail
cd "$(dirname "$0")/.."

for tool in python3 /usr/bin/time; do
    command -v "$tool" >/dev/null || { echo "jtl.sh: $tool is missing" >&2; exit 1; }
done

cargo build --release --locked
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q 'pandas<4'

"$folder/venv/bin/python" benches/jtl.py --tidegate "${CARGO_TARGET_DIR:-target}/release/tidegate" \
    --folder "$folder" --rounds "${ROUNDS:-5}" --bytes "${BYTES:-1073741824}"
