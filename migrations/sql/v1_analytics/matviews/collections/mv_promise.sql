-- owner: collections
-- tier: T2
-- grain: promise to pay
-- key: event_id
-- refresh: quarter_hour
-- description: What became of each promise: a payment_arrangement with an amount in the loan's currency, up to the business date
-- column event_id: The event of collections
-- column loan_id: Loan
-- column collector_party_id: Who took the promise; NULL: unknown
-- column currency_code: Currency of all amounts: the loan's
-- column promised_on: Local date of the promise
-- column until_day: Last day on which it is kept: promised_on plus setting promise_days
-- column amount: Amount promised
-- column paid: Effective allocations to the loan with a value date from promised_on to until_day
-- column business_date: Business date of the company, up to which paid counts
-- column outcome: kept: paid reaches amount; else open up to until_day, and broken after it
CREATE MATERIALIZED VIEW analytics.mv_promise AS
WITH promise AS (
    SELECT
        a.event_id,
        a.loan_id,
        a.actor_party_id AS collector_party_id,
        l.currency_code,
        a.event_on AS promised_on,
        a.event_on + (SELECT analytics.setting_number('promise_days'))::integer AS until_day,
        a.amount,
        analytics.business_date(e.time_zone) AS business_date
    FROM analytics.collections_action AS a
    INNER JOIN public.loan AS l ON a.loan_id = l.id
    INNER JOIN public.legal_entity AS e ON l.legal_entity_id = e.id
    WHERE a.event_type = 'payment_arrangement' AND a.amount IS NOT NULL AND coalesce(a.amount_ccy, l.currency_code) = l.currency_code
),

received AS (
    SELECT
        p.event_id,
        sum(d.amount) AS paid
    FROM promise AS p
    INNER JOIN analytics.dated_allocation AS d
        ON
            p.loan_id = d.loan_id AND p.promised_on <= d.value_date AND d.value_date <= least(p.until_day, p.business_date)
            AND p.business_date < d.counts_until
    GROUP BY p.event_id
)

SELECT
    p.event_id,
    p.loan_id,
    p.collector_party_id,
    p.currency_code,
    p.promised_on,
    p.until_day,
    p.amount,
    coalesce(r.paid, 0) AS paid,
    p.business_date,
    CASE WHEN coalesce(r.paid, 0) >= p.amount THEN 'kept' WHEN p.until_day >= p.business_date THEN 'open' ELSE 'broken' END AS outcome
FROM promise AS p
LEFT JOIN received AS r ON p.event_id = r.event_id;
CREATE UNIQUE INDEX uq_mv_promise ON analytics.mv_promise (event_id);
CREATE INDEX ix_mv_promise_loan_id ON analytics.mv_promise (loan_id);
