-- owner: finance
-- severity: fail
-- tags: selftest
-- table: payment_allocation
-- description: An allocation names an instalment of its own loan
-- protects: what it refuses: the rule itself may be switched off or gone
-- mend: rently-db drift says what differs from the revision and prints the SQL that mends it
CREATE VIEW ops.rule_refuses_instalment_of_another_loan AS
SELECT
    p.id,
    p.detail
FROM
    ops.refused(
        'payment_allocation_belongs_together',
        $$INSERT INTO public.loan (id, loan_number, product_id, legal_entity_id, borrower_party_id, currency_code,
            principal_amount, interest_rate, start_date, end_date, status) VALUES (:account, 'SELFTEST other', :product,
            :entity, :party, 'SGD', 100, 0, '2020-01-01', '2021-01-01', 'active')$$,
        $$INSERT INTO public.payment_allocation (payment_id, loan_id, line_id, component, allocated_amount) VALUES
            (:payment, :account, :line, 'principal', 10)$$
    ) AS p;
