-- owner: data_science
-- tier: T3
-- grain: loan x period: now (period infinity) and each published month-end
-- key: period, loan_id
-- refresh: minute
-- description: What is known of each loan on a day and may help to foresee default, for today and for month-ends by the same rules; nothing dated later is in it
-- column period: The month-end; infinity for today
-- column day: Day for which it holds
-- column loan_id: Loan
-- column legal_entity_id: Company that lends
-- column currency_code: Currency of all amounts, ISO 4217
-- column status: Status of the contract on the day
-- column is_on_book: Whether it was active
-- column principal_amount: Amount lent by contract
-- column interest_rate: Interest per year as a fraction
-- column rc_fee_rate: Rently Care fee as a fraction of the principal; NULL: none known
-- column loan_duration_days: Days from start_date to end_date of the contract
-- column loan_age_days: Days since start_date, at least 0
-- column product_category: Category of the product
-- column business_unit: Business unit of the product
-- column borrower_type: Kind of the borrower: individual, corporate ...
-- column customer_relationship_days: Days since the earliest start_date among the borrower's loans, at least 0
-- column payment_count: Payments with an effective allocation; NULL at month-ends, which do not keep it
-- column settled_instalments: Instalments settled so far
-- column on_time_payments: Of them, those settled on or before their due date
-- column on_time_payment_rate_pct: on_time_payments in percent of settled_instalments; NULL: none settled
-- column avg_days_late: Days between due date and settlement per settled instalment (0 for one on time), rounded to two places; NULL: none settled
-- column current_dpd: Days past due on the day
-- column max_dpd_reached: Worst days past due so far
-- column arrears: Unpaid amount of overdue instalments
-- column outstanding_principal: Principal still owed
-- column total_amount_paid: Principal, interest, fees, penalties and other paid so far
-- column repayment_progress_pct: Principal paid in percent of what was disbursed and taken over; NULL: nothing was
-- column collections_events_count: Events of collections up to the end of the day in the company's zone
-- column reminder_count: Of them, reminder_sent
-- column call_attempts: Of them, call_attempt and call_successful
-- column legal_actions_count: Of them, legal_notice, lawyer_letter and court_filing
-- column origination_month: First day of the month of the first disbursement, of start_date before that
-- column origination_day_of_week: Weekday of it, 0 Sunday to 6 Saturday
-- column is_forborne: Whether flag forborne held
-- column npl_last_day: Last day beyond the non-performing threshold by own days past due; NULL: never
CREATE VIEW analytics.loan_feature_by_day AS
WITH position AS NOT MATERIALIZED (
    SELECT
        'infinity'::date AS period,
        p.business_date AS day,
        p.loan_id,
        p.legal_entity_id,
        p.product_id,
        p.borrower_party_id,
        p.currency_code,
        p.status,
        p.approved_principal,
        p.disbursed_principal + p.transferred_in AS received,
        p.first_disbursed_on,
        p.principal_paid,
        p.principal_paid + p.interest_paid + p.rc_fee_paid + p.penalty_paid + p.other_paid AS paid,
        p.outstanding_principal,
        p.arrears,
        p.dpd,
        p.max_dpd,
        p.npl_last_day,
        p.is_forborne,
        p.settled_lines,
        p.on_time_lines,
        p.late_days,
        p.payment_count
    FROM analytics.loan_position AS p
    UNION ALL
    SELECT
        s.snapshot_date AS period,
        s.snapshot_date AS day,
        s.loan_id,
        s.legal_entity_id,
        s.product_id,
        s.borrower_party_id,
        s.currency_code,
        s.status,
        s.approved_principal,
        s.disbursed_principal + s.transferred_in AS received,
        s.first_disbursed_on,
        s.principal_paid,
        s.principal_paid + s.interest_paid + s.rc_fee_paid + s.penalty_paid + s.other_paid AS paid,
        s.outstanding_principal,
        s.arrears,
        s.dpd,
        s.max_dpd,
        s.npl_last_day,
        s.is_forborne,
        s.settled_lines,
        s.on_time_lines,
        s.late_days,
        NULL::bigint AS payment_count
    FROM analytics.loan_daily_snapshot AS s
    INNER JOIN analytics.published_day AS d ON s.snapshot_date = d.day
    WHERE d.is_month_end
),

customer AS (
    SELECT
        l.borrower_party_id,
        min(l.start_date) AS since
    FROM public.loan AS l
    GROUP BY l.borrower_party_id
)

SELECT
    p.period,
    p.day,
    p.loan_id,
    p.legal_entity_id,
    p.currency_code,
    p.status,
    p.status = 'active' AS is_on_book,
    p.approved_principal AS principal_amount,
    l.interest_rate,
    l.rc_fee_rate,
    l.end_date - l.start_date AS loan_duration_days,
    greatest(p.day - l.start_date, 0) AS loan_age_days,
    d.category AS product_category,
    d.business_unit,
    b.kind AS borrower_type,
    greatest(p.day - u.since, 0) AS customer_relationship_days,
    p.payment_count,
    p.settled_lines AS settled_instalments,
    p.on_time_lines AS on_time_payments,
    analytics.percentage(p.on_time_lines, p.settled_lines) AS on_time_payment_rate_pct,
    round(p.late_days::numeric / nullif(p.settled_lines, 0), 2) AS avg_days_late,
    p.dpd AS current_dpd,
    p.max_dpd AS max_dpd_reached,
    p.arrears,
    p.outstanding_principal,
    p.paid AS total_amount_paid,
    analytics.percentage(p.principal_paid, p.received) AS repayment_progress_pct,
    coalesce(c.events, 0) AS collections_events_count,
    coalesce(c.reminders, 0) AS reminder_count,
    coalesce(c.calls, 0) AS call_attempts,
    coalesce(c.legal, 0) AS legal_actions_count,
    date_trunc('month', coalesce(p.first_disbursed_on, l.start_date))::date AS origination_month,
    extract(DOW FROM coalesce(p.first_disbursed_on, l.start_date))::integer AS origination_day_of_week,
    p.is_forborne,
    p.npl_last_day
FROM position AS p
-- Each loan has all four. For an inner join the planner, which knows nothing of the union's columns, expects one row, and then loops.
LEFT JOIN public.loan AS l ON p.loan_id = l.id
LEFT JOIN public.product AS d ON p.product_id = d.id
LEFT JOIN public.party AS b ON p.borrower_party_id = b.id
LEFT JOIN customer AS u ON l.borrower_party_id = u.borrower_party_id
LEFT JOIN analytics.collections_count_by_day AS c ON p.period = c.period AND p.loan_id = c.loan_id;
