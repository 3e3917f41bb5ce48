"""Deterministic synthetic data: a v0 database that looks like the business, of any size, clean or with known defects."""

from __future__ import annotations

from rently_db.synth.options import MINIMUM_DIRTY_LOANS, Dirt, Expected, PlantedDefect, SynthError, SynthOptions, SynthReport
from rently_db.synth.writer import write_v0

__all__ = ["MINIMUM_DIRTY_LOANS", "Dirt", "Expected", "PlantedDefect", "SynthError", "SynthOptions", "SynthReport", "write_v0"]
