-- owner: risk
-- description: The state of loans as of a day (NULL: their business date), given what compute_instalments found for them and the same day
CREATE FUNCTION analytics.loan_state_from(loan_ids uuid[], as_of date, instalments analytics.instalment_state[])
RETURNS SETOF analytics.loan_state
LANGUAGE plpgsql STABLE PARALLEL SAFE SET plan_cache_mode = force_custom_plan SET jit = off AS $function$
BEGIN
    RETURN QUERY
    WITH standing AS MATERIALIZED (
        SELECT
            s.loan_id, s.status, s.next_on,
            CASE WHEN s.status IN ('written_off', 'transferred') THEN s.since END AS exited_on,
            CASE WHEN s.status = 'closed' THEN s.since END AS closed_on
        FROM analytics.loan_status_on(loan_ids, as_of) AS s
    ),

    lateness AS MATERIALIZED (
        SELECT l.*
        FROM (SELECT array_agg(s.loan_id) AS ids, array_agg(s.exited_on) AS exits FROM standing AS s) AS a
        CROSS JOIN LATERAL analytics.loan_lateness(instalments, a.ids, a.exits, as_of) AS l
    ),

    money AS MATERIALIZED (
        SELECT m.*
        FROM (SELECT array_agg(s.loan_id) AS ids, array_agg(s.exited_on) AS exits FROM standing AS s) AS a
        CROSS JOIN LATERAL analytics.loan_money(a.ids, a.exits, as_of) AS m
    ),

    flag AS (
        SELECT
            l.id AS loan_id,
            bool_or(f.flag = 'forborne' AND h.holds) AS is_forborne,
            bool_or(f.flag = 'unlikely_to_pay' AND h.holds) AS is_unlikely_to_pay,
            bool_or(f.flag = 'significant_increase' AND h.holds) AS is_significant_increase,
            bool_or(f.flag = 'payment_pause' AND h.holds) AS is_paused,
            least(min(f.effective_from) FILTER (WHERE f.effective_from > h.day), min(f.effective_through) FILTER (WHERE f.effective_through > h.day)) AS next_on
        FROM public.loan AS l
        INNER JOIN analytics.entity_day AS y ON y.legal_entity_id = l.legal_entity_id
        INNER JOIN public.loan_flag AS f ON f.loan_id = l.id
        CROSS JOIN LATERAL (
            SELECT
                coalesce(as_of, y.business_date) AS day,
                f.effective_from <= coalesce(as_of, y.business_date)
                AND (f.effective_through IS NULL OR f.effective_through > coalesce(as_of, y.business_date)) AS holds
        ) AS h
        WHERE l.id = ANY(loan_ids)
        GROUP BY l.id
    ),

    -- Rules may begin and end by themselves.
    rule AS MATERIALIZED (
        SELECT y.legal_entity_id, min(v.day) AS next_on
        FROM analytics.entity_day AS y
        CROSS JOIN LATERAL (
            SELECT r.valid_from, r.valid_through
            FROM public.classification_rule AS r
            WHERE
                r.country_code = y.country_code
                AND EXISTS (SELECT FROM public.analytics_setting AS k WHERE k.key = 'non_performing_classes' AND k.value ? r.class)
            UNION ALL
            SELECT k.valid_from, k.valid_through FROM public.analytics_setting AS k WHERE k.key = 'non_performing_classes'
        ) AS u
        CROSS JOIN LATERAL (VALUES (u.valid_from), (u.valid_through)) AS v (day)
        WHERE v.day > coalesce(as_of, y.business_date)
        GROUP BY y.legal_entity_id
    ),

    scope AS (
        SELECT l.*, p.grace_days, coalesce(b.obligor_group_id, b.id) AS obligor_id, coalesce(as_of, y.business_date) AS day
        FROM public.loan AS l
        INNER JOIN public.product AS p ON p.id = l.product_id
        INNER JOIN public.party AS b ON b.id = l.borrower_party_id
        INNER JOIN analytics.entity_day AS y ON y.legal_entity_id = l.legal_entity_id
        WHERE l.id = ANY(loan_ids)
    )

    -- In the order of the table's columns.
    SELECT
        s.id, s.legal_entity_id, s.product_id, s.borrower_party_id, s.obligor_id, s.day,
        coalesce(least(
            t.next_on, m.next_on, n.next_on, f.next_on, r.next_on,
            (SELECT min(p.begins_on) FROM analytics.plan_timeline AS p WHERE p.loan_id = s.id AND p.begins_on > s.day)
        ), 'infinity'),
        date_trunc('month', s.day)::date, m.payment_count, clock_timestamp(), s.grace_days,
        CASE WHEN n.overdue_since IS NOT NULL AND f.loan_id IS NOT NULL THEN analytics.paused_days(s.id, n.overdue_since, s.day) ELSE 0 END,
        coalesce(n.past_max_dpd, 0), coalesce(n.overdue_lines, 0), coalesce(n.settled_lines, 0), coalesce(n.on_time_lines, 0),
        coalesce(n.late_days, 0),
        coalesce(f.is_paused, false), coalesce(f.is_forborne, false), coalesce(f.is_unlikely_to_pay, false),
        coalesce(f.is_significant_increase, false),
        s.currency_code, t.status, n.overdue_since, t.exited_on, t.closed_on,
        -- Who has left the book takes along what remained.
        CASE WHEN t.exited_on IS NULL THEN greatest(o.balance, 0) ELSE 0 END,
        coalesce(n.arrears, 0), s.principal_amount, m.disbursed, m.first_disbursed_on, m.last_disbursed_on,
        m.principal_paid, m.recovered, m.waived,
        m.written_off + CASE WHEN t.status = 'written_off' THEN greatest(o.balance, 0) ELSE 0 END,
        m.refunded, m.transferred_in,
        m.transferred_out + CASE WHEN t.status = 'transferred' THEN greatest(o.balance, 0) ELSE 0 END,
        greatest(-o.balance, 0),
        coalesce(n.interest_outstanding, 0), coalesce(n.rc_fee_outstanding, 0), coalesce(n.penalty_outstanding, 0), coalesce(n.other_outstanding, 0),
        m.interest_paid, m.rc_fee_paid, m.penalty_paid, m.other_paid, m.first_paid_on, m.last_paid_on, m.unapplied_cash,
        coalesce(n.arrears_principal, 0), coalesce(n.arrears_interest, 0), coalesce(n.arrears_rc_fee, 0),
        coalesce(n.arrears_penalty, 0), coalesce(n.arrears_other, 0), n.past_npl_day,
        n.next_due_on, n.next_due_amount, coalesce(n.month_due, 0), coalesce(n.month_due_paid, 0), m.month_received
    FROM scope AS s
    INNER JOIN standing AS t ON t.loan_id = s.id
    INNER JOIN money AS m ON m.loan_id = s.id
    CROSS JOIN LATERAL (
        -- What is paid after a loan left the book is a recovery: it changes neither what was written off nor what was moved.
        SELECT
            m.disbursed + m.transferred_in + m.refunded - (m.principal_paid - m.recovered) - m.waived - m.written_off - m.transferred_out
                AS balance
    ) AS o
    LEFT JOIN lateness AS n ON n.loan_id = s.id
    LEFT JOIN flag AS f ON f.loan_id = s.id
    LEFT JOIN rule AS r ON r.legal_entity_id = s.legal_entity_id;
END
$function$;
