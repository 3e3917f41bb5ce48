-- owner: finance
-- tier: T3
-- grain: month x entity x foreign currency
-- key: month_end, legal_entity_id, currency_code
-- refresh: daily
-- description: Monetary balances in other currencies than the books', at the closing rate against what they were booked at: the unrealised gain or loss
-- column month_end: Last day of the month, the business date for the current one; from the currency's first movement on, the last 24 months
-- column legal_entity_id: Company whose books they are
-- column legal_entity_name: Its name
-- column functional_ccy: Currency of its books
-- column currency_code: Currency of the balances
-- column balance_ccy: Debits less credits up to month_end on accounts of a type in setting monetary_account_types, in currency_code
-- column booked_fn: The same movements, each at the rate of its day (fx_rate), in functional_ccy, rounded to two places; NULL: a day's rate is missing
-- column closing_rate: Units of functional_ccy for one of currency_code on month_end; NULL: missing
-- column closing_rate_date: Day of that rate
-- column method: direct, inverse or cross; NULL: missing
-- column revalued_fn: balance_ccy * closing_rate, rounded to two places; NULL: no rate
-- column gain_loss: revalued_fn - booked_fn: unrealised gain (+) or loss (-) so far; NULL where either is
-- column change_in_month: gain_loss less that of the month before, 0 before the first; NULL where either is
-- column is_rate_missing: Whether a rate that it needs is missing
CREATE VIEW analytics.v_fx_revaluation AS
WITH movement AS (
    SELECT
        t.legal_entity_id,
        t.currency_code,
        t.entry_date,
        t.movement,
        t.movement * f.rate AS booked
    FROM analytics.mv_foreign_turnover AS t
    INNER JOIN analytics.entity_day AS e ON t.legal_entity_id = e.legal_entity_id AND t.entry_date <= e.business_date
    CROSS JOIN LATERAL analytics.fx_rate(t.currency_code, e.functional_ccy, t.entry_date) AS f
),

monthly AS (
    SELECT
        m.legal_entity_id,
        m.currency_code,
        date_trunc('month', m.entry_date)::date AS month_start,
        sum(m.movement) AS movement,
        sum(m.booked) AS booked,
        count(*) - count(m.booked) AS missing
    FROM movement AS m
    GROUP BY m.legal_entity_id, m.currency_code, date_trunc('month', m.entry_date)::date
),

calendar AS (
    SELECT
        a.legal_entity_id,
        a.currency_code,
        e.legal_entity_name,
        e.functional_ccy,
        g.month_start::date AS month_start,
        e.business_date
    FROM
        (SELECT
            m.legal_entity_id,
            m.currency_code,
            min(m.month_start) AS first_month
        FROM monthly AS m
        GROUP BY m.legal_entity_id, m.currency_code) AS a
    INNER JOIN analytics.entity_day AS e ON a.legal_entity_id = e.legal_entity_id
    CROSS JOIN LATERAL generate_series(a.first_month::timestamp, e.business_date::timestamp, interval '1 month') AS g (month_start)
),

balance AS (
    SELECT
        c.legal_entity_id,
        c.legal_entity_name,
        c.functional_ccy,
        c.currency_code,
        c.month_start,
        c.business_date,
        least((c.month_start + interval '1 month')::date - 1, c.business_date) AS month_end,
        sum(coalesce(m.movement, 0)) OVER w AS balance_ccy,
        CASE WHEN sum(coalesce(m.missing, 0)) OVER w = 0 THEN round(sum(coalesce(m.booked, 0)) OVER w, 2) END AS booked_fn
    FROM calendar AS c
    LEFT JOIN monthly AS m
        ON c.legal_entity_id = m.legal_entity_id AND c.currency_code = m.currency_code AND c.month_start = m.month_start
    WINDOW w AS (PARTITION BY c.legal_entity_id, c.currency_code ORDER BY c.month_start)
),

valued AS (
    SELECT
        b.legal_entity_id,
        b.legal_entity_name,
        b.functional_ccy,
        b.currency_code,
        b.month_start,
        b.month_end,
        b.balance_ccy,
        b.booked_fn,
        f.rate,
        f.rate_date,
        f.method,
        round(b.balance_ccy * f.rate, 2) AS revalued_fn,
        row_number() OVER (PARTITION BY b.legal_entity_id, b.currency_code ORDER BY b.month_start DESC) AS age
    FROM balance AS b
    CROSS JOIN LATERAL analytics.fx_rate(b.currency_code, b.functional_ccy, b.month_end) AS f
)

SELECT
    v.month_end,
    v.legal_entity_id,
    v.legal_entity_name,
    v.functional_ccy,
    v.currency_code,
    v.balance_ccy,
    v.booked_fn,
    v.rate AS closing_rate,
    v.rate_date AS closing_rate_date,
    v.method,
    v.revalued_fn,
    v.revalued_fn - v.booked_fn AS gain_loss,
    v.revalued_fn - v.booked_fn - v.before AS change_in_month,
    v.rate IS NULL OR v.booked_fn IS NULL AS is_rate_missing
FROM (
    SELECT
        v.*,
        lag(v.revalued_fn - v.booked_fn, 1, 0::numeric)
            OVER (PARTITION BY v.legal_entity_id, v.currency_code ORDER BY v.month_start)
            AS before
    FROM valued AS v
) AS v
WHERE v.age <= 24;
