#!/usr/bin/env bash
# Measures whole processes against the targets of the project: 90 SLIs of a local Prometheus, 90 SLIs brought along,
# the start, and memory. Compares with `ab` and with `slo-generator`, interleaved.
#
# Needs prometheus, promtool, ab (apache2-utils), time, and python3. Installs slo-generator into a temporary folder, or
# leaves it out with a message where it can't. ROUNDS=9 sets how often each command is measured.
set -euo pipefail
cd "$(dirname "$0")/.."

for tool in prometheus promtool ab python3 /usr/bin/time; do
    command -v "$tool" >/dev/null || { echo "whole.sh: $tool is missing" >&2; exit 1; }
done

cargo build --release --locked
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# The last release imports pkg_resources, which later setuptools no longer have.
if python3 -m venv "$folder/venv" &&
    "$folder/venv/bin/pip" install -q 'slo-generator[prometheus]==2.6.0' 'setuptools<81'; then
    generator="$folder/venv/bin/slo-generator"
else
    echo "whole.sh: slo-generator can't be installed; its comparison is left out" >&2
    generator=""
fi

python3 benches/whole.py --tidegate "${CARGO_TARGET_DIR:-target}/release/tidegate" --slo-generator "$generator" \
    --folder "$folder" --rounds "${ROUNDS:-9}"
