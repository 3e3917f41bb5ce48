"""The analytics, measured: how long views and refreshes take, how fast the queue is worked off, what the triggers cost who writes.

``python -m benchmarks.analytics --loans 50000`` runs it; docs/benchmarks.md says how it measures.
"""
