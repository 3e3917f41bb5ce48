-- owner: platform
-- description: The line of a crontab that keeps this database up to date from outside, with the address and the role of this session; the
--     password is for ~/.pgpass
CREATE FUNCTION ops.crontab_line() RETURNS text
LANGUAGE sql STABLE AS $function$
WITH socket AS (
    -- A list, quoted where it must be; only who may read all settings sees it. Without it the client looks in the directory it was built with.
    SELECT
        CASE
            WHEN s.setting LIKE '"%' THEN replace(substring(s.setting FROM '^"((?:[^"]|"")*)"'), '""', '"')
            ELSE btrim(split_part(s.setting, ',', 1))
        END AS directory
    FROM pg_catalog.pg_settings AS s
    WHERE s.name = 'unix_socket_directories'
),

address AS (
    SELECT
        replace(CASE family(inet_server_addr()) WHEN 6 THEN '[%]' ELSE '%' END, '%', host(inet_server_addr())) || ':' || inet_server_port() AS tcp,
        '?' || coalesce('host=' || replace(ops.url_part((SELECT k.directory FROM socket AS k)), '%2F', '/') || '&', '') || 'port=' || current_setting('port') AS local
)

-- In a crontab % ends the command, unless \ stands before it.
SELECT replace(
    format(
        '* * * * * rently-db run-due --once --quiet --url ''postgresql://%s@%s/%s%s''', ops.url_part(session_user), coalesce(a.tcp, ''),
        ops.url_part(current_database()), CASE WHEN a.tcp IS NULL THEN a.local ELSE '' END
    ),
    '%', '\%'
)
FROM address AS a
$function$;
