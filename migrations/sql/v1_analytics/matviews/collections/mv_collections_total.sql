-- owner: collections
-- tier: T1
-- grain: product category x currency x collections stage
-- key: product_category, currency_code, stage
-- refresh: minute
-- description: Sums behind v_collections_performance, of loans of status active and written_off; events and recoveries are summed per loan before they
--     are joined. Kept for a minute, as counting every event takes longer than a reader should wait
-- column product_category: Category of the product
-- column currency_code: Currency of all amounts, ISO 4217
-- column stage: Open stage of collections, current if none is open
-- column loans: Loans
-- column outstanding: Their outstanding principal
-- column arrears: Their arrears
-- column max_dpd: Their worst days past due so far, summed
-- column reminders: Reminders sent
-- column calls: Call attempts, answered or not
-- column calls_answered: Calls answered
-- column contacts: Events in which the borrower was reached
-- column contacted: Loans whose borrower was ever reached
-- column legal: Loans with a legal step or an open legal action
-- column defaulted: Loans that ever defaulted
-- column ead: Their exposure at default
-- column recovered_principal: Principal recovered of it
-- column recovered_other: Other money recovered on them
-- column amount_days: Recovered amounts times days since default, summed
-- column needs_signoff: Whether a figure rests on a rule that is not signed off
CREATE MATERIALIZED VIEW analytics.mv_collections_total AS
WITH position AS (
    SELECT
        p.loan_id,
        p.legal_entity_id,
        p.product_id,
        p.currency_code,
        p.outstanding_principal,
        p.arrears,
        p.max_dpd
    FROM analytics.loan_position AS p
    WHERE p.status IN ('active', 'written_off')
),

stage AS (
    SELECT
        s.loan_id,
        s.status_value
    FROM analytics.current_loan_status AS s
    WHERE s.status_type = 'collections_stage'
),

legal AS (
    SELECT s.loan_id FROM analytics.current_loan_status AS s
    WHERE s.status_type = 'legal_action' AND s.status_value <> 'none'
),

effort AS (
    SELECT
        a.loan_id,
        count(*) FILTER (WHERE a.event_type = 'reminder_sent') AS reminders,
        count(*) FILTER (WHERE a.event_type IN ('call_attempt', 'call_successful')) AS calls,
        count(*) FILTER (WHERE a.event_type = 'call_successful') AS calls_answered,
        count(*) FILTER (WHERE a.is_contact) AS contacts,
        bool_or(a.is_legal) AS is_legal
    FROM analytics.collections_action AS a
    GROUP BY a.loan_id
),

recovery AS (
    SELECT
        d.loan_id,
        d.ead,
        d.recovered_principal,
        d.recovered_other,
        d.amount_days
    FROM analytics.mv_loan_default AS d
)

SELECT
    r.category AS product_category,
    p.currency_code,
    coalesce(s.status_value, 'current') AS stage,
    count(*) AS loans,
    sum(p.outstanding_principal) AS outstanding,
    sum(p.arrears) AS arrears,
    sum(p.max_dpd) AS max_dpd,
    coalesce(sum(f.reminders), 0) AS reminders,
    coalesce(sum(f.calls), 0) AS calls,
    coalesce(sum(f.calls_answered), 0) AS calls_answered,
    coalesce(sum(f.contacts), 0)::bigint AS contacts,
    count(*) FILTER (WHERE f.contacts > 0) AS contacted,
    count(*) FILTER (WHERE f.is_legal OR g.loan_id IS NOT NULL) AS legal,
    count(d.loan_id) AS defaulted,
    coalesce(sum(d.ead), 0) AS ead,
    coalesce(sum(d.recovered_principal), 0) AS recovered_principal,
    coalesce(sum(d.recovered_other), 0) AS recovered_other,
    sum(d.amount_days) AS amount_days,
    bool_or(n.needs_signoff) AS needs_signoff
FROM position AS p
INNER JOIN public.product AS r ON p.product_id = r.id
INNER JOIN analytics.default_signoff AS n ON p.legal_entity_id = n.legal_entity_id
LEFT JOIN stage AS s ON p.loan_id = s.loan_id
LEFT JOIN legal AS g ON p.loan_id = g.loan_id
LEFT JOIN effort AS f ON p.loan_id = f.loan_id
LEFT JOIN recovery AS d ON p.loan_id = d.loan_id
GROUP BY r.category, p.currency_code, coalesce(s.status_value, 'current');
CREATE UNIQUE INDEX uq_mv_collections_total ON analytics.mv_collections_total (product_category, currency_code, stage);
