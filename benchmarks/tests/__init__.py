"""Tests of what the benchmarks say, not of what they measure."""
