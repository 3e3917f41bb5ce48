-- owner: collections
-- tier: T2
-- grain: month x collector x currency
-- key: month, collector_party_id, currency_code
-- refresh: quarter_hour
-- personal: collector_name
-- description: Promises to pay (payment_arrangement with an amount) by the month and the collector who took them, and how many were kept
-- column month: First day of the month of the promises
-- column collector_party_id: Who took them; NULL: unknown
-- column collector_name: Name; NULL: unknown
-- column currency_code: Currency of all amounts, ISO 4217
-- column promised: Promises
-- column kept: Those for which the loan received the amount within setting promise_days of the promise, that day included
-- column broken: Those for which the days have passed without it
-- column open: Those for which the days have not passed yet
-- column kept_pct: kept / (kept + broken) in percent, rounded to 2 places; NULL: none is decided
-- column promised_amount: Amounts promised
-- column received_amount: What was received within the days, for each promise at most its amount
-- column needs_signoff: Whether the value of promise_days that holds today still needs sign-off
CREATE VIEW analytics.v_promise_to_pay_performance AS
WITH promise AS (
    SELECT
        p.collector_party_id,
        p.currency_code,
        date_trunc('month', p.promised_on)::date AS month,
        p.amount,
        p.paid,
        p.outcome
    FROM analytics.mv_promise AS p
),

total AS (
    SELECT
        p.month,
        p.collector_party_id,
        p.currency_code,
        count(*) AS promised,
        count(*) FILTER (WHERE p.outcome = 'kept') AS kept,
        count(*) FILTER (WHERE p.outcome = 'broken') AS broken,
        count(*) FILTER (WHERE p.outcome = 'open') AS open,
        sum(p.amount) AS promised_amount,
        sum(least(p.paid, p.amount)) AS received_amount
    FROM promise AS p
    GROUP BY p.month, p.collector_party_id, p.currency_code
)

SELECT
    t.month,
    t.collector_party_id,
    c.display_name AS collector_name,
    t.currency_code,
    t.promised,
    t.kept,
    t.broken,
    t.open,
    analytics.percentage(t.kept, t.kept + t.broken) AS kept_pct,
    t.promised_amount,
    t.received_amount,
    exists(
        SELECT FROM analytics.provisional_setting AS s
        WHERE s.key = 'promise_days'
    ) AS needs_signoff
FROM total AS t
LEFT JOIN public.party AS c ON t.collector_party_id = c.id;
