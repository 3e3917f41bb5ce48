-- owner: risk
-- tier: T3
-- grain: loan x day
-- key: snapshot_date, loan_id
-- refresh: daily
-- kept: yes
-- description: Where each loan that was lent something, paid out or taken over, stood at the end of a day: month-ends for ever, other days
--     for 90 days. Published once, never rewritten
-- column snapshot_date: Day, by the business date of the loan's legal entity
-- column loan_id: Loan
-- column is_month_end: Whether the day is the last of its month
-- column legal_entity_id: Company that lends
-- column product_id: Product
-- column borrower_party_id: Party that owes the loan
-- column obligor_id: Group of connected borrowers, else the borrower
-- column currency_code: Currency of all amounts, ISO 4217
-- column status: Status of the contract on the day
-- column exited_on: Day on which a written-off or transferred loan left the book; NULL: it was on the book
-- column approved_principal: Amount lent by contract
-- column disbursed_principal: Completed disbursements so far
-- column first_disbursed_on: Value date of the first
-- column principal_paid: Principal paid so far
-- column principal_recovered: Principal among it that was paid after the loan had left the book
-- column principal_waived: Principal waived so far
-- column principal_written_off: Principal written off so far
-- column principal_refunded: Principal given back so far
-- column transferred_in: Principal taken over so far
-- column transferred_out: Principal moved away so far
-- column outstanding_principal: Principal still owed
-- column overpaid_principal: Principal paid beyond what was owed
-- column interest_outstanding: Interest due and unpaid
-- column interest_paid: Interest paid so far
-- column rc_fee_paid: Rently Care fee paid so far
-- column penalty_paid: Penalties paid so far
-- column other_paid: Other amounts paid so far
-- column arrears: Unpaid amount of overdue instalments
-- column overdue_since: Due date of the oldest overdue instalment; NULL: none
-- column days_late: Days since overdue_since
-- column dpd: Days past due
-- column max_dpd: Worst days past due so far
-- column npl_last_day: Last day beyond the non-performing threshold by own days past due; NULL: never
-- column is_forborne: Flag forborne held
-- column is_unlikely_to_pay: Flag unlikely_to_pay held
-- column is_significant_increase: Flag significant_increase held
-- column settled_lines: Instalments settled so far
-- column on_time_lines: Instalments settled on or before their due date so far
-- column late_days: Days between due date and settlement, summed over instalments settled late so far
-- column published_at: Moment of publication
CREATE TABLE analytics.loan_daily_snapshot (
    snapshot_date date NOT NULL,
    loan_id uuid NOT NULL,
    is_month_end boolean NOT NULL,
    legal_entity_id uuid NOT NULL,
    product_id uuid NOT NULL,
    borrower_party_id uuid NOT NULL,
    obligor_id uuid NOT NULL,
    currency_code char(3) NOT NULL,
    status text NOT NULL,
    exited_on date,
    approved_principal numeric NOT NULL,
    disbursed_principal numeric NOT NULL,
    first_disbursed_on date,
    principal_paid numeric NOT NULL,
    principal_recovered numeric NOT NULL,
    principal_waived numeric NOT NULL,
    principal_written_off numeric NOT NULL,
    principal_refunded numeric NOT NULL,
    transferred_in numeric NOT NULL,
    transferred_out numeric NOT NULL,
    outstanding_principal numeric NOT NULL,
    overpaid_principal numeric NOT NULL,
    interest_outstanding numeric NOT NULL,
    interest_paid numeric NOT NULL,
    rc_fee_paid numeric NOT NULL,
    penalty_paid numeric NOT NULL,
    other_paid numeric NOT NULL,
    arrears numeric NOT NULL,
    overdue_since date,
    days_late integer NOT NULL,
    dpd integer NOT NULL,
    max_dpd integer NOT NULL,
    npl_last_day date,
    is_forborne boolean NOT NULL,
    is_unlikely_to_pay boolean NOT NULL,
    is_significant_increase boolean NOT NULL,
    settled_lines integer NOT NULL,
    on_time_lines integer NOT NULL,
    late_days integer NOT NULL,
    published_at timestamptz NOT NULL,
    CONSTRAINT pk_loan_daily_snapshot PRIMARY KEY (snapshot_date, loan_id)
) PARTITION BY RANGE (snapshot_date);
CREATE INDEX ix_loan_daily_snapshot_loan_id ON analytics.loan_daily_snapshot (loan_id);
