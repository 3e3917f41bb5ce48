-- owner: risk
-- tier: T2
-- grain: loan that was ever in default by its own days past due, or written off
-- key: loan_id
-- refresh: quarter_hour
-- description: The first default of each loan, what was owed then, and what has been recovered since
-- column loan_id: Loan
-- column product_id: Product
-- column currency_code: Currency of all amounts, ISO 4217
-- column defaulted_on: First day on which days past due of an instalment reached the non-performing threshold of the country, or on which the loan was
--     written off, whichever came first
-- column ead: Exposure: outstanding principal at the end of defaulted_on, before write-offs
-- column recovered_principal: Effective allocations of principal with a value date after defaulted_on
-- column recovered_other: Effective allocations of all other components with a value date after defaulted_on
-- column amount_days: Sum over both of amount times days since defaulted_on
CREATE MATERIALIZED VIEW analytics.mv_loan_default AS
WITH spell AS (
    SELECT
        s.loan_id,
        s.due_date,
        s.from_day,
        s.last_day,
        s.late_from,
        s.has_pause
    FROM analytics.overdue_spell AS s
),

position AS (
    SELECT
        s.loan_id,
        s.product_id,
        s.currency_code,
        s.status,
        s.exited_on,
        e.npl_from,
        e.business_date
    FROM analytics.loan_state AS s
    INNER JOIN analytics.entity_day AS e ON s.legal_entity_id = e.legal_entity_id
),

reached AS (
    SELECT
        s.loan_id,
        min(r.day) AS day
    FROM spell AS s
    INNER JOIN position AS p ON s.loan_id = p.loan_id AND s.late_from + p.npl_from <= s.last_day
    CROSS JOIN
        LATERAL (
            SELECT CASE
                WHEN NOT s.has_pause THEN greatest(s.late_from + p.npl_from, s.from_day)
                ELSE (
                    SELECT min(g.day)::date
                    FROM generate_series(greatest(s.late_from + p.npl_from, s.from_day), s.last_day, interval '1 day') AS g (day)
                    WHERE g.day::date - s.late_from - analytics.paused_days(s.loan_id, s.due_date, g.day::date) >= p.npl_from
                )
            END AS day
        ) AS r
    GROUP BY s.loan_id
),

defaulted AS MATERIALIZED (
    SELECT
        p.loan_id,
        p.product_id,
        p.currency_code,
        p.business_date,
        least(r.day, CASE WHEN p.status = 'written_off' THEN p.exited_on END) AS defaulted_on
    FROM position AS p
    LEFT JOIN reached AS r ON p.loan_id = r.loan_id
    WHERE r.day IS NOT NULL OR p.status = 'written_off'
),

recovered AS (
    SELECT
        d.loan_id,
        coalesce(sum(a.amount) FILTER (WHERE a.component = 'principal'), 0) AS principal,
        coalesce(sum(a.amount) FILTER (WHERE a.component <> 'principal'), 0) AS other,
        sum(a.amount * (a.value_date - d.defaulted_on)) AS amount_days
    FROM defaulted AS d
    INNER JOIN analytics.dated_allocation AS a
        ON d.loan_id = a.loan_id AND d.defaulted_on < a.value_date AND d.business_date >= a.value_date AND d.business_date < a.counts_until
    GROUP BY d.loan_id
)

SELECT
    d.loan_id,
    d.product_id,
    d.currency_code,
    d.defaulted_on,
    x.ead,
    coalesce(r.principal, 0) AS recovered_principal,
    coalesce(r.other, 0) AS recovered_other,
    coalesce(r.amount_days, 0) AS amount_days
FROM defaulted AS d
-- What was written off by then was exposed as well.
CROSS JOIN
    LATERAL (
        SELECT greatest(coalesce(sum(m.amount), 0), 0) AS ead
        FROM analytics.principal_movement AS m
        WHERE m.loan_id = d.loan_id AND m.value_date <= d.defaulted_on AND m.counts_until > d.defaulted_on AND m.kind <> 'write_off'
    ) AS x
LEFT JOIN recovered AS r ON d.loan_id = r.loan_id;
CREATE UNIQUE INDEX uq_mv_loan_default ON analytics.mv_loan_default (loan_id);
