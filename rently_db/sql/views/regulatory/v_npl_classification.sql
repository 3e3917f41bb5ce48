-- owner: compliance
-- tier: T2
-- grain: loan on the book
-- key: loan_id
-- refresh: minute
-- description: Class and stage of each loan on the book, and the rule that put it there
-- column loan_id: Loan
-- column loan_number: Number of the loan
-- column legal_entity_name: Company that lends
-- column country_code: Its country, whose rules apply
-- column currency_code: Currency of outstanding_principal, ISO 4217
-- column product_category: Category of the product
-- column business_date: Day for which it holds
-- column outstanding_principal: Principal still owed
-- column dpd: Days past due of the loan
-- column obligor_dpd: Highest days past due among the obligor's loans on the book
-- column dpd_class: Class by dpd alone
-- column class: Class of the loan: dpd_class, at least substandard for a non-performing loan
-- column stage: 3 non-performing, 2 significantly worse, 1 else
-- column is_default: Whether the loan is non-performing
-- column reason: Why it is non-performing, the first that applies: dpd, obligor, unlikely_to_pay, probation; NULL: it is performing
-- column stage_reason: Why the stage is above 1: reason for stage 3; dpd (over setting stage_2_days), significant_increase or forborne for stage 2, the
--     first that applies; NULL for stage 1
-- column threshold_days: Days past due at the lower edge of class; NULL for a class without a rule (normal)
-- column operator: more_than or or_more: whether the class begins after threshold_days or on them; NULL likewise
-- column probation_ends_on: First day on which probation no longer holds the loan back; NULL unless it was beyond the threshold within probation_days
-- column rule_version: First day on which the youngest of the country's rules holds; NULL: no rule
-- column needs_signoff: Whether a classification rule of the country that holds on the day is a placeholder
CREATE VIEW analytics.v_npl_classification AS
WITH rule AS (
    SELECT
        e.legal_entity_id,
        k.class,
        k.threshold_days,
        k.operator,
        bool_or(k.needs_signoff) OVER (PARTITION BY e.legal_entity_id) AS needs_signoff
    FROM analytics.entity_day AS e
    INNER JOIN public.classification_rule AS k
        ON
            e.country_code = k.country_code AND e.business_date >= k.valid_from
            AND (k.valid_through IS NULL OR e.business_date < k.valid_through)
),

entity AS (
    SELECT
        e.legal_entity_id,
        e.probation_days,
        (
            SELECT bool_or(r.needs_signoff) FROM rule AS r
            WHERE r.legal_entity_id = e.legal_entity_id
        ) AS needs_signoff
    FROM analytics.entity_day AS e
)

SELECT
    p.loan_id,
    l.loan_number,
    p.legal_entity_name,
    p.country_code,
    p.currency_code,
    d.category AS product_category,
    p.business_date,
    p.outstanding_principal,
    p.dpd,
    r.obligor_dpd,
    p.dpd_class,
    r.class,
    r.stage,
    r.is_default,
    r.reason,
    CASE
        WHEN r.stage = 3 THEN r.reason
        WHEN r.stage = 1 THEN NULL
        WHEN p.dpd > (SELECT analytics.setting_number('stage_2_days')) THEN 'dpd'
        WHEN p.is_significant_increase THEN 'significant_increase'
        ELSE 'forborne'
    END AS stage_reason,
    k.threshold_days,
    k.operator,
    CASE WHEN p.npl_last_day + e.probation_days > p.business_date THEN p.npl_last_day + e.probation_days END AS probation_ends_on,
    r.rule_version,
    coalesce(e.needs_signoff, FALSE) AS needs_signoff
FROM analytics.loan_position AS p
INNER JOIN analytics.loan_risk AS r ON p.loan_id = r.loan_id
INNER JOIN public.loan AS l ON p.loan_id = l.id
INNER JOIN public.product AS d ON p.product_id = d.id
INNER JOIN entity AS e ON p.legal_entity_id = e.legal_entity_id
LEFT JOIN rule AS k ON p.legal_entity_id = k.legal_entity_id AND r.class = k.class
WHERE p.is_on_book;
