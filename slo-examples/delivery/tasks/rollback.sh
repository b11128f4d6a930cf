# Puts the image back that was there before.
set -eu
place="work/$TIDEGATE_STAGE"
if [ -f "$place/image.before" ]; then
    cp "$place/image.before" "$place/image"
    echo "rolled back to $(cat "$place/image")"
else
    rm -f "$place/image"
    echo "nothing was there before: took it away"
fi
