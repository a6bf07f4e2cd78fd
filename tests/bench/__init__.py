"""Benchmarks, run by a person: `python -m tests.bench.overhead` and its neighbours.

On a busy machine read ratios, not times.
"""
