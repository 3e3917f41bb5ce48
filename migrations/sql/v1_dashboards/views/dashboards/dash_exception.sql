-- owner: compliance
-- tier: T2
-- grain: legal entity x limit that is broken, or rule, rate, limit or setting of today that nobody has signed off
-- key: legal_entity_id, subject_id, limit_name
-- refresh: quarter_hour
-- description: What compliance has to deal with: contracts and borrowers outside their limits, what can't be judged, and what still needs sign-off
-- column legal_entity_id: Company; of an obligor whom the group has lent too much each company that lends to it, of a setting every company
-- column legal_entity_name: Its name
-- column functional_ccy: Currency of its books, ISO 4217
-- column kind: Limit breach, Rate missing (the limit can't be judged) or Needs sign-off
-- column kind_sort: Its place in that order
-- column subject_id: The loan, obligor, rule, rate, limit or setting
-- column what: Number of the loan; the obligor, a company by its name, a person by the word Borrower and eight digits; or the rule, rate, limit or setting
-- column limit_name: Name of the limit; Classification rule, Provision rate, Product limit or Setting
-- column limit_value: The limit, as v_product_limit_breaches explains it, or the rule's number; NULL: it is not one number
-- column actual_value: What it is; NULL: unknown, or there is nothing to compare
-- column over_pct: How far it is beyond the limit, in percent of the limit, rounded to 1 place; NULL likewise
-- column currency_code: Currency of limit_value and actual_value where they are amounts, ISO 4217; NULL where they are none
-- column valid_from: First day on which the limit, rule, rate or setting holds
-- column source: Where it comes from
CREATE VIEW analytics.dash_exception AS
WITH open_item AS (
    SELECT
        e.legal_entity_id,
        k.id,
        'Classification rule' AS item,
        k.country_code || ' ' || k.class AS what,
        k.threshold_days::numeric AS number,
        k.valid_from,
        k.source
    FROM public.classification_rule AS k
    INNER JOIN analytics.entity_day AS e ON k.country_code = e.country_code
    WHERE k.needs_signoff AND e.business_date >= k.valid_from AND (k.valid_through IS NULL OR e.business_date < k.valid_through)
    UNION ALL
    SELECT
        e.legal_entity_id,
        k.id,
        'Provision rate' AS item,
        concat_ws(' ', k.country_code, k.product_category, k.class) AS what,
        k.rate AS number,
        k.valid_from,
        k.source
    FROM public.provision_rate AS k
    INNER JOIN analytics.entity_day AS e ON k.country_code = e.country_code
    WHERE k.needs_signoff AND e.business_date >= k.valid_from AND (k.valid_through IS NULL OR e.business_date < k.valid_through)
    UNION ALL
    SELECT
        e.legal_entity_id,
        k.id,
        'Product limit' AS item,
        concat_ws(' ', k.country_code, coalesce(p.code, k.product_category)) AS what,
        NULL AS number,
        k.valid_from,
        k.source
    FROM public.product_limit AS k
    INNER JOIN analytics.entity_day AS e ON k.country_code = e.country_code
    LEFT JOIN public.product AS p ON k.product_id = p.id
    WHERE k.needs_signoff AND e.business_date >= k.valid_from AND (k.valid_through IS NULL OR e.business_date < k.valid_through)
    UNION ALL
    SELECT
        e.legal_entity_id,
        k.id,
        'Setting' AS item,
        k.key AS what,
        CASE jsonb_typeof(k.value) WHEN 'number' THEN (k.value #>> '{}')::numeric END AS number,
        k.valid_from,
        k.source
    FROM public.analytics_setting AS k
    CROSS JOIN analytics.entity_day AS e
    WHERE k.needs_signoff AND e.business_date >= k.valid_from AND (k.valid_through IS NULL OR e.business_date < k.valid_through)
)

SELECT
    e.legal_entity_id,
    e.legal_entity_name,
    e.functional_ccy,
    CASE WHEN b.is_rate_missing THEN 'Rate missing' ELSE 'Limit breach' END AS kind,
    CASE WHEN b.is_rate_missing THEN 2 ELSE 1 END AS kind_sort,
    b.subject_id,
    CASE
        WHEN b.subject_type = 'loan' THEN b.loan_number
        ELSE coalesce(
            (
                SELECT y.display_name FROM public.party AS y
                WHERE y.id = b.subject_id AND y.kind = 'corporate'
            ),
            'Borrower ' || right(b.subject_id::text, 8)
        )
    END AS what,
    b.limit_name,
    round(b.limit_value, 4) AS limit_value,
    round(b.actual_value, 4) AS actual_value,
    round(100 * b.breach / nullif(b.limit_value, 0), 1) AS over_pct,
    b.currency_code,
    b.limit_valid_from AS valid_from,
    b.limit_source AS source
FROM analytics.mv_dash_limit_breach AS b
INNER JOIN analytics.entity_day AS e ON b.legal_entity_id = e.legal_entity_id
UNION ALL
SELECT
    e.legal_entity_id,
    e.legal_entity_name,
    e.functional_ccy,
    'Needs sign-off' AS kind,
    3 AS kind_sort,
    i.id AS subject_id,
    i.what,
    i.item AS limit_name,
    i.number AS limit_value,
    NULL AS actual_value,
    NULL AS over_pct,
    NULL AS currency_code,
    i.valid_from,
    i.source
FROM open_item AS i
INNER JOIN analytics.entity_day AS e ON i.legal_entity_id = e.legal_entity_id;
