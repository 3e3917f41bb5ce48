-- owner: risk
-- tier: T3
-- grain: month of first disbursement x product x agent
-- key: month, product_id, agent_party_id
-- refresh: daily
-- personal: agent_name
-- description: First and early payment default of loans by the month of their first disbursement, as known today
-- column month: First day of the month of the first disbursement
-- column product_id: Product
-- column product_code: Its code
-- column product_category: Its category
-- column agent_party_id: Agent of the loan; NULL: none
-- column agent_name: Name of the agent; NULL: none
-- column loans: Loans
-- column fpd_observed: Loans whose first instalment (the earliest by due date, seq_no and id that was owed on its due date, before the loan left the book,
--     and is more than the tolerance) fell due fpd_days days before the business date or earlier
-- column fpd_loans: Those whose first instalment was not settled fpd_days days after its due date, nor replaced by another plan or moved with its loan by then
-- column fpd_rate: fpd_loans / fpd_observed in percent, rounded to 2 places; NULL: none is observed
-- column epd_observed: Loans of which the last day of the epd_months-th month after the month has come
-- column epd_loans: Those that were more than epd_days days past due on that day or before, grace and paused days taken off
-- column epd_rate: epd_loans / epd_observed in percent, rounded to 2 places; NULL: none is observed
-- column immature: Whether not all loans are observed in both respects
-- column needs_signoff: Whether the value of fpd_days, epd_days or epd_months that holds today still needs sign-off
CREATE VIEW analytics.v_first_payment_default AS
WITH cohort AS (
    SELECT
        m.origination_month,
        m.product_id,
        nullif(m.agent_key, '00000000-0000-0000-0000-000000000000') AS agent_party_id,
        m.loans,
        m.fpd_observed,
        m.fpd_loans,
        m.epd_observed,
        m.epd_loans
    FROM analytics.mv_first_payment_default AS m
)

SELECT
    c.origination_month AS month,
    c.product_id,
    r.code AS product_code,
    r.category AS product_category,
    c.agent_party_id,
    a.display_name AS agent_name,
    c.loans,
    c.fpd_observed,
    c.fpd_loans,
    analytics.percentage(c.fpd_loans, c.fpd_observed) AS fpd_rate,
    c.epd_observed,
    c.epd_loans,
    analytics.percentage(c.epd_loans, c.epd_observed) AS epd_rate,
    c.fpd_observed < c.loans OR c.epd_observed < c.loans AS immature,
    exists(
        SELECT FROM analytics.provisional_setting AS s
        WHERE s.key IN ('fpd_days', 'epd_days', 'epd_months')
    ) AS needs_signoff
FROM cohort AS c
INNER JOIN public.product AS r ON c.product_id = r.id
LEFT JOIN public.party AS a ON c.agent_party_id = a.id;
