-- owner: compliance
-- tier: T3
-- grain: loan on the book now or at the last month-end x as-of
-- key: loan_id, as_of
-- refresh: minute
-- description: Provision of each loan today and its movement against the last published month-end; a loan that left the book since then releases all
-- column loan_id: Loan
-- column loan_number: Number of the loan
-- column as_of: Business date of the company
-- column legal_entity_name: Company that lends
-- column country_code: Its country
-- column product_category: Category of the product
-- column currency_code: Currency of all amounts, ISO 4217
-- column class: Class today; NULL: no longer on the book
-- column stage: Stage today; NULL: no longer on the book
-- column ead: Exposure at default today (loan_provision); 0: no longer on the book
-- column eligible_collateral: Collateral that counts today; NULL: a rate is missing, it counts as 0
-- column base: max(ead - eligible_collateral, 0) today
-- column rate: Fraction of base to set aside; NULL: the class has no rate, or the loan is no longer on the book
-- column provision: base * rate; 0: no longer on the book; NULL: the class has no rate
-- column previous_month_end: Last published month-end before today; NULL: none
-- column previous_stage: Stage at that month-end; NULL: not on the book then
-- column previous_provision: Provision at that month-end by the rules and rates of that day; 0: not on the book then; NULL: no rate then
-- column movement: provision - previous_provision
-- column needs_signoff: Whether a rate used, of today or of the month-end, is a placeholder
CREATE VIEW analytics.v_provisioning_schedule AS
WITH month_end AS (
    -- One month-end for all companies, so that the movements of the group add up.
    SELECT max(d.day) AS day
    FROM analytics.published_day AS d
    WHERE d.is_month_end AND d.day < (SELECT min(e.business_date) FROM analytics.entity_day AS e)
),

present AS (
    SELECT
        v.loan_id,
        v.class,
        v.stage,
        v.ead,
        v.eligible_collateral,
        v.base,
        v.rate,
        v.provision,
        v.needs_signoff
    FROM analytics.loan_provision AS v
    WHERE v.period = 'infinity'
),

former AS (
    SELECT
        v.loan_id,
        v.stage,
        v.provision,
        v.needs_signoff
    FROM analytics.loan_provision AS v
    WHERE v.period = (SELECT m.day FROM month_end AS m)
),

movement AS (
    SELECT
        coalesce(n.loan_id, f.loan_id) AS loan_id,
        n.class,
        n.stage,
        CASE WHEN n.loan_id IS NULL THEN 0 ELSE n.ead END AS ead,
        CASE WHEN n.loan_id IS NULL THEN 0 ELSE n.eligible_collateral END AS eligible_collateral,
        CASE WHEN n.loan_id IS NULL THEN 0 ELSE n.base END AS base,
        n.rate,
        CASE WHEN n.loan_id IS NULL THEN 0 ELSE n.provision END AS provision,
        f.stage AS previous_stage,
        CASE WHEN f.loan_id IS NULL THEN 0 ELSE f.provision END AS previous_provision,
        coalesce(n.needs_signoff, FALSE) OR coalesce(f.needs_signoff, FALSE) AS needs_signoff
    FROM present AS n
    FULL JOIN former AS f ON n.loan_id = f.loan_id
)

SELECT
    m.loan_id,
    l.loan_number,
    e.business_date AS as_of,
    e.legal_entity_name,
    e.country_code,
    p.category AS product_category,
    l.currency_code,
    m.class,
    m.stage,
    m.ead,
    m.eligible_collateral,
    m.base,
    m.rate,
    m.provision,
    (SELECT d.day FROM month_end AS d) AS previous_month_end,
    m.previous_stage,
    m.previous_provision,
    m.provision - m.previous_provision AS movement,
    m.needs_signoff
FROM movement AS m
INNER JOIN public.loan AS l ON m.loan_id = l.id
INNER JOIN public.product AS p ON l.product_id = p.id
INNER JOIN analytics.entity_day AS e ON l.legal_entity_id = e.legal_entity_id;
