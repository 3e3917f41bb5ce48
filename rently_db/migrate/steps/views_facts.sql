-- What a revision needs to change views: functions that live as long as the session (pg_temp) and leave nothing behind.
-- steps/views.py sends them before each use; a script for psql holds the same text.
--
-- A change arrives as JSON: {name, kind, create, lost_indexes: [name], facts: [{number, item, statement}], renamed: {old: new}}.
-- A relation is remembered as JSON: {name, kind, create, changed, populated, columns: [[name, type]], definition, facts: [...]}.
-- A fact is one thing that is true of a relation besides its query (owner, grant, comment, option, index, trigger ...), written as the
-- statement that makes it true: to put a relation back is to run the statements, to verify it is to compare them.

CREATE OR REPLACE FUNCTION pg_temp.rently_name(relation oid) RETURNS text LANGUAGE sql STABLE AS $$
SELECT format('%I.%I', n.nspname, c.relname)
FROM pg_catalog.pg_class AS c INNER JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace WHERE c.oid = relation
$$;

CREATE OR REPLACE FUNCTION pg_temp.rently_kind(relation oid) RETURNS text LANGUAGE sql STABLE AS $$
SELECT CASE c.relkind WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'v' THEN 'VIEW' ELSE 'TABLE' END
FROM pg_catalog.pg_class AS c WHERE c.oid = relation
$$;

CREATE OR REPLACE FUNCTION pg_temp.rently_columns(relation oid) RETURNS jsonb LANGUAGE sql STABLE AS $$
SELECT coalesce(jsonb_agg(jsonb_build_array(a.attname, format_type(a.atttypid, a.atttypmod)) ORDER BY a.attnum), '[]')
FROM pg_catalog.pg_attribute AS a WHERE a.attrelid = relation AND a.attnum > 0 AND NOT a.attisdropped
$$;

-- The relations and every view and materialized view above them, whoever made it, each after all that it reads.
CREATE OR REPLACE FUNCTION pg_temp.rently_closure(relations oid[]) RETURNS oid[] LANGUAGE plpgsql AS $$
DECLARE
    remaining oid[];
    ready oid[];
    ordered oid[] := '{}';
BEGIN
    WITH RECURSIVE above (id) AS (
        SELECT unnest(relations)
        UNION
        SELECT r.ev_class
        FROM above AS a
        INNER JOIN pg_catalog.pg_depend AS d
            ON d.refobjid = a.id AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.classid = 'pg_catalog.pg_rewrite'::regclass
        INNER JOIN pg_catalog.pg_rewrite AS r ON r.oid = d.objid
        INNER JOIN pg_catalog.pg_class AS c ON c.oid = r.ev_class AND c.relkind IN ('v', 'm')
    )
    SELECT array_agg(a.id) INTO remaining FROM above AS a;
    WHILE cardinality(remaining) > 0 LOOP
        SELECT array_agg(f.id ORDER BY f.id) INTO ready
        FROM unnest(remaining) AS f (id)
        WHERE NOT EXISTS (
            SELECT FROM pg_catalog.pg_rewrite AS r
            INNER JOIN pg_catalog.pg_depend AS d
                ON d.objid = r.oid AND d.classid = 'pg_catalog.pg_rewrite'::regclass AND d.refclassid = 'pg_catalog.pg_class'::regclass
            WHERE r.ev_class = f.id AND d.refobjid = ANY (remaining) AND d.refobjid <> f.id
        );
        IF ready IS NULL THEN
            RAISE EXCEPTION 'views depend on each other in a circle: %',
                (SELECT string_agg(pg_temp.rently_name(f.id), ', ') FROM unnest(remaining) AS f (id));
        END IF;
        ordered := ordered || ready;
        remaining := ARRAY(SELECT unnest(remaining) EXCEPT SELECT unnest(ready));
    END LOOP;
    RETURN ordered;
END
$$;

CREATE OR REPLACE FUNCTION pg_temp.rently_definition(relation oid) RETURNS text LANGUAGE sql STABLE SET search_path = pg_catalog AS $$
SELECT format(
    'CREATE %s %s%s%s AS %s%s', pg_temp.rently_kind(c.oid), pg_temp.rently_name(c.oid),
    ' USING ' || quote_ident(m.amname), ' TABLESPACE ' || quote_ident(t.spcname), rtrim(pg_get_viewdef(c.oid), '; '),
    CASE c.relkind WHEN 'm' THEN ' WITH NO DATA' END
)
FROM pg_class AS c
LEFT JOIN pg_am AS m ON m.oid = c.relam AND c.relkind = 'm'
LEFT JOIN pg_tablespace AS t ON t.oid = c.reltablespace
WHERE c.oid = relation
$$;

CREATE OR REPLACE FUNCTION pg_temp.rently_grants(relation oid, privileges aclitem[], of_column text)
RETURNS TABLE (item text, statement text) LANGUAGE sql STABLE AS $$
SELECT
    concat_ws(' ', 'grant', g.privilege_type, 'to', g.grantee_name, 'by', g.grantor_name, CASE WHEN g.is_grantable THEN 'with option' END),
    format(
        CASE g.grantor WHEN g.relowner THEN '%s' ELSE format('SET LOCAL ROLE %I; %%s; RESET ROLE', g.grantor_name) END,
        format(
            'GRANT %s%s ON %s TO %s%s', g.privilege_type, ' (' || quote_ident(of_column) || ')', pg_temp.rently_name(relation),
            CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(g.grantee_name) END, CASE WHEN g.is_grantable THEN ' WITH GRANT OPTION' END
        )
    )
FROM (
    SELECT x.*, c.relowner, pg_get_userbyid(x.grantor) AS grantor_name,
        CASE x.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(x.grantee) END AS grantee_name
    FROM pg_catalog.aclexplode(privileges) AS x
    INNER JOIN pg_catalog.pg_class AS c ON c.oid = relation
) AS g
$$;

CREATE OR REPLACE FUNCTION pg_temp.rently_facts(relation oid)
RETURNS TABLE (number integer, item text, of_column text, statement text) LANGUAGE sql STABLE SET search_path = pg_catalog AS $$
WITH it AS (
    SELECT c.*, pg_temp.rently_name(c.oid) AS named, pg_temp.rently_kind(c.oid) AS kind FROM pg_class AS c WHERE c.oid = relation
),
columns AS (
    SELECT a.*, quote_ident(a.attname) AS named, to_jsonb(a) AS more
    FROM pg_attribute AS a WHERE a.attrelid = relation AND a.attnum > 0 AND NOT a.attisdropped
),
indexes AS (
    SELECT i.*, pg_temp.rently_name(i.indexrelid) AS named, c.relname FROM pg_index AS i INNER JOIN pg_class AS c ON c.oid = i.indexrelid
    WHERE i.indrelid = relation
)
SELECT 1, 'owner', NULL, format('ALTER TABLE %s OWNER TO %I', it.named, pg_get_userbyid(it.relowner)) FROM it
UNION ALL
SELECT 2, 'option ' || split_part(o, '=', 1), NULL,
    format('ALTER TABLE %s SET (%s=%L)', it.named, split_part(o, '=', 1), substr(o, strpos(o, '=') + 1))
FROM it, unnest(it.reloptions || ARRAY(SELECT 'toast.' || unnest(t.reloptions) FROM pg_class AS t WHERE t.oid = it.reltoastrelid)) AS o
UNION ALL
SELECT 3, g.item, NULL, g.statement
FROM it, pg_temp.rently_grants(it.oid, coalesce(it.relacl, acldefault('r', it.relowner)), NULL) AS g
UNION ALL
SELECT 4, 'column ' || a.named || ' ' || g.item, a.attname, g.statement
FROM columns AS a, pg_temp.rently_grants(relation, a.attacl, a.attname) AS g
UNION ALL
SELECT 5, 'comment', NULL, format('COMMENT ON %s %s IS %L', it.kind, it.named, obj_description(it.oid, 'pg_class'))
FROM it WHERE obj_description(it.oid, 'pg_class') IS NOT NULL
UNION ALL
SELECT 5, 'column ' || a.named || ' comment', a.attname,
    format('COMMENT ON COLUMN %s.%s IS %L', it.named, a.named, col_description(it.oid, a.attnum))
FROM it, columns AS a WHERE col_description(it.oid, a.attnum) IS NOT NULL
UNION ALL
SELECT 5, 'label ' || l.provider || coalesce(' of column ' || a.named, ''), a.attname,
    format('SECURITY LABEL FOR %I ON %s %s IS %L', l.provider, coalesce('COLUMN', it.kind), it.named || coalesce('.' || a.named, ''), l.label)
FROM it INNER JOIN pg_seclabel AS l ON l.objoid = it.oid AND l.classoid = 'pg_class'::regclass
LEFT JOIN columns AS a ON a.attnum = l.objsubid
UNION ALL
SELECT 6, 'column ' || a.named || ' ' || s.item, a.attname, format('ALTER TABLE %s ALTER COLUMN %s %s', it.named, a.named, s.change)
FROM it, columns AS a
INNER JOIN pg_type AS y ON y.oid = a.atttypid
LEFT JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum,
LATERAL (
    VALUES
    ('default', 'SET DEFAULT ' || pg_get_expr(d.adbin, d.adrelid)),
    ('statistics', 'SET STATISTICS ' || nullif(a.more ->> 'attstattarget', '-1')),
    -- Newer minor releases keep a mark of their own there, which nobody may set.
    ('options', 'SET (' || (SELECT string_agg(o.option, ', ') FROM unnest(a.attoptions) AS o (option) WHERE o.option NOT LIKE 'pg\_attver=%') || ')'),
    ('storage', 'SET STORAGE ' || CASE a.attstorage WHEN y.typstorage THEN NULL
        WHEN 'p' THEN 'PLAIN' WHEN 'e' THEN 'EXTERNAL' WHEN 'm' THEN 'MAIN' ELSE 'EXTENDED' END),
    ('compression', 'SET COMPRESSION ' || CASE a.more ->> 'attcompression' WHEN 'p' THEN 'pglz' WHEN 'l' THEN 'lz4' END)
) AS s (item, change)
WHERE s.change IS NOT NULL AND (it.relkind = 'm' OR s.item = 'default')
UNION ALL
SELECT 7, 'index ' || i.relname, NULL, pg_get_indexdef(i.indexrelid) FROM indexes AS i
UNION ALL
SELECT 8, 'index ' || i.relname || ' ' || s.item, NULL, s.statement
FROM it, indexes AS i
INNER JOIN pg_class AS c ON c.oid = i.indexrelid
LEFT JOIN pg_tablespace AS t ON t.oid = c.reltablespace,
LATERAL (
    VALUES
    ('comment', format('COMMENT ON INDEX %s IS ', i.named) || quote_literal(obj_description(i.indexrelid, 'pg_class'))),
    ('tablespace', format('ALTER INDEX %s SET TABLESPACE ', i.named) || quote_ident(t.spcname)),
    ('clustered', CASE WHEN i.indisclustered THEN format('ALTER TABLE %s CLUSTER ON %I', it.named, i.relname) END),
    ('statistics', (
        SELECT string_agg(format('ALTER INDEX %s ALTER COLUMN %s SET STATISTICS %s', i.named, a.attnum, to_jsonb(a) ->> 'attstattarget'), '; ')
        FROM pg_attribute AS a WHERE a.attrelid = i.indexrelid AND nullif(to_jsonb(a) ->> 'attstattarget', '-1') IS NOT NULL
    ))
) AS s (item, statement)
WHERE s.statement IS NOT NULL
UNION ALL
SELECT 7, 'trigger ' || t.tgname, NULL, pg_get_triggerdef(t.oid) FROM pg_trigger AS t WHERE t.tgrelid = relation AND NOT t.tgisinternal
UNION ALL
SELECT 8, 'trigger ' || t.tgname || ' comment', NULL,
    format('COMMENT ON TRIGGER %I ON %s IS %L', t.tgname, it.named, obj_description(t.oid, 'pg_trigger'))
FROM it INNER JOIN pg_trigger AS t ON t.tgrelid = it.oid WHERE obj_description(t.oid, 'pg_trigger') IS NOT NULL
UNION ALL
SELECT 7, 'rule ' || r.rulename, NULL, pg_get_ruledef(r.oid) FROM pg_rewrite AS r WHERE r.ev_class = relation AND r.rulename <> '_RETURN'
UNION ALL
SELECT 8, 'rule ' || r.rulename || ' comment', NULL,
    format('COMMENT ON RULE %I ON %s IS %L', r.rulename, it.named, obj_description(r.oid, 'pg_rewrite'))
FROM it INNER JOIN pg_rewrite AS r ON r.ev_class = it.oid WHERE obj_description(r.oid, 'pg_rewrite') IS NOT NULL
UNION ALL
-- Statistics objects have names of their own in the schema: they can come back only when the former ones have gone.
SELECT 9, 'statistics ' || s.stxname, NULL, pg_get_statisticsobjdef(s.oid) FROM pg_statistic_ext AS s WHERE s.stxrelid = relation
UNION ALL
SELECT 10, 'statistics ' || s.stxname || ' comment', NULL,
    format('COMMENT ON STATISTICS %I.%I IS %L', n.nspname, s.stxname, obj_description(s.oid, 'pg_statistic_ext'))
FROM pg_statistic_ext AS s INNER JOIN pg_namespace AS n ON n.oid = s.stxnamespace
WHERE s.stxrelid = relation AND obj_description(s.oid, 'pg_statistic_ext') IS NOT NULL
$$;

-- What the relations are like, and shall be like again: the facts of the change stand before those that were found.
CREATE OR REPLACE FUNCTION pg_temp.rently_remember(relations oid[], changes jsonb) RETURNS jsonb LANGUAGE sql STABLE AS $$
SELECT jsonb_agg(
    jsonb_build_object(
        'name', pg_temp.rently_name(c.oid), 'kind', coalesce(y.change ->> 'kind', pg_temp.rently_kind(c.oid)),
        'create', coalesce(y.change ->> 'create', pg_temp.rently_definition(c.oid)), 'changed', y.change IS NOT NULL,
        'populated', c.relkind = 'v' OR c.relispopulated, 'columns', pg_temp.rently_columns(c.oid),
        'definition', pg_temp.rently_definition(c.oid), 'facts', (
            SELECT coalesce(jsonb_agg(f.fact ORDER BY (f.fact ->> 'number')::integer, f.place), '[]')
            FROM (
                SELECT g.fact || '{"given": true}' AS fact, g.place
                FROM jsonb_array_elements(y.change -> 'facts') WITH ORDINALITY AS g (fact, place)
                UNION ALL
                SELECT to_jsonb(f), f.place FROM pg_temp.rently_facts(c.oid) WITH ORDINALITY AS f (number, item, of_column, statement, place)
                WHERE y.change IS NULL OR NOT (
                    f.item LIKE 'index %' AND (y.change -> 'lost_indexes') ? split_part(f.item, ' ', 2)
                    OR EXISTS (SELECT FROM jsonb_array_elements(y.change -> 'facts') AS g (fact) WHERE g.fact ->> 'item' = f.item)
                    OR c.relkind = 'm' AND f.number IN (6, 7, 8, 9, 10) AND y.change ->> 'kind' = 'VIEW'
                )
            ) AS f
        )
    ) ORDER BY r.place
)
FROM unnest(relations) WITH ORDINALITY AS r (id, place)
INNER JOIN pg_catalog.pg_class AS c ON c.oid = r.id
LEFT JOIN LATERAL (
    SELECT k.change FROM jsonb_array_elements(changes) AS k (change) WHERE to_regclass(k.change ->> 'name') = c.oid
) AS y ON true
$$;
