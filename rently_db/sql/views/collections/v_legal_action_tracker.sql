-- owner: collections
-- tier: T1
-- grain: loan with a legal step
-- key: loan_id
-- refresh: minute
-- personal: borrower_name
-- description: Loans with an event legal_notice, lawyer_letter or court_filing, or an open status of type legal_action other than none; one row each
-- column loan_id: Loan
-- column loan_number: Number of the contract
-- column legal_entity_id: Company that lends
-- column borrower_name: Name of the borrower
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
CREATE VIEW analytics.v_legal_action_tracker AS
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
    s.loan_status,
    s.legal_action,
    s.legal_action_since,
    s.first_notice,
    s.latest_action,
    s.latest_action_on,
    s.notices,
    s.lawyer_letters,
    s.court_filings,
    s.outstanding,
    s.arrears,
    s.dpd,
    s.days_in_legal,
    s.business_date
FROM analytics.mv_legal_action AS s;
