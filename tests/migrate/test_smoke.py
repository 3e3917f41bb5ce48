from sqlalchemy import URL

from tests.support.migrations import HEAD, downgrade, dump, rows, upgrade, v0_content


def test_a_book_goes_up_and_comes_back_unchanged(book_database: URL):
    """Every row and the whole schema of v0 are the same after an upgrade and a rollback."""
    before, schema = v0_content(book_database), dump(book_database)
    upgrade(book_database)
    assert rows(book_database, "SELECT version_num FROM ops.alembic_version") == [(HEAD,)]
    downgrade(book_database)
    assert v0_content(book_database) == before
    assert dump(book_database) == schema
