# Tests what is deployed: here it makes the numbers up, bad ones for an image with the tag `bad`.
# A real one would be: k6 run --summary-export work/test.json load.js
set -eu
case "$(cat "work/$TIDEGATE_STAGE/image")" in
    *:bad) p95=1900 errors=12.5 ;;
    *:slow) p95=700 errors=0.1 ;;
    *) p95=240 errors=0 ;;
esac
printf '{"p95": %s, "errors": %s}\n' "$p95" "$errors" > work/test.json
echo "tested $(cat "work/$TIDEGATE_STAGE/image"): P95 $p95 ms, $errors % errors"

# Without JSON the exit code is the answer: 0 pass, 3 warning, others fail, and 64 and above an error.
