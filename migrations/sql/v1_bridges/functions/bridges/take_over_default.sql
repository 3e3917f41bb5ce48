-- owner: platform
-- description: A new default instrument takes over from the party's default in that currency: v0 clears the old flag afterwards
CREATE FUNCTION ops.take_over_default() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    other uuid;
BEGIN
    IF TG_OP = 'UPDATE' AND pg_trigger_depth() = 1 THEN
        UPDATE ops.row_journal AS j SET state = 'reported', closed_at = clock_timestamp()
        WHERE j.table_name = 'payment_instrument' AND j.kind = 'repair' AND j.row_id = NEW.id AND j.state = 'open'
            AND j.rule IN ('payment_instrument_default_taken_over', 'payment_instrument_one_default');
    END IF;
    IF NEW.is_default IS NOT TRUE OR NEW.is_active IS FALSE THEN
        RETURN NEW;
    END IF;
    IF TG_OP = 'INSERT' AND EXISTS (SELECT FROM public.payment_instrument AS i WHERE i.id = NEW.id) THEN
        -- It will not be inserted (ON CONFLICT DO NOTHING, or an error): nothing may change for its sake.
        RETURN NEW;
    END IF;
    -- Writers of one party's defaults take turns: the second would not see the default that the first has just set.
    PERFORM FROM public.party WHERE id = NEW.party_id FOR NO KEY UPDATE;
    FOR other IN
        SELECT i.id FROM public.payment_instrument AS i
        WHERE i.party_id = NEW.party_id AND i.currency_code = NEW.currency_code AND i.is_default
            AND i.is_active IS DISTINCT FROM false AND i.id <> NEW.id
        ORDER BY i.id FOR NO KEY UPDATE
    LOOP
        UPDATE public.payment_instrument SET is_default = false WHERE id = other;
        INSERT INTO ops.row_journal (kind, rule, table_name, row_id, old_value, new_value)
        VALUES (
            'repair', 'payment_instrument_default_taken_over', 'payment_instrument', other,
            jsonb_build_object('is_default', true), jsonb_build_object('is_default', false)
        );
    END LOOP;
    RETURN NEW;
END
$function$;
