"""What services need to test against this schema: a pytest plugin with migrated databases, and factories for every model.

Importing this package imports nothing: pytest loads `rently_db.testing.plugin` in every run, and most runs need no database.
"""
