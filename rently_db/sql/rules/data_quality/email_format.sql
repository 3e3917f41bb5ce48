-- owner: collections
-- severity: fail
-- tags: validation, quality, selftest
-- table: party
-- column: email
-- description: E-mail address that is none
-- protects: that reminders and notices arrive
-- mend: UPDATE public.party SET email = ..., or NULL if none is known
-- constraint: party_email_check
-- exempt: no: NULL says that no address is known
CREATE VIEW ops.rule_email_format AS
SELECT
    p.id::text AS id,
    'not an address' AS detail
FROM public.party AS p
WHERE p.email IS NOT NULL AND p.email !~* '^[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}$';
