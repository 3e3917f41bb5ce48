"""The versioned SQL entities: one file each, with a header; the loader; the alembic-utils entities made from them."""
