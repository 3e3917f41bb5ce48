-- owner: finance
-- tier: T2
-- grain: payment allocation x instalment that it settled
-- key: allocation_id, line_id
-- refresh: live
-- description: Which instalment each received amount settled: the one that the allocation names, else the oldest unpaid ones of its plan and component,
--     as known today. For whole-book figures; of single loans analytics.instalment_state says more
-- column allocation_id: Allocation that is effective on the business date of the loan's legal entity
-- column line_id: Instalment that it settled
-- column component: Part of the debt that it settled
-- column value_date: Day on which the money arrived
-- column amount: What of it settled the instalment; of an allocation that names its instalment the whole, even if nothing was open
CREATE VIEW analytics.line_receipt AS
WITH loan AS (
    SELECT
        s.loan_id,
        e.business_date
    FROM analytics.loan_state AS s
    INNER JOIN analytics.entity_day AS e ON s.legal_entity_id = e.legal_entity_id
),

money AS MATERIALIZED (
    SELECT
        a.loan_id,
        a.plan_id,
        a.line_id,
        a.component,
        a.amount,
        a.value_date,
        0 AS rank,
        a.allocation_id AS id
    FROM analytics.dated_allocation AS a
    INNER JOIN loan AS l ON a.loan_id = l.loan_id AND a.value_date <= l.business_date AND a.counts_until > l.business_date
    UNION ALL
    SELECT
        j.loan_id,
        NULL AS plan_id,
        j.line_id,
        j.component,
        CASE j.kind WHEN 'refund' THEN -j.amount ELSE j.amount END AS amount,
        j.effective_date AS value_date,
        1 AS rank,
        j.id
    FROM public.loan_adjustment AS j
    INNER JOIN loan AS l ON j.loan_id = l.loan_id AND j.effective_date <= l.business_date
    WHERE j.kind <> 'refund' OR j.line_id IS NOT NULL
),

-- Money without an instalment settles the oldest ones of its plan and component: both lie end to end, each in its order.
pool AS MATERIALIZED (
    SELECT
        p.plan_id,
        m.component,
        m.value_date,
        m.rank,
        m.amount,
        m.id,
        sum(m.amount) OVER (PARTITION BY p.plan_id, m.component ORDER BY m.value_date, m.rank, m.id) AS upto
    FROM money AS m
    INNER JOIN analytics.plan_timeline AS p
        ON
            m.loan_id = p.loan_id
            AND CASE WHEN m.plan_id IS NULL THEN m.value_date >= p.cash_from AND m.value_date < p.cash_until ELSE m.plan_id = p.plan_id END
    WHERE m.line_id IS NULL
),

direct AS (
    SELECT
        m.line_id,
        m.component,
        sum(m.amount) AS amount
    FROM money AS m
    WHERE m.line_id IS NOT NULL
    GROUP BY m.line_id, m.component
),

scheme AS (
    SELECT DISTINCT
        q.plan_id,
        q.component
    FROM pool AS q
),

need AS (
    SELECT
        n.plan_id,
        n.component,
        n.line_id,
        n.need,
        sum(n.need) OVER (PARTITION BY n.plan_id, n.component ORDER BY n.due_date, n.seq_no) AS upto
    FROM (
        SELECT
            c.plan_id,
            c.component,
            a.id AS line_id,
            a.due_date,
            a.seq_no,
            greatest(
                CASE c.component
                    WHEN 'principal' THEN a.amount_principal
                    WHEN 'interest' THEN a.amount_interest
                    WHEN 'rc_fee' THEN a.amount_rc_fee
                    WHEN 'penalty' THEN a.amount_penalty
                    ELSE a.amount_other
                END - coalesce(d.amount, 0), 0
            ) AS need
        FROM scheme AS c
        INNER JOIN public.amortisation_line AS a ON c.plan_id = a.plan_id
        LEFT JOIN direct AS d ON a.id = d.line_id AND c.component = d.component
    ) AS n
)

SELECT
    m.id AS allocation_id,
    m.line_id,
    m.component,
    m.value_date,
    m.amount
FROM money AS m
WHERE m.line_id IS NOT NULL AND m.rank = 0
UNION ALL
SELECT
    q.id AS allocation_id,
    n.line_id,
    n.component,
    q.value_date,
    least(q.upto, n.upto) - greatest(q.upto - q.amount, n.upto - n.need) AS amount
FROM pool AS q
INNER JOIN need AS n ON q.plan_id = n.plan_id AND q.component = n.component AND n.upto - n.need < q.upto AND n.upto > q.upto - q.amount
WHERE q.rank = 0;
