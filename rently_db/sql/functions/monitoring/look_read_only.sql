-- owner: platform
-- description: Runs a query of columns id and detail as the role that can only read, in a read-only subtransaction; gives the number of its rows and the
--     first 20. Owned by rently_readonly, so that whoever writes a query gets no right by it
CREATE FUNCTION ops.look_read_only(query text) RETURNS TABLE (rows_seen bigint, first_rows jsonb)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    answer text;
BEGIN
    IF current_user <> 'rently_readonly' THEN
        RAISE EXCEPTION USING
            ERRCODE = 'insufficient_privilege',
            MESSAGE = format('queries of alert rules are run by role rently_readonly alone; this function belongs to %I', current_user),
            HINT = 'Have a superuser run what rently-db access script prints.';
    END IF;
    BEGIN
        PERFORM set_config('transaction_read_only', 'on', true);
        EXECUTE format(
            'SELECT jsonb_build_object(''found'', count(*), ''first'', '
            '(jsonb_agg(jsonb_build_object(''id'', q.id, ''detail'', q.detail)) FILTER (WHERE q.number <= 20)))::text '
            'FROM (SELECT p.id::text, p.detail::text, row_number() OVER () AS number FROM (%s) AS p) AS q',
            rtrim(query, E'; \n')
        ) INTO answer;
        -- What ends a subtransaction otherwise than by an error leaves the transaction read-only.
        RAISE EXCEPTION USING ERRCODE = 'RD001', DETAIL = answer;
    EXCEPTION WHEN SQLSTATE 'RD001' THEN
        GET STACKED DIAGNOSTICS answer = PG_EXCEPTION_DETAIL;
    END;
    rows_seen := (answer::jsonb ->> 'found')::bigint;
    first_rows := answer::jsonb -> 'first';
    RETURN NEXT;
END
$function$;
