-- owner: collections
-- tier: T0
-- grain: loan on the book that is past due
-- key: loan_id
-- refresh: live
-- personal: borrower_name, borrower_phone
-- description: Whom to call, as v_collections_worklist says, with the name of the company: without e-mail addresses, which no dashboard shows
-- column loan_id: Loan
-- column loan_number: Number of the contract
-- column legal_entity_id: Company that lends
-- column legal_entity_name: Its name
-- column borrower_name: Name of the borrower
-- column borrower_phone: Phone of the borrower; NULL: unknown
-- column currency_code: Currency of all amounts, ISO 4217
-- column dpd: Days past due
-- column dpd_bucket: Standard bucket of dpd
-- column bucket_sort: Position of the bucket, from 0
-- column overdue_since: Due date of the oldest overdue instalment
-- column arrears: Unpaid amount of overdue instalments
-- column outstanding_principal: Outstanding principal
-- column collections_stage: Open status of type collections_stage; current if none is open
-- column last_contact: Day on which the borrower was last reached: call_successful, payment_arrangement, settlement_accepted; NULL: never
-- column next_action_date: Day of the next action as noted by the last event that notes one; NULL: none
-- column promise_amount: Amount of the last promise to pay (payment_arrangement with an amount in the loan's currency); NULL: none
-- column promise_until: Last day on which it is kept: its day plus setting promise_days; NULL: none
-- column promise_paid: Effective allocations to the loan from the day of the promise to promise_until; NULL: none was made
-- column promise_status: kept: promise_paid reaches promise_amount; else open up to promise_until, and broken after it; NULL: none
-- column priority: Rank within company and currency, from 1: first loans without an open promise and without a next action after today, then more days
--     past due, then more arrears, then loan_id
-- column business_date: Business date of the company, for which the figures hold
-- column stage_label: The stage as dash_cases_by_stage calls it, so that a click there finds the cases here
CREATE VIEW analytics.dash_worklist AS
SELECT
    w.loan_id,
    w.loan_number,
    w.legal_entity_id,
    e.legal_entity_name,
    w.borrower_name,
    w.borrower_phone,
    w.currency_code,
    w.dpd,
    w.dpd_bucket,
    w.bucket_sort,
    w.overdue_since,
    w.arrears,
    w.outstanding_principal,
    w.collections_stage,
    w.last_contact,
    w.next_action_date,
    w.promise_amount,
    w.promise_until,
    w.promise_paid,
    w.promise_status,
    w.priority,
    w.business_date,
    -- Looked up row by row: who lists the first hundred looks up a hundred.
    CASE
        WHEN w.collections_stage = 'current' THEN '0 No stage set'
        ELSE coalesce((
            SELECT concat(v.sort, ' ', v.label) FROM public.status_value AS v
            WHERE v.status_type = 'collections_stage' AND v.status_value = w.collections_stage
        ), '99 ' || w.collections_stage)
    END AS stage_label
FROM analytics.v_collections_worklist AS w
INNER JOIN analytics.entity_day AS e ON w.legal_entity_id = e.legal_entity_id;
