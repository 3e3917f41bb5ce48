-- owner: product
-- tier: T2
-- grain: legal entity x kind of borrower
-- key: legal_entity_id, borrower_type
-- refresh: quarter_hour
-- description: Customers of each company by kind, amounts in the functional currency, unrounded. Materialized: bringing all loans together by borrower takes longer
--     than a dashboard should wait
-- column legal_entity_id: Company that lends
-- column borrower_type: Kind of the borrower
-- column customers: Borrowers with a loan of the company that was disbursed or taken over from another
-- column repeat_customers: Of them, those with two such loans or more
-- column loans: Such loans
-- column income: Interest, fees, penalties and other amounts that were paid on them so far; NULL: a rate is missing
-- column glp: Outstanding principal of those on the book; NULL: a rate is missing
-- column past_due_30: Of it, of loans more than 30 days past due
CREATE MATERIALIZED VIEW analytics.mv_dash_segment AS
WITH lent AS (
    SELECT
        p.legal_entity_id,
        p.borrower_party_id,
        p.currency_code,
        count(*) AS loans,
        sum(p.interest_paid + p.rc_fee_paid + p.penalty_paid + p.other_paid) AS income,
        coalesce(sum(p.outstanding_principal) FILTER (WHERE p.is_on_book), 0) AS glp,
        coalesce(sum(p.outstanding_principal) FILTER (WHERE p.is_on_book AND p.dpd > 30), 0) AS past_due_30
    FROM analytics.loan_position AS p
    WHERE p.first_disbursed_on IS NOT NULL OR p.transferred_in > 0
    GROUP BY p.legal_entity_id, p.borrower_party_id, p.currency_code
),

customer AS (
    SELECT
        l.legal_entity_id,
        l.borrower_party_id,
        sum(l.loans) AS loans,
        sum(l.income * r.functional_rate) AS income,
        sum(l.glp * r.functional_rate) AS glp,
        sum(l.past_due_30 * r.functional_rate) AS past_due_30,
        bool_or(r.functional_rate IS NULL AND l.income <> 0) AS is_income_unknown,
        bool_or(r.functional_rate IS NULL AND l.glp <> 0) AS is_glp_unknown
    FROM lent AS l
    LEFT JOIN analytics.currency_rate AS r ON l.legal_entity_id = r.legal_entity_id AND l.currency_code = r.currency_code
    GROUP BY l.legal_entity_id, l.borrower_party_id
)

SELECT
    c.legal_entity_id,
    b.kind AS borrower_type,
    count(*) AS customers,
    count(*) FILTER (WHERE c.loans > 1) AS repeat_customers,
    sum(c.loans)::bigint AS loans,
    CASE WHEN NOT bool_or(c.is_income_unknown) THEN coalesce(sum(c.income), 0) END AS income,
    CASE WHEN NOT bool_or(c.is_glp_unknown) THEN coalesce(sum(c.glp), 0) END AS glp,
    coalesce(sum(c.past_due_30), 0) AS past_due_30
FROM customer AS c
INNER JOIN public.party AS b ON c.borrower_party_id = b.id
GROUP BY c.legal_entity_id, b.kind;
CREATE UNIQUE INDEX uq_mv_dash_segment ON analytics.mv_dash_segment (legal_entity_id, borrower_type);
