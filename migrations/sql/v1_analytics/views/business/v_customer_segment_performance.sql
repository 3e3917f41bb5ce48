-- owner: product
-- tier: T3
-- grain: country x kind of borrower x product x currency
-- key: country_code, borrower_type, product_code, currency_code
-- refresh: minute
-- description: Customers of each segment (country and kind of borrower) and product: how many come back, what they paid us, how much is at risk
-- column segment: Country and kind of borrower, e.g. SG individual
-- column country_code: Country of the company that lends
-- column borrower_type: Kind of the borrower: individual, corporate ...
-- column product_code: Product
-- column product_category: Its category
-- column currency_code: Currency of the amounts, ISO 4217
-- column customers: Borrowers with a loan of the product that was disbursed or taken over from another
-- column repeat_customers: Of them, those with two such loans or more, of any product
-- column repeat_rate_pct: repeat_customers in percent of customers
-- column loans: Such loans
-- column lifetime_income: Interest, fees, penalties and other amounts (v0 kept interest there) that were paid on them so far
-- column ltv: Lifetime value: lifetime_income / customers, rounded to two places
-- column glp: Outstanding principal of those on the book
-- column par30_amount: Of it, of loans more than 30 days past due
-- column par30_pct: par30_amount in percent of glp; NULL: nothing is owed
CREATE VIEW analytics.v_customer_segment_performance AS
WITH lent AS (
    SELECT
        p.loan_id,
        p.country_code,
        p.borrower_party_id,
        p.product_id,
        p.currency_code,
        p.is_on_book,
        p.outstanding_principal,
        p.dpd,
        p.interest_paid + p.rc_fee_paid + p.penalty_paid + p.other_paid AS income
    FROM analytics.loan_position AS p
    WHERE p.first_disbursed_on IS NOT NULL OR p.transferred_in > 0
),

customer AS (
    SELECT
        l.borrower_party_id,
        count(*) AS loans
    FROM lent AS l
    GROUP BY l.borrower_party_id
),

segment AS (
    SELECT
        l.country_code,
        b.kind AS borrower_type,
        l.product_id,
        l.currency_code,
        count(DISTINCT l.borrower_party_id) AS customers,
        count(DISTINCT l.borrower_party_id) FILTER (WHERE c.loans > 1) AS repeat_customers,
        count(*) AS loans,
        sum(l.income) AS lifetime_income,
        coalesce(sum(l.outstanding_principal) FILTER (WHERE l.is_on_book), 0) AS glp,
        coalesce(sum(l.outstanding_principal) FILTER (WHERE l.is_on_book AND l.dpd > 30), 0) AS par30_amount
    FROM lent AS l
    INNER JOIN public.party AS b ON l.borrower_party_id = b.id
    INNER JOIN customer AS c ON l.borrower_party_id = c.borrower_party_id
    GROUP BY l.country_code, b.kind, l.product_id, l.currency_code
)

SELECT
    s.country_code || ' ' || s.borrower_type AS segment,
    s.country_code,
    s.borrower_type,
    d.code AS product_code,
    d.category AS product_category,
    s.currency_code,
    s.customers,
    s.repeat_customers,
    analytics.percentage(s.repeat_customers, s.customers) AS repeat_rate_pct,
    s.loans,
    s.lifetime_income,
    round(s.lifetime_income / s.customers, 2) AS ltv,
    s.glp,
    s.par30_amount,
    analytics.percentage(s.par30_amount, s.glp) AS par30_pct
FROM segment AS s
INNER JOIN public.product AS d ON s.product_id = d.id;
