-- owner: risk
-- tier: T3
-- grain: cohort month x months on book x product x currency
-- key: cohort_month, mob, product_id, currency_code
-- refresh: daily
-- description: The figures of v_vintage_loss, where each is defined
-- column cohort_month: First day of the month of the first disbursement
-- column mob: Months on book
-- column product_id: Product
-- column currency_code: Currency of the amounts, ISO 4217
-- column observed_on: Last day of the month that is that many months after the cohort month
-- column originated_n: Loans of the cohort
-- column originated_amt: Their completed disbursements
-- column cgl: Gross loss so far
-- column recovery: Recovered so far
-- column written_off_n: Loans written off so far
CREATE MATERIALIZED VIEW analytics.mv_vintage_loss AS
WITH loan AS (
    SELECT
        s.loan_id,
        date_trunc('month', s.first_disbursed_on)::date AS cohort_month,
        s.product_id,
        s.currency_code,
        s.status,
        s.exited_on,
        s.disbursed_principal,
        s.principal_written_off,
        e.business_date
    FROM analytics.loan_state AS s
    INNER JOIN analytics.entity_day AS e ON s.legal_entity_id = e.legal_entity_id
    WHERE s.first_disbursed_on IS NOT NULL
),

cohort AS (
    SELECT
        l.cohort_month,
        l.product_id,
        l.currency_code,
        count(*) AS loans,
        sum(l.disbursed_principal) AS amount,
        min(l.business_date) AS business_date
    FROM loan AS l
    GROUP BY l.cohort_month, l.product_id, l.currency_code
),

partial AS (
    SELECT
        l.loan_id,
        CASE l.status WHEN 'written_off' THEN l.exited_on END AS written_off_on,
        j.effective_date,
        j.amount
    FROM public.loan_adjustment AS j
    INNER JOIN loan AS l ON j.loan_id = l.loan_id AND j.effective_date <= l.business_date
    WHERE j.kind = 'write_off' AND j.component = 'principal'
),

recovered AS (
    SELECT
        l.loan_id,
        a.value_date,
        a.amount
    FROM loan AS l
    INNER JOIN analytics.dated_allocation AS a
        ON l.loan_id = a.loan_id AND l.exited_on < a.value_date AND l.business_date >= a.value_date AND l.business_date < a.counts_until
    WHERE l.status = 'written_off'
),

-- What the state counts as written off holds what remained on exited_on, and the adjustments, which have days of their own.
event AS (
    SELECT
        l.loan_id,
        l.exited_on AS day,
        l.principal_written_off AS loss,
        0 AS recovery,
        1 AS written_off
    FROM loan AS l
    WHERE l.status = 'written_off'
    UNION ALL
    SELECT
        x.loan_id,
        v.day,
        v.loss,
        0 AS recovery,
        0 AS written_off
    FROM partial AS x
    CROSS JOIN LATERAL (VALUES (x.effective_date, x.amount), (x.written_off_on, -x.amount)) AS v (day, loss)
    UNION ALL
    SELECT
        r.loan_id,
        r.value_date AS day,
        0 AS loss,
        r.amount AS recovery,
        0 AS written_off
    FROM recovered AS r
),

monthly AS (
    SELECT
        l.cohort_month,
        l.product_id,
        l.currency_code,
        date_trunc('month', v.day)::date AS month_start,
        sum(v.loss) AS loss,
        sum(v.recovery) AS recovery,
        sum(v.written_off) AS written_off
    FROM event AS v
    INNER JOIN loan AS l ON v.loan_id = l.loan_id
    WHERE v.day IS NOT NULL
    GROUP BY l.cohort_month, l.product_id, l.currency_code, date_trunc('month', v.day)
)

SELECT
    c.cohort_month,
    n.mob,
    c.product_id,
    c.currency_code,
    o.observed_on,
    c.loans AS originated_n,
    c.amount AS originated_amt,
    coalesce(sum(m.loss), 0) AS cgl,
    coalesce(sum(m.recovery), 0) AS recovery,
    coalesce(sum(m.written_off), 0)::bigint AS written_off_n
FROM cohort AS c
CROSS JOIN
    LATERAL generate_series(
        0,
        (
            12 * extract(YEAR FROM age(c.business_date + 1, c.cohort_month)) + extract(MONTH FROM age(c.business_date + 1, c.cohort_month))
        )::integer
        - 1
    ) AS n (mob)
CROSS JOIN LATERAL (SELECT (c.cohort_month + (n.mob + 1) * interval '1 month')::date - 1 AS observed_on) AS o
LEFT JOIN monthly AS m
    ON
        c.cohort_month = m.cohort_month
        AND c.product_id = m.product_id
        AND c.currency_code = m.currency_code
        AND o.observed_on >= m.month_start
GROUP BY c.cohort_month, n.mob, c.product_id, c.currency_code, o.observed_on, c.loans, c.amount;
CREATE UNIQUE INDEX ix_mv_vintage_loss_key ON analytics.mv_vintage_loss (cohort_month, mob, product_id, currency_code);
