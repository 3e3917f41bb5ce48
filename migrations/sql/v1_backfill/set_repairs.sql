-- Repairs that look at more than one row, where v1 allows one of a kind.

--: data one-active-plan silent
WITH several AS (
    SELECT p.loan_id FROM public.amortisation_plan AS p WHERE p.status = 'active' GROUP BY p.loan_id HAVING count(*) > 1
), rival AS MATERIALIZED (
    -- Judged as they are once locked: an application may be changing one of them right now.
    SELECT p.id, p.loan_id, p.version, p.effective_from
    FROM public.amortisation_plan AS p INNER JOIN several ON several.loan_id = p.loan_id WHERE p.status = 'active'
    ORDER BY p.id FOR NO KEY UPDATE OF p
), filled AS (
    SELECT DISTINCT li.plan_id FROM public.amortisation_line AS li INNER JOIN rival ON rival.id = li.plan_id
), ranked AS (
    -- The newest plan that has lines stays: a plan without lines bills nothing.
    SELECT
        rival.id,
        row_number() OVER (
            PARTITION BY rival.loan_id
            ORDER BY filled.plan_id IS NOT NULL DESC, rival.version DESC NULLS LAST, rival.effective_from DESC NULLS LAST, rival.id
        ) AS nr
    FROM rival LEFT JOIN filled ON filled.plan_id = rival.id
), changed AS (
    -- The condition again: an application may have changed the row while this waited for it.
    UPDATE public.amortisation_plan AS p SET status = 'superseded'
    FROM ranked AS r WHERE r.nr > 1 AND p.id = r.id AND p.status = 'active'
    RETURNING p.id
)
INSERT INTO ops.row_journal (kind, rule, table_name, row_id, column_name, old_value, new_value, origin)
SELECT
    'repair', 'amortisation_plan_one_active', 'amortisation_plan', c.id, 'status',
    jsonb_build_object('status', 'active'), jsonb_build_object('status', 'superseded'), 'migration'
FROM changed AS c;

--: data one-default-instrument silent
WITH several AS (
    SELECT i.party_id, i.currency_code FROM public.payment_instrument AS i
    WHERE i.is_default AND i.is_active IS DISTINCT FROM false GROUP BY i.party_id, i.currency_code HAVING count(*) > 1
), rival AS MATERIALIZED (
    -- Judged as they are once locked, as above.
    SELECT i.id, i.party_id, i.currency_code
    FROM public.payment_instrument AS i
    INNER JOIN several ON several.party_id = i.party_id AND several.currency_code = i.currency_code
    WHERE i.is_default AND i.is_active IS DISTINCT FROM false
    ORDER BY i.id FOR NO KEY UPDATE OF i
), used AS (
    SELECT u.instrument_id, max(u.used_at) AS used_at
    FROM (
        SELECT p.instrument_id, p.received_at AS used_at FROM public.payment AS p WHERE p.instrument_id IN (SELECT r.id FROM rival AS r)
        UNION ALL
        SELECT d.instrument_id, d.disbursed_at FROM public.disbursement AS d WHERE d.instrument_id IN (SELECT r.id FROM rival AS r)
    ) AS u
    GROUP BY u.instrument_id
), ranked AS (
    -- The one used last stays the default.
    SELECT
        i.id,
        row_number() OVER (PARTITION BY i.party_id, i.currency_code ORDER BY used.used_at DESC NULLS LAST, i.id) AS nr
    FROM rival AS i LEFT JOIN used ON used.instrument_id = i.id
), changed AS (
    UPDATE public.payment_instrument AS i SET is_default = false
    FROM ranked AS r WHERE r.nr > 1 AND i.id = r.id AND i.is_default
    RETURNING i.id
)
INSERT INTO ops.row_journal (kind, rule, table_name, row_id, column_name, old_value, new_value, origin)
SELECT
    'repair', 'payment_instrument_one_default', 'payment_instrument', c.id, 'is_default',
    jsonb_build_object('is_default', true), jsonb_build_object('is_default', false), 'migration'
FROM changed AS c;
