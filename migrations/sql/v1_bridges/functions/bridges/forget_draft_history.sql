-- owner: platform
-- description: A loan deleted as a draft takes along the status that was recorded for it automatically, and nothing else
CREATE FUNCTION ops.forget_draft_history() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
BEGIN
    -- What somebody wrote by hand stays, and its foreign key then refuses the deletion, as money does.
    DELETE FROM public.loan_status_history AS h
    WHERE h.loan_id = OLD.id AND h.status_type = 'operational_status' AND h.reason IS NULL AND h.created_by IS NULL;
    RETURN OLD;
END
$function$;
