"""Makes a JMeter CSV of a given size: 10 labels, the 17 default columns, lognormal times, 1 % errors."""

import argparse
import random

HEADER = (
    "timeStamp,elapsed,label,responseCode,responseMessage,threadName,dataType,success,failureMessage,bytes,sentBytes,"
    "grpThreads,allThreads,URL,Latency,IdleTime,Connect\n"
)
LABELS = ["home", "login", "search", "product", "cart add", "cart view", "checkout", "payment", "orders", "logout"]


def block(rows: int, first: int, dice: random.Random) -> str:
    """Returns rows, a thousandth of a second apart."""
    lines = []
    for n in range(rows):
        label = LABELS[int(dice.random() * 10)]
        elapsed = int(dice.lognormvariate(5, 0.8))
        latency = elapsed - elapsed // 8
        thread = int(dice.random() * 64) + 1
        size = 800 + int(dice.random() * 9000)
        failed = dice.random() < 0.01
        code, message, success = ("500", "Internal Server Error", "false") if failed else ("200", "OK", "true")
        path = label.replace(" ", "/")
        lines.append(
            f"{first + n},{elapsed},{label},{code},{message},Users 1-{thread},text,{success},,{size},412,64,64,"
            f"https://shop.example.org/{path},{latency},0,3\n"
        )
    return "".join(lines)


def main() -> None:
    """Writes the file."""
    parser = argparse.ArgumentParser()
    parser.add_argument("path")
    parser.add_argument("--bytes", type=int, default=1 << 30)
    options = parser.parse_args()
    dice = random.Random(1)
    rows, epoch = 200_000, 1_700_000_000_000
    # Twenty blocks, each of its own, again and again: the times of day move on, digit for digit.
    blocks = [block(rows, epoch + n * rows, dice).encode() for n in range(20)]
    written, n = 0, 0
    with open(options.path, "wb") as file:
        written += file.write(HEADER.encode())
        while written < options.bytes:
            text = blocks[n % len(blocks)]
            if n >= len(blocks):
                # 17000xxxxxx -> 17001xxxxxx, and so on: rows keep their length.
                text = text.replace(b"\n1700", b"\n%d" % (1700 + n // len(blocks)))
            written += file.write(text)
            n += 1


if __name__ == "__main__":
    main()
