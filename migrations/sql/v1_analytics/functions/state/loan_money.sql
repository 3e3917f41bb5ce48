-- owner: finance
-- description: What was paid out, paid, adjusted and moved on loans as of a day (NULL: their business date), given when they left the book
CREATE FUNCTION analytics.loan_money(loan_ids uuid[], exits date[], as_of date)
RETURNS TABLE (
    loan_id uuid, disbursed numeric, first_disbursed_on date, last_disbursed_on date,
    principal_paid numeric, recovered numeric, interest_paid numeric, rc_fee_paid numeric, penalty_paid numeric, other_paid numeric,
    month_received numeric, payment_count bigint, first_paid_on date, last_paid_on date, unapplied_cash numeric,
    waived numeric, written_off numeric, refunded numeric, transferred_in numeric, transferred_out numeric, next_on date
)
LANGUAGE plpgsql STABLE PARALLEL SAFE SET plan_cache_mode = force_custom_plan SET jit = off AS $function$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH scope AS MATERIALIZED (
        SELECT
            l.id AS loan_id, u.exited_on, coalesce(e.time_zone, 'UTC') AS zone,
            coalesce(as_of, analytics.business_date(e.time_zone)) AS day
        FROM unnest(loan_ids, exits) AS u (loan_id, exited_on)
        INNER JOIN public.loan AS l ON l.id = u.loan_id
        INNER JOIN public.legal_entity AS e ON e.id = l.legal_entity_id
    ),

    money AS MATERIALIZED (
        SELECT
            a.loan_id, a.payment_id, a.component, a.amount, a.value_date, a.counts_until, s.day, s.zone, s.exited_on,
            a.value_date <= s.day AND a.counts_until > s.day AS is_effective
        FROM analytics.allocations_of(loan_ids) AS a
        INNER JOIN scope AS s ON s.loan_id = a.loan_id
    ),

    paid AS (
        SELECT
            m.loan_id,
            sum(m.amount) FILTER (WHERE m.is_effective AND m.component = 'principal') AS principal,
            sum(m.amount) FILTER (WHERE m.is_effective AND m.component = 'principal' AND m.value_date > m.exited_on) AS recovered,
            sum(m.amount) FILTER (WHERE m.is_effective AND m.component = 'interest') AS interest,
            sum(m.amount) FILTER (WHERE m.is_effective AND m.component = 'rc_fee') AS rc_fee,
            sum(m.amount) FILTER (WHERE m.is_effective AND m.component = 'penalty') AS penalty,
            sum(m.amount) FILTER (WHERE m.is_effective AND m.component = 'other') AS other,
            sum(m.amount) FILTER (WHERE m.is_effective AND m.value_date >= date_trunc('month', m.day)::date) AS in_month,
            count(DISTINCT m.payment_id) FILTER (WHERE m.is_effective) AS payments,
            min(m.value_date) FILTER (WHERE m.is_effective) AS first_on,
            max(m.value_date) FILTER (WHERE m.is_effective) AS last_on,
            least(min(m.value_date) FILTER (WHERE m.value_date > m.day), min(m.counts_until) FILTER (WHERE m.counts_until > m.day)) AS next_on
        FROM money AS m
        GROUP BY m.loan_id
    ),

    -- Only a payment that is not used up by the loan itself can have something left.
    unapplied AS (
        SELECT o.loan_id, sum(greatest(p.amount - t.allocated, 0)) AS amount
        FROM (
            SELECT m.loan_id, m.payment_id, m.day, m.zone, coalesce(sum(m.amount) FILTER (WHERE m.is_effective), 0) AS own
            FROM money AS m
            WHERE m.value_date <= m.day
            GROUP BY m.loan_id, m.payment_id, m.day, m.zone
        ) AS o
        INNER JOIN public.payment AS p
            ON p.id = o.payment_id AND p.amount > o.own AND (p.reversed_at IS NULL OR (p.reversed_at AT TIME ZONE o.zone)::date > o.day)
        CROSS JOIN LATERAL (
            SELECT
                coalesce(sum(a.allocated_amount) FILTER (
                    WHERE a.reversed_at IS NULL OR (a.reversed_at AT TIME ZONE o.zone)::date > o.day
                ), 0) AS allocated,
                (array_agg(a.loan_id ORDER BY a.created_at NULLS FIRST, a.id))[1] AS first_loan
            FROM public.payment_allocation AS a
            WHERE a.payment_id = p.id
        ) AS t
        WHERE t.first_loan = o.loan_id
        GROUP BY o.loan_id
    ),

    disbursed AS (
        SELECT
            s.loan_id,
            sum(d.amount) FILTER (WHERE d.value_date <= s.day) AS amount,
            min(d.value_date) FILTER (WHERE d.value_date <= s.day) AS first_on,
            max(d.value_date) FILTER (WHERE d.value_date <= s.day) AS last_on,
            min(d.value_date) FILTER (WHERE d.value_date > s.day) AS next_on
        FROM scope AS s
        INNER JOIN analytics.dated_disbursement AS d ON d.loan_id = s.loan_id
        WHERE d.loan_id = ANY(loan_ids)
        GROUP BY s.loan_id
    ),

    adjusted AS (
        SELECT
            s.loan_id,
            sum(j.amount) FILTER (WHERE j.kind = 'waiver' AND j.component = 'principal' AND j.effective_date <= s.day) AS waived,
            sum(j.amount) FILTER (WHERE j.kind = 'write_off' AND j.component = 'principal' AND j.effective_date <= s.day) AS written_off,
            sum(j.amount) FILTER (WHERE j.kind = 'refund' AND j.component = 'principal' AND j.effective_date <= s.day) AS refunded,
            sum(j.amount) FILTER (WHERE j.kind = 'transfer' AND j.component = 'principal' AND j.effective_date <= s.day) AS moved,
            min(j.effective_date) FILTER (WHERE j.effective_date > s.day) AS next_on
        FROM scope AS s
        INNER JOIN public.loan_adjustment AS j ON j.loan_id = s.loan_id
        WHERE j.loan_id = ANY(loan_ids)
        GROUP BY s.loan_id
    ),

    transfer AS (
        SELECT
            s.loan_id,
            sum(t.amount) FILTER (WHERE t.amount > 0 AND t.transfer_date <= s.day) AS moved_in,
            sum(-t.amount) FILTER (WHERE t.amount < 0 AND t.transfer_date <= s.day) AS moved_out,
            min(t.transfer_date) FILTER (WHERE t.transfer_date > s.day) AS next_on
        FROM (
            SELECT f.source_loan_id AS loan_id, -f.transfer_amount AS amount, f.transfer_date
            FROM public.loan_transfers AS f
            WHERE f.status = 'completed' AND f.source_loan_id = ANY(loan_ids)
            UNION ALL
            SELECT f.target_loan_id, f.transfer_amount, f.transfer_date
            FROM public.loan_transfers AS f
            WHERE f.status = 'completed' AND f.target_loan_id = ANY(loan_ids)
        ) AS t
        INNER JOIN scope AS s ON s.loan_id = t.loan_id
        GROUP BY s.loan_id
    )

    SELECT
        s.loan_id, coalesce(d.amount, 0), d.first_on, d.last_on,
        coalesce(p.principal, 0), coalesce(p.recovered, 0), coalesce(p.interest, 0), coalesce(p.rc_fee, 0), coalesce(p.penalty, 0), coalesce(p.other, 0),
        coalesce(p.in_month, 0), coalesce(p.payments, 0), p.first_on, p.last_on, coalesce(u.amount, 0),
        coalesce(a.waived, 0), coalesce(a.written_off, 0), coalesce(a.refunded, 0), coalesce(t.moved_in, 0),
        coalesce(t.moved_out, 0) + coalesce(a.moved, 0), least(p.next_on, d.next_on, a.next_on, t.next_on)
    FROM scope AS s
    LEFT JOIN disbursed AS d ON d.loan_id = s.loan_id
    LEFT JOIN paid AS p ON p.loan_id = s.loan_id
    LEFT JOIN unapplied AS u ON u.loan_id = s.loan_id
    LEFT JOIN adjusted AS a ON a.loan_id = s.loan_id
    LEFT JOIN transfer AS t ON t.loan_id = s.loan_id;
END
$function$;
