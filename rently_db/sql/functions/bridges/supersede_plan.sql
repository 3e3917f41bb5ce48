-- owner: platform
-- description: A plan that becomes active supersedes the loan's active plan: v0 inserts the new one before it retires the old
CREATE FUNCTION ops.supersede_plan() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    older public.amortisation_plan;
    ended date;
BEGIN
    IF TG_OP = 'UPDATE' AND pg_trigger_depth() = 1 THEN
        -- The application now says itself what the status is: there is nothing left to give back.
        UPDATE ops.row_journal AS j SET state = 'reported', closed_at = clock_timestamp()
        WHERE j.table_name = 'amortisation_plan' AND j.kind = 'repair' AND j.row_id = NEW.id AND j.state = 'open'
            AND j.rule IN ('amortisation_plan_superseded', 'amortisation_plan_one_active');
    END IF;
    IF NEW.status IS DISTINCT FROM 'active' THEN
        RETURN NEW;
    END IF;
    IF TG_OP = 'INSERT' AND EXISTS (
        SELECT FROM public.amortisation_plan AS p WHERE p.id = NEW.id OR (p.loan_id = NEW.loan_id AND p.version = NEW.version)
    ) THEN
        -- It will not be inserted (ON CONFLICT DO NOTHING, or an error): nothing may change for its sake.
        RETURN NEW;
    END IF;
    -- Writers of one loan's plans take turns: the second would not see the plan that the first has just made active.
    PERFORM FROM public.loan WHERE id = NEW.loan_id FOR NO KEY UPDATE;
    FOR older IN
        SELECT p.* FROM public.amortisation_plan AS p
        WHERE p.loan_id = NEW.loan_id AND p.status = 'active' AND p.id <> NEW.id
        ORDER BY p.id FOR NO KEY UPDATE
    LOOP
        ended := older.effective_through;
        IF ended IS NULL AND NEW.effective_from > older.effective_from THEN
            ended := NEW.effective_from;
        END IF;
        UPDATE public.amortisation_plan SET status = 'superseded', effective_through = ended WHERE id = older.id;
        INSERT INTO ops.row_journal (kind, rule, table_name, row_id, old_value, new_value)
        VALUES (
            'repair', 'amortisation_plan_superseded', 'amortisation_plan', older.id,
            jsonb_build_object('status', older.status, 'effective_through', older.effective_through),
            jsonb_build_object('status', 'superseded', 'effective_through', ended)
        );
    END LOOP;
    RETURN NEW;
END
$function$;
