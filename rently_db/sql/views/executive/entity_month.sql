-- owner: finance
-- tier: T3
-- grain: published month-end x legal entity x figure
-- key: month_end, legal_entity_id, figure
-- refresh: daily
-- description: Sums of the month-end snapshots of each company, amounts in its functional currency at the rate of the month-end
-- column month_end: Last day of the month
-- column legal_entity_id: Company that lends
-- column figure: Name of the figure, as v_executive_trend explains it
-- column value: A count, or an amount that is not rounded; NULL: the rate of a currency in which it is not 0 is missing, or the month before is not published
CREATE VIEW analytics.entity_month AS
WITH month_end AS (
    SELECT
        m.month_end,
        m.legal_entity_id,
        m.currency_code,
        sum(m.loans) AS loans,
        sum(m.outstanding_on_book) AS glp,
        sum(m.loans_in_month) AS new_loans,
        sum(m.originated_in_month) AS new_amount,
        sum(m.originated) AS originated,
        sum(m.received) AS received,
        sum(m.past_due_30) AS past_due_30,
        sum(m.default_outstanding) AS defaulted,
        sum(m.written_off) AS written_off,
        sum(m.recovered) AS recovered
    FROM analytics.mv_portfolio_month_end AS m
    GROUP BY m.month_end, m.legal_entity_id, m.currency_code
),

efficiency AS (
    SELECT
        (c.month_start + interval '1 month - 1 day')::date AS month_end,
        c.legal_entity_id,
        c.currency_code,
        sum(c.due) AS due,
        sum(c.paid_on_current_due) AS due_paid
    FROM analytics.v_collection_efficiency AS c
    GROUP BY c.month_start, c.legal_entity_id, c.currency_code
),

rate AS (
    SELECT
        m.month_end,
        m.legal_entity_id,
        m.currency_code,
        f.rate
    FROM month_end AS m
    INNER JOIN public.legal_entity AS e ON m.legal_entity_id = e.id
    CROSS JOIN LATERAL analytics.fx_rate(m.currency_code, e.functional_ccy, m.month_end) AS f
),

month AS (
    SELECT
        d.day AS month_end,
        (date_trunc('month', d.day) - interval '1 day')::date AS previous_end
    FROM analytics.published_day AS d
    WHERE d.is_month_end
),

part AS (
    SELECT
        m.month_end,
        m.legal_entity_id,
        m.currency_code,
        v.figure,
        v.value,
        v.is_amount,
        false AS is_unknown
    FROM month_end AS m
    CROSS JOIN
        LATERAL (
            VALUES
            ('active_loans', m.loans, false), ('new_loans', m.new_loans, false), ('glp', m.glp, true), ('new_amount', m.new_amount, true),
            ('originated', m.originated, true), ('past_due_30', m.past_due_30, true), ('defaulted', m.defaulted, true),
            ('written_off', m.written_off, true), ('recovered', m.recovered, true)
        ) AS v (figure, value, is_amount)
    UNION ALL
    SELECT
        c.month_end,
        c.legal_entity_id,
        c.currency_code,
        v.figure,
        v.value,
        true AS is_amount,
        false AS is_unknown
    FROM efficiency AS c
    INNER JOIN month AS p ON c.month_end = p.month_end
    CROSS JOIN LATERAL (VALUES ('due', c.due), ('due_paid', c.due_paid)) AS v (figure, value)
    UNION ALL
    -- What happened in a month is what was so far at its end less what was so far a month before.
    SELECT
        m.month_end,
        m.legal_entity_id,
        m.currency_code,
        v.figure,
        v.value,
        true AS is_amount,
        p.previous_end NOT IN (SELECT o.month_end FROM month AS o) AS is_unknown
    FROM month_end AS m
    INNER JOIN month AS p ON m.month_end = p.month_end
    LEFT JOIN month_end AS b
        ON p.previous_end = b.month_end AND m.legal_entity_id = b.legal_entity_id AND m.currency_code = b.currency_code
    CROSS JOIN LATERAL (
        VALUES ('collections', m.received - coalesce(b.received, 0)), ('losses', m.written_off - coalesce(b.written_off, 0))
    ) AS v (figure, value)
)

SELECT
    p.month_end,
    p.legal_entity_id,
    p.figure,
    CASE
        WHEN count(*) FILTER (WHERE p.is_unknown OR (p.is_amount AND p.value <> 0 AND r.rate IS null)) = 0
            THEN coalesce(sum(p.value * CASE WHEN p.is_amount THEN r.rate ELSE 1 END), 0)
    END AS value
FROM part AS p
LEFT JOIN rate AS r ON p.month_end = r.month_end AND p.legal_entity_id = r.legal_entity_id AND p.currency_code = r.currency_code
GROUP BY p.month_end, p.legal_entity_id, p.figure;
