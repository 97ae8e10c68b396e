import json
from pathlib import Path

from benchmarks.cases import COPY, Case, Section
from benchmarks.report.results import Outcome, read_run, read_stored, store
from benchmarks.tests.runs import whole_run


def test_stored_run_is_read_back_as_it_was(tmp_path: Path) -> None:
    store(whole_run(), tmp_path / "results.json")
    assert read_stored(tmp_path / "results.json") == whole_run()


def test_json_of_pytest_benchmark_is_read(tmp_path: Path) -> None:
    case = Case(section=Section.PROCESS, subject=COPY, offers=300, database="PostgreSQL", changed="all")
    content = {
        "datetime": "2026-11-22T22:42:05.978128+00:00",
        "commit_info": {"id": "0123456789abcdef", "dirty": True},
        "environment": {"Python": "3.11.7"},
        "plan": {"offers": 300},
        "outcomes": [{"name": "test_peer[x-all]", "outcome": "skipped", "reason": "not installed"}],
        "benchmarks": [
            {
                "stats": {"median": 0.5, "min": 0.4, "max": 0.7, "rounds": 3},
                "extra_info": {"case": case.as_dict(), "floor_seconds": [0.3, 0.2, 0.25], "steps": {"reading": 0.1}},
            }
        ],
    }
    path = tmp_path / "run.json"
    path.write_text(json.dumps(content))
    run = read_run(path)
    assert (run.date, run.commit) == ("2026-11-22T22:42:05", "0123456789ab, with changes")
    assert run.outcomes == (Outcome(name="test_peer[x-all]", outcome="skipped", reason="not installed"),)
    (measured,) = run.measurements
    assert measured.case == case
    assert (measured.median, measured.floor_median, measured.ratio) == (0.5, 0.25, 2.0)
    assert measured.steps == {"reading": 0.1}


def test_measurement_is_found_by_what_its_case_says() -> None:
    found = whole_run().find(Section.SCALE, offers=10_000)
    assert found is not None
    assert found.case.offers == 10_000
    assert whole_run().find(Section.SCALE, offers=7) is None
