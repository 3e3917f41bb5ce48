-- owner: risk
-- tier: T3
-- grain: party x role (agent or landlord)
-- key: party_id, role
-- refresh: daily
-- personal: party_name
-- description: The loans that each agent brought and each landlord is part of, in the group's currency. A loan counts with both: sums hold within agents alone
-- column party_id: Agent or landlord
-- column party_name: Its name
-- column role: agent: named in the contract, else the party in the role of agent (the earliest, unknown first, then lowest id); landlord: any party in that role
-- column currency_code: Currency of the group, ISO 4217
-- column loans: Loans, of any status
-- column active_loans: Loans on the book
-- column first_loan_on: First start_date among them
-- column last_loan_on: Last start_date among them
-- column originated: Amount lent by contract, 2 places; NULL: a rate that it needs is missing
-- column disbursed: Completed disbursements, 2 places; NULL: a rate that it needs is missing
-- column outstanding: Outstanding principal on the book, 2 places; NULL: a rate that it needs is missing
-- column requested: Amount that their applications request, each once, 2 places; NULL: none, a rate is missing, or another currency than the loan's
-- column amount_approval_pct: Lent by contract in percent of requested, with an application (one that led to no loan knows no agent); NULL likewise
-- column fpd_observed: Loans whose first instalment (mv_first_instalment) fell due at least first_payment_default_days (30) days before business_date
-- column fpd_loans: Those of them with it unsettled on the day that many days after its due date
-- column fpd_pct: fpd_loans in percent of fpd_observed, 2 places; NULL: none observed
-- column outstanding_over_30: Outstanding principal of loans on the book with more than 30 days past due, 2 places; NULL: a rate that it needs is missing
-- column par30_pct: outstanding_over_30 in percent of outstanding, 2 places; NULL: nothing outstanding, or a rate that it needs is missing
-- column loans_in_default: Loans that are non-performing
-- column written_off_loans: Loans written off
-- column needs_signoff: Whether first_payment_default_days is a placeholder
-- column as_of: Latest business date among the companies
CREATE VIEW analytics.v_agent_performance AS
WITH setting AS (
    SELECT
        analytics.setting_text('group_currency')::char(3) AS group_ccy,
        analytics.setting_number('first_payment_default_days')::integer AS fpd_days,
        exists(
            SELECT FROM analytics.provisional_setting AS s
            WHERE s.key = 'first_payment_default_days'
        ) AS needs_signoff
),

link AS (
    SELECT
        a.agent_party_id AS party_id,
        'agent' AS role,
        a.loan_id
    FROM analytics.loan_agent AS a
    UNION ALL
    SELECT DISTINCT
        r.party_id,
        'landlord' AS role,
        r.loan_id
    FROM public.party_role AS r
    WHERE r.role = 'landlord'
),

loan AS MATERIALIZED (
    SELECT
        p.loan_id,
        l.start_date,
        p.is_on_book,
        p.status,
        p.business_date,
        -- What is 0 needs no rate.
        p.approved_principal * r.group_rate AS originated,
        CASE WHEN p.disbursed_principal = 0 THEN 0 ELSE p.disbursed_principal * r.group_rate END AS disbursed,
        CASE WHEN o.owed = 0 THEN 0 ELSE o.owed * r.group_rate END AS outstanding,
        CASE WHEN o.owed = 0 OR p.dpd <= 30 THEN 0 ELSE o.owed * r.group_rate END AS late_outstanding,
        q.id AS application_id,
        CASE WHEN q.requested_currency = p.currency_code THEN q.requested_amount * r.group_rate END AS requested,
        k.is_default,
        f.due_date + s.fpd_days <= p.business_date AS fpd_observed,
        f.due_date + s.fpd_days <= p.business_date AND coalesce(f.settled_on, 'infinity') > f.due_date + s.fpd_days AS is_fpd
    FROM analytics.loan_position AS p
    CROSS JOIN LATERAL (SELECT CASE WHEN p.is_on_book THEN p.outstanding_principal ELSE 0 END AS owed) AS o
    CROSS JOIN setting AS s
    INNER JOIN public.loan AS l ON p.loan_id = l.id
    INNER JOIN analytics.currency_rate AS r ON p.legal_entity_id = r.legal_entity_id AND p.currency_code = r.currency_code
    INNER JOIN analytics.loan_risk AS k ON p.loan_id = k.loan_id
    LEFT JOIN public.application AS q ON l.application_id = q.id
    LEFT JOIN analytics.mv_first_instalment AS f ON p.loan_id = f.loan_id
),

party AS (
    SELECT
        k.party_id,
        k.role,
        count(*) AS loans,
        count(*) FILTER (WHERE l.is_on_book) AS active_loans,
        min(l.start_date) AS first_loan_on,
        max(l.start_date) AS last_loan_on,
        CASE WHEN count(*) = count(l.originated) THEN sum(l.originated) END AS originated,
        CASE WHEN count(*) = count(l.disbursed) THEN sum(l.disbursed) END AS disbursed,
        CASE WHEN count(*) = count(l.outstanding) THEN sum(l.outstanding) END AS outstanding,
        CASE WHEN count(*) = count(l.late_outstanding) THEN sum(l.late_outstanding) END AS late_outstanding,
        sum(l.originated) FILTER (WHERE l.application_id IS NOT NULL) AS applied,
        count(*) FILTER (WHERE l.fpd_observed) AS fpd_observed,
        count(*) FILTER (WHERE l.is_fpd) AS fpd_loans,
        count(*) FILTER (WHERE l.is_default) AS defaults,
        count(*) FILTER (WHERE l.status = 'written_off') AS written_off
    FROM link AS k
    INNER JOIN loan AS l ON k.loan_id = l.loan_id
    GROUP BY k.party_id, k.role
),

-- Loans may share an application: it is one request.
request AS (
    SELECT
        k.party_id,
        k.role,
        CASE WHEN count(*) = count(l.requested) THEN min(l.requested) END AS requested
    FROM link AS k
    INNER JOIN loan AS l ON k.loan_id = l.loan_id AND l.application_id IS NOT NULL
    GROUP BY k.party_id, k.role, l.application_id
),

asked AS (
    SELECT
        q.party_id,
        q.role,
        CASE WHEN count(*) = count(q.requested) THEN sum(q.requested) END AS requested
    FROM request AS q
    GROUP BY q.party_id, q.role
)

SELECT
    a.party_id,
    y.display_name AS party_name,
    a.role,
    s.group_ccy AS currency_code,
    a.loans,
    a.active_loans,
    a.first_loan_on,
    a.last_loan_on,
    round(a.originated, 2) AS originated,
    round(a.disbursed, 2) AS disbursed,
    round(a.outstanding, 2) AS outstanding,
    round(q.requested, 2) AS requested,
    analytics.percentage(a.applied, q.requested) AS amount_approval_pct,
    a.fpd_observed,
    a.fpd_loans,
    analytics.percentage(a.fpd_loans, a.fpd_observed) AS fpd_pct,
    round(a.late_outstanding, 2) AS outstanding_over_30,
    analytics.percentage(a.late_outstanding, a.outstanding) AS par30_pct,
    a.defaults AS loans_in_default,
    a.written_off AS written_off_loans,
    s.needs_signoff,
    (SELECT max(e.business_date) FROM analytics.entity_day AS e) AS as_of
FROM party AS a
CROSS JOIN setting AS s
INNER JOIN public.party AS y ON a.party_id = y.id
LEFT JOIN asked AS q ON a.party_id = q.party_id AND a.role = q.role;
