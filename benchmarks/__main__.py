"""Run the benchmarks and write their report: `python -m benchmarks`."""

import subprocess
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from benchmarks.processes import PROJECT
from benchmarks.report.writing import write_report

USUAL_OFFERS = 100_000
ARTEFACTS = PROJECT / "var" / "benchmarks"


def main(arguments: list[str]) -> int:
    """Measure, report what there is even when a benchmark failed, and return pytest's exit code."""
    options = _options(arguments)
    ARTEFACTS.mkdir(parents=True, exist_ok=True)
    results = ARTEFACTS / "run.json"
    code = 0
    if not options.report_only:
        results.unlink(missing_ok=True)
        code = _measure(options, results)
    if not results.exists() or not results.stat().st_size:
        sys.stderr.write("No benchmark has a figure; the report stays as it is.\n")
        return code or 1
    _report(results, options.folder or (PROJECT if _is_usual(options) else ARTEFACTS))
    return code


def _options(arguments: list[str]) -> Namespace:
    parser = ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--offers", type=int, default=USUAL_OFFERS, help="of the usual file (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=5, help="of a whole load (default: %(default)s)")
    parser.add_argument("--million", action="store_true", help="measure 1,000,000 offers too")
    parser.add_argument("--ten-million", action="store_true", help="measure 10,000,000 offers too")
    parser.add_argument("--small", action="store_true", help="one case of each with 300 offers")
    parser.add_argument("-k", metavar="EXPRESSION", default="", help="only these, as pytest takes it")
    parser.add_argument("--folder", type=Path, help="where BENCHMARKS.md and docs/benchmarks/ are written")
    parser.add_argument("--report-only", action="store_true", help="from the figures of the last run")
    return parser.parse_args(arguments)


def _is_usual(options: Namespace) -> bool:
    """Tell whether the run is one to be kept in the project."""
    return bool(options.offers == USUAL_OFFERS and not options.small and not options.k)


def _measure(options: Namespace, results: Path) -> int:
    command = [sys.executable, "-m", "pytest", "benchmarks", "--benchmark-only", f"--benchmark-json={results}"]
    command += [f"--benchmark-offers={options.offers}", f"--benchmark-rounds={options.rounds}"]
    command += ["--benchmark-million"] * options.million + ["--benchmark-ten-million"] * options.ten_million
    command += ["--benchmark-small"] * options.small + (["-k", options.k] if options.k else [])
    command += ["--benchmark-quiet", "--verbose", "--tb=short"]
    return subprocess.run(command, cwd=PROJECT, check=False).returncode  # noqa: S603  # pytest of this environment


def _report(results: Path, folder: Path) -> None:
    for line in write_report(results, folder):
        sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
