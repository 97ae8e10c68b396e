"""Parse a stock file and do nothing with it: `python -m benchmarks.parse rests.xml`."""

import sys
from collections import deque

from stock_loader.commerceml.documents.parser import XMLDataParser


def parse(path: str) -> int:
    """Parse the file; return the number of its offers."""
    last = deque(enumerate(XMLDataParser().parse(path), 1), maxlen=1)
    return last[0][0] if last else 0


if __name__ == "__main__":
    sys.stdout.write(f"{parse(sys.argv[1])}\n")
