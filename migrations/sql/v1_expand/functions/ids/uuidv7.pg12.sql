-- owner: platform
-- servers: 120000-129999
-- description: A new time-ordered id (UUID version 7): milliseconds since 1970, then random bits of pgcrypto
CREATE FUNCTION public.uuidv7() RETURNS uuid
LANGUAGE sql VOLATILE PARALLEL SAFE AS $function$
SELECT (
    substr(lpad(to_hex(s.us / 1000), 12, '0'), 1, 8) || '-' || substr(lpad(to_hex(s.us / 1000), 12, '0'), 9, 4)
    || '-7' || lpad(to_hex((s.us % 1000) * 4096 / 1000), 3, '0') || substr(s.random, 19)
)::uuid
FROM (
    SELECT
        (extract(EPOCH FROM clock_timestamp()) * 1000000)::bigint AS us,
        public.gen_random_uuid()::text AS random
) AS s
$function$;
