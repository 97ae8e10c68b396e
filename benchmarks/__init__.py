"""What a load costs in time and memory, beside the least it could cost and beside what else a shop could use.

    python -m benchmarks                    everything, then BENCHMARKS.md, its plots and the stored result
    pytest --benchmark-only                 the measurements alone
    pytest benchmarks --benchmark-only --benchmark-small
                                            one case of each with 300 offers: whether they are right, not how fast

| module | what it does |
|---|---|
| `cases` | the words: what a case is, how many rows of it differ from the file |
| `stock_files` | makes the files, and knows what a load must leave behind |
| `shops`, `postgres_shop`, `sqlite_shop` | the databases: filled, reset before every round, checked after it |
| `floor` | the least that any loader built on Django and lxml must do |
| `processes`, `loads`, `memory` | run a process, a load, a load under memray |
| `peers` | what else a shop could use, each a process of its own |
| `test_*` | the measurements, by section of the report |
| `report` | reads the JSON of a run, writes the report |
"""
