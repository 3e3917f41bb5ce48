-- owner: risk
-- description: What the instalments of loans say of each as of a day, given on which days loans left the book: arrears, since when, the worst of the past, what was settled in time, what is due next
CREATE FUNCTION analytics.loan_lateness(instalments analytics.instalment_state[], loan_ids uuid[], exits date[], as_of date)
RETURNS TABLE (
    loan_id uuid, overdue_since date, overdue_lines integer, arrears numeric, arrears_principal numeric, arrears_interest numeric,
    arrears_rc_fee numeric, arrears_penalty numeric, arrears_other numeric, interest_outstanding numeric, rc_fee_outstanding numeric,
    penalty_outstanding numeric,
    other_outstanding numeric,
    past_max_dpd integer,
    past_npl_day date,
    settled_lines integer,
    on_time_lines integer,
    late_days integer, next_due_on date, next_due_amount numeric, month_due numeric, month_due_paid numeric, next_on date
)
LANGUAGE plpgsql STABLE PARALLEL SAFE SET jit = off AS $function$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH entity AS MATERIALIZED (
        SELECT d.legal_entity_id, d.day, analytics.npl_from(d.country_code, d.day) AS npl_from
        FROM (
            SELECT y.legal_entity_id, y.country_code, coalesce(as_of, y.business_date) AS day
            FROM analytics.entity_day AS y
        ) AS d
    ),

    scope AS MATERIALIZED (
        SELECT
            u.loan_id, u.exited_on, p.grace_days, y.npl_from, y.day,
            EXISTS (SELECT FROM public.loan_flag AS f WHERE f.loan_id = u.loan_id AND f.flag = 'payment_pause') AS has_pause
        FROM unnest(loan_ids, exits) AS u (loan_id, exited_on)
        INNER JOIN public.loan AS l ON l.id = u.loan_id
        INNER JOIN public.product AS p ON p.id = l.product_id
        INNER JOIN entity AS y ON y.legal_entity_id = l.legal_entity_id
    ),

    line AS MATERIALIZED (
        SELECT
            i.*, s.day, s.exited_on, s.grace_days, s.has_pause, s.npl_from,
            i.in_force AND s.exited_on IS NULL AND i.due_date <= s.day AS is_billed,
            i.in_force AND s.exited_on IS NULL AND i.due_date < s.day AND NOT i.is_settled AS is_overdue,
            -- The last day on which it was unsettled and owed; NULL: it never was.
            CASE
                WHEN i.changed_on IS NOT NULL THEN analytics.last_unsettled_day(i.changed_on, i.is_material, o.last_day)
                WHEN i.is_material THEN least(i.settled_on - 1, o.last_day)
            END AS last_day
        FROM unnest(instalments) AS i
        INNER JOIN scope AS s ON s.loan_id = i.loan_id
        CROSS JOIN LATERAL (SELECT least(i.owed_until, s.exited_on, s.day + 1) - 1 AS last_day) AS o
    ),

    past AS (
        SELECT l.loan_id, max(d.dpd) AS max_dpd, max(l.last_day) FILTER (WHERE d.dpd >= l.npl_from) AS npl_day
        FROM line AS l
        CROSS JOIN LATERAL (
            SELECT l.last_day - l.due_date - l.grace_days
                - CASE WHEN l.has_pause THEN analytics.paused_days(l.loan_id, l.due_date, l.last_day) ELSE 0 END AS dpd
        ) AS d
        WHERE
            NOT l.is_overdue AND l.last_day > l.due_date AND l.last_day >= l.owed_from
        GROUP BY l.loan_id
    ),

    coming AS (
        SELECT DISTINCT ON (l.loan_id) l.loan_id, l.due_date, sum(l.unpaid) OVER (PARTITION BY l.loan_id, l.due_date) AS unpaid
        FROM line AS l
        WHERE l.in_force AND l.exited_on IS NULL AND l.due_date >= l.day AND NOT l.is_settled
        ORDER BY l.loan_id, l.due_date
    ),

    total AS (
        SELECT
            l.loan_id,
            min(l.due_date) FILTER (WHERE l.is_overdue) AS overdue_since,
            count(*) FILTER (WHERE l.is_overdue)::integer AS overdue_lines,
            coalesce(sum(l.unpaid) FILTER (WHERE l.is_overdue), 0) AS arrears,
            coalesce(sum(l.unpaid_principal) FILTER (WHERE l.is_overdue), 0) AS principal,
            coalesce(sum(l.unpaid_interest) FILTER (WHERE l.is_overdue), 0) AS interest,
            coalesce(sum(l.unpaid_rc_fee) FILTER (WHERE l.is_overdue), 0) AS rc_fee,
            coalesce(sum(l.unpaid_penalty) FILTER (WHERE l.is_overdue), 0) AS penalty,
            coalesce(sum(l.unpaid_other) FILTER (WHERE l.is_overdue), 0) AS other,
            coalesce(sum(l.unpaid_interest) FILTER (WHERE l.is_billed), 0) AS billed_interest,
            coalesce(sum(l.unpaid_rc_fee) FILTER (WHERE l.is_billed), 0) AS billed_rc_fee,
            coalesce(sum(l.unpaid_penalty) FILTER (WHERE l.is_billed), 0) AS billed_penalty,
            coalesce(sum(l.unpaid_other) FILTER (WHERE l.is_billed), 0) AS billed_other,
            count(*) FILTER (WHERE l.was_settled_in_force)::integer AS settled_lines,
            count(*) FILTER (WHERE l.was_settled_in_force AND l.settled_on <= l.due_date)::integer AS on_time_lines,
            coalesce(sum(l.settled_on - l.due_date) FILTER (WHERE l.was_settled_in_force AND l.settled_on > l.due_date), 0)::integer AS late_days,
            coalesce(sum(l.due) FILTER (WHERE l.is_this_month), 0) AS month_due,
            coalesce(sum(l.due - l.unpaid) FILTER (WHERE l.is_this_month), 0) AS month_due_paid,
            least(
                min(l.due_date) FILTER (WHERE l.in_force AND l.due_date > l.day),
                min(l.due_date + 1) FILTER (WHERE l.in_force AND l.due_date = l.day),
                min(l.owed_until) FILTER (WHERE l.owed_until > l.day)
            ) AS next_on
        FROM (
            SELECT
                n.*,
                -- Settled while its plan was in force; a plan that ended on the day on which it began never was.
                n.settled_on < n.owed_until AND n.owed_from < n.owed_until AS was_settled_in_force,
                n.in_force AND n.due_date <= n.day AND n.due_date >= date_trunc('month', n.day)::date
                AND n.due_date < coalesce(n.exited_on, 'infinity') AS is_this_month
            FROM line AS n
        ) AS l
        GROUP BY l.loan_id
    )

    SELECT
        t.loan_id, t.overdue_since, t.overdue_lines, t.arrears, t.principal, t.interest, t.rc_fee, t.penalty, t.other, t.billed_interest,
        t.billed_rc_fee, t.billed_penalty, t.billed_other, greatest(p.max_dpd, 0), p.npl_day, t.settled_lines, t.on_time_lines, t.late_days,
        c.due_date, c.unpaid, t.month_due, t.month_due_paid, t.next_on
    FROM total AS t
    LEFT JOIN past AS p ON p.loan_id = t.loan_id
    LEFT JOIN coming AS c ON c.loan_id = t.loan_id;
END
$function$;
