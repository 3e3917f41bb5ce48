-- owner: risk
-- tier: T2
-- grain: product category x business unit x currency
-- key: product_category, business_unit, currency_code
-- refresh: minute
-- description: Share of the book that is in default today by the rules of classification (obligor-wide), and share of all that was lent that was written off
-- column product_category: Category of the product
-- column business_unit: Business unit of the product
-- column currency_code: Currency of all amounts, ISO 4217
-- column total_loans: All loans, whatever their status
-- column total_principal: Originated principal of all loans: amounts lent by contract
-- column default_loans: Loans on the book that are in default: loan_risk.is_default
-- column default_principal: Outstanding principal of these
-- column default_rate_count_pct: default_loans / on_book_loans in percent, rounded to 2 places; NULL: no loan is on the book
-- column default_rate_amount_pct: default_principal / outstanding_principal in percent, rounded to 2 places; NULL: nothing is outstanding
-- column written_off_loans: Loans of status written_off
-- column written_off_principal: Principal written off so far, in part or with the whole contract
-- column write_off_rate_count_pct: written_off_loans / total_loans in percent, rounded to 2 places
-- column write_off_rate_amount_pct: written_off_principal / total_principal in percent, rounded to 2 places
-- column on_book_loans: Loans of status active
-- column outstanding_principal: Outstanding principal of loans of status active
-- column needs_signoff: Whether a rule or setting that decides what default is still needs sign-off
CREATE VIEW analytics.v_default_rate_analysis AS
WITH position AS (
    SELECT
        p.loan_id,
        p.legal_entity_id,
        p.product_id,
        p.currency_code,
        p.status,
        p.approved_principal,
        p.principal_written_off,
        p.is_on_book,
        p.outstanding_principal
    FROM analytics.loan_position AS p
),

risk AS (
    SELECT k.loan_id
    FROM analytics.loan_risk AS k
    WHERE k.is_default
),

total AS (
    SELECT
        r.category AS product_category,
        r.business_unit,
        p.currency_code,
        count(*) AS total_loans,
        sum(p.approved_principal) AS total_principal,
        count(k.loan_id) AS default_loans,
        coalesce(sum(p.outstanding_principal) FILTER (WHERE k.loan_id IS NOT NULL), 0) AS default_principal,
        count(*) FILTER (WHERE p.status = 'written_off') AS written_off_loans,
        sum(p.principal_written_off) AS written_off_principal,
        count(*) FILTER (WHERE p.is_on_book) AS on_book_loans,
        coalesce(sum(p.outstanding_principal) FILTER (WHERE p.is_on_book), 0) AS outstanding_principal,
        bool_or(s.needs_signoff) AS needs_signoff
    FROM position AS p
    INNER JOIN public.product AS r ON p.product_id = r.id
    INNER JOIN analytics.default_signoff AS s ON p.legal_entity_id = s.legal_entity_id
    LEFT JOIN risk AS k ON p.loan_id = k.loan_id
    GROUP BY r.category, r.business_unit, p.currency_code
)

SELECT
    t.product_category,
    t.business_unit,
    t.currency_code,
    t.total_loans,
    t.total_principal,
    t.default_loans,
    t.default_principal,
    analytics.percentage(t.default_loans, t.on_book_loans) AS default_rate_count_pct,
    analytics.percentage(t.default_principal, t.outstanding_principal) AS default_rate_amount_pct,
    t.written_off_loans,
    t.written_off_principal,
    analytics.percentage(t.written_off_loans, t.total_loans) AS write_off_rate_count_pct,
    analytics.percentage(t.written_off_principal, t.total_principal) AS write_off_rate_amount_pct,
    t.on_book_loans,
    t.outstanding_principal,
    t.needs_signoff
FROM total AS t;
