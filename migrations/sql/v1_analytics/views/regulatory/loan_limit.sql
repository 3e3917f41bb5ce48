-- owner: compliance
-- tier: T2
-- grain: loan on the book with a limit of its product
-- key: loan_id
-- refresh: live
-- description: The limit that each loan on the book must keep: the product's, else its category's, of the company's country when the contract began
-- column loan_id: Loan
-- column loan_number: Number of the loan
-- column legal_entity_name: Company that lends
-- column functional_ccy: Currency of its books, in which min_amount and max_amount are
-- column product_code: Product
-- column principal_amount: Amount lent by contract, in the loan's currency
-- column interest_rate: Interest per year as a fraction
-- column months: Months from start_date to end_date; begun ones count
-- column functional_rate: Units of functional_ccy for one of the loan's currency today; NULL: missing
-- column min_amount: Smallest principal; NULL: no limit
-- column max_amount: Largest principal; NULL: no limit
-- column max_tenor_months: Longest term in months; NULL: no limit
-- column max_rate: Highest interest per year as a fraction; NULL: no limit
-- column max_total_fee_pct: Highest sum of fees as a fraction of the principal; NULL: no limit
-- column source: Where the limit comes from
-- column valid_from: First day on which the limit holds
-- column needs_signoff: Whether the limit is a placeholder
CREATE VIEW analytics.loan_limit AS
WITH contract AS (
    SELECT
        p.loan_id,
        l.loan_number,
        p.legal_entity_id,
        p.legal_entity_name,
        p.country_code,
        p.functional_ccy,
        p.currency_code,
        l.product_id,
        d.code AS product_code,
        d.category,
        l.start_date,
        l.principal_amount,
        l.interest_rate,
        (12 * extract(YEAR FROM a.term) + extract(MONTH FROM a.term) + CASE WHEN extract(DAY FROM a.term) > 0 THEN 1 ELSE 0 END)::numeric
            AS months
    FROM analytics.loan_position AS p
    INNER JOIN public.loan AS l ON p.loan_id = l.id
    INNER JOIN public.product AS d ON l.product_id = d.id
    CROSS JOIN LATERAL (SELECT age(l.end_date, l.start_date) AS term) AS a
    WHERE p.is_on_book
)

-- A limit of the product is stronger than one of its category.
SELECT DISTINCT ON (c.loan_id)
    c.loan_id,
    c.loan_number,
    c.legal_entity_name,
    c.functional_ccy,
    c.product_code,
    c.principal_amount,
    c.interest_rate,
    c.months,
    r.functional_rate,
    k.min_amount,
    k.max_amount,
    k.max_tenor_months,
    k.max_rate,
    k.max_total_fee_pct,
    k.source,
    k.valid_from,
    k.needs_signoff
FROM contract AS c
INNER JOIN public.product_limit AS k
    ON
        c.country_code = k.country_code AND (c.product_id = k.product_id OR c.category = k.product_category)
        AND c.start_date >= k.valid_from AND (k.valid_through IS NULL OR c.start_date < k.valid_through)
LEFT JOIN analytics.currency_rate AS r ON c.legal_entity_id = r.legal_entity_id AND c.currency_code = r.currency_code
ORDER BY c.loan_id, k.product_id NULLS LAST;
