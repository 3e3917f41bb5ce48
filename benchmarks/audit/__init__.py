"""What the audit costs who writes: ``python -m benchmarks.audit --loans 5000`` measures it; docs/benchmarks.md says how."""
