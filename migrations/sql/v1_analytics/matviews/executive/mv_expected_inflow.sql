-- owner: finance
-- tier: T2
-- grain: legal entity x currency
-- key: legal_entity_id, currency_code
-- refresh: quarter_hour
-- description: What falls due in the 30 days after the business date on loans on the book (status active), by their plans in force
-- column legal_entity_id: Company that lends
-- column currency_code: Currency of the amount, ISO 4217
-- column amount: Unpaid amount of unsettled instalments, all components, with a due date from 1 to 30 days after the business date
-- column instalments: These instalments
CREATE MATERIALIZED VIEW analytics.mv_expected_inflow AS
WITH loan AS (
    SELECT
        s.loan_id,
        s.legal_entity_id,
        s.currency_code,
        e.business_date,
        r.tolerance_amount,
        r.tolerance_pct
    FROM analytics.loan_state AS s
    INNER JOIN analytics.entity_day AS e ON s.legal_entity_id = e.legal_entity_id
    INNER JOIN public.product AS r ON s.product_id = r.id
    WHERE s.status = 'active'
),

coming AS (
    SELECT
        a.id AS line_id,
        a.plan_id,
        a.due_date,
        a.amount_principal + a.amount_interest + a.amount_rc_fee + a.amount_penalty + a.amount_other AS due
    FROM public.amortisation_line AS a
    WHERE
        a.due_date > (SELECT min(e.business_date) FROM analytics.entity_day AS e)
        AND a.due_date <= (SELECT max(e.business_date) + 30 FROM analytics.entity_day AS e)
)

SELECT
    l.legal_entity_id,
    l.currency_code,
    sum(coalesce(i.unpaid, c.due)) AS amount,
    count(*) AS instalments
FROM coming AS c
INNER JOIN analytics.plan_timeline AS p ON c.plan_id = p.plan_id
INNER JOIN loan AS l
    ON
        p.loan_id = l.loan_id AND p.begins_on <= l.business_date AND p.ends_on > l.business_date
        AND c.due_date > l.business_date AND c.due_date <= l.business_date + 30
LEFT JOIN analytics.instalment_state AS i ON c.line_id = i.line_id
WHERE NOT coalesce(i.is_settled, c.due <= greatest(l.tolerance_amount, round(l.tolerance_pct * c.due, 2)))
GROUP BY l.legal_entity_id, l.currency_code;
CREATE UNIQUE INDEX uq_mv_expected_inflow ON analytics.mv_expected_inflow (legal_entity_id, currency_code);
