"""ON CONFLICT DO NOTHING, as retried webhooks write: a row that is not inserted changes nothing else."""

from __future__ import annotations

from tests.rules.book import ID, Book


def test_a_plan_that_is_there_already_supersedes_nothing(book: Book) -> None:
    """Inserting a superseded plan again as active, or a version that the loan has, leaves the loan with its active plan."""
    statement = (
        "INSERT INTO amortisation_plan (id, loan_id, version, status, effective_from) "
        "SELECT {id}, loan_id, {version}, 'active', '2024-06-01' FROM amortisation_plan WHERE id = %s ON CONFLICT DO NOTHING"
    )
    assert book.execute(statement.format(id="id", version="99"), ID["plan_second"]) == 0
    assert book.execute(statement.format(id="public.uuidv7()", version="version"), ID["plan_second"]) == 0
    assert book.value("SELECT status FROM amortisation_plan WHERE id = %s", ID["amortisation_plan"]) == "active"
    assert book.journal() == []


def test_a_status_that_is_there_already_closes_nothing(book: Book) -> None:
    """Inserting a status of the history again leaves the open one open."""
    open_statuses = "SELECT count(*) FROM loan_status_history WHERE effective_through IS NULL"
    before = book.value(open_statuses)
    written = book.execute(
        "INSERT INTO loan_status_history (id, loan_id, status_type, status_value) "
        "SELECT id, loan_id, status_type, status_value FROM loan_status_history WHERE effective_through IS NULL ON CONFLICT DO NOTHING"
    )
    assert written == 0
    assert book.value(open_statuses) == before


def test_an_instrument_that_is_there_already_takes_nothing_over(book: Book) -> None:
    """Inserting an instrument again as default leaves the party its default."""
    other = book.variant("payment_instrument", is_default=False)
    written = book.execute(
        "INSERT INTO payment_instrument (id, party_id, instrument_type, currency_code, is_default) "
        "SELECT id, party_id, instrument_type, currency_code, true FROM payment_instrument WHERE id = %s ON CONFLICT DO NOTHING",
        other,
    )
    assert written == 0
    assert book.value("SELECT is_default FROM payment_instrument WHERE id = %s", ID["payment_instrument"]) is True


def test_a_dirty_row_that_is_there_already_is_not_journalled(book: Book) -> None:
    """A dirty row that is not written was not repaired: a downgrade must not give back values the row never had."""
    written = book.execute(
        "INSERT INTO payment (id, legal_entity_id, currency_code, amount, direction, status) "
        "SELECT id, legal_entity_id, 'sgd', amount, direction, 'COMPLETED' FROM payment WHERE id = %s ON CONFLICT DO NOTHING",
        ID["payment"],
    )
    assert written == 0
    assert book.journal() == []


def test_functions_of_others_in_public_are_not_called(own_book_url) -> None:  # noqa: ANN001 (a URL)
    """Who may create in schema public can't slip an operator under a trigger that runs with the owner's rights."""
    from tests.support.migrations import rows, run_sql

    run_sql(
        own_book_url,
        "CREATE TABLE public.caught (who text)",
        "CREATE FUNCTION public.differs(character, text) RETURNS boolean LANGUAGE plpgsql AS "
        "'BEGIN INSERT INTO public.caught VALUES (current_user); RETURN false; END'",
        "CREATE OPERATOR public.<> (LEFTARG = character, RIGHTARG = text, FUNCTION = public.differs)",
        "UPDATE loan SET property_contract_id = 'x'",
        "UPDATE payment SET provider = 'x'",
    )
    assert rows(own_book_url, "SELECT * FROM public.caught") == []
