-- owner: risk
-- tier: T1
-- grain: loan on the book that gives a signal
-- key: loan_id
-- refresh: minute
-- description: v_early_warning without names. Kept for a minute, as comparing every loan with its month-end takes longer than a reader should wait
-- column loan_id: Loan
-- column legal_entity_id: Company that lends
-- column borrower_party_id: Borrower
-- column currency_code: Currency of all amounts, ISO 4217
-- column signal: The first of these that holds: broken_promise, newly_past_due, payment_slipping, grace_rising
-- column days_since: Days since the signal: since the promise ran out, since the loan became past due (dpd), else since the last settlement
-- column prev_bucket: Standard bucket at the last month-end that was published before today, by today's buckets; NULL: the loan was not in it
-- column dpd_bucket: Standard bucket of dpd
-- column bucket_sort: Its position, from 0
-- column dpd: Days past due
-- column arrears: Unpaid amount of overdue instalments
-- column outstanding_principal: Outstanding principal
-- column is_broken_promise: Whether a promise to pay ran out unkept in the last early_warning_promise_days days
-- column is_newly_past_due: Whether it is past due and was not at the last published month-end, or was not in it
-- column is_payment_slipping: Whether instalments settled in the last early_warning_window_days days were late by more than early_warning_slip_days days more
--     on average than those of the window before
-- column is_grace_rising: Whether a greater share of them than of those of the window before was settled within the days of grace
-- column business_date: Business date of the company, for which the figures hold
CREATE MATERIALIZED VIEW analytics.mv_early_warning AS
WITH position AS (
    SELECT
        p.loan_id,
        p.legal_entity_id,
        p.borrower_party_id,
        p.currency_code,
        p.dpd,
        p.dpd_bucket,
        p.bucket_sort,
        p.arrears,
        p.outstanding_principal,
        p.business_date
    FROM analytics.loan_position AS p
    WHERE p.is_on_book
),

before AS (
    SELECT
        s.loan_id,
        s.dpd
    FROM analytics.loan_daily_snapshot AS s
    -- One month-end for all companies; on a day of the past those after it are not known yet.
    WHERE s.snapshot_date = (
        SELECT max(d.day) FROM analytics.published_day AS d
        WHERE d.is_month_end AND d.day < (SELECT min(e.business_date) FROM analytics.entity_day AS e)
    )
),

promise AS (
    SELECT
        m.loan_id,
        max(m.until_day) AS until_day
    FROM analytics.mv_promise AS m
    WHERE m.outcome = 'broken'
    GROUP BY m.loan_id
),

habit AS (
    SELECT
        m.loan_id,
        m.last_settled_on,
        m.recent_late_days * m.previous_lines - m.previous_late_days * m.recent_lines
        > (SELECT analytics.setting_number('early_warning_slip_days')) * m.recent_lines * m.previous_lines AS is_slipping,
        m.recent_in_grace * m.previous_lines > m.previous_in_grace * m.recent_lines AS is_grace_rising
    FROM analytics.mv_payment_lag AS m
    WHERE m.recent_lines > 0 AND m.previous_lines > 0
),

signal AS (
    SELECT
        p.loan_id,
        p.legal_entity_id,
        p.borrower_party_id,
        p.currency_code,
        p.dpd,
        p.dpd_bucket,
        p.bucket_sort,
        p.arrears,
        p.outstanding_principal,
        p.business_date,
        m.until_day,
        h.last_settled_on,
        b.dpd AS previous_dpd,
        coalesce(m.until_day >= p.business_date - (SELECT analytics.setting_number('early_warning_promise_days'))::integer, false)
            AS is_broken,
        p.dpd > 0 AND coalesce(b.dpd, 0) = 0 AS is_new,
        coalesce(h.is_slipping, false) AS is_slipping,
        coalesce(h.is_grace_rising, false) AS is_grace_rising
    FROM position AS p
    LEFT JOIN before AS b ON p.loan_id = b.loan_id
    LEFT JOIN promise AS m ON p.loan_id = m.loan_id
    LEFT JOIN habit AS h ON p.loan_id = h.loan_id
)

SELECT
    s.loan_id,
    s.legal_entity_id,
    s.borrower_party_id,
    s.currency_code,
    CASE
        WHEN s.is_broken THEN 'broken_promise' WHEN s.is_new THEN 'newly_past_due' WHEN s.is_slipping THEN 'payment_slipping' ELSE
            'grace_rising'
    END
        AS signal,
    CASE WHEN s.is_broken THEN s.business_date - s.until_day WHEN s.is_new THEN s.dpd ELSE s.business_date - s.last_settled_on END
        AS days_since,
    e.bucket_labels[width_bucket(s.previous_dpd, e.bucket_bounds)] AS prev_bucket,
    s.dpd_bucket,
    s.bucket_sort,
    s.dpd,
    s.arrears,
    s.outstanding_principal,
    s.is_broken AS is_broken_promise,
    s.is_new AS is_newly_past_due,
    s.is_slipping AS is_payment_slipping,
    s.is_grace_rising,
    s.business_date
FROM signal AS s
INNER JOIN analytics.entity_day AS e ON s.legal_entity_id = e.legal_entity_id
WHERE s.is_broken OR s.is_new OR s.is_slipping OR s.is_grace_rising;
CREATE UNIQUE INDEX uq_mv_early_warning ON analytics.mv_early_warning (loan_id);
