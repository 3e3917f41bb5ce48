-- owner: platform
-- severity: fail
-- tags: selftest
-- table: amortisation_line
-- description: An instalment with a third decimal is refused
-- protects: what it refuses: the rule itself may be switched off or gone
-- mend: rently-db drift says what differs from the revision and prints the SQL that mends it
CREATE VIEW ops.rule_refuses_third_decimal AS
SELECT
    p.id,
    p.detail
FROM
    ops.refused(
        'amortisation_line_amount_principal_is_money',
        $$UPDATE public.amortisation_line SET amount_principal = 600.001 WHERE id = :line$$
    ) AS p;
