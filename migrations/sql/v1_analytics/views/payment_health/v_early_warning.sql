-- owner: risk
-- tier: T1
-- grain: loan on the book that gives a signal
-- key: loan_id
-- refresh: minute
-- personal: borrower_name
-- description: Loans on the book (status active) that begin to go wrong. The habits of paying are of the last night, promises at most a quarter of an hour old
-- column loan_id: Loan
-- column loan_number: Number of the contract
-- column legal_entity_id: Company that lends
-- column borrower_name: Name of the borrower
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
-- column needs_signoff: Whether a setting that decides on signals today still needs sign-off
-- column business_date: Business date of the company, for which the figures hold
CREATE VIEW analytics.v_early_warning AS
SELECT
    s.loan_id,
    -- Looked up row by row: who lists the first hundred looks up a hundred.
    (
        SELECT l.loan_number FROM public.loan AS l
        WHERE l.id = s.loan_id
    ) AS loan_number,
    s.legal_entity_id,
    (
        SELECT b.display_name FROM public.party AS b
        WHERE b.id = s.borrower_party_id
    ) AS borrower_name,
    s.currency_code,
    s.signal,
    s.days_since,
    s.prev_bucket,
    s.dpd_bucket,
    s.bucket_sort,
    s.dpd,
    s.arrears,
    s.outstanding_principal,
    s.is_broken_promise,
    s.is_newly_past_due,
    s.is_payment_slipping,
    s.is_grace_rising,
    exists(
        SELECT FROM analytics.provisional_setting AS n
        WHERE n.key IN ('promise_days', 'early_warning_promise_days', 'early_warning_window_days', 'early_warning_slip_days')
    ) AS needs_signoff,
    s.business_date
FROM analytics.mv_early_warning AS s;
