# Deploys an image to a stage: here it only notes which one, and which one was there before.
# A real one would be: helm upgrade --install "$TIDEGATE_SERVICE" ./chart --set image="$TIDEGATE_IMAGE"
set -eu
place="work/$TIDEGATE_STAGE"
mkdir -p "$place"
if [ -f "$place/image" ] && [ "$TIDEGATE_ATTEMPT" = first ]; then
    cp "$place/image" "$place/image.before"
fi
printf '%s\n' "${TIDEGATE_IMAGE:-carts:latest}" > "$place/image"
echo "deployed $(cat "$place/image") to $TIDEGATE_STAGE" >&2

# One JSON object on stdout is the answer; what stands under the task's name is there for later tasks.
printf '{"result": "pass", "deployment": {"deploymentURIsPublic": ["https://%s.example.org"]}}\n' "$TIDEGATE_STAGE"
