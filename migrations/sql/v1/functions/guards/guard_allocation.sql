-- owner: finance
-- description: Allocations are never deleted or changed; a mistake is undone by setting reversed_at, once
CREATE FUNCTION ops.guard_allocation() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $function$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION USING
            ERRCODE = 'restrict_violation', TABLE = TG_TABLE_NAME, CONSTRAINT = 'payment_allocation_append_only',
            MESSAGE = format('payment_allocation %s can''t be deleted', OLD.id),
            HINT = 'Undo it with UPDATE payment_allocation SET reversed_at = now().';
    END IF;
    IF (NEW.payment_id, NEW.loan_id, NEW.plan_id, NEW.line_id, NEW.component, NEW.allocated_amount)
        IS DISTINCT FROM (OLD.payment_id, OLD.loan_id, OLD.plan_id, OLD.line_id, OLD.component, OLD.allocated_amount) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'restrict_violation', TABLE = TG_TABLE_NAME, CONSTRAINT = 'payment_allocation_append_only',
            MESSAGE = format('payment_allocation %s can''t change its amount, component or what it belongs to', OLD.id),
            HINT = 'Reverse it (SET reversed_at = now()) and insert the right one.';
    END IF;
    IF OLD.reversed_at IS NOT NULL AND NEW.reversed_at IS DISTINCT FROM OLD.reversed_at THEN
        RAISE EXCEPTION USING
            ERRCODE = 'restrict_violation', TABLE = TG_TABLE_NAME, CONSTRAINT = 'payment_allocation_reversed_once',
            MESSAGE = format('payment_allocation %s was reversed at %s: that is final', OLD.id, OLD.reversed_at),
            HINT = 'Insert a new allocation instead.';
    END IF;
    RETURN NEW;
END
$function$;
