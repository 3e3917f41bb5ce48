"""Measurements of rently_db. What docs/benchmarks.md says comes from here; nothing in this package is installed."""
