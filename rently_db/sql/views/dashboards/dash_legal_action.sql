-- owner: collections
-- tier: T1
-- grain: loan with a legal step
-- key: loan_id
-- refresh: minute
-- personal: borrower_name
-- description: Loans with a legal step, as v_legal_action_tracker says, with the name of the company
-- column loan_id: Loan
-- column loan_number: Number of the contract
-- column legal_entity_id: Company that lends
-- column legal_entity_name: Its name
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
CREATE VIEW analytics.dash_legal_action AS
SELECT
    w.loan_id,
    w.loan_number,
    w.legal_entity_id,
    e.legal_entity_name,
    w.borrower_name,
    w.currency_code,
    w.loan_status,
    w.legal_action,
    w.legal_action_since,
    w.first_notice,
    w.latest_action,
    w.latest_action_on,
    w.notices,
    w.lawyer_letters,
    w.court_filings,
    w.outstanding,
    w.arrears,
    w.dpd,
    w.days_in_legal,
    w.business_date
FROM analytics.v_legal_action_tracker AS w
INNER JOIN analytics.entity_day AS e ON w.legal_entity_id = e.legal_entity_id;
