-- owner: finance
-- description: A plan stays with its loan, and a line with its plan, once money is allocated to it
CREATE FUNCTION ops.check_parentage() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    allocated boolean;
BEGIN
    PERFORM ops.require_read_committed(TG_TABLE_NAME, 'payment_allocation_belongs_together', 'to move a plan or line');
    -- Allocations hold the plan and the line FOR KEY SHARE until they commit: this waits for them, and they for us.
    IF TG_TABLE_NAME = 'amortisation_plan' THEN
        PERFORM FROM public.amortisation_plan AS p WHERE p.id = NEW.id FOR UPDATE;
        PERFORM FROM public.amortisation_line AS li WHERE li.plan_id = NEW.id ORDER BY li.id FOR UPDATE;
        allocated := EXISTS (SELECT FROM public.payment_allocation AS a WHERE a.plan_id = NEW.id)
            OR EXISTS (
                SELECT FROM public.amortisation_line AS li JOIN public.payment_allocation AS a ON a.line_id = li.id
                WHERE li.plan_id = NEW.id
            );
    ELSE
        PERFORM FROM public.amortisation_line AS li WHERE li.id = NEW.id FOR UPDATE;
        allocated := EXISTS (SELECT FROM public.payment_allocation AS a WHERE a.line_id = NEW.id);
    END IF;
    IF allocated THEN
        RAISE EXCEPTION USING
            ERRCODE = 'restrict_violation', TABLE = TG_TABLE_NAME, CONSTRAINT = 'payment_allocation_belongs_together',
            MESSAGE = format('%s %s can''t move: money is allocated to it', TG_TABLE_NAME, NEW.id);
    END IF;
    RETURN NULL;
END
$function$;
