-- Frozen for v1_expand: python -m rently_db.migrate.freeze v1

--: account count legal_entity
CREATE OR REPLACE FUNCTION ops.tally_legal_entity() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    migrating boolean := coalesce(current_setting('rently.origin', true), '') = 'migration';
    teller text := CASE WHEN migrating THEN 'migration' ELSE 'application' END;
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO ops.tally (table_name, origin, rows_in, currency, digest_delta, money_delta, ids_in)
        SELECT
            'legal_entity', teller, count(*), NULL::text AS currency, sum(hashtextextended(concat_ws(E'\x1f', t.id, t.name, t.registration_no, t.country_code, t.functional_ccy, (t.name IS NULL)::int::bigint * 2 + (t.registration_no IS NULL)::int::bigint * 4 + (t.country_code IS NULL)::int::bigint * 8 + (t.functional_ccy IS NULL)::int::bigint * 16) COLLATE "C", 0)),
            ARRAY[]::numeric[], array_agg(t.id) FILTER (WHERE migrating)
        FROM new_rows AS t GROUP BY 4;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO ops.tally (table_name, origin, rows_out, currency, digest_delta, money_delta, ids_out)
        SELECT
            'legal_entity', teller, count(*), NULL::text AS currency, -sum(hashtextextended(concat_ws(E'\x1f', t.id, t.name, t.registration_no, t.country_code, t.functional_ccy, (t.name IS NULL)::int::bigint * 2 + (t.registration_no IS NULL)::int::bigint * 4 + (t.country_code IS NULL)::int::bigint * 8 + (t.functional_ccy IS NULL)::int::bigint * 16) COLLATE "C", 0)),
            ARRAY[]::numeric[], array_agg(t.id) FILTER (WHERE migrating)
        FROM old_rows AS t GROUP BY 4;
    ELSE
        INSERT INTO ops.tally (
            table_name, origin, rows_in, rows_out, rows_changed, currency, digest_delta, money_delta, ids_in, ids_out, ids_changed
        )
        SELECT
            'legal_entity', teller,
            count(*) FILTER (WHERE t.sign > 0 AND o.id IS NULL),
            count(*) FILTER (WHERE t.sign < 0 AND n.id IS NULL),
            count(*) FILTER (WHERE t.sign > 0 AND o.id IS NOT NULL),
            t.currency, sum(t.sign * t.digest),
            ARRAY[]::numeric[],
            array_agg(t.id) FILTER (WHERE migrating AND t.sign > 0 AND o.id IS NULL),
            array_agg(t.id) FILTER (WHERE migrating AND t.sign < 0 AND n.id IS NULL),
            array_agg(t.id) FILTER (WHERE migrating AND t.sign > 0 AND o.id IS NOT NULL)
        FROM old_rows AS o FULL JOIN new_rows AS n ON n.id = o.id
        CROSS JOIN LATERAL (VALUES
            (-1::numeric, o.id, NULL::text, hashtextextended(concat_ws(E'\x1f', o.id, o.name, o.registration_no, o.country_code, o.functional_ccy, (o.name IS NULL)::int::bigint * 2 + (o.registration_no IS NULL)::int::bigint * 4 + (o.country_code IS NULL)::int::bigint * 8 + (o.functional_ccy IS NULL)::int::bigint * 16) COLLATE "C", 0)),
            (1::numeric, n.id, NULL::text, hashtextextended(concat_ws(E'\x1f', n.id, n.name, n.registration_no, n.country_code, n.functional_ccy, (n.name IS NULL)::int::bigint * 2 + (n.registration_no IS NULL)::int::bigint * 4 + (n.country_code IS NULL)::int::bigint * 8 + (n.functional_ccy IS NULL)::int::bigint * 16) COLLATE "C", 0))
        ) AS t (sign, id, currency, digest)
        WHERE ROW(o.id, o.name, o.registration_no, o.country_code, o.functional_ccy)::record *<> ROW(n.id, n.name, n.registration_no, n.country_code, n.functional_ccy)::record AND t.id IS NOT NULL
        GROUP BY t.currency;
    END IF;
    RETURN NULL;
END
$function$;
DO $do$
BEGIN
IF NOT EXISTS (SELECT FROM pg_catalog.pg_trigger AS g WHERE g.tgrelid = 'public.legal_entity'::regclass AND g.tgname = 'tally_insert') THEN
  CREATE TRIGGER tally_insert AFTER INSERT ON public.legal_entity REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT
  WHEN (coalesce(current_setting('rently.tally', true), '') <> 'off') EXECUTE FUNCTION ops.tally_legal_entity();
END IF;
IF NOT EXISTS (SELECT FROM pg_catalog.pg_trigger AS g WHERE g.tgrelid = 'public.legal_entity'::regclass AND g.tgname = 'tally_update') THEN
  CREATE TRIGGER tally_update AFTER UPDATE ON public.legal_entity REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT
  WHEN (coalesce(current_setting('rently.tally', true), '') <> 'off') EXECUTE FUNCTION ops.tally_legal_entity();
END IF;
IF NOT EXISTS (SELECT FROM pg_catalog.pg_trigger AS g WHERE g.tgrelid = 'public.legal_entity'::regclass AND g.tgname = 'tally_delete') THEN
  CREATE TRIGGER tally_delete AFTER DELETE ON public.legal_entity REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT
  WHEN (coalesce(current_setting('rently.tally', true), '') <> 'off') EXECUTE FUNCTION ops.tally_legal_entity();
END IF;
END
$do$;

--: account measure legal_entity
SELECT NULL::text AS currency, count(*) AS rows, sum(hashtextextended(concat_ws(E'\x1f', t.id, t.name, t.registration_no, t.country_code, t.functional_ccy, (t.name IS NULL)::int::bigint * 2 + (t.registration_no IS NULL)::int::bigint * 4 + (t.country_code IS NULL)::int::bigint * 8 + (t.functional_ccy IS NULL)::int::bigint * 16) COLLATE "C", 0)) AS digest,
    ARRAY[]::numeric[] AS money
FROM public.legal_entity AS t GROUP BY 1;

--: account count product
CREATE OR REPLACE FUNCTION ops.tally_product() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    migrating boolean := coalesce(current_setting('rently.origin', true), '') = 'migration';
    teller text := CASE WHEN migrating THEN 'migration' ELSE 'application' END;
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO ops.tally (table_name, origin, rows_in, currency, digest_delta, money_delta, ids_in)
        SELECT
            'product', teller, count(*), NULL::text AS currency, sum(hashtextextended(concat_ws(E'\x1f', t.id, t.code, t.name, t.description, (t.code IS NULL)::int::bigint * 2 + (t.name IS NULL)::int::bigint * 4 + (t.description IS NULL)::int::bigint * 8) COLLATE "C", 0)),
            ARRAY[]::numeric[], array_agg(t.id) FILTER (WHERE migrating)
        FROM new_rows AS t GROUP BY 4;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO ops.tally (table_name, origin, rows_out, currency, digest_delta, money_delta, ids_out)
        SELECT
            'product', teller, count(*), NULL::text AS currency, -sum(hashtextextended(concat_ws(E'\x1f', t.id, t.code, t.name, t.description, (t.code IS NULL)::int::bigint * 2 + (t.name IS NULL)::int::bigint * 4 + (t.description IS NULL)::int::bigint * 8) COLLATE "C", 0)),
            ARRAY[]::numeric[], array_agg(t.id) FILTER (WHERE migrating)
        FROM old_rows AS t GROUP BY 4;
    ELSE
        INSERT INTO ops.tally (
            table_name, origin, rows_in, rows_out, rows_changed, currency, digest_delta, money_delta, ids_in, ids_out, ids_changed
        )
        SELECT
            'product', teller,
            count(*) FILTER (WHERE t.sign > 0 AND o.id IS NULL),
            count(*) FILTER (WHERE t.sign < 0 AND n.id IS NULL),
            count(*) FILTER (WHERE t.sign > 0 AND o.id IS NOT NULL),
            t.currency, sum(t.sign * t.digest),
            ARRAY[]::numeric[],
            array_agg(t.id) FILTER (WHERE migrating AND t.sign > 0 AND o.id IS NULL),
            array_agg(t.id) FILTER (WHERE migrating AND t.sign < 0 AND n.id IS NULL),
            array_agg(t.id) FILTER (WHERE migrating AND t.sign > 0 AND o.id IS NOT NULL)
        FROM old_rows AS o FULL JOIN new_rows AS n ON n.id = o.id
        CROSS JOIN LATERAL (VALUES
            (-1::numeric, o.id, NULL::text, hashtextextended(concat_ws(E'\x1f', o.id, o.code, o.name, o.description, (o.code IS NULL)::int::bigint * 2 + (o.name IS NULL)::int::bigint * 4 + (o.description IS NULL)::int::bigint * 8) COLLATE "C", 0)),
            (1::numeric, n.id, NULL::text, hashtextextended(concat_ws(E'\x1f', n.id, n.code, n.name, n.description, (n.code IS NULL)::int::bigint * 2 + (n.name IS NULL)::int::bigint * 4 + (n.description IS NULL)::int::bigint * 8) COLLATE "C", 0))
        ) AS t (sign, id, currency, digest)
        WHERE ROW(o.id, o.code, o.name, o.description)::record *<> ROW(n.id, n.code, n.name, n.description)::record AND t.id IS NOT NULL
        GROUP BY t.currency;
    END IF;
    RETURN NULL;
END
$function$;
DO $do$
BEGIN
IF NOT EXISTS (SELECT FROM pg_catalog.pg_trigger AS g WHERE g.tgrelid = 'public.product'::regclass AND g.tgname = 'tally_insert') THEN
  CREATE TRIGGER tally_insert AFTER INSERT ON public.product REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT
  WHEN (coalesce(current_setting('rently.tally', true), '') <> 'off') EXECUTE FUNCTION ops.tally_product();
END IF;
IF NOT EXISTS (SELECT FROM pg_catalog.pg_trigger AS g WHERE g.tgrelid = 'public.product'::regclass AND g.tgname = 'tally_update') THEN
  CREATE TRIGGER tally_update AFTER UPDATE ON public.product REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT
  WHEN (coalesce(current_setting('rently.tally', true), '') <> 'off') EXECUTE FUNCTION ops.tally_product();
END IF;
IF NOT EXISTS (SELECT FROM pg_catalog.pg_trigger AS g WHERE g.tgrelid = 'public.product'::regclass AND g.tgname = 'tally_delete') THEN
  CREATE TRIGGER tally_delete AFTER DELETE ON public.product REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT
  WHEN (coalesce(current_setting('rently.tally', true), '') <> 'off') EXECUTE FUNCTION ops.tally_product();
END IF;
END
$do$;

--: account measure product
SELECT NULL::text AS currency, count(*) AS rows, sum(hashtextextended(concat_ws(E'\x1f', t.id, t.code, t.name, t.description, (t.code IS NULL)::int::bigint * 2 + (t.name IS NULL)::int::bigint * 4 + (t.description IS NULL)::int::bigint * 8) COLLATE "C", 0)) AS digest,
    ARRAY[]::numeric[] AS money
FROM public.product AS t GROUP BY 1;

--: account count party
CREATE OR REPLACE FUNCTION ops.tally_party() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    migrating boolean := coalesce(current_setting('rently.origin', true), '') = 'migration';
    teller text := CASE WHEN migrating THEN 'migration' ELSE 'application' END;
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO ops.tally (table_name, origin, rows_in, currency, digest_delta, money_delta, ids_in)
        SELECT
            'party', teller, count(*), NULL::text AS currency, sum(hashtextextended(concat_ws(E'\x1f', t.id, t.kind, t.display_name, t.email, t.phone, t.external_ref, t.kyc_identifier, (t.kind IS NULL)::int::bigint * 2 + (t.display_name IS NULL)::int::bigint * 4 + (t.email IS NULL)::int::bigint * 8 + (t.phone IS NULL)::int::bigint * 16 + (t.external_ref IS NULL)::int::bigint * 32 + (t.kyc_identifier IS NULL)::int::bigint * 64) COLLATE "C", 0)),
            ARRAY[]::numeric[], array_agg(t.id) FILTER (WHERE migrating)
        FROM new_rows AS t GROUP BY 4;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO ops.tally (table_name, origin, rows_out, currency, digest_delta, money_delta, ids_out)
        SELECT
            'party', teller, count(*), NULL::text AS currency, -sum(hashtextextended(concat_ws(E'\x1f', t.id, t.kind, t.display_name, t.email, t.phone, t.external_ref, t.kyc_identifier, (t.kind IS NULL)::int::bigint * 2 + (t.display_name IS NULL)::int::bigint * 4 + (t.email IS NULL)::int::bigint * 8 + (t.phone IS NULL)::int::bigint * 16 + (t.external_ref IS NULL)::int::bigint * 32 + (t.kyc_identifier IS NULL)::int::bigint * 64) COLLATE "C", 0)),
            ARRAY[]::numeric[], array_agg(t.id) FILTER (WHERE migrating)
        FROM old_rows AS t GROUP BY 4;
    ELSE
        INSERT INTO ops.tally (
            table_name, origin, rows_in, rows_out, rows_changed, currency, digest_delta, money_delta, ids_in, ids_out, ids_changed
        )
        SELECT
            'party', teller,
            count(*) FILTER (WHERE t.sign > 0 AND o.id IS NULL),
            count(*) FILTER (WHERE t.sign < 0 AND n.id IS NULL),
            count(*) FILTER (WHERE t.sign > 0 AND o.id IS NOT NULL),
            t.currency, sum(t.sign * t.digest),
            ARRAY[]::numeric[],
            array_agg(t.id) FILTER (WHERE migrating AND t.sign > 0 AND o.id IS NULL),
            array_agg(t.id) FILTER (WHERE migrating AND t.sign < 0 AND n.id IS NULL),
            array_agg(t.id) FILTER (WHERE migrating AND t.sign > 0 AND o.id IS NOT NULL)
        FROM old_rows AS o FULL JOIN new_rows AS n ON n.id = o.id
        CROSS JOIN LATERAL (VALUES
            (-1::numeric, o.id, NULL::text, hashtextextended(concat_ws(E'\x1f', o.id, o.kind, o.display_name, o.email, o.phone, o.external_ref, o.kyc_identifier, (o.kind IS NULL)::int::bigint * 2 + (o.display_name IS NULL)::int::bigint * 4 + (o.email IS NULL)::int::bigint * 8 + (o.phone IS NULL)::int::bigint * 16 + (o.external_ref IS NULL)::int::bigint * 32 + (o.kyc_identifier IS NULL)::int::bigint * 64) COLLATE "C", 0)),
            (1::numeric, n.id, NULL::text, hashtextextended(concat_ws(E'\x1f', n.id, n.kind, n.display_name, n.email, n.phone, n.external_ref, n.kyc_identifier, (n.kind IS NULL)::int::bigint * 2 + (n.display_name IS NULL)::int::bigint * 4 + (n.email IS NULL)::int::bigint * 8 + (n.phone IS NULL)::int::bigint * 16 + (n.external_ref IS NULL)::int::bigint * 32 + (n.kyc_identifier IS NULL)::int::bigint * 64) COLLATE "C", 0))
        ) AS t (sign, id, currency, digest)
        WHERE ROW(o.id, o.kind, o.display_name, o.email, o.phone, o.external_ref, o.kyc_identifier)::record *<> ROW(n.id, n.kind, n.display_name, n.email, n.phone, n.external_ref, n.kyc_identifier)::record AND t.id IS NOT NULL
        GROUP BY t.currency;
    END IF;
    RETURN NULL;
END
$function$;
DO $do$
BEGIN
IF NOT EXISTS (SELECT FROM pg_catalog.pg_trigger AS g WHERE g.tgrelid = 'public.party'::regclass AND g.tgname = 'tally_insert') THEN
  CREATE TRIGGER tally_insert AFTER INSERT ON public.party REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT
  WHEN (coalesce(current_setting('rently.tally', true), '') <> 'off') EXECUTE FUNCTION ops.tally_party();
END IF;
IF NOT EXISTS (SELECT FROM pg_catalog.pg_trigger AS g WHERE g.tgrelid = 'public.party'::regclass AND g.tgname = 'tally_update') THEN
  CREATE TRIGGER tally_update AFTER UPDATE ON public.party REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT
  WHEN (coalesce(current_setting('rently.tally', true), '') <> 'off') EXECUTE FUNCTION ops.tally_party();
END IF;
IF NOT EXISTS (SELECT FROM pg_catalog.pg_trigger AS g WHERE g.tgrelid = 'public.party'::regclass AND g.tgname = 'tally_delete') THEN
  CREATE TRIGGER tally_delete AFTER DELETE ON public.party REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT
  WHEN (coalesce(current_setting('rently.tally', true), '') <> 'off') EXECUTE FUNCTION ops.tally_party();
END IF;
END
$do$;

--: account measure party
SELECT NULL::text AS currency, count(*) AS rows, sum(hashtextextended(concat_ws(E'\x1f', t.id, t.kind, t.display_name, t.email, t.phone, t.external_ref, t.kyc_identifier, (t.kind IS NULL)::int::bigint * 2 + (t.display_name IS NULL)::int::bigint * 4 + (t.email IS NULL)::int::bigint * 8 + (t.phone IS NULL)::int::bigint * 16 + (t.external_ref IS NULL)::int::bigint * 32 + (t.kyc_identifier IS NULL)::int::bigint * 64) COLLATE "C", 0)) AS digest,
    ARRAY[]::numeric[] AS money
FROM public.party AS t GROUP BY 1;

--: account count payment_instrument
CREATE OR REPLACE FUNCTION ops.tally_payment_instrument() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    migrating boolean := coalesce(current_setting('rently.origin', true), '') = 'migration';
    teller text := CASE WHEN migrating THEN 'migration' ELSE 'application' END;
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO ops.tally (table_name, origin, rows_in, currency, digest_delta, money_delta, ids_in)
        SELECT
            'payment_instrument', teller, count(*), NULL::text AS currency, sum(hashtextextended(concat_ws(E'\x1f', t.id, t.party_id, t.instrument_type, t.currency_code, t.bank_name, t.account_name, t.account_number, t.provider_ref, t.is_default, (t.party_id IS NULL)::int::bigint * 2 + (t.instrument_type IS NULL)::int::bigint * 4 + (t.currency_code IS NULL)::int::bigint * 8 + (t.bank_name IS NULL)::int::bigint * 16 + (t.account_name IS NULL)::int::bigint * 32 + (t.account_number IS NULL)::int::bigint * 64 + (t.provider_ref IS NULL)::int::bigint * 128 + (t.is_default IS NULL)::int::bigint * 256) COLLATE "C", 0)),
            ARRAY[]::numeric[], array_agg(t.id) FILTER (WHERE migrating)
        FROM new_rows AS t GROUP BY 4;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO ops.tally (table_name, origin, rows_out, currency, digest_delta, money_delta, ids_out)
        SELECT
            'payment_instrument', teller, count(*), NULL::text AS currency, -sum(hashtextextended(concat_ws(E'\x1f', t.id, t.party_id, t.instrument_type, t.currency_code, t.bank_name, t.account_name, t.account_number, t.provider_ref, t.is_default, (t.party_id IS NULL)::int::bigint * 2 + (t.instrument_type IS NULL)::int::bigint * 4 + (t.currency_code IS NULL)::int::bigint * 8 + (t.bank_name IS NULL)::int::bigint * 16 + (t.account_name IS NULL)::int::bigint * 32 + (t.account_number IS NULL)::int::bigint * 64 + (t.provider_ref IS NULL)::int::bigint * 128 + (t.is_default IS NULL)::int::bigint * 256) COLLATE "C", 0)),
            ARRAY[]::numeric[], array_agg(t.id) FILTER (WHERE migrating)
        FROM old_rows AS t GROUP BY 4;
    ELSE
        INSERT INTO ops.tally (
            table_name, origin, rows_in, rows_out, rows_changed, currency, digest_delta, money_delta, ids_in, ids_out, ids_changed
        )
        SELECT
            'payment_instrument', teller,
            count(*) FILTER (WHERE t.sign > 0 AND o.id IS NULL),
            count(*) FILTER (WHERE t.sign < 0 AND n.id IS NULL),
            count(*) FILTER (WHERE t.sign > 0 AND o.id IS NOT NULL),
            t.currency, sum(t.sign * t.digest),
            ARRAY[]::numeric[],
            array_agg(t.id) FILTER (WHERE migrating AND t.sign > 0 AND o.id IS NULL),
            array_agg(t.id) FILTER (WHERE migrating AND t.sign < 0 AND n.id IS NULL),
            array_agg(t.id) FILTER (WHERE migrating AND t.sign > 0 AND o.id IS NOT NULL)
        FROM old_rows AS o FULL JOIN new_rows AS n ON n.id = o.id
        CROSS JOIN LATERAL (VALUES
            (-1::numeric, o.id, NULL::text, hashtextextended(concat_ws(E'\x1f', o.id, o.party_id, o.instrument_type, o.currency_code, o.bank_name, o.account_name, o.account_number, o.provider_ref, o.is_default, (o.party_id IS NULL)::int::bigint * 2 + (o.instrument_type IS NULL)::int::bigint * 4 + (o.currency_code IS NULL)::int::bigint * 8 + (o.bank_name IS NULL)::int::bigint * 16 + (o.account_name IS NULL)::int::bigint * 32 + (o.account_number IS NULL)::int::bigint * 64 + (o.provider_ref IS NULL)::int::bigint * 128 + (o.is_default IS NULL)::int::bigint * 256) COLLATE "C", 0)),
            (1::numeric, n.id, NULL::text, hashtextextended(concat_ws(E'\x1f', n.id, n.party_id, n.instrument_type, n.currency_code, n.bank_name, n.account_name, n.account_number, n.provider_ref, n.is_default, (n.party_id IS NULL)::int::bigint * 2 + (n.instrument_type IS NULL)::int::bigint * 4 + (n.currency_code IS NULL)::int::bigint * 8 + (n.bank_name IS NULL)::int::bigint * 16 + (n.account_name IS NULL)::int::bigint * 32 + (n.account_number IS NULL)::int::bigint * 64 + (n.provider_ref IS NULL)::int::bigint * 128 + (n.is_default IS NULL)::int::bigint * 256) COLLATE "C", 0))
        ) AS t (sign, id, currency, digest)
        WHERE ROW(o.id, o.party_id, o.instrument_type, o.currency_code, o.bank_name, o.account_name, o.account_number, o.provider_ref, o.is_default)::record *<> ROW(n.id, n.party_id, n.instrument_type, n.currency_code, n.bank_name, n.account_name, n.account_number, n.provider_ref, n.is_default)::record AND t.id IS NOT NULL
        GROUP BY t.currency;
    END IF;
    RETURN NULL;
END
$function$;
DO $do$
BEGIN
IF NOT EXISTS (SELECT FROM pg_catalog.pg_trigger AS g WHERE g.tgrelid = 'public.payment_instrument'::regclass AND g.tgname = 'tally_insert') THEN
  CREATE TRIGGER tally_insert AFTER INSERT ON public.payment_instrument REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT
  WHEN (coalesce(current_setting('rently.tally', true), '') <> 'off') EXECUTE FUNCTION ops.tally_payment_instrument();
END IF;
IF NOT EXISTS (SELECT FROM pg_catalog.pg_trigger AS g WHERE g.tgrelid = 'public.payment_instrument'::regclass AND g.tgname = 'tally_update') THEN
  CREATE TRIGGER tally_update AFTER UPDATE ON public.payment_instrument REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT
  WHEN (coalesce(current_setting('rently.tally', true), '') <> 'off') EXECUTE FUNCTION ops.tally_payment_instrument();
END IF;
IF NOT EXISTS (SELECT FROM pg_catalog.pg_trigger AS g WHERE g.tgrelid = 'public.payment_instrument'::regclass AND g.tgname = 'tally_delete') THEN
  CREATE TRIGGER tally_delete AFTER DELETE ON public.payment_instrument REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT
  WHEN (coalesce(current_setting('rently.tally', true), '') <> 'off') EXECUTE FUNCTION ops.tally_payment_instrument();
END IF;
END
$do$;

--: account measure payment_instrument
SELECT NULL::text AS currency, count(*) AS rows, sum(hashtextextended(concat_ws(E'\x1f', t.id, t.party_id, t.instrument_type, t.currency_code, t.bank_name, t.account_name, t.account_number, t.provider_ref, t.is_default, (t.party_id IS NULL)::int::bigint * 2 + (t.instrument_type IS NULL)::int::bigint * 4 + (t.currency_code IS NULL)::int::bigint * 8 + (t.bank_name IS NULL)::int::bigint * 16 + (t.account_name IS NULL)::int::bigint * 32 + (t.account_number IS NULL)::int::bigint * 64 + (t.provider_ref IS NULL)::int::bigint * 128 + (t.is_default IS NULL)::int::bigint * 256) COLLATE "C", 0)) AS digest,
    ARRAY[]::numeric[] AS money
FROM public.payment_instrument AS t GROUP BY 1;

--: account count application
CREATE OR REPLACE FUNCTION ops.tally_application() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    migrating boolean := coalesce(current_setting('rently.origin', true), '') = 'migration';
    teller text := CASE WHEN migrating THEN 'migration' ELSE 'application' END;
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO ops.tally (table_name, origin, rows_in, currency, digest_delta, money_delta, ids_in)
        SELECT
            'application', teller, count(*), t.requested_currency::text AS currency, sum(hashtextextended(concat_ws(E'\x1f', t.id, t.application_number, t.product_id, t.legal_entity_id, t.applicant_party_id, t.requested_amount, t.requested_currency, t.tenor_months, t.status, (t.application_number IS NULL)::int::bigint * 2 + (t.product_id IS NULL)::int::bigint * 4 + (t.legal_entity_id IS NULL)::int::bigint * 8 + (t.applicant_party_id IS NULL)::int::bigint * 16 + (t.requested_amount IS NULL)::int::bigint * 32 + (t.requested_currency IS NULL)::int::bigint * 64 + (t.tenor_months IS NULL)::int::bigint * 128 + (t.status IS NULL)::int::bigint * 256) COLLATE "C", 0)),
            ARRAY[sum(t.requested_amount) FILTER (WHERE t.requested_amount - t.requested_amount = 0)]::numeric[], array_agg(t.id) FILTER (WHERE migrating)
        FROM new_rows AS t GROUP BY 4;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO ops.tally (table_name, origin, rows_out, currency, digest_delta, money_delta, ids_out)
        SELECT
            'application', teller, count(*), t.requested_currency::text AS currency, -sum(hashtextextended(concat_ws(E'\x1f', t.id, t.application_number, t.product_id, t.legal_entity_id, t.applicant_party_id, t.requested_amount, t.requested_currency, t.tenor_months, t.status, (t.application_number IS NULL)::int::bigint * 2 + (t.product_id IS NULL)::int::bigint * 4 + (t.legal_entity_id IS NULL)::int::bigint * 8 + (t.applicant_party_id IS NULL)::int::bigint * 16 + (t.requested_amount IS NULL)::int::bigint * 32 + (t.requested_currency IS NULL)::int::bigint * 64 + (t.tenor_months IS NULL)::int::bigint * 128 + (t.status IS NULL)::int::bigint * 256) COLLATE "C", 0)),
            ARRAY[sum(-t.requested_amount) FILTER (WHERE t.requested_amount - t.requested_amount = 0)]::numeric[], array_agg(t.id) FILTER (WHERE migrating)
        FROM old_rows AS t GROUP BY 4;
    ELSE
        INSERT INTO ops.tally (
            table_name, origin, rows_in, rows_out, rows_changed, currency, digest_delta, money_delta, ids_in, ids_out, ids_changed
        )
        SELECT
            'application', teller,
            count(*) FILTER (WHERE t.sign > 0 AND o.id IS NULL),
            count(*) FILTER (WHERE t.sign < 0 AND n.id IS NULL),
            count(*) FILTER (WHERE t.sign > 0 AND o.id IS NOT NULL),
            t.currency, sum(t.sign * t.digest),
            ARRAY[sum(t.sign * t.requested_amount) FILTER (WHERE t.requested_amount - t.requested_amount = 0)]::numeric[],
            array_agg(t.id) FILTER (WHERE migrating AND t.sign > 0 AND o.id IS NULL),
            array_agg(t.id) FILTER (WHERE migrating AND t.sign < 0 AND n.id IS NULL),
            array_agg(t.id) FILTER (WHERE migrating AND t.sign > 0 AND o.id IS NOT NULL)
        FROM old_rows AS o FULL JOIN new_rows AS n ON n.id = o.id
        CROSS JOIN LATERAL (VALUES
            (-1::numeric, o.id, o.requested_currency::text, hashtextextended(concat_ws(E'\x1f', o.id, o.application_number, o.product_id, o.legal_entity_id, o.applicant_party_id, o.requested_amount, o.requested_currency, o.tenor_months, o.status, (o.application_number IS NULL)::int::bigint * 2 + (o.product_id IS NULL)::int::bigint * 4 + (o.legal_entity_id IS NULL)::int::bigint * 8 + (o.applicant_party_id IS NULL)::int::bigint * 16 + (o.requested_amount IS NULL)::int::bigint * 32 + (o.requested_currency IS NULL)::int::bigint * 64 + (o.tenor_months IS NULL)::int::bigint * 128 + (o.status IS NULL)::int::bigint * 256) COLLATE "C", 0), o.requested_amount),
            (1::numeric, n.id, n.requested_currency::text, hashtextextended(concat_ws(E'\x1f', n.id, n.application_number, n.product_id, n.legal_entity_id, n.applicant_party_id, n.requested_amount, n.requested_currency, n.tenor_months, n.status, (n.application_number IS NULL)::int::bigint * 2 + (n.product_id IS NULL)::int::bigint * 4 + (n.legal_entity_id IS NULL)::int::bigint * 8 + (n.applicant_party_id IS NULL)::int::bigint * 16 + (n.requested_amount IS NULL)::int::bigint * 32 + (n.requested_currency IS NULL)::int::bigint * 64 + (n.tenor_months IS NULL)::int::bigint * 128 + (n.status IS NULL)::int::bigint * 256) COLLATE "C", 0), n.requested_amount)
        ) AS t (sign, id, currency, digest, requested_amount)
        WHERE ROW(o.id, o.application_number, o.product_id, o.legal_entity_id, o.applicant_party_id, o.requested_amount, o.requested_currency, o.tenor_months, o.status)::record *<> ROW(n.id, n.application_number, n.product_id, n.legal_entity_id, n.applicant_party_id, n.requested_amount, n.requested_currency, n.tenor_months, n.status)::record AND t.id IS NOT NULL
        GROUP BY t.currency;
    END IF;
    RETURN NULL;
END
$function$;
DO $do$
BEGIN
IF NOT EXISTS (SELECT FROM pg_catalog.pg_trigger AS g WHERE g.tgrelid = 'public.application'::regclass AND g.tgname = 'tally_insert') THEN
  CREATE TRIGGER tally_insert AFTER INSERT ON public.application REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT
  WHEN (coalesce(current_setting('rently.tally', true), '') <> 'off') EXECUTE FUNCTION ops.tally_application();
END IF;
IF NOT EXISTS (SELECT FROM pg_catalog.pg_trigger AS g WHERE g.tgrelid = 'public.application'::regclass AND g.tgname = 'tally_update') THEN
  CREATE TRIGGER tally_update AFTER UPDATE ON public.application REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT
  WHEN (coalesce(current_setting('rently.tally', true), '') <> 'off') EXECUTE FUNCTION ops.tally_application();
END IF;
IF NOT EXISTS (SELECT FROM pg_catalog.pg_trigger AS g WHERE g.tgrelid = 'public.application'::regclass AND g.tgname = 'tally_delete') THEN
  CREATE TRIGGER tally_delete AFTER DELETE ON public.application REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT
  WHEN (coalesce(current_setting('rently.tally', true), '') <> 'off') EXECUTE FUNCTION ops.tally_application();
END IF;
END
$do$;

--: account measure application requested_amount
SELECT t.requested_currency::text AS currency, count(*) AS rows, sum(hashtextextended(concat_ws(E'\x1f', t.id, t.application_number, t.product_id, t.legal_entity_id, t.applicant_party_id, t.requested_amount, t.requested_currency, t.tenor_months, t.status, (t.application_number IS NULL)::int::bigint * 2 + (t.product_id IS NULL)::int::bigint * 4 + (t.legal_entity_id IS NULL)::int::bigint * 8 + (t.applicant_party_id IS NULL)::int::bigint * 16 + (t.requested_amount IS NULL)::int::bigint * 32 + (t.requested_currency IS NULL)::int::bigint * 64 + (t.tenor_months IS NULL)::int::bigint * 128 + (t.status IS NULL)::int::bigint * 256) COLLATE "C", 0)) AS digest,
    ARRAY[sum(t.requested_amount) FILTER (WHERE t.requested_amount - t.requested_amount = 0)]::numeric[] AS money
FROM public.application AS t GROUP BY 1;

--: account count decision
CREATE OR REPLACE FUNCTION ops.tally_decision() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    migrating boolean := coalesce(current_setting('rently.origin', true), '') = 'migration';
    teller text := CASE WHEN migrating THEN 'migration' ELSE 'application' END;
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO ops.tally (table_name, origin, rows_in, currency, digest_delta, money_delta, ids_in)
        SELECT
            'decision', teller, count(*), t.approved_currency::text AS currency, sum(hashtextextended(concat_ws(E'\x1f', t.id, t.application_id, t.outcome, t.approved_amount, t.approved_currency, t.decided_by, (t.application_id IS NULL)::int::bigint * 2 + (t.outcome IS NULL)::int::bigint * 4 + (t.approved_amount IS NULL)::int::bigint * 8 + (t.approved_currency IS NULL)::int::bigint * 16 + (t.decided_by IS NULL)::int::bigint * 32) COLLATE "C", 0)),
            ARRAY[sum(t.approved_amount) FILTER (WHERE t.approved_amount - t.approved_amount = 0)]::numeric[], array_agg(t.id) FILTER (WHERE migrating)
        FROM new_rows AS t GROUP BY 4;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO ops.tally (table_name, origin, rows_out, currency, digest_delta, money_delta, ids_out)
        SELECT
            'decision', teller, count(*), t.approved_currency::text AS currency, -sum(hashtextextended(concat_ws(E'\x1f', t.id, t.application_id, t.outcome, t.approved_amount, t.approved_currency, t.decided_by, (t.application_id IS NULL)::int::bigint * 2 + (t.outcome IS NULL)::int::bigint * 4 + (t.approved_amount IS NULL)::int::bigint * 8 + (t.approved_currency IS NULL)::int::bigint * 16 + (t.decided_by IS NULL)::int::bigint * 32) COLLATE "C", 0)),
            ARRAY[sum(-t.approved_amount) FILTER (WHERE t.approved_amount - t.approved_amount = 0)]::numeric[], array_agg(t.id) FILTER (WHERE migrating)
        FROM old_rows AS t GROUP BY 4;
    ELSE
        INSERT INTO ops.tally (
            table_name, origin, rows_in, rows_out, rows_changed, currency, digest_delta, money_delta, ids_in, ids_out, ids_changed
        )
        SELECT
            'decision', teller,
            count(*) FILTER (WHERE t.sign > 0 AND o.id IS NULL),
            count(*) FILTER (WHERE t.sign < 0 AND n.id IS NULL),
            count(*) FILTER (WHERE t.sign > 0 AND o.id IS NOT NULL),
            t.currency, sum(t.sign * t.digest),
            ARRAY[sum(t.sign * t.approved_amount) FILTER (WHERE t.approved_amount - t.approved_amount = 0)]::numeric[],
            array_agg(t.id) FILTER (WHERE migrating AND t.sign > 0 AND o.id IS NULL),
            array_agg(t.id) FILTER (WHERE migrating AND t.sign < 0 AND n.id IS NULL),
            array_agg(t.id) FILTER (WHERE migrating AND t.sign > 0 AND o.id IS NOT NULL)
        FROM old_rows AS o FULL JOIN new_rows AS n ON n.id = o.id
        CROSS JOIN LATERAL (VALUES
            (-1::numeric, o.id, o.approved_currency::text, hashtextextended(concat_ws(E'\x1f', o.id, o.application_id, o.outcome, o.approved_amount, o.approved_currency, o.decided_by, (o.application_id IS NULL)::int::bigint * 2 + (o.outcome IS NULL)::int::bigint * 4 + (o.approved_amount IS NULL)::int::bigint * 8 + (o.approved_currency IS NULL)::int::bigint * 16 + (o.decided_by IS NULL)::int::bigint * 32) COLLATE "C", 0), o.approved_amount),
            (1::numeric, n.id, n.approved_currency::text, hashtextextended(concat_ws(E'\x1f', n.id, n.application_id, n.outcome, n.approved_amount, n.approved_currency, n.decided_by, (n.application_id IS NULL)::int::bigint * 2 + (n.outcome IS NULL)::int::bigint * 4 + (n.approved_amount IS NULL)::int::bigint * 8 + (n.approved_currency IS NULL)::int::bigint * 16 + (n.decided_by IS NULL)::int::bigint * 32) COLLATE "C", 0), n.approved_amount)
        ) AS t (sign, id, currency, digest, approved_amount)
        WHERE ROW(o.id, o.application_id, o.outcome, o.approved_amount, o.approved_currency, o.decided_by)::record *<> ROW(n.id, n.application_id, n.outcome, n.approved_amount, n.approved_currency, n.decided_by)::record AND t.id IS NOT NULL
        GROUP BY t.currency;
    END IF;
    RETURN NULL;
END
$function$;
DO $do$
BEGIN
IF NOT EXISTS (SELECT FROM pg_catalog.pg_trigger AS g WHERE g.tgrelid = 'public.decision'::regclass AND g.tgname = 'tally_insert') THEN
  CREATE TRIGGER tally_insert AFTER INSERT ON public.decision REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT
  WHEN (coalesce(current_setting('rently.tally', true), '') <> 'off') EXECUTE FUNCTION ops.tally_decision();
END IF;
IF NOT EXISTS (SELECT FROM pg_catalog.pg_trigger AS g WHERE g.tgrelid = 'public.decision'::regclass AND g.tgname = 'tally_update') THEN
  CREATE TRIGGER tally_update AFTER UPDATE ON public.decision REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT
  WHEN (coalesce(current_setting('rently.tally', true), '') <> 'off') EXECUTE FUNCTION ops.tally_decision();
END IF;
IF NOT EXISTS (SELECT FROM pg_catalog.pg_trigger AS g WHERE g.tgrelid = 'public.decision'::regclass AND g.tgname = 'tally_delete') THEN
  CREATE TRIGGER tally_delete AFTER DELETE ON public.decision REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT
  WHEN (coalesce(current_setting('rently.tally', true), '') <> 'off') EXECUTE FUNCTION ops.tally_decision();
END IF;
END
$do$;

--: account measure decision approved_amount
SELECT t.approved_currency::text AS currency, count(*) AS rows, sum(hashtextextended(concat_ws(E'\x1f', t.id, t.application_id, t.outcome, t.approved_amount, t.approved_currency, t.decided_by, (t.application_id IS NULL)::int::bigint * 2 + (t.outcome IS NULL)::int::bigint * 4 + (t.approved_amount IS NULL)::int::bigint * 8 + (t.approved_currency IS NULL)::int::bigint * 16 + (t.decided_by IS NULL)::int::bigint * 32) COLLATE "C", 0)) AS digest,
    ARRAY[sum(t.approved_amount) FILTER (WHERE t.approved_amount - t.approved_amount = 0)]::numeric[] AS money
FROM public.decision AS t GROUP BY 1;

--: account count loan
CREATE OR REPLACE FUNCTION ops.tally_loan() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    migrating boolean := coalesce(current_setting('rently.origin', true), '') = 'migration';
    teller text := CASE WHEN migrating THEN 'migration' ELSE 'application' END;
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO ops.tally (table_name, origin, rows_in, currency, digest_delta, money_delta, ids_in)
        SELECT
            'loan', teller, count(*), t.currency_code::text AS currency, sum(hashtextextended(concat_ws(E'\x1f', t.id, t.loan_number, t.application_id, t.product_id, t.legal_entity_id, t.borrower_party_id, t.currency_code, t.principal_amount, t.rc_fee_rate, t.interest_rate, encode(date_send(t.start_date), 'hex'), encode(date_send(t.end_date), 'hex'), t.parent_loan_id, t.property_contract_id, t.status, (t.loan_number IS NULL)::int::bigint * 2 + (t.application_id IS NULL)::int::bigint * 4 + (t.product_id IS NULL)::int::bigint * 8 + (t.legal_entity_id IS NULL)::int::bigint * 16 + (t.borrower_party_id IS NULL)::int::bigint * 32 + (t.currency_code IS NULL)::int::bigint * 64 + (t.principal_amount IS NULL)::int::bigint * 128 + (t.rc_fee_rate IS NULL)::int::bigint * 256 + (t.interest_rate IS NULL)::int::bigint * 512 + (t.start_date IS NULL)::int::bigint * 1024 + (t.end_date IS NULL)::int::bigint * 2048 + (t.parent_loan_id IS NULL)::int::bigint * 4096 + (t.property_contract_id IS NULL)::int::bigint * 8192 + (t.status IS NULL)::int::bigint * 16384) COLLATE "C", 0)),
            ARRAY[sum(t.principal_amount) FILTER (WHERE t.principal_amount - t.principal_amount = 0)]::numeric[], array_agg(t.id) FILTER (WHERE migrating)
        FROM new_rows AS t GROUP BY 4;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO ops.tally (table_name, origin, rows_out, currency, digest_delta, money_delta, ids_out)
        SELECT
            'loan', teller, count(*), t.currency_code::text AS currency, -sum(hashtextextended(concat_ws(E'\x1f', t.id, t.loan_number, t.application_id, t.product_id, t.legal_entity_id, t.borrower_party_id, t.currency_code, t.principal_amount, t.rc_fee_rate, t.interest_rate, encode(date_send(t.start_date), 'hex'), encode(date_send(t.end_date), 'hex'), t.parent_loan_id, t.property_contract_id, t.status, (t.loan_number IS NULL)::int::bigint * 2 + (t.application_id IS NULL)::int::bigint * 4 + (t.product_id IS NULL)::int::bigint * 8 + (t.legal_entity_id IS NULL)::int::bigint * 16 + (t.borrower_party_id IS NULL)::int::bigint * 32 + (t.currency_code IS NULL)::int::bigint * 64 + (t.principal_amount IS NULL)::int::bigint * 128 + (t.rc_fee_rate IS NULL)::int::bigint * 256 + (t.interest_rate IS NULL)::int::bigint * 512 + (t.start_date IS NULL)::int::bigint * 1024 + (t.end_date IS NULL)::int::bigint * 2048 + (t.parent_loan_id IS NULL)::int::bigint * 4096 + (t.property_contract_id IS NULL)::int::bigint * 8192 + (t.status IS NULL)::int::bigint * 16384) COLLATE "C", 0)),
            ARRAY[sum(-t.principal_amount) FILTER (WHERE t.principal_amount - t.principal_amount = 0)]::numeric[], array_agg(t.id) FILTER (WHERE migrating)
        FROM old_rows AS t GROUP BY 4;
    ELSE
        INSERT INTO ops.tally (
            table_name, origin, rows_in, rows_out, rows_changed, currency, digest_delta, money_delta, ids_in, ids_out, ids_changed
        )
        SELECT
            'loan', teller,
            count(*) FILTER (WHERE t.sign > 0 AND o.id IS NULL),
            count(*) FILTER (WHERE t.sign < 0 AND n.id IS NULL),
            count(*) FILTER (WHERE t.sign > 0 AND o.id IS NOT NULL),
            t.currency, sum(t.sign * t.digest),
            ARRAY[sum(t.sign * t.principal_amount) FILTER (WHERE t.principal_amount - t.principal_amount = 0)]::numeric[],
            array_agg(t.id) FILTER (WHERE migrating AND t.sign > 0 AND o.id IS NULL),
            array_agg(t.id) FILTER (WHERE migrating AND t.sign < 0 AND n.id IS NULL),
            array_agg(t.id) FILTER (WHERE migrating AND t.sign > 0 AND o.id IS NOT NULL)
        FROM old_rows AS o FULL JOIN new_rows AS n ON n.id = o.id
        CROSS JOIN LATERAL (VALUES
            (-1::numeric, o.id, o.currency_code::text, hashtextextended(concat_ws(E'\x1f', o.id, o.loan_number, o.application_id, o.product_id, o.legal_entity_id, o.borrower_party_id, o.currency_code, o.principal_amount, o.rc_fee_rate, o.interest_rate, encode(date_send(o.start_date), 'hex'), encode(date_send(o.end_date), 'hex'), o.parent_loan_id, o.property_contract_id, o.status, (o.loan_number IS NULL)::int::bigint * 2 + (o.application_id IS NULL)::int::bigint * 4 + (o.product_id IS NULL)::int::bigint * 8 + (o.legal_entity_id IS NULL)::int::bigint * 16 + (o.borrower_party_id IS NULL)::int::bigint * 32 + (o.currency_code IS NULL)::int::bigint * 64 + (o.principal_amount IS NULL)::int::bigint * 128 + (o.rc_fee_rate IS NULL)::int::bigint * 256 + (o.interest_rate IS NULL)::int::bigint * 512 + (o.start_date IS NULL)::int::bigint * 1024 + (o.end_date IS NULL)::int::bigint * 2048 + (o.parent_loan_id IS NULL)::int::bigint * 4096 + (o.property_contract_id IS NULL)::int::bigint * 8192 + (o.status IS NULL)::int::bigint * 16384) COLLATE "C", 0), o.principal_amount),
            (1::numeric, n.id, n.currency_code::text, hashtextextended(concat_ws(E'\x1f', n.id, n.loan_number, n.application_id, n.product_id, n.legal_entity_id, n.borrower_party_id, n.currency_code, n.principal_amount, n.rc_fee_rate, n.interest_rate, encode(date_send(n.start_date), 'hex'), encode(date_send(n.end_date), 'hex'), n.parent_loan_id, n.property_contract_id, n.status, (n.loan_number IS NULL)::int::bigint * 2 + (n.application_id IS NULL)::int::bigint * 4 + (n.product_id IS NULL)::int::bigint * 8 + (n.legal_entity_id IS NULL)::int::bigint * 16 + (n.borrower_party_id IS NULL)::int::bigint * 32 + (n.currency_code IS NULL)::int::bigint * 64 + (n.principal_amount IS NULL)::int::bigint * 128 + (n.rc_fee_rate IS NULL)::int::bigint * 256 + (n.interest_rate IS NULL)::int::bigint * 512 + (n.start_date IS NULL)::int::bigint * 1024 + (n.end_date IS NULL)::int::bigint * 2048 + (n.parent_loan_id IS NULL)::int::bigint * 4096 + (n.property_contract_id IS NULL)::int::bigint * 8192 + (n.status IS NULL)::int::bigint * 16384) COLLATE "C", 0), n.principal_amount)
        ) AS t (sign, id, currency, digest, principal_amount)
        WHERE ROW(o.id, o.loan_number, o.application_id, o.product_id, o.legal_entity_id, o.borrower_party_id, o.currency_code, o.principal_amount, o.rc_fee_rate, o.interest_rate, o.start_date, o.end_date, o.parent_loan_id, o.property_contract_id, o.status)::record *<> ROW(n.id, n.loan_number, n.application_id, n.product_id, n.legal_entity_id, n.borrower_party_id, n.currency_code, n.principal_amount, n.rc_fee_rate, n.interest_rate, n.start_date, n.end_date, n.parent_loan_id, n.property_contract_id, n.status)::record AND t.id IS NOT NULL
        GROUP BY t.currency;
    END IF;
    RETURN NULL;
END
$function$;
DO $do$
BEGIN
IF NOT EXISTS (SELECT FROM pg_catalog.pg_trigger AS g WHERE g.tgrelid = 'public.loan'::regclass AND g.tgname = 'tally_insert') THEN
  CREATE TRIGGER tally_insert AFTER INSERT ON public.loan REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT
  WHEN (coalesce(current_setting('rently.tally', true), '') <> 'off') EXECUTE FUNCTION ops.tally_loan();
END IF;
IF NOT EXISTS (SELECT FROM pg_catalog.pg_trigger AS g WHERE g.tgrelid = 'public.loan'::regclass AND g.tgname = 'tally_update') THEN
  CREATE TRIGGER tally_update AFTER UPDATE ON public.loan REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT
  WHEN (coalesce(current_setting('rently.tally', true), '') <> 'off') EXECUTE FUNCTION ops.tally_loan();
END IF;
IF NOT EXISTS (SELECT FROM pg_catalog.pg_trigger AS g WHERE g.tgrelid = 'public.loan'::regclass AND g.tgname = 'tally_delete') THEN
  CREATE TRIGGER tally_delete AFTER DELETE ON public.loan REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT
  WHEN (coalesce(current_setting('rently.tally', true), '') <> 'off') EXECUTE FUNCTION ops.tally_loan();
END IF;
END
$do$;

--: account measure loan principal_amount
SELECT t.currency_code::text AS currency, count(*) AS rows, sum(hashtextextended(concat_ws(E'\x1f', t.id, t.loan_number, t.application_id, t.product_id, t.legal_entity_id, t.borrower_party_id, t.currency_code, t.principal_amount, t.rc_fee_rate, t.interest_rate, encode(date_send(t.start_date), 'hex'), encode(date_send(t.end_date), 'hex'), t.parent_loan_id, t.property_contract_id, t.status, (t.loan_number IS NULL)::int::bigint * 2 + (t.application_id IS NULL)::int::bigint * 4 + (t.product_id IS NULL)::int::bigint * 8 + (t.legal_entity_id IS NULL)::int::bigint * 16 + (t.borrower_party_id IS NULL)::int::bigint * 32 + (t.currency_code IS NULL)::int::bigint * 64 + (t.principal_amount IS NULL)::int::bigint * 128 + (t.rc_fee_rate IS NULL)::int::bigint * 256 + (t.interest_rate IS NULL)::int::bigint * 512 + (t.start_date IS NULL)::int::bigint * 1024 + (t.end_date IS NULL)::int::bigint * 2048 + (t.parent_loan_id IS NULL)::int::bigint * 4096 + (t.property_contract_id IS NULL)::int::bigint * 8192 + (t.status IS NULL)::int::bigint * 16384) COLLATE "C", 0)) AS digest,
    ARRAY[sum(t.principal_amount) FILTER (WHERE t.principal_amount - t.principal_amount = 0)]::numeric[] AS money
FROM public.loan AS t GROUP BY 1;

--: account count party_role
CREATE OR REPLACE FUNCTION ops.tally_party_role() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    migrating boolean := coalesce(current_setting('rently.origin', true), '') = 'migration';
    teller text := CASE WHEN migrating THEN 'migration' ELSE 'application' END;
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO ops.tally (table_name, origin, rows_in, currency, digest_delta, money_delta, ids_in)
        SELECT
            'party_role', teller, count(*), NULL::text AS currency, sum(hashtextextended(concat_ws(E'\x1f', t.id, t.party_id, t.loan_id, t.role, (t.party_id IS NULL)::int::bigint * 2 + (t.loan_id IS NULL)::int::bigint * 4 + (t.role IS NULL)::int::bigint * 8) COLLATE "C", 0)),
            ARRAY[]::numeric[], array_agg(t.id) FILTER (WHERE migrating)
        FROM new_rows AS t GROUP BY 4;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO ops.tally (table_name, origin, rows_out, currency, digest_delta, money_delta, ids_out)
        SELECT
            'party_role', teller, count(*), NULL::text AS currency, -sum(hashtextextended(concat_ws(E'\x1f', t.id, t.party_id, t.loan_id, t.role, (t.party_id IS NULL)::int::bigint * 2 + (t.loan_id IS NULL)::int::bigint * 4 + (t.role IS NULL)::int::bigint * 8) COLLATE "C", 0)),
            ARRAY[]::numeric[], array_agg(t.id) FILTER (WHERE migrating)
        FROM old_rows AS t GROUP BY 4;
    ELSE
        INSERT INTO ops.tally (
            table_name, origin, rows_in, rows_out, rows_changed, currency, digest_delta, money_delta, ids_in, ids_out, ids_changed
        )
        SELECT
            'party_role', teller,
            count(*) FILTER (WHERE t.sign > 0 AND o.id IS NULL),
            count(*) FILTER (WHERE t.sign < 0 AND n.id IS NULL),
            count(*) FILTER (WHERE t.sign > 0 AND o.id IS NOT NULL),
            t.currency, sum(t.sign * t.digest),
            ARRAY[]::numeric[],
            array_agg(t.id) FILTER (WHERE migrating AND t.sign > 0 AND o.id IS NULL),
            array_agg(t.id) FILTER (WHERE migrating AND t.sign < 0 AND n.id IS NULL),
            array_agg(t.id) FILTER (WHERE migrating AND t.sign > 0 AND o.id IS NOT NULL)
        FROM old_rows AS o FULL JOIN new_rows AS n ON n.id = o.id
        CROSS JOIN LATERAL (VALUES
            (-1::numeric, o.id, NULL::text, hashtextextended(concat_ws(E'\x1f', o.id, o.party_id, o.loan_id, o.role, (o.party_id IS NULL)::int::bigint * 2 + (o.loan_id IS NULL)::int::bigint * 4 + (o.role IS NULL)::int::bigint * 8) COLLATE "C", 0)),
            (1::numeric, n.id, NULL::text, hashtextextended(concat_ws(E'\x1f', n.id, n.party_id, n.loan_id, n.role, (n.party_id IS NULL)::int::bigint * 2 + (n.loan_id IS NULL)::int::bigint * 4 + (n.role IS NULL)::int::bigint * 8) COLLATE "C", 0))
        ) AS t (sign, id, currency, digest)
        WHERE ROW(o.id, o.party_id, o.loan_id, o.role)::record *<> ROW(n.id, n.party_id, n.loan_id, n.role)::record AND t.id IS NOT NULL
        GROUP BY t.currency;
    END IF;
    RETURN NULL;
END
$function$;
DO $do$
BEGIN
IF NOT EXISTS (SELECT FROM pg_catalog.pg_trigger AS g WHERE g.tgrelid = 'public.party_role'::regclass AND g.tgname = 'tally_insert') THEN
  CREATE TRIGGER tally_insert AFTER INSERT ON public.party_role REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT
  WHEN (coalesce(current_setting('rently.tally', true), '') <> 'off') EXECUTE FUNCTION ops.tally_party_role();
END IF;
IF NOT EXISTS (SELECT FROM pg_catalog.pg_trigger AS g WHERE g.tgrelid = 'public.party_role'::regclass AND g.tgname = 'tally_update') THEN
  CREATE TRIGGER tally_update AFTER UPDATE ON public.party_role REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT
  WHEN (coalesce(current_setting('rently.tally', true), '') <> 'off') EXECUTE FUNCTION ops.tally_party_role();
END IF;
IF NOT EXISTS (SELECT FROM pg_catalog.pg_trigger AS g WHERE g.tgrelid = 'public.party_role'::regclass AND g.tgname = 'tally_delete') THEN
  CREATE TRIGGER tally_delete AFTER DELETE ON public.party_role REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT
  WHEN (coalesce(current_setting('rently.tally', true), '') <> 'off') EXECUTE FUNCTION ops.tally_party_role();
END IF;
END
$do$;

--: account measure party_role
SELECT NULL::text AS currency, count(*) AS rows, sum(hashtextextended(concat_ws(E'\x1f', t.id, t.party_id, t.loan_id, t.role, (t.party_id IS NULL)::int::bigint * 2 + (t.loan_id IS NULL)::int::bigint * 4 + (t.role IS NULL)::int::bigint * 8) COLLATE "C", 0)) AS digest,
    ARRAY[]::numeric[] AS money
FROM public.party_role AS t GROUP BY 1;

--: account count amortisation_plan
CREATE OR REPLACE FUNCTION ops.tally_amortisation_plan() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    migrating boolean := coalesce(current_setting('rently.origin', true), '') = 'migration';
    teller text := CASE WHEN migrating THEN 'migration' ELSE 'application' END;
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO ops.tally (table_name, origin, rows_in, currency, digest_delta, money_delta, ids_in)
        SELECT
            'amortisation_plan', teller, count(*), NULL::text AS currency, sum(hashtextextended(concat_ws(E'\x1f', t.id, t.loan_id, t.version, t.status, t.reason, encode(date_send(t.effective_from), 'hex'), encode(date_send(t.effective_through), 'hex'), (t.loan_id IS NULL)::int::bigint * 2 + (t.version IS NULL)::int::bigint * 4 + (t.status IS NULL)::int::bigint * 8 + (t.reason IS NULL)::int::bigint * 16 + (t.effective_from IS NULL)::int::bigint * 32 + (t.effective_through IS NULL)::int::bigint * 64) COLLATE "C", 0)),
            ARRAY[]::numeric[], array_agg(t.id) FILTER (WHERE migrating)
        FROM new_rows AS t GROUP BY 4;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO ops.tally (table_name, origin, rows_out, currency, digest_delta, money_delta, ids_out)
        SELECT
            'amortisation_plan', teller, count(*), NULL::text AS currency, -sum(hashtextextended(concat_ws(E'\x1f', t.id, t.loan_id, t.version, t.status, t.reason, encode(date_send(t.effective_from), 'hex'), encode(date_send(t.effective_through), 'hex'), (t.loan_id IS NULL)::int::bigint * 2 + (t.version IS NULL)::int::bigint * 4 + (t.status IS NULL)::int::bigint * 8 + (t.reason IS NULL)::int::bigint * 16 + (t.effective_from IS NULL)::int::bigint * 32 + (t.effective_through IS NULL)::int::bigint * 64) COLLATE "C", 0)),
            ARRAY[]::numeric[], array_agg(t.id) FILTER (WHERE migrating)
        FROM old_rows AS t GROUP BY 4;
    ELSE
        INSERT INTO ops.tally (
            table_name, origin, rows_in, rows_out, rows_changed, currency, digest_delta, money_delta, ids_in, ids_out, ids_changed
        )
        SELECT
            'amortisation_plan', teller,
            count(*) FILTER (WHERE t.sign > 0 AND o.id IS NULL),
            count(*) FILTER (WHERE t.sign < 0 AND n.id IS NULL),
            count(*) FILTER (WHERE t.sign > 0 AND o.id IS NOT NULL),
            t.currency, sum(t.sign * t.digest),
            ARRAY[]::numeric[],
            array_agg(t.id) FILTER (WHERE migrating AND t.sign > 0 AND o.id IS NULL),
            array_agg(t.id) FILTER (WHERE migrating AND t.sign < 0 AND n.id IS NULL),
            array_agg(t.id) FILTER (WHERE migrating AND t.sign > 0 AND o.id IS NOT NULL)
        FROM old_rows AS o FULL JOIN new_rows AS n ON n.id = o.id
        CROSS JOIN LATERAL (VALUES
            (-1::numeric, o.id, NULL::text, hashtextextended(concat_ws(E'\x1f', o.id, o.loan_id, o.version, o.status, o.reason, encode(date_send(o.effective_from), 'hex'), encode(date_send(o.effective_through), 'hex'), (o.loan_id IS NULL)::int::bigint * 2 + (o.version IS NULL)::int::bigint * 4 + (o.status IS NULL)::int::bigint * 8 + (o.reason IS NULL)::int::bigint * 16 + (o.effective_from IS NULL)::int::bigint * 32 + (o.effective_through IS NULL)::int::bigint * 64) COLLATE "C", 0)),
            (1::numeric, n.id, NULL::text, hashtextextended(concat_ws(E'\x1f', n.id, n.loan_id, n.version, n.status, n.reason, encode(date_send(n.effective_from), 'hex'), encode(date_send(n.effective_through), 'hex'), (n.loan_id IS NULL)::int::bigint * 2 + (n.version IS NULL)::int::bigint * 4 + (n.status IS NULL)::int::bigint * 8 + (n.reason IS NULL)::int::bigint * 16 + (n.effective_from IS NULL)::int::bigint * 32 + (n.effective_through IS NULL)::int::bigint * 64) COLLATE "C", 0))
        ) AS t (sign, id, currency, digest)
        WHERE ROW(o.id, o.loan_id, o.version, o.status, o.reason, o.effective_from, o.effective_through)::record *<> ROW(n.id, n.loan_id, n.version, n.status, n.reason, n.effective_from, n.effective_through)::record AND t.id IS NOT NULL
        GROUP BY t.currency;
    END IF;
    RETURN NULL;
END
$function$;
DO $do$
BEGIN
IF NOT EXISTS (SELECT FROM pg_catalog.pg_trigger AS g WHERE g.tgrelid = 'public.amortisation_plan'::regclass AND g.tgname = 'tally_insert') THEN
  CREATE TRIGGER tally_insert AFTER INSERT ON public.amortisation_plan REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT
  WHEN (coalesce(current_setting('rently.tally', true), '') <> 'off') EXECUTE FUNCTION ops.tally_amortisation_plan();
END IF;
IF NOT EXISTS (SELECT FROM pg_catalog.pg_trigger AS g WHERE g.tgrelid = 'public.amortisation_plan'::regclass AND g.tgname = 'tally_update') THEN
  CREATE TRIGGER tally_update AFTER UPDATE ON public.amortisation_plan REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT
  WHEN (coalesce(current_setting('rently.tally', true), '') <> 'off') EXECUTE FUNCTION ops.tally_amortisation_plan();
END IF;
IF NOT EXISTS (SELECT FROM pg_catalog.pg_trigger AS g WHERE g.tgrelid = 'public.amortisation_plan'::regclass AND g.tgname = 'tally_delete') THEN
  CREATE TRIGGER tally_delete AFTER DELETE ON public.amortisation_plan REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT
  WHEN (coalesce(current_setting('rently.tally', true), '') <> 'off') EXECUTE FUNCTION ops.tally_amortisation_plan();
END IF;
END
$do$;

--: account measure amortisation_plan
SELECT NULL::text AS currency, count(*) AS rows, sum(hashtextextended(concat_ws(E'\x1f', t.id, t.loan_id, t.version, t.status, t.reason, encode(date_send(t.effective_from), 'hex'), encode(date_send(t.effective_through), 'hex'), (t.loan_id IS NULL)::int::bigint * 2 + (t.version IS NULL)::int::bigint * 4 + (t.status IS NULL)::int::bigint * 8 + (t.reason IS NULL)::int::bigint * 16 + (t.effective_from IS NULL)::int::bigint * 32 + (t.effective_through IS NULL)::int::bigint * 64) COLLATE "C", 0)) AS digest,
    ARRAY[]::numeric[] AS money
FROM public.amortisation_plan AS t GROUP BY 1;

--: account count amortisation_line
CREATE OR REPLACE FUNCTION ops.tally_amortisation_line() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    migrating boolean := coalesce(current_setting('rently.origin', true), '') = 'migration';
    teller text := CASE WHEN migrating THEN 'migration' ELSE 'application' END;
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO ops.tally (table_name, origin, rows_in, currency, digest_delta, money_delta, ids_in)
        SELECT
            'amortisation_line', teller, count(*), t.currency_code::text AS currency, sum(hashtextextended(concat_ws(E'\x1f', t.id, t.plan_id, t.seq_no, encode(date_send(t.due_date), 'hex'), t.currency_code, t.amount_principal, t.amount_rc_fee, t.amount_penalty, t.amount_other, (t.plan_id IS NULL)::int::bigint * 2 + (t.seq_no IS NULL)::int::bigint * 4 + (t.due_date IS NULL)::int::bigint * 8 + (t.currency_code IS NULL)::int::bigint * 16 + (t.amount_principal IS NULL)::int::bigint * 32 + (t.amount_rc_fee IS NULL)::int::bigint * 64 + (t.amount_penalty IS NULL)::int::bigint * 128 + (t.amount_other IS NULL)::int::bigint * 256) COLLATE "C", 0)),
            ARRAY[sum(t.amount_principal) FILTER (WHERE t.amount_principal - t.amount_principal = 0), sum(t.amount_rc_fee) FILTER (WHERE t.amount_rc_fee - t.amount_rc_fee = 0), sum(t.amount_penalty) FILTER (WHERE t.amount_penalty - t.amount_penalty = 0), sum(t.amount_other) FILTER (WHERE t.amount_other - t.amount_other = 0)]::numeric[], array_agg(t.id) FILTER (WHERE migrating)
        FROM new_rows AS t GROUP BY 4;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO ops.tally (table_name, origin, rows_out, currency, digest_delta, money_delta, ids_out)
        SELECT
            'amortisation_line', teller, count(*), t.currency_code::text AS currency, -sum(hashtextextended(concat_ws(E'\x1f', t.id, t.plan_id, t.seq_no, encode(date_send(t.due_date), 'hex'), t.currency_code, t.amount_principal, t.amount_rc_fee, t.amount_penalty, t.amount_other, (t.plan_id IS NULL)::int::bigint * 2 + (t.seq_no IS NULL)::int::bigint * 4 + (t.due_date IS NULL)::int::bigint * 8 + (t.currency_code IS NULL)::int::bigint * 16 + (t.amount_principal IS NULL)::int::bigint * 32 + (t.amount_rc_fee IS NULL)::int::bigint * 64 + (t.amount_penalty IS NULL)::int::bigint * 128 + (t.amount_other IS NULL)::int::bigint * 256) COLLATE "C", 0)),
            ARRAY[sum(-t.amount_principal) FILTER (WHERE t.amount_principal - t.amount_principal = 0), sum(-t.amount_rc_fee) FILTER (WHERE t.amount_rc_fee - t.amount_rc_fee = 0), sum(-t.amount_penalty) FILTER (WHERE t.amount_penalty - t.amount_penalty = 0), sum(-t.amount_other) FILTER (WHERE t.amount_other - t.amount_other = 0)]::numeric[], array_agg(t.id) FILTER (WHERE migrating)
        FROM old_rows AS t GROUP BY 4;
    ELSE
        INSERT INTO ops.tally (
            table_name, origin, rows_in, rows_out, rows_changed, currency, digest_delta, money_delta, ids_in, ids_out, ids_changed
        )
        SELECT
            'amortisation_line', teller,
            count(*) FILTER (WHERE t.sign > 0 AND o.id IS NULL),
            count(*) FILTER (WHERE t.sign < 0 AND n.id IS NULL),
            count(*) FILTER (WHERE t.sign > 0 AND o.id IS NOT NULL),
            t.currency, sum(t.sign * t.digest),
            ARRAY[sum(t.sign * t.amount_principal) FILTER (WHERE t.amount_principal - t.amount_principal = 0), sum(t.sign * t.amount_rc_fee) FILTER (WHERE t.amount_rc_fee - t.amount_rc_fee = 0), sum(t.sign * t.amount_penalty) FILTER (WHERE t.amount_penalty - t.amount_penalty = 0), sum(t.sign * t.amount_other) FILTER (WHERE t.amount_other - t.amount_other = 0)]::numeric[],
            array_agg(t.id) FILTER (WHERE migrating AND t.sign > 0 AND o.id IS NULL),
            array_agg(t.id) FILTER (WHERE migrating AND t.sign < 0 AND n.id IS NULL),
            array_agg(t.id) FILTER (WHERE migrating AND t.sign > 0 AND o.id IS NOT NULL)
        FROM old_rows AS o FULL JOIN new_rows AS n ON n.id = o.id
        CROSS JOIN LATERAL (VALUES
            (-1::numeric, o.id, o.currency_code::text, hashtextextended(concat_ws(E'\x1f', o.id, o.plan_id, o.seq_no, encode(date_send(o.due_date), 'hex'), o.currency_code, o.amount_principal, o.amount_rc_fee, o.amount_penalty, o.amount_other, (o.plan_id IS NULL)::int::bigint * 2 + (o.seq_no IS NULL)::int::bigint * 4 + (o.due_date IS NULL)::int::bigint * 8 + (o.currency_code IS NULL)::int::bigint * 16 + (o.amount_principal IS NULL)::int::bigint * 32 + (o.amount_rc_fee IS NULL)::int::bigint * 64 + (o.amount_penalty IS NULL)::int::bigint * 128 + (o.amount_other IS NULL)::int::bigint * 256) COLLATE "C", 0), o.amount_principal, o.amount_rc_fee, o.amount_penalty, o.amount_other),
            (1::numeric, n.id, n.currency_code::text, hashtextextended(concat_ws(E'\x1f', n.id, n.plan_id, n.seq_no, encode(date_send(n.due_date), 'hex'), n.currency_code, n.amount_principal, n.amount_rc_fee, n.amount_penalty, n.amount_other, (n.plan_id IS NULL)::int::bigint * 2 + (n.seq_no IS NULL)::int::bigint * 4 + (n.due_date IS NULL)::int::bigint * 8 + (n.currency_code IS NULL)::int::bigint * 16 + (n.amount_principal IS NULL)::int::bigint * 32 + (n.amount_rc_fee IS NULL)::int::bigint * 64 + (n.amount_penalty IS NULL)::int::bigint * 128 + (n.amount_other IS NULL)::int::bigint * 256) COLLATE "C", 0), n.amount_principal, n.amount_rc_fee, n.amount_penalty, n.amount_other)
        ) AS t (sign, id, currency, digest, amount_principal, amount_rc_fee, amount_penalty, amount_other)
        WHERE ROW(o.id, o.plan_id, o.seq_no, o.due_date, o.currency_code, o.amount_principal, o.amount_rc_fee, o.amount_penalty, o.amount_other)::record *<> ROW(n.id, n.plan_id, n.seq_no, n.due_date, n.currency_code, n.amount_principal, n.amount_rc_fee, n.amount_penalty, n.amount_other)::record AND t.id IS NOT NULL
        GROUP BY t.currency;
    END IF;
    RETURN NULL;
END
$function$;
DO $do$
BEGIN
IF NOT EXISTS (SELECT FROM pg_catalog.pg_trigger AS g WHERE g.tgrelid = 'public.amortisation_line'::regclass AND g.tgname = 'tally_insert') THEN
  CREATE TRIGGER tally_insert AFTER INSERT ON public.amortisation_line REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT
  WHEN (coalesce(current_setting('rently.tally', true), '') <> 'off') EXECUTE FUNCTION ops.tally_amortisation_line();
END IF;
IF NOT EXISTS (SELECT FROM pg_catalog.pg_trigger AS g WHERE g.tgrelid = 'public.amortisation_line'::regclass AND g.tgname = 'tally_update') THEN
  CREATE TRIGGER tally_update AFTER UPDATE ON public.amortisation_line REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT
  WHEN (coalesce(current_setting('rently.tally', true), '') <> 'off') EXECUTE FUNCTION ops.tally_amortisation_line();
END IF;
IF NOT EXISTS (SELECT FROM pg_catalog.pg_trigger AS g WHERE g.tgrelid = 'public.amortisation_line'::regclass AND g.tgname = 'tally_delete') THEN
  CREATE TRIGGER tally_delete AFTER DELETE ON public.amortisation_line REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT
  WHEN (coalesce(current_setting('rently.tally', true), '') <> 'off') EXECUTE FUNCTION ops.tally_amortisation_line();
END IF;
END
$do$;

--: account measure amortisation_line amount_principal amount_rc_fee amount_penalty amount_other
SELECT t.currency_code::text AS currency, count(*) AS rows, sum(hashtextextended(concat_ws(E'\x1f', t.id, t.plan_id, t.seq_no, encode(date_send(t.due_date), 'hex'), t.currency_code, t.amount_principal, t.amount_rc_fee, t.amount_penalty, t.amount_other, (t.plan_id IS NULL)::int::bigint * 2 + (t.seq_no IS NULL)::int::bigint * 4 + (t.due_date IS NULL)::int::bigint * 8 + (t.currency_code IS NULL)::int::bigint * 16 + (t.amount_principal IS NULL)::int::bigint * 32 + (t.amount_rc_fee IS NULL)::int::bigint * 64 + (t.amount_penalty IS NULL)::int::bigint * 128 + (t.amount_other IS NULL)::int::bigint * 256) COLLATE "C", 0)) AS digest,
    ARRAY[sum(t.amount_principal) FILTER (WHERE t.amount_principal - t.amount_principal = 0), sum(t.amount_rc_fee) FILTER (WHERE t.amount_rc_fee - t.amount_rc_fee = 0), sum(t.amount_penalty) FILTER (WHERE t.amount_penalty - t.amount_penalty = 0), sum(t.amount_other) FILTER (WHERE t.amount_other - t.amount_other = 0)]::numeric[] AS money
FROM public.amortisation_line AS t GROUP BY 1;

--: account count payment
CREATE OR REPLACE FUNCTION ops.tally_payment() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    migrating boolean := coalesce(current_setting('rently.origin', true), '') = 'migration';
    teller text := CASE WHEN migrating THEN 'migration' ELSE 'application' END;
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO ops.tally (table_name, origin, rows_in, currency, digest_delta, money_delta, ids_in)
        SELECT
            'payment', teller, count(*), t.currency_code::text AS currency, sum(hashtextextended(concat_ws(E'\x1f', t.id, t.legal_entity_id, t.currency_code, t.amount, t.direction, t.provider, t.external_reference, t.payer_party_id, t.payee_party_id, t.instrument_id, encode(timestamp_send(t.received_at), 'hex'), t.status, (t.legal_entity_id IS NULL)::int::bigint * 2 + (t.currency_code IS NULL)::int::bigint * 4 + (t.amount IS NULL)::int::bigint * 8 + (t.direction IS NULL)::int::bigint * 16 + (t.provider IS NULL)::int::bigint * 32 + (t.external_reference IS NULL)::int::bigint * 64 + (t.payer_party_id IS NULL)::int::bigint * 128 + (t.payee_party_id IS NULL)::int::bigint * 256 + (t.instrument_id IS NULL)::int::bigint * 512 + (t.received_at IS NULL)::int::bigint * 1024 + (t.status IS NULL)::int::bigint * 2048) COLLATE "C", 0)),
            ARRAY[sum(t.amount) FILTER (WHERE t.amount - t.amount = 0)]::numeric[], array_agg(t.id) FILTER (WHERE migrating)
        FROM new_rows AS t GROUP BY 4;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO ops.tally (table_name, origin, rows_out, currency, digest_delta, money_delta, ids_out)
        SELECT
            'payment', teller, count(*), t.currency_code::text AS currency, -sum(hashtextextended(concat_ws(E'\x1f', t.id, t.legal_entity_id, t.currency_code, t.amount, t.direction, t.provider, t.external_reference, t.payer_party_id, t.payee_party_id, t.instrument_id, encode(timestamp_send(t.received_at), 'hex'), t.status, (t.legal_entity_id IS NULL)::int::bigint * 2 + (t.currency_code IS NULL)::int::bigint * 4 + (t.amount IS NULL)::int::bigint * 8 + (t.direction IS NULL)::int::bigint * 16 + (t.provider IS NULL)::int::bigint * 32 + (t.external_reference IS NULL)::int::bigint * 64 + (t.payer_party_id IS NULL)::int::bigint * 128 + (t.payee_party_id IS NULL)::int::bigint * 256 + (t.instrument_id IS NULL)::int::bigint * 512 + (t.received_at IS NULL)::int::bigint * 1024 + (t.status IS NULL)::int::bigint * 2048) COLLATE "C", 0)),
            ARRAY[sum(-t.amount) FILTER (WHERE t.amount - t.amount = 0)]::numeric[], array_agg(t.id) FILTER (WHERE migrating)
        FROM old_rows AS t GROUP BY 4;
    ELSE
        INSERT INTO ops.tally (
            table_name, origin, rows_in, rows_out, rows_changed, currency, digest_delta, money_delta, ids_in, ids_out, ids_changed
        )
        SELECT
            'payment', teller,
            count(*) FILTER (WHERE t.sign > 0 AND o.id IS NULL),
            count(*) FILTER (WHERE t.sign < 0 AND n.id IS NULL),
            count(*) FILTER (WHERE t.sign > 0 AND o.id IS NOT NULL),
            t.currency, sum(t.sign * t.digest),
            ARRAY[sum(t.sign * t.amount) FILTER (WHERE t.amount - t.amount = 0)]::numeric[],
            array_agg(t.id) FILTER (WHERE migrating AND t.sign > 0 AND o.id IS NULL),
            array_agg(t.id) FILTER (WHERE migrating AND t.sign < 0 AND n.id IS NULL),
            array_agg(t.id) FILTER (WHERE migrating AND t.sign > 0 AND o.id IS NOT NULL)
        FROM old_rows AS o FULL JOIN new_rows AS n ON n.id = o.id
        CROSS JOIN LATERAL (VALUES
            (-1::numeric, o.id, o.currency_code::text, hashtextextended(concat_ws(E'\x1f', o.id, o.legal_entity_id, o.currency_code, o.amount, o.direction, o.provider, o.external_reference, o.payer_party_id, o.payee_party_id, o.instrument_id, encode(timestamp_send(o.received_at), 'hex'), o.status, (o.legal_entity_id IS NULL)::int::bigint * 2 + (o.currency_code IS NULL)::int::bigint * 4 + (o.amount IS NULL)::int::bigint * 8 + (o.direction IS NULL)::int::bigint * 16 + (o.provider IS NULL)::int::bigint * 32 + (o.external_reference IS NULL)::int::bigint * 64 + (o.payer_party_id IS NULL)::int::bigint * 128 + (o.payee_party_id IS NULL)::int::bigint * 256 + (o.instrument_id IS NULL)::int::bigint * 512 + (o.received_at IS NULL)::int::bigint * 1024 + (o.status IS NULL)::int::bigint * 2048) COLLATE "C", 0), o.amount),
            (1::numeric, n.id, n.currency_code::text, hashtextextended(concat_ws(E'\x1f', n.id, n.legal_entity_id, n.currency_code, n.amount, n.direction, n.provider, n.external_reference, n.payer_party_id, n.payee_party_id, n.instrument_id, encode(timestamp_send(n.received_at), 'hex'), n.status, (n.legal_entity_id IS NULL)::int::bigint * 2 + (n.currency_code IS NULL)::int::bigint * 4 + (n.amount IS NULL)::int::bigint * 8 + (n.direction IS NULL)::int::bigint * 16 + (n.provider IS NULL)::int::bigint * 32 + (n.external_reference IS NULL)::int::bigint * 64 + (n.payer_party_id IS NULL)::int::bigint * 128 + (n.payee_party_id IS NULL)::int::bigint * 256 + (n.instrument_id IS NULL)::int::bigint * 512 + (n.received_at IS NULL)::int::bigint * 1024 + (n.status IS NULL)::int::bigint * 2048) COLLATE "C", 0), n.amount)
        ) AS t (sign, id, currency, digest, amount)
        WHERE ROW(o.id, o.legal_entity_id, o.currency_code, o.amount, o.direction, o.provider, o.external_reference, o.payer_party_id, o.payee_party_id, o.instrument_id, o.received_at, o.status)::record *<> ROW(n.id, n.legal_entity_id, n.currency_code, n.amount, n.direction, n.provider, n.external_reference, n.payer_party_id, n.payee_party_id, n.instrument_id, n.received_at, n.status)::record AND t.id IS NOT NULL
        GROUP BY t.currency;
    END IF;
    RETURN NULL;
END
$function$;
DO $do$
BEGIN
IF NOT EXISTS (SELECT FROM pg_catalog.pg_trigger AS g WHERE g.tgrelid = 'public.payment'::regclass AND g.tgname = 'tally_insert') THEN
  CREATE TRIGGER tally_insert AFTER INSERT ON public.payment REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT
  WHEN (coalesce(current_setting('rently.tally', true), '') <> 'off') EXECUTE FUNCTION ops.tally_payment();
END IF;
IF NOT EXISTS (SELECT FROM pg_catalog.pg_trigger AS g WHERE g.tgrelid = 'public.payment'::regclass AND g.tgname = 'tally_update') THEN
  CREATE TRIGGER tally_update AFTER UPDATE ON public.payment REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT
  WHEN (coalesce(current_setting('rently.tally', true), '') <> 'off') EXECUTE FUNCTION ops.tally_payment();
END IF;
IF NOT EXISTS (SELECT FROM pg_catalog.pg_trigger AS g WHERE g.tgrelid = 'public.payment'::regclass AND g.tgname = 'tally_delete') THEN
  CREATE TRIGGER tally_delete AFTER DELETE ON public.payment REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT
  WHEN (coalesce(current_setting('rently.tally', true), '') <> 'off') EXECUTE FUNCTION ops.tally_payment();
END IF;
END
$do$;

--: account measure payment amount
SELECT t.currency_code::text AS currency, count(*) AS rows, sum(hashtextextended(concat_ws(E'\x1f', t.id, t.legal_entity_id, t.currency_code, t.amount, t.direction, t.provider, t.external_reference, t.payer_party_id, t.payee_party_id, t.instrument_id, encode(timestamp_send(t.received_at), 'hex'), t.status, (t.legal_entity_id IS NULL)::int::bigint * 2 + (t.currency_code IS NULL)::int::bigint * 4 + (t.amount IS NULL)::int::bigint * 8 + (t.direction IS NULL)::int::bigint * 16 + (t.provider IS NULL)::int::bigint * 32 + (t.external_reference IS NULL)::int::bigint * 64 + (t.payer_party_id IS NULL)::int::bigint * 128 + (t.payee_party_id IS NULL)::int::bigint * 256 + (t.instrument_id IS NULL)::int::bigint * 512 + (t.received_at IS NULL)::int::bigint * 1024 + (t.status IS NULL)::int::bigint * 2048) COLLATE "C", 0)) AS digest,
    ARRAY[sum(t.amount) FILTER (WHERE t.amount - t.amount = 0)]::numeric[] AS money
FROM public.payment AS t GROUP BY 1;

--: account count disbursement
CREATE OR REPLACE FUNCTION ops.tally_disbursement() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    migrating boolean := coalesce(current_setting('rently.origin', true), '') = 'migration';
    teller text := CASE WHEN migrating THEN 'migration' ELSE 'application' END;
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO ops.tally (table_name, origin, rows_in, currency, digest_delta, money_delta, ids_in)
        SELECT
            'disbursement', teller, count(*), t.currency_code::text AS currency, sum(hashtextextended(concat_ws(E'\x1f', t.id, t.loan_id, t.legal_entity_id, t.instrument_id, t.currency_code, t.amount, encode(timestamp_send(t.disbursed_at), 'hex'), t.status, (t.loan_id IS NULL)::int::bigint * 2 + (t.legal_entity_id IS NULL)::int::bigint * 4 + (t.instrument_id IS NULL)::int::bigint * 8 + (t.currency_code IS NULL)::int::bigint * 16 + (t.amount IS NULL)::int::bigint * 32 + (t.disbursed_at IS NULL)::int::bigint * 64 + (t.status IS NULL)::int::bigint * 128) COLLATE "C", 0)),
            ARRAY[sum(t.amount) FILTER (WHERE t.amount - t.amount = 0)]::numeric[], array_agg(t.id) FILTER (WHERE migrating)
        FROM new_rows AS t GROUP BY 4;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO ops.tally (table_name, origin, rows_out, currency, digest_delta, money_delta, ids_out)
        SELECT
            'disbursement', teller, count(*), t.currency_code::text AS currency, -sum(hashtextextended(concat_ws(E'\x1f', t.id, t.loan_id, t.legal_entity_id, t.instrument_id, t.currency_code, t.amount, encode(timestamp_send(t.disbursed_at), 'hex'), t.status, (t.loan_id IS NULL)::int::bigint * 2 + (t.legal_entity_id IS NULL)::int::bigint * 4 + (t.instrument_id IS NULL)::int::bigint * 8 + (t.currency_code IS NULL)::int::bigint * 16 + (t.amount IS NULL)::int::bigint * 32 + (t.disbursed_at IS NULL)::int::bigint * 64 + (t.status IS NULL)::int::bigint * 128) COLLATE "C", 0)),
            ARRAY[sum(-t.amount) FILTER (WHERE t.amount - t.amount = 0)]::numeric[], array_agg(t.id) FILTER (WHERE migrating)
        FROM old_rows AS t GROUP BY 4;
    ELSE
        INSERT INTO ops.tally (
            table_name, origin, rows_in, rows_out, rows_changed, currency, digest_delta, money_delta, ids_in, ids_out, ids_changed
        )
        SELECT
            'disbursement', teller,
            count(*) FILTER (WHERE t.sign > 0 AND o.id IS NULL),
            count(*) FILTER (WHERE t.sign < 0 AND n.id IS NULL),
            count(*) FILTER (WHERE t.sign > 0 AND o.id IS NOT NULL),
            t.currency, sum(t.sign * t.digest),
            ARRAY[sum(t.sign * t.amount) FILTER (WHERE t.amount - t.amount = 0)]::numeric[],
            array_agg(t.id) FILTER (WHERE migrating AND t.sign > 0 AND o.id IS NULL),
            array_agg(t.id) FILTER (WHERE migrating AND t.sign < 0 AND n.id IS NULL),
            array_agg(t.id) FILTER (WHERE migrating AND t.sign > 0 AND o.id IS NOT NULL)
        FROM old_rows AS o FULL JOIN new_rows AS n ON n.id = o.id
        CROSS JOIN LATERAL (VALUES
            (-1::numeric, o.id, o.currency_code::text, hashtextextended(concat_ws(E'\x1f', o.id, o.loan_id, o.legal_entity_id, o.instrument_id, o.currency_code, o.amount, encode(timestamp_send(o.disbursed_at), 'hex'), o.status, (o.loan_id IS NULL)::int::bigint * 2 + (o.legal_entity_id IS NULL)::int::bigint * 4 + (o.instrument_id IS NULL)::int::bigint * 8 + (o.currency_code IS NULL)::int::bigint * 16 + (o.amount IS NULL)::int::bigint * 32 + (o.disbursed_at IS NULL)::int::bigint * 64 + (o.status IS NULL)::int::bigint * 128) COLLATE "C", 0), o.amount),
            (1::numeric, n.id, n.currency_code::text, hashtextextended(concat_ws(E'\x1f', n.id, n.loan_id, n.legal_entity_id, n.instrument_id, n.currency_code, n.amount, encode(timestamp_send(n.disbursed_at), 'hex'), n.status, (n.loan_id IS NULL)::int::bigint * 2 + (n.legal_entity_id IS NULL)::int::bigint * 4 + (n.instrument_id IS NULL)::int::bigint * 8 + (n.currency_code IS NULL)::int::bigint * 16 + (n.amount IS NULL)::int::bigint * 32 + (n.disbursed_at IS NULL)::int::bigint * 64 + (n.status IS NULL)::int::bigint * 128) COLLATE "C", 0), n.amount)
        ) AS t (sign, id, currency, digest, amount)
        WHERE ROW(o.id, o.loan_id, o.legal_entity_id, o.instrument_id, o.currency_code, o.amount, o.disbursed_at, o.status)::record *<> ROW(n.id, n.loan_id, n.legal_entity_id, n.instrument_id, n.currency_code, n.amount, n.disbursed_at, n.status)::record AND t.id IS NOT NULL
        GROUP BY t.currency;
    END IF;
    RETURN NULL;
END
$function$;
DO $do$
BEGIN
IF NOT EXISTS (SELECT FROM pg_catalog.pg_trigger AS g WHERE g.tgrelid = 'public.disbursement'::regclass AND g.tgname = 'tally_insert') THEN
  CREATE TRIGGER tally_insert AFTER INSERT ON public.disbursement REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT
  WHEN (coalesce(current_setting('rently.tally', true), '') <> 'off') EXECUTE FUNCTION ops.tally_disbursement();
END IF;
IF NOT EXISTS (SELECT FROM pg_catalog.pg_trigger AS g WHERE g.tgrelid = 'public.disbursement'::regclass AND g.tgname = 'tally_update') THEN
  CREATE TRIGGER tally_update AFTER UPDATE ON public.disbursement REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT
  WHEN (coalesce(current_setting('rently.tally', true), '') <> 'off') EXECUTE FUNCTION ops.tally_disbursement();
END IF;
IF NOT EXISTS (SELECT FROM pg_catalog.pg_trigger AS g WHERE g.tgrelid = 'public.disbursement'::regclass AND g.tgname = 'tally_delete') THEN
  CREATE TRIGGER tally_delete AFTER DELETE ON public.disbursement REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT
  WHEN (coalesce(current_setting('rently.tally', true), '') <> 'off') EXECUTE FUNCTION ops.tally_disbursement();
END IF;
END
$do$;

--: account measure disbursement amount
SELECT t.currency_code::text AS currency, count(*) AS rows, sum(hashtextextended(concat_ws(E'\x1f', t.id, t.loan_id, t.legal_entity_id, t.instrument_id, t.currency_code, t.amount, encode(timestamp_send(t.disbursed_at), 'hex'), t.status, (t.loan_id IS NULL)::int::bigint * 2 + (t.legal_entity_id IS NULL)::int::bigint * 4 + (t.instrument_id IS NULL)::int::bigint * 8 + (t.currency_code IS NULL)::int::bigint * 16 + (t.amount IS NULL)::int::bigint * 32 + (t.disbursed_at IS NULL)::int::bigint * 64 + (t.status IS NULL)::int::bigint * 128) COLLATE "C", 0)) AS digest,
    ARRAY[sum(t.amount) FILTER (WHERE t.amount - t.amount = 0)]::numeric[] AS money
FROM public.disbursement AS t GROUP BY 1;

--: account count payment_allocation
CREATE OR REPLACE FUNCTION ops.tally_payment_allocation() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    migrating boolean := coalesce(current_setting('rently.origin', true), '') = 'migration';
    teller text := CASE WHEN migrating THEN 'migration' ELSE 'application' END;
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO ops.tally (table_name, origin, rows_in, currency, digest_delta, money_delta, ids_in)
        SELECT
            'payment_allocation', teller, count(*), NULL::text AS currency, sum(hashtextextended(concat_ws(E'\x1f', t.id, t.payment_id, t.loan_id, t.plan_id, t.line_id, t.component, t.allocated_amount, (t.payment_id IS NULL)::int::bigint * 2 + (t.loan_id IS NULL)::int::bigint * 4 + (t.plan_id IS NULL)::int::bigint * 8 + (t.line_id IS NULL)::int::bigint * 16 + (t.component IS NULL)::int::bigint * 32 + (t.allocated_amount IS NULL)::int::bigint * 64) COLLATE "C", 0)),
            ARRAY[sum(t.allocated_amount) FILTER (WHERE t.allocated_amount - t.allocated_amount = 0)]::numeric[], array_agg(t.id) FILTER (WHERE migrating)
        FROM new_rows AS t GROUP BY 4;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO ops.tally (table_name, origin, rows_out, currency, digest_delta, money_delta, ids_out)
        SELECT
            'payment_allocation', teller, count(*), NULL::text AS currency, -sum(hashtextextended(concat_ws(E'\x1f', t.id, t.payment_id, t.loan_id, t.plan_id, t.line_id, t.component, t.allocated_amount, (t.payment_id IS NULL)::int::bigint * 2 + (t.loan_id IS NULL)::int::bigint * 4 + (t.plan_id IS NULL)::int::bigint * 8 + (t.line_id IS NULL)::int::bigint * 16 + (t.component IS NULL)::int::bigint * 32 + (t.allocated_amount IS NULL)::int::bigint * 64) COLLATE "C", 0)),
            ARRAY[sum(-t.allocated_amount) FILTER (WHERE t.allocated_amount - t.allocated_amount = 0)]::numeric[], array_agg(t.id) FILTER (WHERE migrating)
        FROM old_rows AS t GROUP BY 4;
    ELSE
        INSERT INTO ops.tally (
            table_name, origin, rows_in, rows_out, rows_changed, currency, digest_delta, money_delta, ids_in, ids_out, ids_changed
        )
        SELECT
            'payment_allocation', teller,
            count(*) FILTER (WHERE t.sign > 0 AND o.id IS NULL),
            count(*) FILTER (WHERE t.sign < 0 AND n.id IS NULL),
            count(*) FILTER (WHERE t.sign > 0 AND o.id IS NOT NULL),
            t.currency, sum(t.sign * t.digest),
            ARRAY[sum(t.sign * t.allocated_amount) FILTER (WHERE t.allocated_amount - t.allocated_amount = 0)]::numeric[],
            array_agg(t.id) FILTER (WHERE migrating AND t.sign > 0 AND o.id IS NULL),
            array_agg(t.id) FILTER (WHERE migrating AND t.sign < 0 AND n.id IS NULL),
            array_agg(t.id) FILTER (WHERE migrating AND t.sign > 0 AND o.id IS NOT NULL)
        FROM old_rows AS o FULL JOIN new_rows AS n ON n.id = o.id
        CROSS JOIN LATERAL (VALUES
            (-1::numeric, o.id, NULL::text, hashtextextended(concat_ws(E'\x1f', o.id, o.payment_id, o.loan_id, o.plan_id, o.line_id, o.component, o.allocated_amount, (o.payment_id IS NULL)::int::bigint * 2 + (o.loan_id IS NULL)::int::bigint * 4 + (o.plan_id IS NULL)::int::bigint * 8 + (o.line_id IS NULL)::int::bigint * 16 + (o.component IS NULL)::int::bigint * 32 + (o.allocated_amount IS NULL)::int::bigint * 64) COLLATE "C", 0), o.allocated_amount),
            (1::numeric, n.id, NULL::text, hashtextextended(concat_ws(E'\x1f', n.id, n.payment_id, n.loan_id, n.plan_id, n.line_id, n.component, n.allocated_amount, (n.payment_id IS NULL)::int::bigint * 2 + (n.loan_id IS NULL)::int::bigint * 4 + (n.plan_id IS NULL)::int::bigint * 8 + (n.line_id IS NULL)::int::bigint * 16 + (n.component IS NULL)::int::bigint * 32 + (n.allocated_amount IS NULL)::int::bigint * 64) COLLATE "C", 0), n.allocated_amount)
        ) AS t (sign, id, currency, digest, allocated_amount)
        WHERE ROW(o.id, o.payment_id, o.loan_id, o.plan_id, o.line_id, o.component, o.allocated_amount)::record *<> ROW(n.id, n.payment_id, n.loan_id, n.plan_id, n.line_id, n.component, n.allocated_amount)::record AND t.id IS NOT NULL
        GROUP BY t.currency;
    END IF;
    RETURN NULL;
END
$function$;
DO $do$
BEGIN
IF NOT EXISTS (SELECT FROM pg_catalog.pg_trigger AS g WHERE g.tgrelid = 'public.payment_allocation'::regclass AND g.tgname = 'tally_insert') THEN
  CREATE TRIGGER tally_insert AFTER INSERT ON public.payment_allocation REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT
  WHEN (coalesce(current_setting('rently.tally', true), '') <> 'off') EXECUTE FUNCTION ops.tally_payment_allocation();
END IF;
IF NOT EXISTS (SELECT FROM pg_catalog.pg_trigger AS g WHERE g.tgrelid = 'public.payment_allocation'::regclass AND g.tgname = 'tally_update') THEN
  CREATE TRIGGER tally_update AFTER UPDATE ON public.payment_allocation REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT
  WHEN (coalesce(current_setting('rently.tally', true), '') <> 'off') EXECUTE FUNCTION ops.tally_payment_allocation();
END IF;
IF NOT EXISTS (SELECT FROM pg_catalog.pg_trigger AS g WHERE g.tgrelid = 'public.payment_allocation'::regclass AND g.tgname = 'tally_delete') THEN
  CREATE TRIGGER tally_delete AFTER DELETE ON public.payment_allocation REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT
  WHEN (coalesce(current_setting('rently.tally', true), '') <> 'off') EXECUTE FUNCTION ops.tally_payment_allocation();
END IF;
END
$do$;

--: account measure payment_allocation allocated_amount
SELECT NULL::text AS currency, count(*) AS rows, sum(hashtextextended(concat_ws(E'\x1f', t.id, t.payment_id, t.loan_id, t.plan_id, t.line_id, t.component, t.allocated_amount, (t.payment_id IS NULL)::int::bigint * 2 + (t.loan_id IS NULL)::int::bigint * 4 + (t.plan_id IS NULL)::int::bigint * 8 + (t.line_id IS NULL)::int::bigint * 16 + (t.component IS NULL)::int::bigint * 32 + (t.allocated_amount IS NULL)::int::bigint * 64) COLLATE "C", 0)) AS digest,
    ARRAY[sum(t.allocated_amount) FILTER (WHERE t.allocated_amount - t.allocated_amount = 0)]::numeric[] AS money
FROM public.payment_allocation AS t GROUP BY 1;

--: account count collections_event
CREATE OR REPLACE FUNCTION ops.tally_collections_event() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    migrating boolean := coalesce(current_setting('rently.origin', true), '') = 'migration';
    teller text := CASE WHEN migrating THEN 'migration' ELSE 'application' END;
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO ops.tally (table_name, origin, rows_in, currency, digest_delta, money_delta, ids_in)
        SELECT
            'collections_event', teller, count(*), t.currency_code::text AS currency, sum(hashtextextended(concat_ws(E'\x1f', t.id, t.loan_id, t.event_type, encode(timestamp_send(t.event_at), 'hex'), t.actor_party_id, t.dpd_snapshot, t.amount_involved, t.currency_code, (t.loan_id IS NULL)::int::bigint * 2 + (t.event_type IS NULL)::int::bigint * 4 + (t.event_at IS NULL)::int::bigint * 8 + (t.actor_party_id IS NULL)::int::bigint * 16 + (t.dpd_snapshot IS NULL)::int::bigint * 32 + (t.amount_involved IS NULL)::int::bigint * 64 + (t.currency_code IS NULL)::int::bigint * 128) COLLATE "C", 0)),
            ARRAY[sum(t.amount_involved) FILTER (WHERE t.amount_involved - t.amount_involved = 0)]::numeric[], array_agg(t.id) FILTER (WHERE migrating)
        FROM new_rows AS t GROUP BY 4;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO ops.tally (table_name, origin, rows_out, currency, digest_delta, money_delta, ids_out)
        SELECT
            'collections_event', teller, count(*), t.currency_code::text AS currency, -sum(hashtextextended(concat_ws(E'\x1f', t.id, t.loan_id, t.event_type, encode(timestamp_send(t.event_at), 'hex'), t.actor_party_id, t.dpd_snapshot, t.amount_involved, t.currency_code, (t.loan_id IS NULL)::int::bigint * 2 + (t.event_type IS NULL)::int::bigint * 4 + (t.event_at IS NULL)::int::bigint * 8 + (t.actor_party_id IS NULL)::int::bigint * 16 + (t.dpd_snapshot IS NULL)::int::bigint * 32 + (t.amount_involved IS NULL)::int::bigint * 64 + (t.currency_code IS NULL)::int::bigint * 128) COLLATE "C", 0)),
            ARRAY[sum(-t.amount_involved) FILTER (WHERE t.amount_involved - t.amount_involved = 0)]::numeric[], array_agg(t.id) FILTER (WHERE migrating)
        FROM old_rows AS t GROUP BY 4;
    ELSE
        INSERT INTO ops.tally (
            table_name, origin, rows_in, rows_out, rows_changed, currency, digest_delta, money_delta, ids_in, ids_out, ids_changed
        )
        SELECT
            'collections_event', teller,
            count(*) FILTER (WHERE t.sign > 0 AND o.id IS NULL),
            count(*) FILTER (WHERE t.sign < 0 AND n.id IS NULL),
            count(*) FILTER (WHERE t.sign > 0 AND o.id IS NOT NULL),
            t.currency, sum(t.sign * t.digest),
            ARRAY[sum(t.sign * t.amount_involved) FILTER (WHERE t.amount_involved - t.amount_involved = 0)]::numeric[],
            array_agg(t.id) FILTER (WHERE migrating AND t.sign > 0 AND o.id IS NULL),
            array_agg(t.id) FILTER (WHERE migrating AND t.sign < 0 AND n.id IS NULL),
            array_agg(t.id) FILTER (WHERE migrating AND t.sign > 0 AND o.id IS NOT NULL)
        FROM old_rows AS o FULL JOIN new_rows AS n ON n.id = o.id
        CROSS JOIN LATERAL (VALUES
            (-1::numeric, o.id, o.currency_code::text, hashtextextended(concat_ws(E'\x1f', o.id, o.loan_id, o.event_type, encode(timestamp_send(o.event_at), 'hex'), o.actor_party_id, o.dpd_snapshot, o.amount_involved, o.currency_code, (o.loan_id IS NULL)::int::bigint * 2 + (o.event_type IS NULL)::int::bigint * 4 + (o.event_at IS NULL)::int::bigint * 8 + (o.actor_party_id IS NULL)::int::bigint * 16 + (o.dpd_snapshot IS NULL)::int::bigint * 32 + (o.amount_involved IS NULL)::int::bigint * 64 + (o.currency_code IS NULL)::int::bigint * 128) COLLATE "C", 0), o.amount_involved),
            (1::numeric, n.id, n.currency_code::text, hashtextextended(concat_ws(E'\x1f', n.id, n.loan_id, n.event_type, encode(timestamp_send(n.event_at), 'hex'), n.actor_party_id, n.dpd_snapshot, n.amount_involved, n.currency_code, (n.loan_id IS NULL)::int::bigint * 2 + (n.event_type IS NULL)::int::bigint * 4 + (n.event_at IS NULL)::int::bigint * 8 + (n.actor_party_id IS NULL)::int::bigint * 16 + (n.dpd_snapshot IS NULL)::int::bigint * 32 + (n.amount_involved IS NULL)::int::bigint * 64 + (n.currency_code IS NULL)::int::bigint * 128) COLLATE "C", 0), n.amount_involved)
        ) AS t (sign, id, currency, digest, amount_involved)
        WHERE ROW(o.id, o.loan_id, o.event_type, o.event_at, o.actor_party_id, o.dpd_snapshot, o.amount_involved, o.currency_code)::record *<> ROW(n.id, n.loan_id, n.event_type, n.event_at, n.actor_party_id, n.dpd_snapshot, n.amount_involved, n.currency_code)::record AND t.id IS NOT NULL
        GROUP BY t.currency;
    END IF;
    RETURN NULL;
END
$function$;
DO $do$
BEGIN
IF NOT EXISTS (SELECT FROM pg_catalog.pg_trigger AS g WHERE g.tgrelid = 'public.collections_event'::regclass AND g.tgname = 'tally_insert') THEN
  CREATE TRIGGER tally_insert AFTER INSERT ON public.collections_event REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT
  WHEN (coalesce(current_setting('rently.tally', true), '') <> 'off') EXECUTE FUNCTION ops.tally_collections_event();
END IF;
IF NOT EXISTS (SELECT FROM pg_catalog.pg_trigger AS g WHERE g.tgrelid = 'public.collections_event'::regclass AND g.tgname = 'tally_update') THEN
  CREATE TRIGGER tally_update AFTER UPDATE ON public.collections_event REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT
  WHEN (coalesce(current_setting('rently.tally', true), '') <> 'off') EXECUTE FUNCTION ops.tally_collections_event();
END IF;
IF NOT EXISTS (SELECT FROM pg_catalog.pg_trigger AS g WHERE g.tgrelid = 'public.collections_event'::regclass AND g.tgname = 'tally_delete') THEN
  CREATE TRIGGER tally_delete AFTER DELETE ON public.collections_event REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT
  WHEN (coalesce(current_setting('rently.tally', true), '') <> 'off') EXECUTE FUNCTION ops.tally_collections_event();
END IF;
END
$do$;

--: account measure collections_event amount_involved
SELECT t.currency_code::text AS currency, count(*) AS rows, sum(hashtextextended(concat_ws(E'\x1f', t.id, t.loan_id, t.event_type, encode(timestamp_send(t.event_at), 'hex'), t.actor_party_id, t.dpd_snapshot, t.amount_involved, t.currency_code, (t.loan_id IS NULL)::int::bigint * 2 + (t.event_type IS NULL)::int::bigint * 4 + (t.event_at IS NULL)::int::bigint * 8 + (t.actor_party_id IS NULL)::int::bigint * 16 + (t.dpd_snapshot IS NULL)::int::bigint * 32 + (t.amount_involved IS NULL)::int::bigint * 64 + (t.currency_code IS NULL)::int::bigint * 128) COLLATE "C", 0)) AS digest,
    ARRAY[sum(t.amount_involved) FILTER (WHERE t.amount_involved - t.amount_involved = 0)]::numeric[] AS money
FROM public.collections_event AS t GROUP BY 1;

--: account count ledger_account
CREATE OR REPLACE FUNCTION ops.tally_ledger_account() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    migrating boolean := coalesce(current_setting('rently.origin', true), '') = 'migration';
    teller text := CASE WHEN migrating THEN 'migration' ELSE 'application' END;
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO ops.tally (table_name, origin, rows_in, currency, digest_delta, money_delta, ids_in)
        SELECT
            'ledger_account', teller, count(*), NULL::text AS currency, sum(hashtextextended(concat_ws(E'\x1f', t.id, t.legal_entity_id, t.code, t.name, t.type, (t.legal_entity_id IS NULL)::int::bigint * 2 + (t.code IS NULL)::int::bigint * 4 + (t.name IS NULL)::int::bigint * 8 + (t.type IS NULL)::int::bigint * 16) COLLATE "C", 0)),
            ARRAY[]::numeric[], array_agg(t.id) FILTER (WHERE migrating)
        FROM new_rows AS t GROUP BY 4;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO ops.tally (table_name, origin, rows_out, currency, digest_delta, money_delta, ids_out)
        SELECT
            'ledger_account', teller, count(*), NULL::text AS currency, -sum(hashtextextended(concat_ws(E'\x1f', t.id, t.legal_entity_id, t.code, t.name, t.type, (t.legal_entity_id IS NULL)::int::bigint * 2 + (t.code IS NULL)::int::bigint * 4 + (t.name IS NULL)::int::bigint * 8 + (t.type IS NULL)::int::bigint * 16) COLLATE "C", 0)),
            ARRAY[]::numeric[], array_agg(t.id) FILTER (WHERE migrating)
        FROM old_rows AS t GROUP BY 4;
    ELSE
        INSERT INTO ops.tally (
            table_name, origin, rows_in, rows_out, rows_changed, currency, digest_delta, money_delta, ids_in, ids_out, ids_changed
        )
        SELECT
            'ledger_account', teller,
            count(*) FILTER (WHERE t.sign > 0 AND o.id IS NULL),
            count(*) FILTER (WHERE t.sign < 0 AND n.id IS NULL),
            count(*) FILTER (WHERE t.sign > 0 AND o.id IS NOT NULL),
            t.currency, sum(t.sign * t.digest),
            ARRAY[]::numeric[],
            array_agg(t.id) FILTER (WHERE migrating AND t.sign > 0 AND o.id IS NULL),
            array_agg(t.id) FILTER (WHERE migrating AND t.sign < 0 AND n.id IS NULL),
            array_agg(t.id) FILTER (WHERE migrating AND t.sign > 0 AND o.id IS NOT NULL)
        FROM old_rows AS o FULL JOIN new_rows AS n ON n.id = o.id
        CROSS JOIN LATERAL (VALUES
            (-1::numeric, o.id, NULL::text, hashtextextended(concat_ws(E'\x1f', o.id, o.legal_entity_id, o.code, o.name, o.type, (o.legal_entity_id IS NULL)::int::bigint * 2 + (o.code IS NULL)::int::bigint * 4 + (o.name IS NULL)::int::bigint * 8 + (o.type IS NULL)::int::bigint * 16) COLLATE "C", 0)),
            (1::numeric, n.id, NULL::text, hashtextextended(concat_ws(E'\x1f', n.id, n.legal_entity_id, n.code, n.name, n.type, (n.legal_entity_id IS NULL)::int::bigint * 2 + (n.code IS NULL)::int::bigint * 4 + (n.name IS NULL)::int::bigint * 8 + (n.type IS NULL)::int::bigint * 16) COLLATE "C", 0))
        ) AS t (sign, id, currency, digest)
        WHERE ROW(o.id, o.legal_entity_id, o.code, o.name, o.type)::record *<> ROW(n.id, n.legal_entity_id, n.code, n.name, n.type)::record AND t.id IS NOT NULL
        GROUP BY t.currency;
    END IF;
    RETURN NULL;
END
$function$;
DO $do$
BEGIN
IF NOT EXISTS (SELECT FROM pg_catalog.pg_trigger AS g WHERE g.tgrelid = 'public.ledger_account'::regclass AND g.tgname = 'tally_insert') THEN
  CREATE TRIGGER tally_insert AFTER INSERT ON public.ledger_account REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT
  WHEN (coalesce(current_setting('rently.tally', true), '') <> 'off') EXECUTE FUNCTION ops.tally_ledger_account();
END IF;
IF NOT EXISTS (SELECT FROM pg_catalog.pg_trigger AS g WHERE g.tgrelid = 'public.ledger_account'::regclass AND g.tgname = 'tally_update') THEN
  CREATE TRIGGER tally_update AFTER UPDATE ON public.ledger_account REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT
  WHEN (coalesce(current_setting('rently.tally', true), '') <> 'off') EXECUTE FUNCTION ops.tally_ledger_account();
END IF;
IF NOT EXISTS (SELECT FROM pg_catalog.pg_trigger AS g WHERE g.tgrelid = 'public.ledger_account'::regclass AND g.tgname = 'tally_delete') THEN
  CREATE TRIGGER tally_delete AFTER DELETE ON public.ledger_account REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT
  WHEN (coalesce(current_setting('rently.tally', true), '') <> 'off') EXECUTE FUNCTION ops.tally_ledger_account();
END IF;
END
$do$;

--: account measure ledger_account
SELECT NULL::text AS currency, count(*) AS rows, sum(hashtextextended(concat_ws(E'\x1f', t.id, t.legal_entity_id, t.code, t.name, t.type, (t.legal_entity_id IS NULL)::int::bigint * 2 + (t.code IS NULL)::int::bigint * 4 + (t.name IS NULL)::int::bigint * 8 + (t.type IS NULL)::int::bigint * 16) COLLATE "C", 0)) AS digest,
    ARRAY[]::numeric[] AS money
FROM public.ledger_account AS t GROUP BY 1;

--: account count ledger_entry
CREATE OR REPLACE FUNCTION ops.tally_ledger_entry() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    migrating boolean := coalesce(current_setting('rently.origin', true), '') = 'migration';
    teller text := CASE WHEN migrating THEN 'migration' ELSE 'application' END;
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO ops.tally (table_name, origin, rows_in, currency, digest_delta, money_delta, ids_in)
        SELECT
            'ledger_entry', teller, count(*), t.currency_code::text AS currency, sum(hashtextextended(concat_ws(E'\x1f', t.id, t.legal_entity_id, t.account_id, t.loan_id, t.payment_id, t.disbursement_id, t.currency_code, t.amount, t.side, (t.legal_entity_id IS NULL)::int::bigint * 2 + (t.account_id IS NULL)::int::bigint * 4 + (t.loan_id IS NULL)::int::bigint * 8 + (t.payment_id IS NULL)::int::bigint * 16 + (t.disbursement_id IS NULL)::int::bigint * 32 + (t.currency_code IS NULL)::int::bigint * 64 + (t.amount IS NULL)::int::bigint * 128 + (t.side IS NULL)::int::bigint * 256) COLLATE "C", 0)),
            ARRAY[sum(t.amount) FILTER (WHERE t.amount - t.amount = 0)]::numeric[], array_agg(t.id) FILTER (WHERE migrating)
        FROM new_rows AS t GROUP BY 4;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO ops.tally (table_name, origin, rows_out, currency, digest_delta, money_delta, ids_out)
        SELECT
            'ledger_entry', teller, count(*), t.currency_code::text AS currency, -sum(hashtextextended(concat_ws(E'\x1f', t.id, t.legal_entity_id, t.account_id, t.loan_id, t.payment_id, t.disbursement_id, t.currency_code, t.amount, t.side, (t.legal_entity_id IS NULL)::int::bigint * 2 + (t.account_id IS NULL)::int::bigint * 4 + (t.loan_id IS NULL)::int::bigint * 8 + (t.payment_id IS NULL)::int::bigint * 16 + (t.disbursement_id IS NULL)::int::bigint * 32 + (t.currency_code IS NULL)::int::bigint * 64 + (t.amount IS NULL)::int::bigint * 128 + (t.side IS NULL)::int::bigint * 256) COLLATE "C", 0)),
            ARRAY[sum(-t.amount) FILTER (WHERE t.amount - t.amount = 0)]::numeric[], array_agg(t.id) FILTER (WHERE migrating)
        FROM old_rows AS t GROUP BY 4;
    ELSE
        INSERT INTO ops.tally (
            table_name, origin, rows_in, rows_out, rows_changed, currency, digest_delta, money_delta, ids_in, ids_out, ids_changed
        )
        SELECT
            'ledger_entry', teller,
            count(*) FILTER (WHERE t.sign > 0 AND o.id IS NULL),
            count(*) FILTER (WHERE t.sign < 0 AND n.id IS NULL),
            count(*) FILTER (WHERE t.sign > 0 AND o.id IS NOT NULL),
            t.currency, sum(t.sign * t.digest),
            ARRAY[sum(t.sign * t.amount) FILTER (WHERE t.amount - t.amount = 0)]::numeric[],
            array_agg(t.id) FILTER (WHERE migrating AND t.sign > 0 AND o.id IS NULL),
            array_agg(t.id) FILTER (WHERE migrating AND t.sign < 0 AND n.id IS NULL),
            array_agg(t.id) FILTER (WHERE migrating AND t.sign > 0 AND o.id IS NOT NULL)
        FROM old_rows AS o FULL JOIN new_rows AS n ON n.id = o.id
        CROSS JOIN LATERAL (VALUES
            (-1::numeric, o.id, o.currency_code::text, hashtextextended(concat_ws(E'\x1f', o.id, o.legal_entity_id, o.account_id, o.loan_id, o.payment_id, o.disbursement_id, o.currency_code, o.amount, o.side, (o.legal_entity_id IS NULL)::int::bigint * 2 + (o.account_id IS NULL)::int::bigint * 4 + (o.loan_id IS NULL)::int::bigint * 8 + (o.payment_id IS NULL)::int::bigint * 16 + (o.disbursement_id IS NULL)::int::bigint * 32 + (o.currency_code IS NULL)::int::bigint * 64 + (o.amount IS NULL)::int::bigint * 128 + (o.side IS NULL)::int::bigint * 256) COLLATE "C", 0), o.amount),
            (1::numeric, n.id, n.currency_code::text, hashtextextended(concat_ws(E'\x1f', n.id, n.legal_entity_id, n.account_id, n.loan_id, n.payment_id, n.disbursement_id, n.currency_code, n.amount, n.side, (n.legal_entity_id IS NULL)::int::bigint * 2 + (n.account_id IS NULL)::int::bigint * 4 + (n.loan_id IS NULL)::int::bigint * 8 + (n.payment_id IS NULL)::int::bigint * 16 + (n.disbursement_id IS NULL)::int::bigint * 32 + (n.currency_code IS NULL)::int::bigint * 64 + (n.amount IS NULL)::int::bigint * 128 + (n.side IS NULL)::int::bigint * 256) COLLATE "C", 0), n.amount)
        ) AS t (sign, id, currency, digest, amount)
        WHERE ROW(o.id, o.legal_entity_id, o.account_id, o.loan_id, o.payment_id, o.disbursement_id, o.currency_code, o.amount, o.side)::record *<> ROW(n.id, n.legal_entity_id, n.account_id, n.loan_id, n.payment_id, n.disbursement_id, n.currency_code, n.amount, n.side)::record AND t.id IS NOT NULL
        GROUP BY t.currency;
    END IF;
    RETURN NULL;
END
$function$;
DO $do$
BEGIN
IF NOT EXISTS (SELECT FROM pg_catalog.pg_trigger AS g WHERE g.tgrelid = 'public.ledger_entry'::regclass AND g.tgname = 'tally_insert') THEN
  CREATE TRIGGER tally_insert AFTER INSERT ON public.ledger_entry REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT
  WHEN (coalesce(current_setting('rently.tally', true), '') <> 'off') EXECUTE FUNCTION ops.tally_ledger_entry();
END IF;
IF NOT EXISTS (SELECT FROM pg_catalog.pg_trigger AS g WHERE g.tgrelid = 'public.ledger_entry'::regclass AND g.tgname = 'tally_update') THEN
  CREATE TRIGGER tally_update AFTER UPDATE ON public.ledger_entry REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT
  WHEN (coalesce(current_setting('rently.tally', true), '') <> 'off') EXECUTE FUNCTION ops.tally_ledger_entry();
END IF;
IF NOT EXISTS (SELECT FROM pg_catalog.pg_trigger AS g WHERE g.tgrelid = 'public.ledger_entry'::regclass AND g.tgname = 'tally_delete') THEN
  CREATE TRIGGER tally_delete AFTER DELETE ON public.ledger_entry REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT
  WHEN (coalesce(current_setting('rently.tally', true), '') <> 'off') EXECUTE FUNCTION ops.tally_ledger_entry();
END IF;
END
$do$;

--: account measure ledger_entry amount
SELECT t.currency_code::text AS currency, count(*) AS rows, sum(hashtextextended(concat_ws(E'\x1f', t.id, t.legal_entity_id, t.account_id, t.loan_id, t.payment_id, t.disbursement_id, t.currency_code, t.amount, t.side, (t.legal_entity_id IS NULL)::int::bigint * 2 + (t.account_id IS NULL)::int::bigint * 4 + (t.loan_id IS NULL)::int::bigint * 8 + (t.payment_id IS NULL)::int::bigint * 16 + (t.disbursement_id IS NULL)::int::bigint * 32 + (t.currency_code IS NULL)::int::bigint * 64 + (t.amount IS NULL)::int::bigint * 128 + (t.side IS NULL)::int::bigint * 256) COLLATE "C", 0)) AS digest,
    ARRAY[sum(t.amount) FILTER (WHERE t.amount - t.amount = 0)]::numeric[] AS money
FROM public.ledger_entry AS t GROUP BY 1;

--: account count security_interest
CREATE OR REPLACE FUNCTION ops.tally_security_interest() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    migrating boolean := coalesce(current_setting('rently.origin', true), '') = 'migration';
    teller text := CASE WHEN migrating THEN 'migration' ELSE 'application' END;
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO ops.tally (table_name, origin, rows_in, currency, digest_delta, money_delta, ids_in)
        SELECT
            'security_interest', teller, count(*), t.value_ccy::text AS currency, sum(hashtextextended(concat_ws(E'\x1f', t.id, t.loan_id, t.type, t.party_id, t.description, t.value_amount, t.value_ccy, (t.loan_id IS NULL)::int::bigint * 2 + (t.type IS NULL)::int::bigint * 4 + (t.party_id IS NULL)::int::bigint * 8 + (t.description IS NULL)::int::bigint * 16 + (t.value_amount IS NULL)::int::bigint * 32 + (t.value_ccy IS NULL)::int::bigint * 64) COLLATE "C", 0)),
            ARRAY[sum(t.value_amount) FILTER (WHERE t.value_amount - t.value_amount = 0)]::numeric[], array_agg(t.id) FILTER (WHERE migrating)
        FROM new_rows AS t GROUP BY 4;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO ops.tally (table_name, origin, rows_out, currency, digest_delta, money_delta, ids_out)
        SELECT
            'security_interest', teller, count(*), t.value_ccy::text AS currency, -sum(hashtextextended(concat_ws(E'\x1f', t.id, t.loan_id, t.type, t.party_id, t.description, t.value_amount, t.value_ccy, (t.loan_id IS NULL)::int::bigint * 2 + (t.type IS NULL)::int::bigint * 4 + (t.party_id IS NULL)::int::bigint * 8 + (t.description IS NULL)::int::bigint * 16 + (t.value_amount IS NULL)::int::bigint * 32 + (t.value_ccy IS NULL)::int::bigint * 64) COLLATE "C", 0)),
            ARRAY[sum(-t.value_amount) FILTER (WHERE t.value_amount - t.value_amount = 0)]::numeric[], array_agg(t.id) FILTER (WHERE migrating)
        FROM old_rows AS t GROUP BY 4;
    ELSE
        INSERT INTO ops.tally (
            table_name, origin, rows_in, rows_out, rows_changed, currency, digest_delta, money_delta, ids_in, ids_out, ids_changed
        )
        SELECT
            'security_interest', teller,
            count(*) FILTER (WHERE t.sign > 0 AND o.id IS NULL),
            count(*) FILTER (WHERE t.sign < 0 AND n.id IS NULL),
            count(*) FILTER (WHERE t.sign > 0 AND o.id IS NOT NULL),
            t.currency, sum(t.sign * t.digest),
            ARRAY[sum(t.sign * t.value_amount) FILTER (WHERE t.value_amount - t.value_amount = 0)]::numeric[],
            array_agg(t.id) FILTER (WHERE migrating AND t.sign > 0 AND o.id IS NULL),
            array_agg(t.id) FILTER (WHERE migrating AND t.sign < 0 AND n.id IS NULL),
            array_agg(t.id) FILTER (WHERE migrating AND t.sign > 0 AND o.id IS NOT NULL)
        FROM old_rows AS o FULL JOIN new_rows AS n ON n.id = o.id
        CROSS JOIN LATERAL (VALUES
            (-1::numeric, o.id, o.value_ccy::text, hashtextextended(concat_ws(E'\x1f', o.id, o.loan_id, o.type, o.party_id, o.description, o.value_amount, o.value_ccy, (o.loan_id IS NULL)::int::bigint * 2 + (o.type IS NULL)::int::bigint * 4 + (o.party_id IS NULL)::int::bigint * 8 + (o.description IS NULL)::int::bigint * 16 + (o.value_amount IS NULL)::int::bigint * 32 + (o.value_ccy IS NULL)::int::bigint * 64) COLLATE "C", 0), o.value_amount),
            (1::numeric, n.id, n.value_ccy::text, hashtextextended(concat_ws(E'\x1f', n.id, n.loan_id, n.type, n.party_id, n.description, n.value_amount, n.value_ccy, (n.loan_id IS NULL)::int::bigint * 2 + (n.type IS NULL)::int::bigint * 4 + (n.party_id IS NULL)::int::bigint * 8 + (n.description IS NULL)::int::bigint * 16 + (n.value_amount IS NULL)::int::bigint * 32 + (n.value_ccy IS NULL)::int::bigint * 64) COLLATE "C", 0), n.value_amount)
        ) AS t (sign, id, currency, digest, value_amount)
        WHERE ROW(o.id, o.loan_id, o.type, o.party_id, o.description, o.value_amount, o.value_ccy)::record *<> ROW(n.id, n.loan_id, n.type, n.party_id, n.description, n.value_amount, n.value_ccy)::record AND t.id IS NOT NULL
        GROUP BY t.currency;
    END IF;
    RETURN NULL;
END
$function$;
DO $do$
BEGIN
IF NOT EXISTS (SELECT FROM pg_catalog.pg_trigger AS g WHERE g.tgrelid = 'public.security_interest'::regclass AND g.tgname = 'tally_insert') THEN
  CREATE TRIGGER tally_insert AFTER INSERT ON public.security_interest REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT
  WHEN (coalesce(current_setting('rently.tally', true), '') <> 'off') EXECUTE FUNCTION ops.tally_security_interest();
END IF;
IF NOT EXISTS (SELECT FROM pg_catalog.pg_trigger AS g WHERE g.tgrelid = 'public.security_interest'::regclass AND g.tgname = 'tally_update') THEN
  CREATE TRIGGER tally_update AFTER UPDATE ON public.security_interest REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT
  WHEN (coalesce(current_setting('rently.tally', true), '') <> 'off') EXECUTE FUNCTION ops.tally_security_interest();
END IF;
IF NOT EXISTS (SELECT FROM pg_catalog.pg_trigger AS g WHERE g.tgrelid = 'public.security_interest'::regclass AND g.tgname = 'tally_delete') THEN
  CREATE TRIGGER tally_delete AFTER DELETE ON public.security_interest REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT
  WHEN (coalesce(current_setting('rently.tally', true), '') <> 'off') EXECUTE FUNCTION ops.tally_security_interest();
END IF;
END
$do$;

--: account measure security_interest value_amount
SELECT t.value_ccy::text AS currency, count(*) AS rows, sum(hashtextextended(concat_ws(E'\x1f', t.id, t.loan_id, t.type, t.party_id, t.description, t.value_amount, t.value_ccy, (t.loan_id IS NULL)::int::bigint * 2 + (t.type IS NULL)::int::bigint * 4 + (t.party_id IS NULL)::int::bigint * 8 + (t.description IS NULL)::int::bigint * 16 + (t.value_amount IS NULL)::int::bigint * 32 + (t.value_ccy IS NULL)::int::bigint * 64) COLLATE "C", 0)) AS digest,
    ARRAY[sum(t.value_amount) FILTER (WHERE t.value_amount - t.value_amount = 0)]::numeric[] AS money
FROM public.security_interest AS t GROUP BY 1;

--: account count document
CREATE OR REPLACE FUNCTION ops.tally_document() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    migrating boolean := coalesce(current_setting('rently.origin', true), '') = 'migration';
    teller text := CASE WHEN migrating THEN 'migration' ELSE 'application' END;
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO ops.tally (table_name, origin, rows_in, currency, digest_delta, money_delta, ids_in)
        SELECT
            'document', teller, count(*), NULL::text AS currency, sum(hashtextextended(concat_ws(E'\x1f', t.id, t.title, t.kind, t.storage_url, encode(timestamp_send(t.uploaded_at), 'hex'), (t.title IS NULL)::int::bigint * 2 + (t.kind IS NULL)::int::bigint * 4 + (t.storage_url IS NULL)::int::bigint * 8 + (t.uploaded_at IS NULL)::int::bigint * 16) COLLATE "C", 0)),
            ARRAY[]::numeric[], array_agg(t.id) FILTER (WHERE migrating)
        FROM new_rows AS t GROUP BY 4;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO ops.tally (table_name, origin, rows_out, currency, digest_delta, money_delta, ids_out)
        SELECT
            'document', teller, count(*), NULL::text AS currency, -sum(hashtextextended(concat_ws(E'\x1f', t.id, t.title, t.kind, t.storage_url, encode(timestamp_send(t.uploaded_at), 'hex'), (t.title IS NULL)::int::bigint * 2 + (t.kind IS NULL)::int::bigint * 4 + (t.storage_url IS NULL)::int::bigint * 8 + (t.uploaded_at IS NULL)::int::bigint * 16) COLLATE "C", 0)),
            ARRAY[]::numeric[], array_agg(t.id) FILTER (WHERE migrating)
        FROM old_rows AS t GROUP BY 4;
    ELSE
        INSERT INTO ops.tally (
            table_name, origin, rows_in, rows_out, rows_changed, currency, digest_delta, money_delta, ids_in, ids_out, ids_changed
        )
        SELECT
            'document', teller,
            count(*) FILTER (WHERE t.sign > 0 AND o.id IS NULL),
            count(*) FILTER (WHERE t.sign < 0 AND n.id IS NULL),
            count(*) FILTER (WHERE t.sign > 0 AND o.id IS NOT NULL),
            t.currency, sum(t.sign * t.digest),
            ARRAY[]::numeric[],
            array_agg(t.id) FILTER (WHERE migrating AND t.sign > 0 AND o.id IS NULL),
            array_agg(t.id) FILTER (WHERE migrating AND t.sign < 0 AND n.id IS NULL),
            array_agg(t.id) FILTER (WHERE migrating AND t.sign > 0 AND o.id IS NOT NULL)
        FROM old_rows AS o FULL JOIN new_rows AS n ON n.id = o.id
        CROSS JOIN LATERAL (VALUES
            (-1::numeric, o.id, NULL::text, hashtextextended(concat_ws(E'\x1f', o.id, o.title, o.kind, o.storage_url, encode(timestamp_send(o.uploaded_at), 'hex'), (o.title IS NULL)::int::bigint * 2 + (o.kind IS NULL)::int::bigint * 4 + (o.storage_url IS NULL)::int::bigint * 8 + (o.uploaded_at IS NULL)::int::bigint * 16) COLLATE "C", 0)),
            (1::numeric, n.id, NULL::text, hashtextextended(concat_ws(E'\x1f', n.id, n.title, n.kind, n.storage_url, encode(timestamp_send(n.uploaded_at), 'hex'), (n.title IS NULL)::int::bigint * 2 + (n.kind IS NULL)::int::bigint * 4 + (n.storage_url IS NULL)::int::bigint * 8 + (n.uploaded_at IS NULL)::int::bigint * 16) COLLATE "C", 0))
        ) AS t (sign, id, currency, digest)
        WHERE ROW(o.id, o.title, o.kind, o.storage_url, o.uploaded_at)::record *<> ROW(n.id, n.title, n.kind, n.storage_url, n.uploaded_at)::record AND t.id IS NOT NULL
        GROUP BY t.currency;
    END IF;
    RETURN NULL;
END
$function$;
DO $do$
BEGIN
IF NOT EXISTS (SELECT FROM pg_catalog.pg_trigger AS g WHERE g.tgrelid = 'public.document'::regclass AND g.tgname = 'tally_insert') THEN
  CREATE TRIGGER tally_insert AFTER INSERT ON public.document REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT
  WHEN (coalesce(current_setting('rently.tally', true), '') <> 'off') EXECUTE FUNCTION ops.tally_document();
END IF;
IF NOT EXISTS (SELECT FROM pg_catalog.pg_trigger AS g WHERE g.tgrelid = 'public.document'::regclass AND g.tgname = 'tally_update') THEN
  CREATE TRIGGER tally_update AFTER UPDATE ON public.document REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT
  WHEN (coalesce(current_setting('rently.tally', true), '') <> 'off') EXECUTE FUNCTION ops.tally_document();
END IF;
IF NOT EXISTS (SELECT FROM pg_catalog.pg_trigger AS g WHERE g.tgrelid = 'public.document'::regclass AND g.tgname = 'tally_delete') THEN
  CREATE TRIGGER tally_delete AFTER DELETE ON public.document REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT
  WHEN (coalesce(current_setting('rently.tally', true), '') <> 'off') EXECUTE FUNCTION ops.tally_document();
END IF;
END
$do$;

--: account measure document
SELECT NULL::text AS currency, count(*) AS rows, sum(hashtextextended(concat_ws(E'\x1f', t.id, t.title, t.kind, t.storage_url, encode(timestamp_send(t.uploaded_at), 'hex'), (t.title IS NULL)::int::bigint * 2 + (t.kind IS NULL)::int::bigint * 4 + (t.storage_url IS NULL)::int::bigint * 8 + (t.uploaded_at IS NULL)::int::bigint * 16) COLLATE "C", 0)) AS digest,
    ARRAY[]::numeric[] AS money
FROM public.document AS t GROUP BY 1;

--: account count document_link
CREATE OR REPLACE FUNCTION ops.tally_document_link() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    migrating boolean := coalesce(current_setting('rently.origin', true), '') = 'migration';
    teller text := CASE WHEN migrating THEN 'migration' ELSE 'application' END;
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO ops.tally (table_name, origin, rows_in, currency, digest_delta, money_delta, ids_in)
        SELECT
            'document_link', teller, count(*), NULL::text AS currency, sum(hashtextextended(concat_ws(E'\x1f', t.id, t.document_id, t.entity_type, t.entity_id, t.role, (t.document_id IS NULL)::int::bigint * 2 + (t.entity_type IS NULL)::int::bigint * 4 + (t.entity_id IS NULL)::int::bigint * 8 + (t.role IS NULL)::int::bigint * 16) COLLATE "C", 0)),
            ARRAY[]::numeric[], array_agg(t.id) FILTER (WHERE migrating)
        FROM new_rows AS t GROUP BY 4;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO ops.tally (table_name, origin, rows_out, currency, digest_delta, money_delta, ids_out)
        SELECT
            'document_link', teller, count(*), NULL::text AS currency, -sum(hashtextextended(concat_ws(E'\x1f', t.id, t.document_id, t.entity_type, t.entity_id, t.role, (t.document_id IS NULL)::int::bigint * 2 + (t.entity_type IS NULL)::int::bigint * 4 + (t.entity_id IS NULL)::int::bigint * 8 + (t.role IS NULL)::int::bigint * 16) COLLATE "C", 0)),
            ARRAY[]::numeric[], array_agg(t.id) FILTER (WHERE migrating)
        FROM old_rows AS t GROUP BY 4;
    ELSE
        INSERT INTO ops.tally (
            table_name, origin, rows_in, rows_out, rows_changed, currency, digest_delta, money_delta, ids_in, ids_out, ids_changed
        )
        SELECT
            'document_link', teller,
            count(*) FILTER (WHERE t.sign > 0 AND o.id IS NULL),
            count(*) FILTER (WHERE t.sign < 0 AND n.id IS NULL),
            count(*) FILTER (WHERE t.sign > 0 AND o.id IS NOT NULL),
            t.currency, sum(t.sign * t.digest),
            ARRAY[]::numeric[],
            array_agg(t.id) FILTER (WHERE migrating AND t.sign > 0 AND o.id IS NULL),
            array_agg(t.id) FILTER (WHERE migrating AND t.sign < 0 AND n.id IS NULL),
            array_agg(t.id) FILTER (WHERE migrating AND t.sign > 0 AND o.id IS NOT NULL)
        FROM old_rows AS o FULL JOIN new_rows AS n ON n.id = o.id
        CROSS JOIN LATERAL (VALUES
            (-1::numeric, o.id, NULL::text, hashtextextended(concat_ws(E'\x1f', o.id, o.document_id, o.entity_type, o.entity_id, o.role, (o.document_id IS NULL)::int::bigint * 2 + (o.entity_type IS NULL)::int::bigint * 4 + (o.entity_id IS NULL)::int::bigint * 8 + (o.role IS NULL)::int::bigint * 16) COLLATE "C", 0)),
            (1::numeric, n.id, NULL::text, hashtextextended(concat_ws(E'\x1f', n.id, n.document_id, n.entity_type, n.entity_id, n.role, (n.document_id IS NULL)::int::bigint * 2 + (n.entity_type IS NULL)::int::bigint * 4 + (n.entity_id IS NULL)::int::bigint * 8 + (n.role IS NULL)::int::bigint * 16) COLLATE "C", 0))
        ) AS t (sign, id, currency, digest)
        WHERE ROW(o.id, o.document_id, o.entity_type, o.entity_id, o.role)::record *<> ROW(n.id, n.document_id, n.entity_type, n.entity_id, n.role)::record AND t.id IS NOT NULL
        GROUP BY t.currency;
    END IF;
    RETURN NULL;
END
$function$;
DO $do$
BEGIN
IF NOT EXISTS (SELECT FROM pg_catalog.pg_trigger AS g WHERE g.tgrelid = 'public.document_link'::regclass AND g.tgname = 'tally_insert') THEN
  CREATE TRIGGER tally_insert AFTER INSERT ON public.document_link REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT
  WHEN (coalesce(current_setting('rently.tally', true), '') <> 'off') EXECUTE FUNCTION ops.tally_document_link();
END IF;
IF NOT EXISTS (SELECT FROM pg_catalog.pg_trigger AS g WHERE g.tgrelid = 'public.document_link'::regclass AND g.tgname = 'tally_update') THEN
  CREATE TRIGGER tally_update AFTER UPDATE ON public.document_link REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT
  WHEN (coalesce(current_setting('rently.tally', true), '') <> 'off') EXECUTE FUNCTION ops.tally_document_link();
END IF;
IF NOT EXISTS (SELECT FROM pg_catalog.pg_trigger AS g WHERE g.tgrelid = 'public.document_link'::regclass AND g.tgname = 'tally_delete') THEN
  CREATE TRIGGER tally_delete AFTER DELETE ON public.document_link REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT
  WHEN (coalesce(current_setting('rently.tally', true), '') <> 'off') EXECUTE FUNCTION ops.tally_document_link();
END IF;
END
$do$;

--: account measure document_link
SELECT NULL::text AS currency, count(*) AS rows, sum(hashtextextended(concat_ws(E'\x1f', t.id, t.document_id, t.entity_type, t.entity_id, t.role, (t.document_id IS NULL)::int::bigint * 2 + (t.entity_type IS NULL)::int::bigint * 4 + (t.entity_id IS NULL)::int::bigint * 8 + (t.role IS NULL)::int::bigint * 16) COLLATE "C", 0)) AS digest,
    ARRAY[]::numeric[] AS money
FROM public.document_link AS t GROUP BY 1;

--: account count fx_rate
CREATE OR REPLACE FUNCTION ops.tally_fx_rate() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    migrating boolean := coalesce(current_setting('rently.origin', true), '') = 'migration';
    teller text := CASE WHEN migrating THEN 'migration' ELSE 'application' END;
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO ops.tally (table_name, origin, rows_in, currency, digest_delta, money_delta, ids_in)
        SELECT
            'fx_rate', teller, count(*), NULL::text AS currency, sum(hashtextextended(concat_ws(E'\x1f', t.id, encode(date_send(t.as_of_date), 'hex'), t.from_ccy, t.to_ccy, t.rate, t.source, (t.as_of_date IS NULL)::int::bigint * 2 + (t.from_ccy IS NULL)::int::bigint * 4 + (t.to_ccy IS NULL)::int::bigint * 8 + (t.rate IS NULL)::int::bigint * 16 + (t.source IS NULL)::int::bigint * 32) COLLATE "C", 0)),
            ARRAY[]::numeric[], array_agg(t.id) FILTER (WHERE migrating)
        FROM new_rows AS t GROUP BY 4;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO ops.tally (table_name, origin, rows_out, currency, digest_delta, money_delta, ids_out)
        SELECT
            'fx_rate', teller, count(*), NULL::text AS currency, -sum(hashtextextended(concat_ws(E'\x1f', t.id, encode(date_send(t.as_of_date), 'hex'), t.from_ccy, t.to_ccy, t.rate, t.source, (t.as_of_date IS NULL)::int::bigint * 2 + (t.from_ccy IS NULL)::int::bigint * 4 + (t.to_ccy IS NULL)::int::bigint * 8 + (t.rate IS NULL)::int::bigint * 16 + (t.source IS NULL)::int::bigint * 32) COLLATE "C", 0)),
            ARRAY[]::numeric[], array_agg(t.id) FILTER (WHERE migrating)
        FROM old_rows AS t GROUP BY 4;
    ELSE
        INSERT INTO ops.tally (
            table_name, origin, rows_in, rows_out, rows_changed, currency, digest_delta, money_delta, ids_in, ids_out, ids_changed
        )
        SELECT
            'fx_rate', teller,
            count(*) FILTER (WHERE t.sign > 0 AND o.id IS NULL),
            count(*) FILTER (WHERE t.sign < 0 AND n.id IS NULL),
            count(*) FILTER (WHERE t.sign > 0 AND o.id IS NOT NULL),
            t.currency, sum(t.sign * t.digest),
            ARRAY[]::numeric[],
            array_agg(t.id) FILTER (WHERE migrating AND t.sign > 0 AND o.id IS NULL),
            array_agg(t.id) FILTER (WHERE migrating AND t.sign < 0 AND n.id IS NULL),
            array_agg(t.id) FILTER (WHERE migrating AND t.sign > 0 AND o.id IS NOT NULL)
        FROM old_rows AS o FULL JOIN new_rows AS n ON n.id = o.id
        CROSS JOIN LATERAL (VALUES
            (-1::numeric, o.id, NULL::text, hashtextextended(concat_ws(E'\x1f', o.id, encode(date_send(o.as_of_date), 'hex'), o.from_ccy, o.to_ccy, o.rate, o.source, (o.as_of_date IS NULL)::int::bigint * 2 + (o.from_ccy IS NULL)::int::bigint * 4 + (o.to_ccy IS NULL)::int::bigint * 8 + (o.rate IS NULL)::int::bigint * 16 + (o.source IS NULL)::int::bigint * 32) COLLATE "C", 0)),
            (1::numeric, n.id, NULL::text, hashtextextended(concat_ws(E'\x1f', n.id, encode(date_send(n.as_of_date), 'hex'), n.from_ccy, n.to_ccy, n.rate, n.source, (n.as_of_date IS NULL)::int::bigint * 2 + (n.from_ccy IS NULL)::int::bigint * 4 + (n.to_ccy IS NULL)::int::bigint * 8 + (n.rate IS NULL)::int::bigint * 16 + (n.source IS NULL)::int::bigint * 32) COLLATE "C", 0))
        ) AS t (sign, id, currency, digest)
        WHERE ROW(o.id, o.as_of_date, o.from_ccy, o.to_ccy, o.rate, o.source)::record *<> ROW(n.id, n.as_of_date, n.from_ccy, n.to_ccy, n.rate, n.source)::record AND t.id IS NOT NULL
        GROUP BY t.currency;
    END IF;
    RETURN NULL;
END
$function$;
DO $do$
BEGIN
IF NOT EXISTS (SELECT FROM pg_catalog.pg_trigger AS g WHERE g.tgrelid = 'public.fx_rate'::regclass AND g.tgname = 'tally_insert') THEN
  CREATE TRIGGER tally_insert AFTER INSERT ON public.fx_rate REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT
  WHEN (coalesce(current_setting('rently.tally', true), '') <> 'off') EXECUTE FUNCTION ops.tally_fx_rate();
END IF;
IF NOT EXISTS (SELECT FROM pg_catalog.pg_trigger AS g WHERE g.tgrelid = 'public.fx_rate'::regclass AND g.tgname = 'tally_update') THEN
  CREATE TRIGGER tally_update AFTER UPDATE ON public.fx_rate REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT
  WHEN (coalesce(current_setting('rently.tally', true), '') <> 'off') EXECUTE FUNCTION ops.tally_fx_rate();
END IF;
IF NOT EXISTS (SELECT FROM pg_catalog.pg_trigger AS g WHERE g.tgrelid = 'public.fx_rate'::regclass AND g.tgname = 'tally_delete') THEN
  CREATE TRIGGER tally_delete AFTER DELETE ON public.fx_rate REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT
  WHEN (coalesce(current_setting('rently.tally', true), '') <> 'off') EXECUTE FUNCTION ops.tally_fx_rate();
END IF;
END
$do$;

--: account measure fx_rate
SELECT NULL::text AS currency, count(*) AS rows, sum(hashtextextended(concat_ws(E'\x1f', t.id, encode(date_send(t.as_of_date), 'hex'), t.from_ccy, t.to_ccy, t.rate, t.source, (t.as_of_date IS NULL)::int::bigint * 2 + (t.from_ccy IS NULL)::int::bigint * 4 + (t.to_ccy IS NULL)::int::bigint * 8 + (t.rate IS NULL)::int::bigint * 16 + (t.source IS NULL)::int::bigint * 32) COLLATE "C", 0)) AS digest,
    ARRAY[]::numeric[] AS money
FROM public.fx_rate AS t GROUP BY 1;
