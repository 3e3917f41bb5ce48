-- What would stop the migration, asked from SQL. The questions are rows, because each release asks what its revisions demand: whoever
-- upgrades writes them anew.
CREATE TABLE IF NOT EXISTS ops.pre_migration_question (
    nr integer PRIMARY KEY,
    subject text NOT NULL,
    foreign_key text,
    query text NOT NULL
);
COMMENT ON TABLE ops.pre_migration_question IS
    'What ops.run_pre_migration_validation() asks, written by each upgrade: queries of kind, table, column, rule, rows, first ids, what to do';
COMMENT ON COLUMN ops.pre_migration_question.foreign_key IS
    'table.column: not asked where PostgreSQL vouches for the foreign key of that column, unless the caller is thorough';

CREATE OR REPLACE FUNCTION ops.run_pre_migration_validation(thorough boolean DEFAULT false)
RETURNS TABLE (
    kind text,
    table_name text,
    column_name text,
    rule_name text,
    affected_records bigint,
    sample_ids text[],
    proposed_repair text,
    is_automatic boolean,
    severity text
)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET jit = off SET work_mem = '64MB' SET parallel_tuple_cost = 0 AS $function$
DECLARE
    revision CONSTANT text := (SELECT max(v.version_num) FROM ops.alembic_version AS v);
    begun CONSTANT boolean := EXISTS (
        SELECT FROM ops.migration_step AS s WHERE s.revision = 'v1_expand' AND s.direction = 'up' AND s.state <> 'undone'
    );
    -- Triggers that are off, and the apply worker of a subscription, let rows in without a parent.
    vouched CONSTANT text[] := ARRAY(
        SELECT c.relname || '.' || a.attname
        FROM pg_constraint AS k
        INNER JOIN pg_class AS c ON c.oid = k.conrelid AND c.relnamespace = 'public'::regnamespace
        INNER JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = k.conkey[1]
        WHERE k.contype = 'f' AND k.convalidated AND cardinality(k.conkey) = 1 AND NOT thorough
            AND NOT EXISTS (SELECT FROM pg_trigger AS g WHERE g.tgconstraint = k.oid AND g.tgenabled <> 'O')
            AND NOT EXISTS (SELECT FROM pg_subscription_rel AS s WHERE s.srrelid = c.oid)
    );
    kept text;
    question record;
    part jsonb;
    found jsonb := '[]';
BEGIN
    IF revision IS DISTINCT FROM 'v0' OR begun THEN
        RETURN QUERY SELECT
            'nothing to check', NULL::text, NULL::text, 'revision', 0::bigint, '{}'::text[],
            CASE
                WHEN revision IS NULL THEN 'the database is at no revision: alembic upgrade v0 adopts it, and then its rows can be checked'
                WHEN to_regproc('ops.run_all_validations') IS NULL
                    THEN format('the database is at %s, on the way: its rows were checked before the first change; run alembic upgrade head', revision)
                ELSE format('the database is at %s: there is nothing to check before a migration; ops.run_all_validations() checks it now', revision)
            END,
            false, 'INFO';
        RETURN;
    END IF;
    -- A table of currencies that an earlier v1 left is what the next upgrade brings back.
    IF to_regclass('rently_v1_kept.currency') IS NOT NULL THEN
        EXECUTE 'SELECT string_agg(quote_literal(c.code), '', '') FROM rently_v1_kept.currency AS c' INTO kept;
    END IF;
    FOR question IN SELECT q.* FROM ops.pre_migration_question AS q ORDER BY q.nr LOOP
        CONTINUE WHEN question.foreign_key = ANY (vouched);
        BEGIN
            EXECUTE format('SELECT jsonb_agg(to_jsonb(f)) FROM (%s) AS f', replace(question.query, '''(kept)''', coalesce(kept, '''(kept)'''))) INTO part;
            found := found || coalesce(part, '[]');
        EXCEPTION WHEN syntax_error_or_access_rule_violation THEN
            -- A table or column of v0 is missing, of another type, or may not be read: the other questions are asked all the same.
            found := found || jsonb_build_object(
                'kind', 'schema', 'table_name', question.subject, 'rule_name', 'v0 schema', 'affected_records', 1, 'sample_ids', '[]'::jsonb,
                'proposed_repair', format('%s; its rows were not looked at (question %s): rently-db preflight says how to mend it', SQLERRM, question.nr)
            );
        END;
    END LOOP;
    RETURN QUERY SELECT
        f.kind, f.table_name, nullif(f.column_name, ''), f.rule_name, f.affected_records, f.sample_ids, f.proposed_repair, f.kind = 'repair',
        CASE f.kind WHEN 'repair' THEN 'INFO' WHEN 'advice' THEN 'WARNING' ELSE 'FAIL' END
    FROM ROWS FROM (
        jsonb_to_recordset(found) AS (
            kind text, table_name text, column_name text, rule_name text, affected_records bigint, sample_ids text[], proposed_repair text
        )
    ) WITH ORDINALITY AS f (kind, table_name, column_name, rule_name, affected_records, sample_ids, proposed_repair, nr)
    ORDER BY array_position(ARRAY['schema', 'rows', 'repair', 'advice'], f.kind), f.nr;
END
$function$;
COMMENT ON FUNCTION ops.run_pre_migration_validation(boolean) IS
    'What rows would stop the migration (FAIL), what it will repair (INFO), and what the validations will name after it (WARNING). At revision v0; reads only. Names that are taken, rights and extensions: rently-db preflight';
REVOKE ALL ON FUNCTION ops.run_pre_migration_validation(boolean) FROM PUBLIC;
