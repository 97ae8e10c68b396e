"""From the JSON of a run to BENCHMARKS.md, its plots, and the stored result that the next run is compared with.

results      what a run says, as values: read from pytest-benchmark's JSON or from the stored result
statistics   exponents and ratios
goals        what the project promises, and whether the run shows it
previous     this run beside the one before, as ratios to the floor
tables       values to Markdown
plots        values to SVG
document     the whole report
"""
