"""Hostile documents and what reading them costs."""

import json
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from tests.patience import PATIENCE_SECONDS

BACKEND = Path(__file__).parents[3]


LIMIT_MIB = 400


LIMIT_SECONDS = 30
"""Of the processor: how long it takes by the clock depends on what else the machine does."""


CHILD = """
import json, resource, sys
resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[2]) << 20,) * 2)
resource.setrlimit(resource.RLIMIT_CPU, (int(sys.argv[3]),) * 2)
from stock_loader.commerceml.documents.parser import XMLDataParser
from stock_loader.errors import DocumentError
records, total, refusal = 0, 0, ""
try:
    for record in XMLDataParser().parse(sys.argv[1]):
        records += 1
        total += record.quantity or 0
except DocumentError as error:
    refusal = error.text().partition(": ")[2]
with open("/proc/self/status") as status:
    peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
json.dump([records, total, refusal, peak / 1024], sys.stdout)
"""


class Outcome(NamedTuple):
    records: int
    total: int
    refusal: str
    peak_mib: float


def parse_in_child(path: Path, *, limit_mib: int = LIMIT_MIB) -> Outcome:
    found = subprocess.run(
        [sys.executable, "-c", CHILD, str(path), str(limit_mib), str(LIMIT_SECONDS)],
        cwd=BACKEND,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    assert found.returncode == 0, found.stderr
    return Outcome(*json.loads(found.stdout))


OFFER = "<Предложение><Ид>a</Ид><Остатки><Остаток><Склад><Ид>w</Ид><Количество>5</Количество></Склад></Остаток></Остатки></Предложение>\n"  # fmt: skip # noqa: E501
