"""The kit that migrations/env.py and the revisions use: steps as data, a runner with a lock budget, a printer for psql.

The way in: ``revision.py`` is what a revision file calls, ``deployment.py`` what env.py calls; ``steps`` describe what can be done.
"""
