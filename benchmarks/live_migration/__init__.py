"""A live migration, measured: its clients' waits, and its time beside that of the same changes made offline in one go.

``python -m benchmarks.live_migration --loans 50000`` runs it; docs/benchmarks.md says how it measures.
"""
