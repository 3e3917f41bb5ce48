-- owner: risk
-- tier: T3
-- grain: loan on the book
-- key: loan_id
-- refresh: minute
-- description: Loss to be expected of each loan within twelve months: pd * lgd * ead, from our own month-ends where they are enough, else from settings
-- column loan_id: Loan
-- column legal_entity_id: Company that lends
-- column product_category: Category of the product
-- column currency_code: Currency of ead and el, ISO 4217
-- column business_date: Day for which it holds
-- column stage: 3 non-performing, 2 significantly worse, 1 else
-- column dpd_bucket: Standard bucket of the days past due
-- column pd: Probability of default within twelve months, 0 to 1: 1 for stage 3; else the bucket's in mv_default_rate_by_bucket if it has at least setting
--     pd_minimum_observations observations; else its value in setting pd_default_by_bucket; NULL: neither
-- column pd_source: default (stage 3), own_snapshots or setting
-- column lgd: Fraction lost in default, 0 to 1: the currency's in mv_loss_given_default if it has at least setting lgd_minimum_defaults defaults, else setting lgd_default
-- column lgd_source: own_snapshots or setting
-- column ead: Exposure at default (loan_provision)
-- column el: pd * lgd * ead, rounded to two places
-- column needs_signoff: Whether a setting stands in for our own history
CREATE VIEW analytics.v_expected_loss AS
WITH fallback AS (
    SELECT
        (SELECT analytics.setting_number('pd_minimum_observations')) AS pd_minimum,
        (SELECT analytics.setting('pd_default_by_bucket')) AS pd_by_bucket,
        (SELECT analytics.setting_number('lgd_minimum_defaults')) AS lgd_minimum,
        (SELECT analytics.setting_number('lgd_default')) AS lgd
),

estimated AS (
    SELECT
        v.loan_id,
        v.legal_entity_id,
        v.product_id,
        v.currency_code,
        v.day,
        v.stage,
        p.dpd_bucket,
        CASE
            WHEN v.stage = 3 THEN 1
            WHEN b.observations >= k.pd_minimum THEN b.pd
            ELSE (k.pd_by_bucket ->> p.dpd_bucket)::numeric
        END AS pd,
        CASE WHEN v.stage = 3 THEN 'default' WHEN b.observations >= k.pd_minimum THEN 'own_snapshots' ELSE 'setting' END AS pd_source,
        CASE WHEN g.defaults >= k.lgd_minimum AND g.lgd IS NOT NULL THEN g.lgd ELSE k.lgd END AS lgd,
        CASE WHEN g.defaults >= k.lgd_minimum AND g.lgd IS NOT NULL THEN 'own_snapshots' ELSE 'setting' END AS lgd_source,
        v.ead
    FROM analytics.loan_provision AS v
    INNER JOIN analytics.loan_position AS p ON v.loan_id = p.loan_id
    CROSS JOIN fallback AS k
    LEFT JOIN analytics.mv_default_rate_by_bucket AS b ON p.dpd_bucket = b.dpd_bucket
    LEFT JOIN analytics.mv_loss_given_default AS g ON v.currency_code = g.currency_code
    WHERE v.period = 'infinity'
)

SELECT
    x.loan_id,
    x.legal_entity_id,
    d.category AS product_category,
    x.currency_code,
    x.day AS business_date,
    x.stage,
    x.dpd_bucket,
    x.pd,
    x.pd_source,
    x.lgd,
    x.lgd_source,
    x.ead,
    round(x.pd * x.lgd * x.ead, 2) AS el,
    x.pd_source = 'setting' OR x.lgd_source = 'setting' AS needs_signoff
FROM estimated AS x
INNER JOIN public.product AS d ON x.product_id = d.id;
