-- owner: risk
-- tier: T2
-- grain: loan on the book x obligor that guarantees it for another
-- key: loan_id, obligor_id
-- refresh: minute
-- description: What each obligor would have to pay for loans of others, in the group's currency at today's rates
-- column loan_id: Loan that is guaranteed
-- column obligor_id: Obligor of the guarantor (its group, else the party); another than the loan's
-- column currency_code: Currency of the group, ISO 4217
-- column amount: Sum of its guarantees (security of kind guarantee, active, from registration_date, before expiry_date), at most the loan's outstanding
--     principal; one without value covers that whole; unrounded. NULL: a rate is missing
CREATE VIEW analytics.guarantee_given AS
WITH guarantee AS (
    SELECT
        x.loan_id,
        coalesce(y.obligor_group_id, y.id) AS obligor_id,
        x.group_ccy,
        x.business_date,
        x.exposure_group,
        s.value_amount,
        coalesce(s.value_ccy, x.currency_code) AS value_ccy
    FROM public.security_interest AS s
    INNER JOIN public.party AS y ON s.party_id = y.id
    INNER JOIN analytics.loan_exposure AS x ON s.loan_id = x.loan_id AND x.obligor_id <> coalesce(y.obligor_group_id, y.id)
    WHERE
        s.type = 'guarantee' AND coalesce(s.status, 'active') = 'active'
        AND (s.registration_date IS NULL OR s.registration_date <= x.business_date)
        AND (s.expiry_date IS NULL OR s.expiry_date > x.business_date)
),

rate AS (
    SELECT
        p.value_ccy,
        p.business_date,
        f.rate
    FROM (SELECT DISTINCT
        g.value_ccy,
        g.group_ccy,
        g.business_date
    FROM guarantee AS g
    WHERE g.value_amount IS NOT NULL) AS p
    CROSS JOIN LATERAL analytics.fx_rate(p.value_ccy, p.group_ccy, p.business_date) AS f
)

SELECT
    g.loan_id,
    g.obligor_id,
    g.group_ccy AS currency_code,
    CASE
        WHEN g.exposure_group IS NULL THEN NULL
        WHEN bool_or(g.value_amount IS NULL) THEN g.exposure_group
        WHEN count(*) = count(r.rate) THEN least(sum(g.value_amount * r.rate), g.exposure_group)
    END AS amount
FROM guarantee AS g
LEFT JOIN rate AS r ON g.value_ccy = r.value_ccy AND g.business_date = r.business_date
GROUP BY g.loan_id, g.obligor_id, g.group_ccy, g.exposure_group;
