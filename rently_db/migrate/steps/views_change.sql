-- How views are changed; views_facts.sql says what a change, a relation and a fact look like.

-- Half of the lock budget is for all locks together: with each the change may have to wait while it holds the former.
CREATE OR REPLACE FUNCTION pg_temp.rently_patience(locks integer) RETURNS text LANGUAGE sql AS $$
SELECT set_config(
    'lock_timeout', greatest(extract(epoch FROM current_setting('lock_timeout')::interval) * 1000 / locks, 1)::integer || 'ms', true
)
WHERE current_setting('lock_timeout') <> '0'
$$;

CREATE OR REPLACE FUNCTION pg_temp.rently_rename(changes jsonb, back boolean) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    item record;
BEGIN
    FOR item IN
        SELECT k.change ->> 'name' AS named, CASE WHEN back THEN n.value ELSE n.key END AS former,
            CASE WHEN back THEN n.key ELSE n.value END AS latter
        FROM jsonb_array_elements(changes) AS k (change), jsonb_each_text(k.change -> 'renamed') AS n
    LOOP
        -- The views above follow by themselves, and show the column under the name that they had for it.
        EXECUTE format('ALTER TABLE %s RENAME COLUMN %I TO %I', item.named, item.former, item.latter);
    END LOOP;
END
$$;

-- Create relations whose names are free now. What a new query reads may come later in the list than it did before.
CREATE OR REPLACE FUNCTION pg_temp.rently_create(relations jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    waiting jsonb := relations;
    put_off jsonb;
    relation jsonb;
    problem text;
BEGIN
    WHILE jsonb_array_length(waiting) > 0 LOOP
        put_off := '[]';
        FOR relation IN SELECT e.value FROM jsonb_array_elements(waiting) AS e LOOP
            BEGIN
                EXECUTE relation ->> 'create';
            EXCEPTION
                WHEN undefined_table THEN
                    put_off := put_off || relation;
                    problem := format('%s: %s', relation ->> 'name', sqlerrm);
                WHEN undefined_column OR undefined_function OR datatype_mismatch OR wrong_object_type THEN
                    RAISE EXCEPTION '% can not be made again: %', relation ->> 'name', sqlerrm
                    USING ERRCODE = sqlstate, DETAIL = CASE WHEN (relation ->> 'changed')::boolean THEN 'it is part of this change'
                        ELSE 'it reads what changes: change it in the same step, or have its owner change or drop it before' END;
            END;
        END LOOP;
        IF put_off = waiting THEN
            RAISE EXCEPTION 'not all views can be made again: %', problem USING ERRCODE = 'undefined_table';
        END IF;
        waiting := put_off;
    END LOOP;
END
$$;

-- The facts a relation shall have: those that were remembered, as far as their columns are still there.
CREATE OR REPLACE FUNCTION pg_temp.rently_wanted(relation jsonb)
RETURNS TABLE (number integer, item text, statement text, given boolean, place bigint) LANGUAGE sql STABLE AS $$
SELECT (f.fact ->> 'number')::integer, f.fact ->> 'item', f.fact ->> 'statement', coalesce((f.fact ->> 'given')::boolean, false), f.place
FROM jsonb_array_elements(relation -> 'facts') WITH ORDINALITY AS f (fact, place)
WHERE f.fact ->> 'of_column' IS NULL OR EXISTS (
    SELECT FROM pg_catalog.pg_attribute AS a
    WHERE a.attrelid = to_regclass(relation ->> 'name') AND a.attname = f.fact ->> 'of_column' AND NOT a.attisdropped
)
$$;

CREATE OR REPLACE FUNCTION pg_temp.rently_restore(relations jsonb, up_to integer) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    relation jsonb;
    item record;
BEGIN
    FOR relation IN SELECT e.value FROM jsonb_array_elements(relations) AS e LOOP
        -- Default privileges may have granted what the former relation did not grant.
        FOR item IN
            SELECT DISTINCT x.grantee, pg_get_userbyid(x.grantee) AS name, c.relowner
            FROM pg_catalog.pg_class AS c, pg_catalog.aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) AS x
            WHERE c.oid = to_regclass(relation ->> 'name') AND EXISTS (
                SELECT g.item FROM pg_temp.rently_grants(c.oid, coalesce(c.relacl, acldefault('r', c.relowner)), NULL) AS g
                EXCEPT SELECT w.item FROM pg_temp.rently_wanted(relation) AS w
            )
        LOOP
            EXECUTE format('REVOKE ALL ON %s FROM %s CASCADE', relation ->> 'name',
                CASE item.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(item.name) END);
        END LOOP;
        FOR item IN
            SELECT w.* FROM pg_temp.rently_wanted(relation) AS w
            WHERE w.number <= up_to AND NOT EXISTS (
                SELECT FROM pg_temp.rently_facts(to_regclass(relation ->> 'name')) AS f
                WHERE f.item = w.item AND (f.statement = w.statement OR w.given AND w.number > 6)
            )
            ORDER BY w.number, w.place
        LOOP
            BEGIN
                EXECUTE item.statement;
            EXCEPTION WHEN undefined_column THEN
                RAISE EXCEPTION '% of % can not be put back: %', item.item, relation ->> 'name', sqlerrm
                USING ERRCODE = sqlstate, DETAIL = 'drop it before, or keep the column';
            END;
        END LOOP;
    END LOOP;
END
$$;

-- Raises if the relations are not what they shall be. Queries above a column of another type may have got a cast that was not there.
CREATE OR REPLACE FUNCTION pg_temp.rently_verify(relations jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    relation jsonb;
    id oid;
    retyped boolean;
    differences text;
BEGIN
    SELECT bool_or(EXISTS (
        SELECT FROM jsonb_array_elements(e.value -> 'columns') AS o, jsonb_array_elements(pg_temp.rently_columns(to_regclass(e.value ->> 'name'))) AS n
        WHERE o.value ->> 0 = n.value ->> 0 AND o.value <> n.value
    )) INTO retyped FROM jsonb_array_elements(relations) AS e;
    FOR relation IN SELECT e.value FROM jsonb_array_elements(relations) AS e LOOP
        id := to_regclass(relation ->> 'name');
        WITH wanted AS (
            SELECT w.item, w.number, CASE WHEN w.given AND w.number > 6 OR retyped AND w.number IN (6, 7, 9) THEN '' ELSE w.statement END AS statement
            FROM pg_temp.rently_wanted(relation) AS w
        ),
        found AS (
            SELECT f.item, CASE w.statement WHEN '' THEN '' ELSE f.statement END AS statement
            FROM pg_temp.rently_facts(id) AS f LEFT JOIN wanted AS w ON w.item = f.item
        )
        SELECT string_agg(d.said, '; ') INTO differences FROM (
            SELECT format('%s should be %s', w.item, coalesce(nullif(w.statement, ''), 'there')) AS said
            FROM (SELECT item, statement FROM wanted EXCEPT SELECT item, statement FROM found) AS w
            UNION ALL
            SELECT format('%s should not be there', f.item) FROM (SELECT item FROM found EXCEPT SELECT item FROM wanted) AS f
            UNION ALL
            SELECT format('its index %s is not valid', i.indexrelid::regclass)
            FROM pg_catalog.pg_index AS i WHERE i.indrelid = id AND NOT (i.indisvalid AND i.indisready)
            UNION ALL
            SELECT 'it holds no rows yet' FROM pg_catalog.pg_class AS c
            WHERE c.oid = id AND c.relkind = 'm' AND c.relispopulated <> (relation ->> 'populated')::boolean
            UNION ALL
            SELECT 'its columns are others' WHERE NOT (relation ->> 'changed')::boolean AND NOT retyped
                AND pg_temp.rently_columns(id) <> relation -> 'columns'
            UNION ALL
            SELECT 'its query is another' WHERE NOT (relation ->> 'changed')::boolean AND NOT retyped
                AND pg_temp.rently_definition(id) <> relation ->> 'definition'
        ) AS d;
        IF differences IS NOT NULL THEN
            RAISE EXCEPTION '% did not come out of the change as it should: %', relation ->> 'name', differences;
        END IF;
    END LOOP;
END
$$;

CREATE OR REPLACE FUNCTION pg_temp.rently_fill(relations jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    relation jsonb;
BEGIN
    FOR relation IN SELECT e.value FROM jsonb_array_elements(relations) AS e LOOP
        IF relation ->> 'kind' = 'MATERIALIZED VIEW' AND (relation ->> 'populated')::boolean THEN
            -- Not CREATE ... WITH DATA: only what a refresh writes is seen by transactions that are older than it.
            EXECUTE format('REFRESH MATERIALIZED VIEW %s', relation ->> 'name');
            EXECUTE format('ANALYZE %s', relation ->> 'name');
        END IF;
    END LOOP;
END
$$;

-- Drop them, the uppermost first: that is the order in which queries lock them.
CREATE OR REPLACE FUNCTION pg_temp.rently_drop(relations oid[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    item record;
BEGIN
    FOR item IN
        SELECT pg_temp.rently_kind(r.id) AS kind, pg_temp.rently_name(r.id) AS name FROM unnest(relations) WITH ORDINALITY AS r (id, place)
        ORDER BY r.place DESC
    LOOP
        EXECUTE format('DROP %s %s', item.kind, item.name);
    END LOOP;
END
$$;

-- Move relations to schemas made for the purpose, one for each schema they come from, or back.
CREATE OR REPLACE FUNCTION pg_temp.rently_move(relations oid[], away text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    item record;
BEGIN
    FOR item IN
        SELECT pg_temp.rently_name(c.oid) AS name, c.relnamespace AS home, format('rently_%s_%s', away, c.relnamespace) AS hiding
        FROM unnest(relations) WITH ORDINALITY AS r (id, place) INNER JOIN pg_catalog.pg_class AS c ON c.oid = r.id
        ORDER BY r.place DESC
    LOOP
        IF to_regnamespace(item.hiding) IS NULL THEN
            EXECUTE format('CREATE SCHEMA %I', item.hiding);
        END IF;
        EXECUTE format('ALTER TABLE %s SET SCHEMA %I', item.name, item.hiding);
    END LOOP;
END
$$;

CREATE OR REPLACE FUNCTION pg_temp.rently_bring(relations oid[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    item record;
BEGIN
    FOR item IN
        SELECT pg_temp.rently_name(c.oid) AS name, regexp_replace(n.nspname, '.*_', '')::oid::regnamespace AS home
        FROM unnest(relations) AS r (id)
        INNER JOIN pg_catalog.pg_class AS c ON c.oid = r.id
        INNER JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    LOOP
        EXECUTE format('ALTER TABLE %s SET SCHEMA %s', item.name, item.home);
    END LOOP;
END
$$;

CREATE OR REPLACE FUNCTION pg_temp.rently_clean(away text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    item record;
BEGIN
    FOR item IN SELECT n.nspname FROM pg_catalog.pg_namespace AS n WHERE n.nspname ~ format('^rently_%s(_\d+)?$', away) LOOP
        EXECUTE format('DROP SCHEMA %I CASCADE', item.nspname);
    END LOOP;
END
$$;

CREATE OR REPLACE FUNCTION pg_temp.rently_seeds(changes jsonb) RETURNS oid[] LANGUAGE plpgsql AS $$
DECLARE
    missing text;
BEGIN
    SELECT string_agg(k.change ->> 'name', ', ') INTO missing
    FROM jsonb_array_elements(changes) AS k (change) WHERE to_regclass(k.change ->> 'name') IS NULL;
    IF missing IS NOT NULL THEN
        RAISE EXCEPTION 'not there, so it can not be changed: %', missing USING ERRCODE = 'undefined_table';
    END IF;
    RETURN ARRAY(SELECT to_regclass(k.change ->> 'name')::oid FROM jsonb_array_elements(changes) AS k (change));
END
$$;

-- Whether the change was one that CREATE OR REPLACE VIEW takes, and is done.
CREATE OR REPLACE FUNCTION pg_temp.rently_replace(changes jsonb) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    relations jsonb := pg_temp.rently_remember(pg_temp.rently_seeds(changes), changes);
    relation jsonb;
BEGIN
    FOR relation IN SELECT e.value FROM jsonb_array_elements(relations) AS e LOOP
        IF relation ->> 'kind' <> 'VIEW' OR pg_temp.rently_kind(to_regclass(relation ->> 'name')) <> 'VIEW' THEN
            RETURN false;
        END IF;
    END LOOP;
    BEGIN
        FOR relation IN SELECT e.value FROM jsonb_array_elements(relations) AS e LOOP
            EXECUTE regexp_replace(relation ->> 'create', '^CREATE', 'CREATE OR REPLACE');
        END LOOP;
        PERFORM pg_temp.rently_restore(relations, 10);
        PERFORM pg_temp.rently_verify(relations);
        RETURN true;
    EXCEPTION WHEN invalid_table_definition THEN
        RETURN false;
    END;
END
$$;

-- Do the change, or, where rows have to be gathered first, build the new relations beside the old ones.
CREATE OR REPLACE FUNCTION pg_temp.rently_prepare(changes jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    former oid[];
    latter oid[];
    relations jsonb;
BEGIN
    PERFORM pg_temp.rently_clean('beside');
    former := pg_temp.rently_closure(pg_temp.rently_seeds(changes));
    PERFORM pg_temp.rently_patience(cardinality(former));
    PERFORM pg_temp.rently_rename(changes, false);
    IF pg_temp.rently_replace(changes) THEN
        RETURN;
    END IF;
    relations := pg_temp.rently_remember(former, changes);
    IF NOT EXISTS (
        SELECT FROM jsonb_array_elements(relations) AS e
        WHERE e.value ->> 'kind' = 'MATERIALIZED VIEW' AND (e.value ->> 'populated')::boolean
    ) THEN
        PERFORM pg_temp.rently_drop(former);
        PERFORM pg_temp.rently_create(relations);
        PERFORM pg_temp.rently_restore(relations, 10);
        PERFORM pg_temp.rently_verify(relations);
        RETURN;
    END IF;
    -- Their definitions name what they read, so the new ones get the names for a moment.
    PERFORM pg_temp.rently_move(former, 'away');
    PERFORM pg_temp.rently_create(relations);
    PERFORM pg_temp.rently_restore(relations, 8);
    latter := ARRAY(SELECT to_regclass(e.value ->> 'name')::oid FROM jsonb_array_elements(relations) AS e);
    PERFORM pg_temp.rently_move(latter, 'beside');
    PERFORM pg_temp.rently_bring(former);
    PERFORM pg_temp.rently_clean('away');
    PERFORM pg_temp.rently_rename(changes, true);
    CREATE SCHEMA rently_beside;
    EXECUTE format('COMMENT ON SCHEMA rently_beside IS %L', jsonb_build_object(
        'filled', false, 'former', pg_temp.rently_state(former),
        'latter', (
            SELECT jsonb_agg(jsonb_build_object(
                'id', l.id, 'name', pg_temp.rently_name(l.id), 'kind', e.value -> 'kind', 'populated', e.value -> 'populated'
            ) ORDER BY l.place)
            FROM unnest(latter) WITH ORDINALITY AS l (id, place)
            INNER JOIN jsonb_array_elements(relations) WITH ORDINALITY AS e (value, place) USING (place)
        )
    ));
END
$$;

-- What changes when anybody replaces, drops or adds one of these relations.
CREATE OR REPLACE FUNCTION pg_temp.rently_state(relations oid[]) RETURNS text LANGUAGE sql STABLE AS $$
SELECT md5(string_agg(concat_ws(' ', r.ev_class, r.oid, r.xmin), ',' ORDER BY r.oid))
FROM pg_catalog.pg_rewrite AS r WHERE r.ev_class = ANY (relations)
$$;

CREATE OR REPLACE FUNCTION pg_temp.rently_gather() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    beside jsonb := obj_description(to_regnamespace('rently_beside'), 'pg_namespace');
BEGIN
    IF beside IS NOT NULL THEN
        PERFORM pg_temp.rently_fill(beside -> 'latter');
        EXECUTE format('COMMENT ON SCHEMA rently_beside IS %L', beside || '{"filled": true}');
    END IF;
END
$$;

-- Put the new relations in the place of the old ones.
CREATE OR REPLACE FUNCTION pg_temp.rently_swap(changes jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    beside jsonb := obj_description(to_regnamespace('rently_beside'), 'pg_namespace');
    former oid[];
    relations jsonb;
BEGIN
    IF beside IS NULL THEN
        RETURN;
    END IF;
    former := pg_temp.rently_closure(pg_temp.rently_seeds(changes));
    IF pg_temp.rently_state(former) <> beside ->> 'former' THEN
        RAISE EXCEPTION 'somebody changed a view above %, or made one, while the new ones were filled',
            (SELECT string_agg(k.change ->> 'name', ', ') FROM jsonb_array_elements(changes) AS k (change));
    END IF;
    PERFORM pg_temp.rently_patience(cardinality(former));
    PERFORM pg_temp.rently_rename(changes, false);
    relations := pg_temp.rently_remember(former, changes);
    PERFORM pg_temp.rently_drop(former);
    PERFORM pg_temp.rently_bring(ARRAY(SELECT (e.value ->> 'id')::oid FROM jsonb_array_elements(beside -> 'latter') AS e));
    PERFORM pg_temp.rently_restore(relations, 10);
    PERFORM pg_temp.rently_verify(relations);
    PERFORM pg_temp.rently_clean('beside');
END
$$;

-- Change a table's column while the views that show it are away.
CREATE OR REPLACE FUNCTION pg_temp.rently_retype(of_table text, of_column text, change text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    former oid[];
    relations jsonb;
BEGIN
    SELECT pg_temp.rently_closure(coalesce(array_agg(DISTINCT r.ev_class), '{}')) INTO former
    FROM pg_catalog.pg_depend AS d
    INNER JOIN pg_catalog.pg_rewrite AS r ON r.oid = d.objid AND d.classid = 'pg_catalog.pg_rewrite'::regclass
    INNER JOIN pg_catalog.pg_class AS c ON c.oid = r.ev_class AND c.relkind IN ('v', 'm')
    LEFT JOIN pg_catalog.pg_attribute AS a ON a.attrelid = d.refobjid AND a.attname = of_column
    -- A view that names no column may show the whole row.
    WHERE d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = to_regclass(of_table) AND d.refobjsubid IN (0, a.attnum);
    PERFORM pg_temp.rently_patience(cardinality(former) + 1);
    relations := coalesce(pg_temp.rently_remember(former, '[]'), '[]');
    PERFORM pg_temp.rently_drop(former);
    EXECUTE change;
    PERFORM pg_temp.rently_create(relations);
    PERFORM pg_temp.rently_restore(relations, 10);
    PERFORM pg_temp.rently_fill(relations);
    PERFORM pg_temp.rently_verify(relations);
END
$$;
