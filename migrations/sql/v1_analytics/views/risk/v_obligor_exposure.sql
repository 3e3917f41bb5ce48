-- owner: risk
-- tier: T2
-- grain: obligor (group of connected borrowers, else the borrower)
-- key: obligor_id
-- refresh: minute
-- personal: obligor_name
-- description: What each obligor owes with all its loans, what it guarantees for others, and whether that is too much; in the group's currency at today's rates
-- column obligor_id: Obligor that owes principal on the book, or guarantees such a loan of another
-- column obligor_name: Name of the party with that id; of a group without a party of its own the first name among its members
-- column members: Parties of it that owe such loans
-- column loans: Its loans on the book that owe principal
-- column currency_code: Currency of the group, ISO 4217
-- column exposure: Outstanding principal of these loans, 2 places; NULL: a rate is missing
-- column guaranteed_loans: Loans of other obligors that it guarantees
-- column guaranteed: Its guarantees for them, loan by loan at most the outstanding principal, without haircut, 2 places; NULL: a rate is missing
-- column total_exposure: exposure + guaranteed, 2 places; NULL: a rate is missing
-- column dpd_obligor: Highest days past due among its loans; 0 without loans
-- column is_default: Whether one of its loans is non-performing
-- column loans_in_default: Its loans that are non-performing
-- column cross_default_loans: Loans among them that are so for another loan's sake alone (reason obligor)
-- column is_cross_default: Whether there are any
-- column pct_of_book: exposure in percent of the outstanding principal of the whole book, 2 places; NULL: a rate of the book is missing
-- column total_pct_of_book: total_exposure in percent of the same
-- column is_large_exposure: Whether total_exposure is, unrounded, over large_exposure_pct (10) percent of the book; NULL: unknown
-- column needs_signoff: Whether that limit is a placeholder
CREATE VIEW analytics.v_obligor_exposure AS
WITH exposure AS MATERIALIZED (
    SELECT
        x.loan_id,
        x.obligor_id,
        x.borrower_party_id,
        x.dpd,
        x.exposure_group
    FROM analytics.loan_exposure AS x
),

book AS (
    SELECT CASE WHEN count(*) = count(x.exposure_group) THEN sum(x.exposure_group) END AS exposure
    FROM exposure AS x
),

owed AS (
    SELECT
        x.obligor_id,
        count(DISTINCT x.borrower_party_id) AS members,
        count(*) AS loans,
        CASE WHEN count(*) = count(x.exposure_group) THEN sum(x.exposure_group) END AS exposure,
        max(x.dpd) AS dpd,
        count(*) FILTER (WHERE k.is_default) AS defaults,
        count(*) FILTER (WHERE k.reason = 'obligor') AS cross_defaults
    FROM exposure AS x
    INNER JOIN analytics.loan_risk AS k ON x.loan_id = k.loan_id
    GROUP BY x.obligor_id
),

given AS (
    SELECT
        g.obligor_id,
        count(*) AS loans,
        CASE WHEN count(*) = count(g.amount) THEN sum(g.amount) END AS amount
    FROM analytics.guarantee_given AS g
    GROUP BY g.obligor_id
),

obligor AS (
    SELECT
        coalesce(o.obligor_id, g.obligor_id) AS obligor_id,
        coalesce(o.members, 0) AS members,
        coalesce(o.loans, 0) AS loans,
        CASE WHEN o.obligor_id IS NULL THEN 0 ELSE o.exposure END AS exposure,
        coalesce(g.loans, 0) AS guaranteed_loans,
        CASE WHEN g.obligor_id IS NULL THEN 0 ELSE g.amount END AS guaranteed,
        coalesce(o.dpd, 0) AS dpd,
        coalesce(o.defaults, 0) AS defaults,
        coalesce(o.cross_defaults, 0) AS cross_defaults
    FROM owed AS o
    FULL JOIN given AS g ON o.obligor_id = g.obligor_id
)

SELECT
    o.obligor_id,
    coalesce(
        (
            SELECT y.display_name FROM public.party AS y
            WHERE y.id = o.obligor_id
        ),
        (
            SELECT min(y.display_name) FROM public.party AS y
            WHERE y.obligor_group_id = o.obligor_id
        )
    ) AS obligor_name,
    o.members,
    o.loans,
    (SELECT analytics.setting_text('group_currency')::char(3)) AS currency_code,
    round(o.exposure, 2) AS exposure,
    o.guaranteed_loans,
    round(o.guaranteed, 2) AS guaranteed,
    round(o.exposure + o.guaranteed, 2) AS total_exposure,
    o.dpd AS dpd_obligor,
    o.defaults > 0 AS is_default,
    o.defaults AS loans_in_default,
    o.cross_defaults AS cross_default_loans,
    o.cross_defaults > 0 AS is_cross_default,
    analytics.percentage(o.exposure, b.exposure) AS pct_of_book,
    analytics.percentage(o.exposure + o.guaranteed, b.exposure) AS total_pct_of_book,
    100 * (o.exposure + o.guaranteed) > b.exposure * (SELECT analytics.setting_number('large_exposure_pct')) AS is_large_exposure,
    exists(
        SELECT FROM analytics.provisional_setting AS s
        WHERE s.key = 'large_exposure_pct'
    ) AS needs_signoff
FROM obligor AS o
CROSS JOIN book AS b;
