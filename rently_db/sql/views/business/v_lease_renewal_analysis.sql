-- owner: product
-- tier: T3
-- grain: month in which leases end x entity x product
-- key: lease_end_month, legal_entity_id, product_code
-- refresh: live
-- description: What becomes of tenancies that end: renewed with us, moved with us to another home, lost, or not yet decided
-- column lease_end_month: First day of the month of lease_end_date
-- column legal_entity_id: Company that lends
-- column legal_entity_name: Its name
-- column product_code: Product of the loan
-- column product_category: Its category
-- column ending: Loans whose lease ends in the month and that were disbursed or taken over (loan_state)
-- column renewed: Of them, those with, from setting lease_renewal_window_days before lease_end_date to as many after it and by the business date: a completed
--     lease_renewal of loan_transfers, or a loan that names this one as parent, starts then and is for the same tenancy contract or an unknown one.
--     A child to which a completed transfer of any kind leads by the business date does not count: the transfer says what it was
-- column moved: Else those with a completed apartment_change, or such a loan for another contract, in that time
-- column pending: Else those whose time is not over yet
-- column churned: The others
-- column renewed_pct: renewed in percent of ending less pending; NULL: none is decided
-- column moved_pct: moved in percent of the same
-- column churned_pct: churned in percent of the same
CREATE VIEW analytics.v_lease_renewal_analysis AS
WITH ended AS (
    SELECT
        l.id AS loan_id,
        l.legal_entity_id,
        l.product_id,
        l.lease_end_date,
        l.property_contract_id,
        e.legal_entity_name,
        e.business_date,
        l.lease_end_date - w.days AS opens_on,
        l.lease_end_date + w.days AS closes_on
    FROM public.loan AS l
    INNER JOIN analytics.loan_state AS s ON l.id = s.loan_id AND (s.first_disbursed_on IS NOT NULL OR s.transferred_in > 0)
    INNER JOIN analytics.entity_day AS e ON l.legal_entity_id = e.legal_entity_id
    CROSS JOIN (SELECT (SELECT analytics.setting_number('lease_renewal_window_days'))::integer AS days) AS w
    WHERE l.lease_end_date IS NOT NULL
),

continued AS (
    SELECT
        e.loan_id,
        bool_or(c.is_renewal) AS is_renewed
    FROM ended AS e
    INNER JOIN LATERAL (
        SELECT
            t.transfer_type = 'lease_renewal' AS is_renewal,
            t.transfer_date AS day
        FROM public.loan_transfers AS t
        WHERE t.source_loan_id = e.loan_id AND t.status = 'completed' AND t.transfer_type IN ('lease_renewal', 'apartment_change')
        UNION ALL
        SELECT
            coalesce(n.property_contract_id = e.property_contract_id, TRUE) AS is_renewal,
            n.start_date AS day
        FROM public.loan AS n
        WHERE
            n.parent_loan_id = e.loan_id
            -- What a transfer says of the two loans is stronger than what their contracts tell.
            AND NOT EXISTS (
                SELECT FROM public.loan_transfers AS t
                WHERE
                    t.source_loan_id = e.loan_id AND t.target_loan_id = n.id AND t.status = 'completed'
                    AND t.transfer_date <= e.business_date
            )
    ) AS c ON c.day BETWEEN e.opens_on AND least(e.closes_on, e.business_date)
    GROUP BY e.loan_id
),

outcome AS (
    SELECT
        date_trunc('month', e.lease_end_date)::date AS lease_end_month,
        e.legal_entity_id,
        e.legal_entity_name,
        e.product_id,
        count(*) AS ending,
        count(*) FILTER (WHERE c.is_renewed) AS renewed,
        count(*) FILTER (WHERE NOT c.is_renewed) AS moved,
        count(*) FILTER (WHERE c.loan_id IS NULL AND e.business_date <= e.closes_on) AS pending,
        count(*) FILTER (WHERE c.loan_id IS NULL AND e.business_date > e.closes_on) AS churned
    FROM ended AS e
    LEFT JOIN continued AS c ON e.loan_id = c.loan_id
    GROUP BY date_trunc('month', e.lease_end_date)::date, e.legal_entity_id, e.legal_entity_name, e.product_id
)

SELECT
    o.lease_end_month,
    o.legal_entity_id,
    o.legal_entity_name,
    p.code AS product_code,
    p.category AS product_category,
    o.ending,
    o.renewed,
    o.moved,
    o.pending,
    o.churned,
    analytics.percentage(o.renewed, o.ending - o.pending) AS renewed_pct,
    analytics.percentage(o.moved, o.ending - o.pending) AS moved_pct,
    analytics.percentage(o.churned, o.ending - o.pending) AS churned_pct
FROM outcome AS o
INNER JOIN public.product AS p ON o.product_id = p.id;
