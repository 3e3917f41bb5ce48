-- owner: compliance
-- tier: T3
-- grain: month-end x entity x currency x stage before x stage after
-- key: month_end, legal_entity_id, currency_code, from_stage, to_stage
-- refresh: daily
-- description: Movement between stages from one published month-end to the next, exits and new loans included: what leaves a stage adds up to what was in it.
--     A loan that came and was closed in between was on the book at neither
-- column month_end: Month-end at which the loans arrived
-- column previous_month_end: Published month-end before it
-- column legal_entity_id: Company that lends
-- column legal_entity_name: Its name
-- column currency_code: Currency of all amounts, ISO 4217
-- column from_stage: 1, 2 or 3 for a loan on the book at previous_month_end, else its status then, or new if it was not disbursed yet
-- column to_stage: 1, 2 or 3 for a loan on the book at month_end, else its status then (closed, written_off, transferred)
-- column loans: Loans
-- column opening_balance: Outstanding principal at previous_month_end; 0 for those not on the book then
-- column closing_balance: Outstanding principal at month_end; 0 for those no longer on the book
-- column opening_provision: Provision at previous_month_end; NULL where a class had no rate
-- column closing_provision: Provision at month_end; NULL where a class had no rate
-- column pct_of_loans: Loans in percent of all that were in from_stage of that company and currency
-- column pct_of_balance: opening_balance in percent of all that was in from_stage; NULL: nothing was
-- column needs_signoff: Whether a provision rate used is a placeholder
CREATE VIEW analytics.v_stage_migration AS
SELECT
    m.month_end,
    m.previous_month_end,
    m.legal_entity_id,
    e.name AS legal_entity_name,
    m.currency_code,
    m.from_stage,
    m.to_stage,
    m.loans,
    m.opening_balance,
    m.closing_balance,
    m.opening_provision,
    m.closing_provision,
    analytics.percentage(m.loans, sum(m.loans) OVER origin) AS pct_of_loans,
    analytics.percentage(m.opening_balance, sum(m.opening_balance) OVER origin) AS pct_of_balance,
    m.needs_signoff
FROM analytics.mv_stage_migration AS m
INNER JOIN public.legal_entity AS e ON m.legal_entity_id = e.id
WINDOW origin AS (PARTITION BY m.month_end, m.legal_entity_id, m.currency_code, m.from_stage);
