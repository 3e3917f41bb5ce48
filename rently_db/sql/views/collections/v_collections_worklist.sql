-- owner: collections
-- tier: T0
-- grain: loan on the book that is past due
-- key: loan_id
-- refresh: live
-- personal: borrower_name, borrower_phone, borrower_email
-- description: Whom to call: loans on the book (status active) with dpd > 0, in the order to call them; exact when read
-- column loan_id: Loan
-- column loan_number: Number of the contract
-- column legal_entity_id: Company that lends
-- column borrower_name: Name of the borrower
-- column borrower_phone: Phone of the borrower; NULL: unknown
-- column borrower_email: E-mail address of the borrower; NULL: unknown
-- column currency_code: Currency of all amounts, ISO 4217
-- column dpd: Days past due
-- column dpd_bucket: Standard bucket of dpd
-- column bucket_sort: Position of the bucket, from 0
-- column overdue_since: Due date of the oldest overdue instalment
-- column arrears: Unpaid amount of overdue instalments
-- column outstanding_principal: Outstanding principal
-- column collections_stage: Open status of type collections_stage; current if none is open
-- column last_contact: Day on which the borrower was last reached: call_successful, payment_arrangement, settlement_accepted; NULL: never
-- column next_action_date: Day of the next action as noted by the last event that notes one; NULL: none
-- column promise_amount: Amount of the last promise to pay (payment_arrangement with an amount in the loan's currency); NULL: none
-- column promise_until: Last day on which it is kept: its day plus setting promise_days; NULL: none
-- column promise_paid: Effective allocations to the loan from the day of the promise to promise_until; NULL: none was made
-- column promise_status: kept: promise_paid reaches promise_amount; else open up to promise_until, and broken after it; NULL: none
-- column priority: Rank within company and currency, from 1: first loans without an open promise and without a next action after today, then more days
--     past due, then more arrears, then loan_id
-- column business_date: Business date of the company, for which the figures hold
CREATE VIEW analytics.v_collections_worklist AS
SELECT
    k.loan_id,
    -- Looked up row by row, and WITH stays inside: so the planner sorts first, and who lists the first hundred looks up a hundred.
    (
        SELECT l.loan_number FROM public.loan AS l
        WHERE l.id = k.loan_id
    ) AS loan_number,
    k.legal_entity_id,
    (
        SELECT b.display_name FROM public.party AS b
        WHERE b.id = k.borrower_party_id
    ) AS borrower_name,
    (
        SELECT b.phone FROM public.party AS b
        WHERE b.id = k.borrower_party_id
    ) AS borrower_phone,
    (
        SELECT b.email FROM public.party AS b
        WHERE b.id = k.borrower_party_id
    ) AS borrower_email,
    k.currency_code,
    k.dpd,
    k.dpd_bucket,
    k.bucket_sort,
    k.overdue_since,
    k.arrears,
    k.outstanding_principal,
    coalesce(
        (
            SELECT s.status_value FROM analytics.current_loan_status AS s
            WHERE s.loan_id = k.loan_id AND s.status_type = 'collections_stage'
        ),
        'current'
    ) AS collections_stage,
    k.last_contact,
    k.next_action_date,
    k.promise_amount,
    k.promise_until,
    k.promise_paid,
    k.promise_status,
    k.priority,
    k.business_date
-- The linter takes the aliases of all WITH queries for those of one.
-- noqa: disable=ST09
FROM (
    WITH overdue AS MATERIALIZED (
        SELECT
            p.loan_id,
            p.legal_entity_id,
            p.borrower_party_id,
            p.currency_code,
            p.dpd,
            p.dpd_bucket,
            p.bucket_sort,
            p.overdue_since,
            p.arrears,
            p.outstanding_principal,
            p.business_date,
            p.computed_at
        FROM analytics.loan_position_live AS p
        WHERE p.is_on_book AND p.overdue_since IS NOT NULL AND p.dpd > 0
    ),

    refreshed AS (
        SELECT
            max(g.started_at) FILTER (WHERE g.view_name = 'mv_collections_effort') AS effort_at,
            max(g.started_at) FILTER (WHERE g.view_name = 'mv_promise') AS promise_at
        FROM analytics.refresh_log AS g
        WHERE g.view_name IN ('mv_collections_effort', 'mv_promise') AND g.ok
    ),

    -- What is written about a loan, events among it, has it computed anew: of a loan that was computed before the refresh, the refresh knows all.
    known AS MATERIALIZED (
        SELECT
            o.loan_id,
            m.loan_id IS NOT NULL AS has_events,
            m.last_contact,
            m.next_action_date,
            m.promise_id,
            m.promise_amount,
            m.promised_on
        FROM overdue AS o
        INNER JOIN refreshed AS r ON o.computed_at < r.effort_at
        LEFT JOIN analytics.mv_collections_effort AS m ON o.loan_id = m.loan_id
        WHERE m.loan_id IS NULL OR m.business_date = o.business_date
    ),

    act AS (
        SELECT
            o.loan_id,
            n.event_id,
            n.event_at,
            n.event_on,
            n.amount,
            n.next_action_date,
            n.is_contact,
            n.event_type = 'payment_arrangement' AND n.amount IS NOT NULL AND coalesce(n.amount_ccy, o.currency_code) = o.currency_code
                AS is_promise
        FROM overdue AS o
        INNER JOIN analytics.collections_action AS n ON n.loan_id = o.loan_id
        WHERE o.loan_id NOT IN (SELECT k.loan_id FROM known AS k)
    ),

    found AS (
        SELECT
            k.loan_id,
            k.last_contact,
            k.next_action_date,
            k.promise_id,
            k.promise_amount,
            k.promised_on
        FROM known AS k
        WHERE k.has_events
        UNION ALL
        SELECT
            a.loan_id,
            max(a.event_on) FILTER (WHERE a.is_contact) AS last_contact,
            (array_agg(a.next_action_date ORDER BY a.event_at DESC, a.event_id DESC) FILTER (WHERE a.next_action_date IS NOT NULL))[1]
                AS next_action_date,
            (array_agg(a.event_id ORDER BY a.event_at DESC, a.event_id DESC) FILTER (WHERE a.is_promise))[1] AS promise_id,
            (array_agg(a.amount ORDER BY a.event_at DESC, a.event_id DESC) FILTER (WHERE a.is_promise))[1] AS promise_amount,
            (array_agg(a.event_on ORDER BY a.event_at DESC, a.event_id DESC) FILTER (WHERE a.is_promise))[1] AS promised_on
        FROM act AS a
        GROUP BY a.loan_id
    ),

    effort AS MATERIALIZED (
        SELECT
            f.loan_id,
            f.last_contact,
            f.next_action_date,
            f.promise_id,
            f.promise_amount,
            f.promised_on,
            f.promised_on + (SELECT analytics.setting_number('promise_days'))::integer AS promise_until
        FROM found AS f
    ),

    received AS MATERIALIZED (
        SELECT
            f.loan_id,
            CASE
                WHEN m.event_id IS NOT NULL THEN m.paid
                ELSE (
                    SELECT coalesce(sum(d.amount), 0)
                    FROM analytics.dated_allocation AS d
                    WHERE
                        d.loan_id = f.loan_id AND d.value_date >= f.promised_on AND d.value_date <= least(f.promise_until, o.business_date)
                        AND d.counts_until > o.business_date
                )
            END AS paid
        FROM effort AS f
        INNER JOIN overdue AS o ON f.loan_id = o.loan_id
        LEFT JOIN analytics.mv_promise AS m
            ON
                f.promise_id = m.event_id AND f.promised_on = m.promised_on AND f.promise_until = m.until_day
                AND o.business_date = m.business_date AND o.computed_at < (SELECT r.promise_at FROM refreshed AS r)
        WHERE f.promise_id IS NOT NULL
    ),

    judged AS (
        SELECT
            o.loan_id,
            o.legal_entity_id,
            o.borrower_party_id,
            o.currency_code,
            o.dpd,
            o.dpd_bucket,
            o.bucket_sort,
            o.overdue_since,
            o.arrears,
            o.outstanding_principal,
            o.business_date,
            f.last_contact,
            f.next_action_date,
            f.promise_amount,
            f.promise_until,
            r.paid AS promise_paid,
            CASE
                WHEN f.promise_amount IS NULL THEN NULL
                WHEN r.paid >= f.promise_amount THEN 'kept'
                WHEN f.promise_until >= o.business_date THEN 'open'
                ELSE 'broken'
            END AS promise_status
        FROM overdue AS o
        LEFT JOIN effort AS f ON o.loan_id = f.loan_id
        LEFT JOIN received AS r ON o.loan_id = r.loan_id
    )

    SELECT
        j.loan_id,
        j.legal_entity_id,
        j.borrower_party_id,
        j.currency_code,
        j.dpd,
        j.dpd_bucket,
        j.bucket_sort,
        j.overdue_since,
        j.arrears,
        j.outstanding_principal,
        j.last_contact,
        j.next_action_date,
        j.promise_amount,
        j.promise_until,
        j.promise_paid,
        j.promise_status,
        row_number() OVER (
            PARTITION BY j.legal_entity_id, j.currency_code
            ORDER BY
                coalesce(j.promise_status = 'open', FALSE) OR coalesce(j.next_action_date > j.business_date, FALSE),
                j.dpd DESC, j.arrears DESC, j.loan_id ASC
        ) AS priority,
        j.business_date
    FROM judged AS j
) AS k;
