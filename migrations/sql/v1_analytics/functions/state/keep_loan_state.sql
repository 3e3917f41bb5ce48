-- owner: platform
-- description: Computes loans and writes what differs into loan_state and instalment_state. The caller holds the locks of the loans
CREATE FUNCTION analytics.keep_loan_state(loan_ids uuid[]) RETURNS void
LANGUAGE plpgsql VOLATILE SET jit = off AS $function$
BEGIN
    -- One statement, so one snapshot: all that is compared and written belongs to the same moment, after the locks.
    WITH computed AS MATERIALIZED (
        SELECT coalesce(array_agg(i), '{}') AS instalments
        FROM analytics.compute_instalments(loan_ids, NULL) AS i
    ),

    latest AS MATERIALIZED (
        SELECT s.*
        FROM computed AS c
        CROSS JOIN LATERAL analytics.loan_state_from(loan_ids, NULL, c.instalments) AS s
    ),

    line AS MATERIALIZED (
        SELECT i.*
        FROM computed AS c
        CROSS JOIN LATERAL unnest(c.instalments) AS i
        INNER JOIN latest AS s ON s.loan_id = i.loan_id
        WHERE analytics.is_kept(i, s.as_of)
    ),

    vanished_line AS (
        DELETE FROM analytics.instalment_state AS f
        WHERE f.loan_id = ANY(loan_ids) AND NOT EXISTS (SELECT FROM line AS i WHERE i.line_id = f.line_id)
    ),

    written_line AS (
        INSERT INTO analytics.instalment_state AS f
        SELECT i.*
        FROM line AS i
        LEFT JOIN analytics.instalment_state AS known ON known.line_id = i.line_id
        WHERE known.line_id IS NULL OR known IS DISTINCT FROM (i::analytics.instalment_state)
        ON CONFLICT (line_id) DO UPDATE SET (
            line_id, loan_id, plan_id, in_force, owed_from, owed_until, seq_no, due_date, due,
            paid_principal, paid_interest, paid_rc_fee, paid_penalty, paid_other,
            unpaid_principal, unpaid_interest, unpaid_rc_fee, unpaid_penalty, unpaid_other, unpaid, is_settled, settled_on,
            is_material, changed_on
        ) = ROW(excluded.*)
    ),

    vanished_loan AS (
        DELETE FROM analytics.loan_state AS f
        WHERE f.loan_id = ANY(loan_ids) AND NOT EXISTS (SELECT FROM latest AS s WHERE s.loan_id = f.loan_id)
    )

    INSERT INTO analytics.loan_state AS f
    SELECT s.*
    FROM latest AS s
    ON CONFLICT (loan_id) DO UPDATE SET (
        loan_id, legal_entity_id, product_id, borrower_party_id, obligor_id, as_of, next_change_on, month, payment_count, computed_at,
        grace_days, paused_days, past_max_dpd, overdue_lines, settled_lines, on_time_lines, late_days, is_paused, is_forborne,
        is_unlikely_to_pay, is_significant_increase, currency_code, status, overdue_since, exited_on, closed_on, outstanding_principal,
        arrears, approved_principal, disbursed_principal, first_disbursed_on, last_disbursed_on, principal_paid, principal_recovered,
        principal_waived, principal_written_off, principal_refunded, transferred_in, transferred_out, overpaid_principal,
        interest_outstanding, rc_fee_outstanding, penalty_outstanding, other_outstanding, interest_paid, rc_fee_paid, penalty_paid,
        other_paid, first_paid_on, last_paid_on, unapplied_cash, arrears_principal, arrears_interest, arrears_rc_fee, arrears_penalty,
        arrears_other, past_npl_day, next_due_on, next_due_amount, month_due, month_due_paid, month_received
    ) = ROW(excluded.*)
    WHERE to_jsonb(f) - 'computed_at' <> to_jsonb(excluded) - 'computed_at';
END
$function$;
