-- owner: risk
-- tier: T3
-- grain: month x product x currency x state at the month-end before x state at the month-end
-- key: month, product_id, currency_code, from_state, to_state
-- refresh: daily
-- description: Of the loans on the book (status active) in a bucket at one published month-end, the shares that stood in each state at the next;
--     for each month, product, currency and from_state they sum to 100 percent
-- column month: First day of the month between the two month-ends
-- column product_id: Product
-- column product_code: Its code
-- column product_category: Its category
-- column currency_code: Currency of all amounts, ISO 4217
-- column from_state: Standard bucket at the month-end before, by the rules of that day
-- column from_sort: Its position, from 0
-- column to_state: Standard bucket at the month-end, or closed, prepaid (closed, and the month-end lies before the end date of the
--     contract), written_off, transferred; unknown:
--     no longer in the snapshot
-- column to_sort: Its position; what is no bucket comes after the buckets, from 101
-- column loans: Loans that moved so
-- column from_balance: Their outstanding principal at the month-end before
-- column pct_count: loans in percent of all loans in from_state, rounded to 6 places
-- column pct_balance: from_balance in percent of the outstanding principal of all loans in from_state, rounded to 6 places; NULL: nothing was outstanding
CREATE VIEW analytics.v_roll_rate_matrix AS
WITH move AS (
    SELECT
        m.month,
        m.product_id,
        m.currency_code,
        m.from_state,
        m.from_sort,
        m.to_state,
        m.to_sort,
        m.loans,
        m.balance
    FROM analytics.mv_roll_rate AS m
)

SELECT
    m.month,
    m.product_id,
    r.code AS product_code,
    r.category AS product_category,
    m.currency_code,
    m.from_state,
    m.from_sort,
    m.to_state,
    m.to_sort,
    m.loans,
    m.balance AS from_balance,
    round(100 * m.loans / sum(m.loans) OVER w, 6) AS pct_count,
    round(100 * m.balance / nullif(sum(m.balance) OVER w, 0), 6) AS pct_balance
FROM move AS m
INNER JOIN public.product AS r ON m.product_id = r.id
WINDOW w AS (PARTITION BY m.month, m.product_id, m.currency_code, m.from_sort);
