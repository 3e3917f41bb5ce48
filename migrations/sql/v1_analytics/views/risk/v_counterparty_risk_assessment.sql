-- owner: risk
-- tier: T2
-- grain: borrower
-- key: borrower_id
-- refresh: minute
-- personal: borrower_name
-- description: Each borrower with what he owes, how he paid and a rating; all amounts in the group's currency at today's rates
-- column borrower_id: Party that owes at least one loan
-- column borrower_name: Its name
-- column party_type: Its kind: individual, corporate, agent, broker, landlord or guarantor
-- column total_loans: Its loans, of any status
-- column active_loans: Those on the book
-- column written_off_loans: Those written off
-- column total_exposure: Outstanding principal of all its loans, 2 places; NULL: the rate of one that owes anything is missing
-- column active_exposure: The same of those on the book
-- column avg_interest_rate_pct: Mean yearly interest rate in percent over all its loans, weighted by the amount lent by contract in the group's currency, 2 places;
--     NULL: a rate is missing
-- column relationship_start: First start_date of its loans
-- column relationship_days: Days from then to business_date, 0 if it lies ahead
-- column has_current_default: 1: one of its loans is non-performing, else 0
-- column legal_actions_count: Collections events of kind legal_notice, lawyer_letter or court_filing on its loans, up to the local business date
-- column total_payments: Sum over its loans of the payments with an effective allocation; a payment for two loans counts with both
-- column avg_days_late: Days late per settled instalment: sum of days between due date and settlement, early and on time counted as 0, by settled_lines, 2 places;
--     NULL: none settled
-- column on_time_payment_rate_pct: Instalments settled on or before the due date in percent of those settled, 2 places; NULL: none settled
-- column max_dpd_reached: Worst days past due so far of any of its loans
-- column risk_rating: Very High Risk: a loan written off and one non-performing now; High Risk: one non-performing now, or ever over counterparty_high_dpd (90)
--     days; Medium Risk: ever over counterparty_medium_dpd (30) days, or unrounded under counterparty_on_time_pct (80) percent on time; Low Risk: ever late by a
--     day, within grace too (an instalment settled late, or one overdue now); else Minimal Risk
-- column rating_sort: 1 Very High to 5 Minimal
-- column max_dpd_12m: Worst days past due at the published month-ends of the last 12 months and today
-- column obligor_id: Group of connected borrowers, else the borrower
-- column currency_code: Currency of the group, ISO 4217
-- column needs_signoff: Whether a threshold of the rating is a placeholder
-- column business_date: Latest business date among the companies that lend to it
CREATE VIEW analytics.v_counterparty_risk_assessment AS
WITH setting AS (
    SELECT
        analytics.setting_text('group_currency')::char(3) AS group_ccy,
        analytics.setting_number('counterparty_high_dpd') AS high_dpd,
        analytics.setting_number('counterparty_medium_dpd') AS medium_dpd,
        analytics.setting_number('counterparty_on_time_pct') AS on_time,
        exists(
            SELECT FROM analytics.provisional_setting AS s
            WHERE s.key LIKE 'counterparty\_%'
        ) AS needs_signoff
),

legal AS (
    SELECT
        c.loan_id,
        count(*) AS actions
    FROM public.collections_event AS c
    INNER JOIN analytics.loan_state AS s ON c.loan_id = s.loan_id
    INNER JOIN analytics.entity_day AS e ON s.legal_entity_id = e.legal_entity_id
    WHERE
        c.event_type IN ('legal_notice', 'lawyer_letter', 'court_filing')
        AND (c.event_at AT TIME ZONE 'UTC' AT TIME ZONE e.time_zone)::date <= e.business_date
    GROUP BY c.loan_id
),

borrower AS (
    SELECT
        p.borrower_party_id,
        min(p.obligor_id::text)::uuid AS obligor_id,
        count(*) AS loans,
        count(*) FILTER (WHERE p.is_on_book) AS active_loans,
        count(*) FILTER (WHERE p.status = 'written_off') AS written_off_loans,
        CASE
            WHEN
                bool_and(r.group_rate IS NOT NULL OR p.outstanding_principal = 0)
                THEN coalesce(sum(p.outstanding_principal * r.group_rate), 0)
        END AS exposure,
        CASE
            WHEN bool_and(r.group_rate IS NOT NULL OR p.outstanding_principal = 0 OR NOT p.is_on_book)
                THEN coalesce(sum(p.outstanding_principal * r.group_rate) FILTER (WHERE p.is_on_book), 0)
        END AS active_exposure,
        CASE
            WHEN bool_and(r.group_rate IS NOT NULL)
                THEN sum(100 * l.interest_rate * p.approved_principal * r.group_rate) / nullif(sum(p.approved_principal * r.group_rate), 0)
        END AS interest_pct,
        min(l.start_date) AS since,
        bool_or(k.is_default) AS is_default,
        coalesce(sum(g.actions), 0)::bigint AS legal_actions,
        sum(p.payment_count)::bigint AS payments,
        sum(p.late_days) AS late_days,
        sum(p.settled_lines) AS settled_lines,
        sum(p.on_time_lines) AS on_time_lines,
        max(p.days_late) AS days_late,
        max(p.max_dpd) AS max_dpd,
        greatest(max(p.dpd), max(y.max_dpd), 0) AS max_dpd_12m,
        max(p.business_date) AS business_date
    FROM analytics.loan_position AS p
    INNER JOIN public.loan AS l ON p.loan_id = l.id
    INNER JOIN analytics.currency_rate AS r ON p.legal_entity_id = r.legal_entity_id AND p.currency_code = r.currency_code
    INNER JOIN analytics.loan_risk AS k ON p.loan_id = k.loan_id
    LEFT JOIN legal AS g ON p.loan_id = g.loan_id
    LEFT JOIN analytics.mv_year_dpd AS y ON p.loan_id = y.loan_id
    GROUP BY p.borrower_party_id
),

rated AS (
    SELECT
        b.*,
        CASE
            WHEN b.written_off_loans > 0 AND b.is_default THEN 1
            WHEN b.is_default OR b.max_dpd > s.high_dpd THEN 2
            WHEN b.max_dpd > s.medium_dpd OR 100 * b.on_time_lines < s.on_time * b.settled_lines THEN 3
            WHEN b.late_days > 0 OR b.days_late > 0 OR b.max_dpd > 0 THEN 4
            ELSE 5
        END AS rating_sort
    FROM borrower AS b
    CROSS JOIN setting AS s
)

SELECT
    a.borrower_party_id AS borrower_id,
    y.display_name AS borrower_name,
    y.kind AS party_type,
    a.loans AS total_loans,
    a.active_loans,
    a.written_off_loans,
    round(a.exposure, 2) AS total_exposure,
    round(a.active_exposure, 2) AS active_exposure,
    round(a.interest_pct, 2) AS avg_interest_rate_pct,
    a.since AS relationship_start,
    greatest(a.business_date - a.since, 0) AS relationship_days,
    a.is_default::integer AS has_current_default,
    a.legal_actions AS legal_actions_count,
    a.payments AS total_payments,
    round(a.late_days::numeric / nullif(a.settled_lines, 0), 2) AS avg_days_late,
    analytics.percentage(a.on_time_lines, a.settled_lines) AS on_time_payment_rate_pct,
    a.max_dpd AS max_dpd_reached,
    (ARRAY['Very High Risk', 'High Risk', 'Medium Risk', 'Low Risk', 'Minimal Risk'])[a.rating_sort] AS risk_rating,
    a.rating_sort,
    a.max_dpd_12m,
    a.obligor_id,
    s.group_ccy AS currency_code,
    s.needs_signoff,
    a.business_date
FROM rated AS a
CROSS JOIN setting AS s
INNER JOIN public.party AS y ON a.borrower_party_id = y.id;
