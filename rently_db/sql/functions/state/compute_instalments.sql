-- owner: risk
-- description: What is paid and unpaid on each instalment of the loans' plans that began by as_of (NULL: their business date), for what is dated until then
CREATE FUNCTION analytics.compute_instalments(loan_ids uuid[], as_of date)
RETURNS SETOF analytics.instalment_state
LANGUAGE plpgsql STABLE PARALLEL SAFE SET plan_cache_mode = force_custom_plan SET jit = off AS $function$
BEGIN
    RETURN QUERY
    WITH scope AS MATERIALIZED (
        SELECT l.id AS loan_id, coalesce(as_of, analytics.business_date(e.time_zone)) AS day, p.tolerance_amount, p.tolerance_pct
        FROM public.loan AS l
        INNER JOIN public.legal_entity AS e ON e.id = l.legal_entity_id
        INNER JOIN public.product AS p ON p.id = l.product_id
        WHERE l.id = ANY(loan_ids)
    ),

    plan AS MATERIALIZED (
        SELECT
            t.plan_id, t.loan_id, t.begins_on, t.ends_on, t.cash_from, t.cash_until, s.tolerance_amount, s.tolerance_pct,
            s.day < t.ends_on AS in_force
        FROM analytics.plan_timeline AS t
        INNER JOIN scope AS s ON s.loan_id = t.loan_id
        WHERE t.loan_id = ANY(loan_ids) AND t.begins_on <= s.day
    ),

    -- Through a function, which says how many rows to expect: the planner would think of a handful, and compare each with each.
    money AS MATERIALIZED (
        SELECT m.loan_id, m.line_id, m.plan_id, m.component, m.amount, m.value_date, m.rank, m.id
        FROM analytics.dated_money(loan_ids, as_of) AS m
    ),

    pool AS MATERIALIZED (
        SELECT
            p.plan_id, m.component, m.value_date, m.amount,
            sum(m.amount) OVER (PARTITION BY p.plan_id, m.component ORDER BY m.value_date, m.rank, m.id) AS upto
        FROM money AS m
        INNER JOIN plan AS p
            ON p.loan_id = m.loan_id
                AND CASE WHEN m.plan_id IS NULL THEN m.value_date >= p.cash_from AND m.value_date < p.cash_until ELSE p.plan_id = m.plan_id END
        WHERE m.line_id IS NULL
    ),

    line AS MATERIALIZED (
        SELECT
            p.loan_id, p.plan_id, p.in_force, p.begins_on, p.ends_on, p.tolerance_amount, p.tolerance_pct, a.id AS line_id, a.seq_no, a.due_date,
            a.amount_principal, a.amount_interest, a.amount_rc_fee, a.amount_penalty, a.amount_other,
            a.amount_principal + a.amount_interest + a.amount_rc_fee + a.amount_penalty + a.amount_other AS due
        FROM plan AS p
        INNER JOIN public.amortisation_line AS a ON a.plan_id = p.plan_id
    ),

    direct AS (
        SELECT m.line_id, m.component, sum(m.amount) AS amount
        FROM money AS m
        WHERE m.line_id IS NOT NULL
        GROUP BY m.line_id, m.component
    ),

    need AS (
        SELECT n.plan_id, n.component, n.line_id, n.need, sum(n.need) OVER (PARTITION BY n.plan_id, n.component ORDER BY n.due_date, n.seq_no) AS upto
        FROM (
            SELECT
                c.plan_id, c.component, l.line_id, l.due_date, l.seq_no,
                greatest(
                    CASE c.component
                        WHEN 'principal' THEN l.amount_principal
                        WHEN 'interest' THEN l.amount_interest
                        WHEN 'rc_fee' THEN l.amount_rc_fee
                        WHEN 'penalty' THEN l.amount_penalty
                        ELSE l.amount_other
                    END - coalesce(d.amount, 0), 0
                ) AS need
            FROM (SELECT DISTINCT q.plan_id, q.component FROM pool AS q) AS c
            INNER JOIN line AS l ON l.plan_id = c.plan_id
            LEFT JOIN direct AS d ON d.line_id = l.line_id AND d.component = c.component
        ) AS n
    ),

    event AS (
        SELECT
            v.line_id, v.value_date,
            coalesce(sum(v.amount) FILTER (WHERE v.component = 'principal'), 0) AS principal,
            coalesce(sum(v.amount) FILTER (WHERE v.component = 'interest'), 0) AS interest,
            coalesce(sum(v.amount) FILTER (WHERE v.component = 'rc_fee'), 0) AS rc_fee,
            coalesce(sum(v.amount) FILTER (WHERE v.component = 'penalty'), 0) AS penalty,
            coalesce(sum(v.amount) FILTER (WHERE v.component = 'other'), 0) AS other
        FROM (
            SELECT m.line_id, m.value_date, m.component, m.amount FROM money AS m WHERE m.line_id IS NOT NULL
            UNION ALL
            -- Money and needs lie end to end, each in its order: a line gets what overlaps it.
            SELECT n.line_id, q.value_date, n.component, least(q.upto, n.upto) - greatest(q.upto - q.amount, n.upto - n.need)
            FROM pool AS q
            INNER JOIN need AS n
                ON n.plan_id = q.plan_id AND n.component = q.component AND n.need > 0
                    AND n.upto - n.need < q.upto AND n.upto > q.upto - q.amount
        ) AS v
        GROUP BY v.line_id, v.value_date
    ),

    running AS (
        SELECT
            v.line_id, v.value_date, v.principal, v.interest, v.rc_fee, v.penalty, v.other,
            greatest(l.amount_principal - sum(v.principal) OVER w, 0) + greatest(l.amount_interest - sum(v.interest) OVER w, 0)
            + greatest(l.amount_rc_fee - sum(v.rc_fee) OVER w, 0) + greatest(l.amount_penalty - sum(v.penalty) OVER w, 0)
            + greatest(l.amount_other - sum(v.other) OVER w, 0)
            <= greatest(l.tolerance_amount, round(l.tolerance_pct * l.due, 2)) AS is_settled,
            l.due <= greatest(l.tolerance_amount, round(l.tolerance_pct * l.due, 2)) AS begins_settled
        FROM event AS v
        INNER JOIN line AS l ON l.line_id = v.line_id
        WINDOW w AS (PARTITION BY v.line_id ORDER BY v.value_date)
    ),

    final AS (
        SELECT
            r.line_id, sum(r.principal) AS principal, sum(r.interest) AS interest, sum(r.rc_fee) AS rc_fee, sum(r.penalty) AS penalty,
            sum(r.other) AS other,
            -- A refund may open an instalment again: it is settled from the first day after the last one on which something was missing.
            min(r.value_date) FILTER (WHERE r.last_unsettled IS NULL OR r.value_date > r.last_unsettled) AS settled_on,
            CASE WHEN bool_or(r.was_settled AND NOT r.is_settled)
                THEN array_agg(r.value_date ORDER BY r.value_date) FILTER (WHERE r.is_settled <> r.was_settled) END AS changed_on
        FROM (
            SELECT
                n.*, max(n.value_date) FILTER (WHERE NOT n.is_settled) OVER (PARTITION BY n.line_id) AS last_unsettled,
                coalesce(lag(n.is_settled) OVER (PARTITION BY n.line_id ORDER BY n.value_date), n.begins_settled) AS was_settled
            FROM running AS n
        ) AS r
        GROUP BY r.line_id
    )

    SELECT
        l.line_id, l.loan_id, l.plan_id, l.in_force, l.begins_on, l.ends_on, l.seq_no, l.due_date, l.due,
        coalesce(f.principal, 0), coalesce(f.interest, 0), coalesce(f.rc_fee, 0), coalesce(f.penalty, 0), coalesce(f.other, 0),
        u.principal, u.interest, u.rc_fee, u.penalty, u.other,
        u.principal + u.interest + u.rc_fee + u.penalty + u.other,
        u.principal + u.interest + u.rc_fee + u.penalty + u.other <= greatest(l.tolerance_amount, round(l.tolerance_pct * l.due, 2)),
        f.settled_on,
        l.due > greatest(l.tolerance_amount, round(l.tolerance_pct * l.due, 2)), f.changed_on
    FROM line AS l
    LEFT JOIN final AS f ON f.line_id = l.line_id
    CROSS JOIN LATERAL (
        SELECT
            greatest(l.amount_principal - coalesce(f.principal, 0), 0) AS principal,
            greatest(l.amount_interest - coalesce(f.interest, 0), 0) AS interest,
            greatest(l.amount_rc_fee - coalesce(f.rc_fee, 0), 0) AS rc_fee,
            greatest(l.amount_penalty - coalesce(f.penalty, 0), 0) AS penalty,
            greatest(l.amount_other - coalesce(f.other, 0), 0) AS other
    ) AS u;
END
$function$;
