-- owner: risk
-- tier: T2
-- grain: legal entity x obligor
-- key: legal_entity_id, obligor_id
-- refresh: live
-- description: What each obligor owes a company, in its functional currency. A company has its name, a person a number: no dashboard needs more
-- column legal_entity_id: Company that lends
-- column legal_entity_name: Its name
-- column functional_ccy: Currency of exposure, ISO 4217
-- column obligor_id: Party, or group of parties, that is judged as one
-- column obligor: Name of a company, of a person the word Borrower; and the last eight digits of the id, as two may have one name
-- column loans: Loans on the book with something outstanding
-- column exposure: Outstanding principal of these; NULL: a rate is missing
-- column pct_of_book: exposure / that of all obligors of the company, in percent, rounded to 2 places
-- column rank: 1 is the largest
-- column dpd: Days past due of the latest of the loans
-- column dpd_bucket: Its bucket by the scheme of the company
CREATE VIEW analytics.dash_obligor AS
WITH owed AS (
    SELECT
        x.legal_entity_id,
        x.legal_entity_name,
        x.functional_ccy,
        x.obligor_id,
        count(*) AS loans,
        CASE WHEN count(*) = count(x.exposure_fn) THEN sum(x.exposure_fn) END AS exposure,
        max(x.dpd) AS dpd
    FROM analytics.loan_exposure AS x
    GROUP BY x.legal_entity_id, x.legal_entity_name, x.functional_ccy, x.obligor_id
),

ranked AS (
    SELECT
        o.legal_entity_id,
        o.legal_entity_name,
        o.functional_ccy,
        o.obligor_id,
        o.loans,
        o.exposure,
        o.dpd,
        sum(o.exposure) OVER (PARTITION BY o.legal_entity_id) AS book,
        row_number() OVER (PARTITION BY o.legal_entity_id ORDER BY o.exposure DESC NULLS LAST, o.obligor_id ASC) AS rank
    FROM owed AS o
)

SELECT
    r.legal_entity_id,
    r.legal_entity_name,
    r.functional_ccy,
    r.obligor_id,
    coalesce(
        (
            SELECT y.display_name FROM public.party AS y
            WHERE y.id = r.obligor_id AND y.kind = 'corporate'
        ) || ' ', 'Borrower '
    ) || right(r.obligor_id::text, 8) AS obligor,
    r.loans,
    round(r.exposure, 2) AS exposure,
    analytics.percentage(r.exposure, r.book) AS pct_of_book,
    r.rank,
    r.dpd,
    b.bucket_labels[width_bucket(r.dpd, b.bucket_bounds)] AS dpd_bucket
FROM ranked AS r
INNER JOIN analytics.entity_day AS b ON r.legal_entity_id = b.legal_entity_id;
