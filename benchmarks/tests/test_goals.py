from benchmarks.report.goals import Goal, goals
from benchmarks.tests.runs import whole_run


def test_goals_are_judged_by_what_was_measured() -> None:
    verdicts = {goal.text: (goal.seen, goal.verdict) for goal in goals(whole_run())}
    assert verdicts["`copy`, PostgreSQL, changed: all: times the floor"] == (1.2, "**missed**")
    assert verdicts["`copy`, PostgreSQL, changed: none: times the floor"] == (None, "not measured")
    assert verdicts["`bulk_update`, PostgreSQL, changed: all: times the floor"] == (2.5, "**missed**")
    assert verdicts["`copy`, PostgreSQL, changed: all, without the journal: times the floor"] == (1.0, "holds")
    assert verdicts["`copy`, PostgreSQL, changed: all: with the journal over without"] == (1.2, "**missed**")
    assert verdicts["`bulk_update`, SQLite, changed: all: with the journal over without"] == (None, "not measured")
    assert verdicts["`copy`, 10,000 offers: times the floor"] == (0.15, "holds")
    assert verdicts["reading, one core: times libxml2's bare pass"] == (0.5, "holds")
    assert verdicts["reading, one core: times libxml2's bare pass, CPU"] == (0.7, "**missed**")
    assert verdicts["reading: times libxml2's bare pass"] == (None, "not measured")
    assert verdicts["`handwritten` takes so many times as long as `bulk_update`"] == (16.0, "**missed**")
    assert verdicts["`copy`, 100,000 offers: MiB over an idle process"] == (10.0, "holds")
    assert verdicts["`copy`, PostgreSQL: 1,000,000 offers over 100,000"] == (10.0, "holds")


def test_limit_itself_holds() -> None:
    assert Goal(text="", limit=2.0, seen=2.0).verdict == "holds"
    assert Goal(text="", limit=2.0, seen=2.0, is_minimum=True).verdict == "holds"
    assert Goal(text="", limit=2.0, seen=1.9, is_minimum=True).verdict == "**missed**"
