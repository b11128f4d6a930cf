#!/usr/bin/env bash
# Evaluates as keptn-automation's slo-evaluation.sh did, from the same variables, with tidegate in place of a Keptn.
# Writes evaluation-result.json, and ends with 0 or 1 as EVALUATION_RULE says; where that is inconclusive always with 4, and
# without a verdict with tidegate's own code, from 64 on. README.md lists the variables.
set -euo pipefail

fail() {
    printf 'error: %s\n' "$1" >&2
    exit 64
}

for name in KEPTN_PROJECT KEPTN_STAGE KEPTN_SERVICE; do
    [ -n "${!name:-}" ] || fail "$name is not set"
done
[ -z "${TEST_STRATEGY:-}" ] || fail "TEST_STRATEGY: tidegate runs no tests; run yours first, and set START to when it began"

case ${EVALUATION_RULE:-${PROCESS_TYPE:-ignore}} in
    ignore) outcome=(--on-fail pass --on-warning pass) ;;
    pass_on_warning) outcome=(--on-fail fail --on-warning pass) ;;
    fail_on_warning) outcome=(--on-fail fail --on-warning fail) ;;
    *) fail "EVALUATION_RULE is ignore, pass_on_warning or fail_on_warning, not '${EVALUATION_RULE:-${PROCESS_TYPE:-}}'" ;;
esac

loops=${WAIT_LOOPS:-20}
[[ $loops =~ ^[1-9][0-9]{0,5}$ ]] || fail "WAIT_LOOPS is a number of 10 seconds each, not '$loops'"

window=()
if [ -n "${START:-}" ]; then
    window+=(--start "$START")
    if [ -n "${END:-}" ]; then
        window+=(--end "$END")
    else
        window+=(--timeframe "${TIMEFRAME:-5m}")
    fi
elif [ -n "${END:-}" ]; then
    fail "END needs START"
else
    window+=(--timeframe "${TIMEFRAME:-5m}")
fi

labels=()
[ -z "${LABELS:-}" ] || labels+=(--labels "$LABELS")
[ -z "${SOURCE:-}" ] || labels+=(--label "source=$SOURCE")
[ "${DEBUG:-false}" != true ] || labels+=(--verbose)

# A result of an earlier run must not be taken for this one's.
rm -f evaluation-result.json || exit 73
exec tidegate evaluate \
    --project "$KEPTN_PROJECT" --stage "$KEPTN_STAGE" --service "$KEPTN_SERVICE" \
    "${window[@]}" ${labels[@]+"${labels[@]}"} "${outcome[@]}" --timeout "$((loops * 10))s" \
    --report keptn-event=evaluation-result.json "$@"
