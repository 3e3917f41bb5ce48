-- owner: compliance
-- tier: T3
-- grain: month-end x entity x currency x stage before x stage after
-- key: month_end, legal_entity_id, currency_code, from_stage, to_stage
-- refresh: daily
-- description: Loans, balance and provision that moved between stages from one published month-end to the next. Materialized: it reads every month-end of
--     every loan, and only a new month-end changes it
-- column month_end: Month-end at which the loans arrived
-- column previous_month_end: Published month-end before it
-- column legal_entity_id: Company that lends
-- column currency_code: Currency of all amounts, ISO 4217
-- column from_stage: 1, 2 or 3 for a loan on the book at previous_month_end, else its status then, or new if it was not disbursed yet
-- column to_stage: 1, 2 or 3 for a loan on the book at month_end, else its status then, or unknown if the month-end does not list it
-- column loans: Loans
-- column opening_balance: Outstanding principal at previous_month_end; 0 for those not on the book then
-- column closing_balance: Outstanding principal at month_end; 0 for those no longer on the book
-- column opening_provision: Provision at previous_month_end; NULL where a class had no rate
-- column closing_provision: Provision at month_end; NULL where a class had no rate
-- column needs_signoff: Whether a provision rate used is a placeholder
CREATE MATERIALIZED VIEW analytics.mv_stage_migration AS
WITH month_end AS (
    SELECT
        d.day,
        lag(d.day) OVER (ORDER BY d.day) AS previous
    FROM analytics.published_day AS d
    WHERE d.is_month_end
),

position AS MATERIALIZED (
    SELECT
        s.snapshot_date AS day,
        s.loan_id,
        s.legal_entity_id,
        s.currency_code,
        v.loan_id IS NOT NULL AS is_on_book,
        coalesce(v.stage::text, s.status) AS stage,
        coalesce(v.outstanding_principal, 0) AS balance,
        CASE WHEN v.loan_id IS NULL THEN 0 ELSE v.provision END AS provision,
        coalesce(v.needs_signoff, FALSE) AS needs_signoff
    FROM month_end AS m
    INNER JOIN analytics.loan_daily_snapshot AS s ON m.day = s.snapshot_date
    LEFT JOIN analytics.loan_provision AS v ON s.snapshot_date = v.period AND s.loan_id = v.loan_id AND v.period < 'infinity'
),

before AS (
    SELECT
        m.day AS month_end,
        p.loan_id,
        p.legal_entity_id,
        p.currency_code,
        p.is_on_book,
        p.stage,
        p.balance,
        p.provision,
        p.needs_signoff
    FROM position AS p
    INNER JOIN month_end AS m ON p.day = m.previous
),

after AS (
    SELECT
        p.day AS month_end,
        p.loan_id,
        p.legal_entity_id,
        p.currency_code,
        p.is_on_book,
        p.stage,
        p.balance,
        p.provision,
        p.needs_signoff
    FROM position AS p
    INNER JOIN month_end AS m ON p.day = m.day AND m.previous IS NOT NULL
),

moved AS (
    SELECT
        coalesce(a.month_end, b.month_end) AS month_end,
        coalesce(a.legal_entity_id, b.legal_entity_id) AS legal_entity_id,
        coalesce(a.currency_code, b.currency_code) AS currency_code,
        coalesce(b.stage, 'new') AS from_stage,
        coalesce(a.stage, 'unknown') AS to_stage,
        coalesce(b.balance, 0) AS opening_balance,
        coalesce(a.balance, 0) AS closing_balance,
        CASE WHEN b.loan_id IS NULL THEN 0 ELSE b.provision END AS opening_provision,
        CASE WHEN a.loan_id IS NULL THEN 0 ELSE a.provision END AS closing_provision,
        coalesce(a.needs_signoff, FALSE) OR coalesce(b.needs_signoff, FALSE) AS needs_signoff
    FROM before AS b
    FULL JOIN after AS a ON b.month_end = a.month_end AND b.loan_id = a.loan_id
    WHERE a.is_on_book OR b.is_on_book
)

SELECT
    m.month_end,
    e.previous AS previous_month_end,
    m.legal_entity_id,
    m.currency_code,
    m.from_stage,
    m.to_stage,
    count(*) AS loans,
    sum(m.opening_balance) AS opening_balance,
    sum(m.closing_balance) AS closing_balance,
    CASE WHEN count(*) = count(m.opening_provision) THEN sum(m.opening_provision) END AS opening_provision,
    CASE WHEN count(*) = count(m.closing_provision) THEN sum(m.closing_provision) END AS closing_provision,
    bool_or(m.needs_signoff) AS needs_signoff
FROM moved AS m
INNER JOIN month_end AS e ON m.month_end = e.day
GROUP BY m.month_end, e.previous, m.legal_entity_id, m.currency_code, m.from_stage, m.to_stage;
CREATE UNIQUE INDEX mv_stage_migration_key ON analytics.mv_stage_migration (
    month_end, legal_entity_id, currency_code, from_stage, to_stage
);
