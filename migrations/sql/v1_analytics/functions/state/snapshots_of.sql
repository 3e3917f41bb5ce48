-- owner: risk
-- description: What loan_daily_snapshot holds of loans for days, given in order: from a state that holds for the day, else computed as of the day
CREATE FUNCTION analytics.snapshots_of(loan_ids uuid[], days date[])
RETURNS SETOF analytics.loan_daily_snapshot
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 10000 SET plan_cache_mode = force_custom_plan SET jit = off AS $function$
DECLARE
    this_day date;
    maintained CONSTANT analytics.loan_state[] := ARRAY(
        SELECT s
        FROM analytics.loan_state AS s
        WHERE s.loan_id = ANY(loan_ids) AND NOT EXISTS (SELECT FROM analytics.loan_state_queue AS q WHERE q.loan_id = s.loan_id)
    );
    lent uuid[];
    held analytics.loan_state[] := '{}';
BEGIN
    FOREACH this_day IN ARRAY coalesce(days, '{}') LOOP
        -- Who was lent nothing by then, as far as is known and nothing waits, need not be computed for the day.
        lent := ARRAY(
            SELECT l.id
            FROM unnest(loan_ids) AS l (id)
            LEFT JOIN unnest(maintained) AS m ON m.loan_id = l.id
            WHERE m.loan_id IS NULL OR m.first_disbursed_on <= this_day OR m.transferred_in > 0
        );
        -- A state says itself until when it holds: closed loans are not computed for each day again.
        held := ARRAY(
            SELECT DISTINCT ON (s.loan_id) s::analytics.loan_state
            FROM unnest(held || maintained) AS s
            WHERE s.loan_id = ANY(lent) AND s.as_of <= this_day AND s.next_change_on > this_day
        );
        held := held || ARRAY(
            SELECT c
            FROM analytics.compute_loan_state(
                ARRAY(SELECT l.id FROM unnest(lent) AS l (id) EXCEPT SELECT h.loan_id FROM unnest(held) AS h), this_day
            ) AS c
        );
        RETURN QUERY
        SELECT
            this_day, s.loan_id, this_day = (date_trunc('month', this_day) + interval '1 month - 1 day')::date, s.legal_entity_id,
            s.product_id, s.borrower_party_id, s.obligor_id, s.currency_code, s.status, s.exited_on, s.approved_principal,
            s.disbursed_principal, s.first_disbursed_on, s.principal_paid, s.principal_recovered, s.principal_waived,
            s.principal_written_off, s.principal_refunded, s.transferred_in, s.transferred_out, s.outstanding_principal,
            s.overpaid_principal, s.interest_outstanding, s.interest_paid, s.rc_fee_paid, s.penalty_paid, s.other_paid, s.arrears,
            s.overdue_since, coalesce(this_day - s.overdue_since, 0), d.dpd, greatest(s.past_max_dpd, d.dpd),
            CASE WHEN d.dpd >= e.npl_from THEN this_day ELSE s.past_npl_day END, s.is_forborne, s.is_unlikely_to_pay,
            s.is_significant_increase, s.settled_lines, s.on_time_lines, s.late_days, clock_timestamp()
        FROM unnest(held) AS s
        INNER JOIN (
            SELECT y.id AS legal_entity_id, analytics.npl_from(y.country_code, this_day) AS npl_from
            FROM public.legal_entity AS y
        ) AS e ON e.legal_entity_id = s.legal_entity_id
        CROSS JOIN LATERAL (
            SELECT analytics.days_past_due(s.overdue_since, s.grace_days, s.paused_days, s.is_paused, s.as_of, this_day) AS dpd
        ) AS d
        -- A loan that took over the balance of another is lent without a disbursement.
        WHERE s.first_disbursed_on IS NOT NULL OR s.transferred_in > 0;
    END LOOP;
END
$function$;
