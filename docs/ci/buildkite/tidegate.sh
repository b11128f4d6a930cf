#!/bin/sh
# The quality gate for Buildkite. It is no part of pipeline.yml because there Buildkite would fill in each `$` itself.
set -eu

# Agents of one machine share this history, a file a branch; where there are several machines, or new ones for each job, set
# TIDEGATE_EVENT_LOG to a server.
if [ -z "${TIDEGATE_EVENT_LOG:-}" ]; then
  if [ -z "${HOME:-}" ]; then
    echo "error: HOME is not set, so there is no place for the history: set TIDEGATE_EVENT_LOG" >&2
    exit 78
  fi
  branch=$(printf %s "${BUILDKITE_BRANCH:-none}" | tr -c 'A-Za-z0-9._-' '_') || exit 70
  # feature/a and feature_a are two.
  sum=$(printf %s "${BUILDKITE_BRANCH:-none}" | cksum) || exit 70
  export TIDEGATE_EVENT_LOG="sqlite:$HOME/.tidegate/${BUILDKITE_PIPELINE_SLUG:-pipeline}/$branch-${sum%% *}.db"
fi

# Reports of an earlier job are not to be taken for those of this one.
if ! { rm -rf tidegate-report && mkdir tidegate-report; }; then exit 73; fi

# The pinned tidegate. Whatever fails here ends with a code from 64 on, which is never taken for a verdict.
if [ -n "${TIDEGATE_VERSION:-}" ]; then
  case "$(uname -s) $(uname -m)" in
    "Linux x86_64") target=x86_64-unknown-linux-musl ;;
    "Linux aarch64" | "Linux arm64") target=aarch64-unknown-linux-musl ;;
    *)
      echo "error: this recipe downloads tidegate for Linux on x86-64 or arm64 only: run the job there" >&2
      exit 78
      ;;
  esac
  archive=tidegate-$TIDEGATE_VERSION-$target.tar.gz
  if [ -z "${TIDEGATE_SHA256:-}" ] || [ -z "${TIDEGATE_DOWNLOAD_URL:-}" ]; then
    echo "error: set TIDEGATE_DOWNLOAD_URL to where releases are, TIDEGATE_SHA256 to what $archive.sha256 says" >&2
    exit 78
  fi
  tools=$(mktemp -d) || exit 73
  if ! curl -fsSL --retry 3 -o "$tools/$archive" "$TIDEGATE_DOWNLOAD_URL/v$TIDEGATE_VERSION/$archive"; then
    echo "error: $archive can't be downloaded: is TIDEGATE_DOWNLOAD_URL right, and can the job reach it?" >&2
    exit 69
  fi
  if ! echo "$TIDEGATE_SHA256  $tools/$archive" | sha256sum -c - >&2; then
    echo "error: $archive is not the file that TIDEGATE_SHA256 names: it is not used" >&2
    exit 65
  fi
  tar -xzf "$tools/$archive" -C "$tools" || exit 65
  PATH=$tools/tidegate-$TIDEGATE_VERSION-$target:$tools:$PATH
fi
if ! command -v tidegate >/dev/null; then
  echo "error: there is no tidegate: set TIDEGATE_VERSION, or use an image that has it" >&2
  exit 78
fi

# The history. TIDEGATE_EVENT_LOG wins; without GATE_HISTORY it is where tidegate.yaml says.
if [ -n "${GATE_HISTORY:-}" ] && [ -z "${TIDEGATE_EVENT_LOG:-}" ]; then
  export TIDEGATE_EVENT_LOG="sqlite:$PWD/$GATE_HISTORY/events.db"
fi

# The gate. What is unset is left out; tidegate reads the variables that begin with TIDEGATE_ by itself.
set -- evaluate
if [ -n "${GATE_START:-}" ]; then set -- "$@" "--start=$GATE_START"; fi
if [ -n "${GATE_END:-}" ]; then set -- "$@" "--end=$GATE_END"; fi
if [ -n "${GATE_VALUES:-}" ]; then set -- "$@" "--values=$GATE_VALUES"; fi
for report in \
  junit=tidegate-report/junit.xml \
  html=tidegate-report/report.html \
  json=tidegate-report/report.json \
  markdown=tidegate-report/report.md; do
  set -- "$@" "--report=$report"
done
code=0
tidegate "$@" -- "${GATE_FOLDER:-.}" || code=$?

# The page of the build shows the report. What becomes of that changes nothing.
case $code in
  0) style=success ;;
  3 | 4) style=warning ;;
  *) style=error ;;
esac
if [ -s tidegate-report/report.md ]; then
  buildkite-agent annotate --style "$style" --context "tidegate-${BUILDKITE_STEP_KEY:-gate}" <tidegate-report/report.md ||
    echo "note: the build page can't be annotated" >&2
fi
exit "$code"
