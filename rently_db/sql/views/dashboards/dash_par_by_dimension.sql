-- owner: risk
-- tier: T2
-- grain: legal entity x dimension x member x measure
-- key: legal_entity_id, member, measure
-- refresh: minute
-- description: Portfolio at risk along several dimensions, in one list: for a heat map
-- column legal_entity_id: Company that lends
-- column legal_entity_name: Its name
-- column functional_ccy: Currency of all amounts, ISO 4217
-- column dimension: product, business unit, borrower (its kind), currency or lent in (the year of the first disbursement)
-- column member: Dimension and its value: product: rnpl_uae
-- column measure: PAR30, PAR60 or PAR90
-- column loans: Loans on the book of the member that owe principal
-- column outstanding_fn: Their outstanding principal, rounded to 2 places; NULL: a rate is missing
-- column at_risk_fn: That of loans more than so many days past due likewise
-- column pct: at_risk_fn / outstanding_fn, unrounded, in percent, rounded to 2 places
CREATE VIEW analytics.dash_par_by_dimension AS
WITH book AS (
    SELECT
        p.legal_entity_id,
        p.product_id,
        b.kind AS borrower_kind,
        p.currency_code,
        extract(YEAR FROM p.first_disbursed_on)::integer AS lent_in,
        count(*) AS loans,
        sum(p.outstanding_principal) AS outstanding,
        coalesce(sum(p.outstanding_principal) FILTER (WHERE p.dpd > 30), 0) AS par30,
        coalesce(sum(p.outstanding_principal) FILTER (WHERE p.dpd > 60), 0) AS par60,
        coalesce(sum(p.outstanding_principal) FILTER (WHERE p.dpd > 90), 0) AS par90
    FROM analytics.loan_position AS p
    INNER JOIN public.party AS b ON p.borrower_party_id = b.id
    WHERE p.is_on_book AND p.outstanding_principal > 0
    GROUP BY p.legal_entity_id, p.product_id, b.kind, p.currency_code, extract(YEAR FROM p.first_disbursed_on)::integer
),

member AS (
    SELECT
        b.legal_entity_id,
        v.dimension,
        v.dimension || ': ' || v.value AS member,
        sum(b.loans)::bigint AS loans,
        count(*) = count(r.functional_rate) AS is_known,
        sum(b.outstanding * r.functional_rate) AS outstanding,
        sum(b.par30 * r.functional_rate) AS par30,
        sum(b.par60 * r.functional_rate) AS par60,
        sum(b.par90 * r.functional_rate) AS par90
    FROM book AS b
    INNER JOIN public.product AS d ON b.product_id = d.id
    INNER JOIN analytics.currency_rate AS r ON b.legal_entity_id = r.legal_entity_id AND b.currency_code = r.currency_code
    CROSS JOIN
        LATERAL (
            VALUES
            ('product', d.category), ('business unit', d.business_unit), ('borrower', b.borrower_kind), ('currency', b.currency_code::text),
            ('lent in', coalesce(b.lent_in::text, 'unknown'))
        ) AS v (dimension, value)
    GROUP BY b.legal_entity_id, v.dimension, v.value
)

SELECT
    m.legal_entity_id,
    e.legal_entity_name,
    e.functional_ccy,
    m.dimension,
    m.member,
    x.measure,
    m.loans,
    CASE WHEN m.is_known THEN round(m.outstanding, 2) END AS outstanding_fn,
    CASE WHEN m.is_known THEN round(x.at_risk, 2) END AS at_risk_fn,
    CASE WHEN m.is_known THEN analytics.percentage(x.at_risk, m.outstanding) END AS pct
FROM member AS m
INNER JOIN analytics.entity_day AS e ON m.legal_entity_id = e.legal_entity_id
CROSS JOIN LATERAL (VALUES ('PAR30', m.par30), ('PAR60', m.par60), ('PAR90', m.par90)) AS x (measure, at_risk);
