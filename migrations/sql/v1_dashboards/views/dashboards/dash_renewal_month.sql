-- owner: product
-- tier: T3
-- grain: month in which leases end x legal entity, from 12 months ago to 3 months ahead
-- key: lease_end_month, legal_entity_id
-- refresh: live
-- description: What becomes of tenancies that end, month by month, all products of a company together: v_lease_renewal_analysis
-- column lease_end_month: First day of the month of the lease's end
-- column months_ago: Months before the month of the business date: 0 is the running one, below 0 is to come
-- column legal_entity_id: Company that lends
-- column legal_entity_name: Its name
-- column functional_ccy: Currency of its books, ISO 4217
-- column ending: Loans whose lease ends in the month
-- column renewed: Of them, renewed
-- column moved: Moved to another home with us
-- column churned: Lost
-- column pending: Not yet decided
-- column renewed_pct: renewed in percent of ending less pending, rounded to 2 places; NULL: none is decided
CREATE VIEW analytics.dash_renewal_month AS
WITH lease AS (
    SELECT
        r.lease_end_month,
        r.legal_entity_id,
        r.legal_entity_name,
        e.functional_ccy,
        (
            (extract(YEAR FROM e.business_date) - extract(YEAR FROM r.lease_end_month)) * 12
            + extract(MONTH FROM e.business_date) - extract(MONTH FROM r.lease_end_month)
        )::integer AS months_ago,
        r.ending,
        r.renewed,
        r.moved,
        r.churned,
        r.pending
    FROM analytics.v_lease_renewal_analysis AS r
    INNER JOIN analytics.entity_day AS e ON r.legal_entity_id = e.legal_entity_id
)

SELECT
    l.lease_end_month,
    l.months_ago,
    l.legal_entity_id,
    l.legal_entity_name,
    l.functional_ccy,
    sum(l.ending)::bigint AS ending,
    sum(l.renewed)::bigint AS renewed,
    sum(l.moved)::bigint AS moved,
    sum(l.churned)::bigint AS churned,
    sum(l.pending)::bigint AS pending,
    analytics.percentage(sum(l.renewed), sum(l.ending - l.pending)) AS renewed_pct
FROM lease AS l
WHERE l.months_ago BETWEEN -3 AND 12
GROUP BY l.lease_end_month, l.months_ago, l.legal_entity_id, l.legal_entity_name, l.functional_ccy;
