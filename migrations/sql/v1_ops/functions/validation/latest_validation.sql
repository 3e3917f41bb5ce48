-- owner: platform
-- description: The last result of each rule of the validations
CREATE FUNCTION ops.latest_validation() RETURNS SETOF ops.data_validation_log
LANGUAGE sql STABLE AS $function$
SELECT l.*
FROM ops.rule_catalogue AS k
CROSS JOIN LATERAL (
    SELECT g.* FROM ops.data_validation_log AS g WHERE g.validation_name = k.rule ORDER BY g.validation_time DESC, g.id DESC LIMIT 1
) AS l
WHERE 'validation' = ANY(k.tags)
$function$;
