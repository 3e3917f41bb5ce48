-- owner: finance
-- tier: T1
-- grain: legal entity x figure
-- key: legal_entity_id, figure
-- refresh: minute
-- description: Sums of each company's book, amounts in its functional currency at today's rates; every company has every figure. Kept for a minute, as
--     classifying every loan takes longer than a reader should wait
-- column legal_entity_id: Company that lends
-- column figure: Name of the figure, as v_executive_summary_dashboard explains it
-- column business_date: Business date of the company, for which the figures hold
-- column value: A count, or an amount that is not rounded; NULL: the rate of a currency in which it is not 0 is missing
CREATE MATERIALIZED VIEW analytics.mv_entity_total AS
WITH position AS (
    SELECT
        p.loan_id,
        p.legal_entity_id,
        p.currency_code,
        p.status,
        p.is_on_book,
        p.approved_principal,
        p.outstanding_principal,
        p.principal_written_off,
        p.principal_recovered,
        p.dpd,
        p.month_due,
        p.month_due_paid,
        p.month_received,
        p.first_disbursed_on >= date_trunc('month', p.business_date)::date AS is_new
    FROM analytics.loan_position AS p
),

risk AS (
    SELECT k.loan_id
    FROM analytics.loan_risk AS k
    WHERE k.is_default
),

total AS (
    SELECT
        p.legal_entity_id,
        p.currency_code,
        count(*) FILTER (WHERE p.is_on_book) AS active_loans,
        count(*) FILTER (WHERE p.is_new) AS new_loans,
        count(k.loan_id) AS default_loans,
        count(*) FILTER (WHERE p.status = 'written_off') AS written_off_loans,
        sum(p.outstanding_principal) FILTER (WHERE p.is_on_book) AS glp,
        sum(p.approved_principal) FILTER (WHERE p.is_new) AS originated_mtd,
        sum(p.approved_principal) AS originated,
        sum(p.month_received) AS received_mtd,
        sum(p.outstanding_principal) FILTER (WHERE k.loan_id IS NOT NULL) AS defaulted,
        sum(p.principal_written_off) AS written_off,
        sum(p.principal_recovered) FILTER (WHERE p.status = 'written_off') AS recovered,
        sum(p.outstanding_principal) FILTER (WHERE p.is_on_book AND p.dpd > 30) AS past_due_30,
        sum(p.month_due) AS due_mtd,
        sum(p.month_due_paid) AS due_paid_mtd
    FROM position AS p
    LEFT JOIN risk AS k ON p.loan_id = k.loan_id
    GROUP BY p.legal_entity_id, p.currency_code
),

part AS (
    SELECT
        t.legal_entity_id,
        t.currency_code,
        v.figure,
        v.value,
        v.is_amount
    FROM total AS t
    CROSS JOIN
        LATERAL (
            VALUES
            ('active_loans', t.active_loans, FALSE), ('new_loans', t.new_loans, FALSE), ('default_loans', t.default_loans, FALSE),
            ('written_off_loans', t.written_off_loans, FALSE), ('glp', t.glp, TRUE), ('originated_mtd', t.originated_mtd, TRUE),
            ('originated', t.originated, TRUE), ('received_mtd', t.received_mtd, TRUE), ('defaulted', t.defaulted, TRUE),
            ('written_off', t.written_off, TRUE), ('recovered', t.recovered, TRUE), ('past_due_30', t.past_due_30, TRUE),
            ('due_mtd', t.due_mtd, TRUE), ('due_paid_mtd', t.due_paid_mtd, TRUE)
        ) AS v (figure, value, is_amount)
    UNION ALL
    SELECT
        m.legal_entity_id,
        m.currency_code,
        'expected_30d' AS figure,
        m.amount AS value,
        TRUE AS is_amount
    FROM analytics.mv_expected_inflow AS m
    UNION ALL
    SELECT
        e.legal_entity_id,
        e.functional_ccy,
        f.figure,
        0 AS value,
        FALSE AS is_amount
    FROM analytics.entity_day AS e
    CROSS JOIN unnest(ARRAY[
        'active_loans',
        'new_loans',
        'default_loans',
        'written_off_loans',
        'glp',
        'originated_mtd',
        'originated',
        'received_mtd',
        'defaulted',
        'written_off', 'recovered', 'past_due_30', 'due_mtd', 'due_paid_mtd', 'expected_30d'
    ]) AS f (figure)
)

SELECT
    p.legal_entity_id,
    p.figure,
    (
        SELECT e.business_date FROM analytics.entity_day AS e
        WHERE e.legal_entity_id = p.legal_entity_id
    ) AS business_date,
    CASE
        WHEN count(*) FILTER (WHERE p.is_amount AND p.value <> 0 AND r.functional_rate IS NULL) = 0
            THEN coalesce(sum(p.value * CASE WHEN p.is_amount THEN r.functional_rate ELSE 1 END), 0)
    END AS value
FROM part AS p
LEFT JOIN analytics.currency_rate AS r ON p.legal_entity_id = r.legal_entity_id AND p.currency_code = r.currency_code
GROUP BY p.legal_entity_id, p.figure;
CREATE UNIQUE INDEX uq_mv_entity_total ON analytics.mv_entity_total (legal_entity_id, figure);
