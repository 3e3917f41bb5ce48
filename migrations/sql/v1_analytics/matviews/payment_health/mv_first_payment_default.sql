-- owner: risk
-- tier: T3
-- grain: month of first disbursement x product x agent
-- key: origination_month, product_id, agent_key
-- refresh: daily
-- description: How many loans of a cohort failed on their first instalment, or fell far behind in their first months
-- column origination_month: First day of the month of the first disbursement
-- column product_id: Product
-- column agent_key: Agent of the loan; the nil UUID for none, so that the index can tell rows apart
-- column loans: Loans first disbursed in the month
-- column fpd_observed: Those of which the first instalment fell due fpd_days days ago or earlier
-- column fpd_loans: Those of them whose first instalment was unsettled on that day, with its plan in force and its loan not moved to another
-- column epd_observed: Those whose epd_months months after the month of origination are over
-- column epd_loans: Those of them that were more than epd_days days past due by then
CREATE MATERIALIZED VIEW analytics.mv_first_payment_default AS
WITH setting AS (
    SELECT
        analytics.setting_number('fpd_days')::integer AS fpd_days,
        analytics.setting_number('epd_days')::integer AS epd_days,
        analytics.setting_number('epd_months')::integer AS epd_months
),

loan AS (
    SELECT
        s.loan_id,
        s.product_id,
        s.status,
        s.exited_on,
        s.grace_days,
        e.business_date,
        date_trunc('month', s.first_disbursed_on)::date AS origination_month,
        coalesce(l.agent_party_id, '00000000-0000-0000-0000-000000000000') AS agent_key,
        (date_trunc('month', s.first_disbursed_on) + make_interval(months => t.epd_months + 1) - interval '1 day')::date AS epd_end,
        exists(
            SELECT FROM public.loan_flag AS f
            WHERE f.loan_id = s.loan_id AND f.flag = 'payment_pause'
        ) AS has_pause
    FROM analytics.loan_state AS s
    INNER JOIN analytics.entity_day AS e ON s.legal_entity_id = e.legal_entity_id
    INNER JOIN public.loan AS l ON s.loan_id = l.id
    CROSS JOIN setting AS t
    WHERE s.first_disbursed_on IS NOT NULL
),

instalment AS (
    SELECT
        i.loan_id,
        i.line_id,
        i.seq_no,
        i.due_date,
        i.owed_from,
        i.owed_until,
        i.settled_on
    FROM analytics.instalment_state AS i
    WHERE i.is_material
),

first_instalment AS (
    SELECT DISTINCT ON (i.loan_id)
        i.loan_id,
        i.due_date,
        least(i.owed_until, CASE WHEN l.status = 'transferred' THEN l.exited_on END) AS owed_until,
        i.settled_on
    FROM instalment AS i
    INNER JOIN loan AS l ON i.loan_id = l.loan_id
    WHERE i.due_date >= i.owed_from AND i.due_date < i.owed_until AND (l.exited_on IS NULL OR i.due_date < l.exited_on)
    ORDER BY i.loan_id, i.due_date, i.seq_no, i.line_id
),

-- The last day of the observed months on which each instalment was unsettled.
early AS (
    SELECT
        l.loan_id,
        l.has_pause,
        l.grace_days,
        greatest(i.due_date, i.owed_from - 1) AS overdue_after,
        i.due_date,
        least(i.settled_on, i.owed_until, l.exited_on, l.epd_end + 1, l.business_date + 1) - 1 AS last_day
    FROM loan AS l
    INNER JOIN instalment AS i ON l.loan_id = i.loan_id
),

worst AS (
    SELECT
        e.loan_id,
        max(
            e.last_day - e.due_date - e.grace_days
            - CASE WHEN e.has_pause THEN analytics.paused_days(e.loan_id, e.due_date, e.last_day) ELSE 0 END
        ) AS dpd
    FROM early AS e
    WHERE e.last_day > e.overdue_after
    GROUP BY e.loan_id
),

judged AS (
    SELECT
        l.origination_month,
        l.product_id,
        l.agent_key,
        coalesce(f.due_date + t.fpd_days <= l.business_date, FALSE) AS is_fpd_observed,
        coalesce(
            f.due_date + t.fpd_days <= l.business_date AND f.owed_until > f.due_date + t.fpd_days
            AND (f.settled_on IS NULL OR f.settled_on > f.due_date + t.fpd_days), FALSE
        ) AS is_fpd,
        l.epd_end <= l.business_date AS is_epd_observed,
        coalesce(l.epd_end <= l.business_date AND w.dpd > t.epd_days, FALSE) AS is_epd
    FROM loan AS l
    CROSS JOIN setting AS t
    LEFT JOIN first_instalment AS f ON l.loan_id = f.loan_id
    LEFT JOIN worst AS w ON l.loan_id = w.loan_id
)

SELECT
    j.origination_month,
    j.product_id,
    j.agent_key,
    count(*) AS loans,
    count(*) FILTER (WHERE j.is_fpd_observed) AS fpd_observed,
    count(*) FILTER (WHERE j.is_fpd) AS fpd_loans,
    count(*) FILTER (WHERE j.is_epd_observed) AS epd_observed,
    count(*) FILTER (WHERE j.is_epd) AS epd_loans
FROM judged AS j
GROUP BY j.origination_month, j.product_id, j.agent_key;
CREATE UNIQUE INDEX uq_mv_first_payment_default ON analytics.mv_first_payment_default (origination_month, product_id, agent_key);
