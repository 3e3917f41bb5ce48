-- owner: collections
-- tier: T1
-- grain: loan with a legal step
-- key: loan_id
-- refresh: minute
-- description: v_legal_action_tracker without names. Kept for a minute, as going through every event takes longer than a reader should wait
-- column loan_id: Loan
-- column legal_entity_id: Company that lends
-- column borrower_party_id: Borrower
-- column currency_code: Currency of all amounts, ISO 4217
-- column loan_status: Status of the contract on the business date
-- column legal_action: Open status of type legal_action; none if none is open
-- column legal_action_since: Moment since which it holds; NULL: none is open
-- column first_notice: Day of the first of the events; NULL: there is only the status
-- column latest_action: Kind of the last of them; NULL: there is only the status
-- column latest_action_on: Its day
-- column notices: Events legal_notice
-- column lawyer_letters: Events lawyer_letter
-- column court_filings: Events court_filing
-- column outstanding: Outstanding principal
-- column arrears: Unpaid amount of overdue instalments
-- column dpd: Days past due
-- column days_in_legal: Days from first_notice, else from legal_action_since, to the business date, or to the day on which the loan was closed or left the book
-- column business_date: Business date of the company, for which the figures hold
CREATE MATERIALIZED VIEW analytics.mv_legal_action AS
WITH step AS (
    SELECT
        a.loan_id,
        min(a.event_on) AS first_on,
        max(a.event_on) AS last_on,
        (array_agg(a.event_type ORDER BY a.event_at DESC, a.event_id DESC))[1] AS last_type,
        count(*) FILTER (WHERE a.event_type = 'legal_notice') AS notices,
        count(*) FILTER (WHERE a.event_type = 'lawyer_letter') AS letters,
        count(*) FILTER (WHERE a.event_type = 'court_filing') AS filings
    FROM analytics.collections_action AS a
    WHERE a.is_legal
    GROUP BY a.loan_id
),

status AS (
    SELECT
        s.loan_id,
        s.status_value,
        s.effective_from
    FROM analytics.current_loan_status AS s
    WHERE s.status_type = 'legal_action'
),

-- Few of all loans.
concerned AS (
    SELECT t.loan_id FROM step AS t
    UNION
    SELECT s.loan_id FROM status AS s
    WHERE s.status_value <> 'none'
)

SELECT
    p.loan_id,
    p.legal_entity_id,
    p.borrower_party_id,
    p.currency_code,
    p.status AS loan_status,
    coalesce(s.status_value, 'none') AS legal_action,
    s.effective_from AS legal_action_since,
    t.first_on AS first_notice,
    t.last_type AS latest_action,
    t.last_on AS latest_action_on,
    coalesce(t.notices, 0) AS notices,
    coalesce(t.letters, 0) AS lawyer_letters,
    coalesce(t.filings, 0) AS court_filings,
    p.outstanding_principal AS outstanding,
    p.arrears,
    p.dpd,
    greatest(
        coalesce(p.exited_on, p.closed_on, p.business_date)
        - coalesce(t.first_on, (s.effective_from AT TIME ZONE coalesce(e.time_zone, 'UTC'))::date),
        0
    ) AS days_in_legal,
    p.business_date
FROM concerned AS c
INNER JOIN analytics.loan_position AS p ON c.loan_id = p.loan_id
INNER JOIN public.legal_entity AS e ON p.legal_entity_id = e.id
LEFT JOIN step AS t ON c.loan_id = t.loan_id
LEFT JOIN status AS s ON c.loan_id = s.loan_id;
CREATE UNIQUE INDEX uq_mv_legal_action ON analytics.mv_legal_action (loan_id);
