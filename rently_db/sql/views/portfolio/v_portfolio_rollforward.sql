-- owner: finance
-- tier: T3
-- grain: month x legal entity x product x currency
-- key: month, legal_entity_id, product_id, currency_code
-- refresh: daily
-- description: How outstanding principal moved from one published month-end to the next; months whose predecessor was not published are left out
-- column month: First day of the month
-- column legal_entity_id: Company that lends
-- column legal_entity_name: Its name
-- column product_id: Product
-- column product_code: Its code
-- column product_category: Its category
-- column business_unit: Its business unit
-- column currency_code: Currency of all amounts, ISO 4217
-- column opening: Outstanding principal at the end of the month before; closed loans that still owe count, loans that left the book owe nothing
-- column disbursed: Completed disbursements of the month
-- column repaid: Principal paid in the month before the loan left the book, less reversals; what was recovered afterwards is not part of it
-- column waived: Principal waived in the month
-- column written_off: Principal written off in the month
-- column transferred: Principal moved to other loans less principal taken over from other loans in the month
-- column refunded: Principal given back in the month
-- column overpaid: Increase in the month of principal paid beyond what was owed
-- column closing: Outstanding principal at the end of the month
-- column residual: closing - (opening + disbursed - repaid - waived - written_off - transferred + refunded + overpaid); must be 0
CREATE VIEW analytics.v_portfolio_rollforward AS
WITH month_end AS (
    SELECT
        m.month_end,
        m.legal_entity_id,
        m.product_id,
        m.currency_code,
        m.outstanding,
        m.overpaid,
        m.disbursed,
        m.repaid,
        m.waived,
        m.written_off,
        m.transferred_out - m.transferred_in AS transferred,
        m.refunded
    FROM analytics.mv_portfolio_month_end AS m
),

published AS (
    SELECT
        d.day,
        (date_trunc('month', d.day) - interval '1 day')::date AS previous_day
    FROM analytics.published_day AS d
    WHERE d.is_month_end AND EXISTS (
        SELECT FROM analytics.published_day AS b
        WHERE b.is_month_end AND b.day = (date_trunc('month', d.day) - interval '1 day')::date
    )
),

-- What was so far at the end of a month less what was so far a month before is what happened between.
change AS (
    SELECT
        m.month_end AS day,
        m.legal_entity_id,
        m.product_id,
        m.currency_code,
        0 AS opening,
        m.outstanding AS closing,
        m.overpaid,
        m.disbursed,
        m.repaid,
        m.waived,
        m.written_off,
        m.transferred,
        m.refunded
    FROM month_end AS m
    UNION ALL
    SELECT
        p.day,
        m.legal_entity_id,
        m.product_id,
        m.currency_code,
        m.outstanding AS opening,
        0 AS closing,
        -m.overpaid AS overpaid,
        -m.disbursed AS disbursed,
        -m.repaid AS repaid,
        -m.waived AS waived,
        -m.written_off AS written_off,
        -m.transferred AS transferred,
        -m.refunded AS refunded
    FROM month_end AS m
    INNER JOIN published AS p ON m.month_end = p.previous_day
),

movement AS (
    SELECT
        c.day,
        c.legal_entity_id,
        c.product_id,
        c.currency_code,
        sum(c.opening) AS opening,
        sum(c.closing) AS closing,
        sum(c.overpaid) AS overpaid,
        sum(c.disbursed) AS disbursed,
        sum(c.repaid) AS repaid,
        sum(c.waived) AS waived,
        sum(c.written_off) AS written_off,
        sum(c.transferred) AS transferred,
        sum(c.refunded) AS refunded
    FROM change AS c
    INNER JOIN published AS p ON c.day = p.day
    GROUP BY c.day, c.legal_entity_id, c.product_id, c.currency_code
)

SELECT
    date_trunc('month', m.day)::date AS month,
    m.legal_entity_id,
    e.name AS legal_entity_name,
    m.product_id,
    r.code AS product_code,
    r.category AS product_category,
    r.business_unit,
    m.currency_code,
    m.opening,
    m.disbursed,
    m.repaid,
    m.waived,
    m.written_off,
    m.transferred,
    m.refunded,
    m.overpaid,
    m.closing,
    m.closing - (m.opening + m.disbursed - m.repaid - m.waived - m.written_off - m.transferred + m.refunded + m.overpaid) AS residual
FROM movement AS m
INNER JOIN public.legal_entity AS e ON m.legal_entity_id = e.id
INNER JOIN public.product AS r ON m.product_id = r.id;
