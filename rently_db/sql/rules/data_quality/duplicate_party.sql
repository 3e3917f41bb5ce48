-- owner: risk
-- severity: warning
-- tags: preflight, validation, quality
-- table: party
-- description: Party that shares its e-mail address or its KYC identifier with another one
-- protects: exposures of one borrower, which would be counted as those of two
-- mend: merge the two, or put them into one obligor group (party.obligor_group_id)
-- exempt: yes: of people who share an address, as a family or an office does; name the parties
CREATE VIEW ops.rule_duplicate_party AS
SELECT
    p.id::text AS id,
    concat_ws(
        ', ',
        CASE WHEN p.same_email > 1 THEN p.same_email || ' parties with this e-mail' END,
        CASE WHEN p.same_kyc > 1 THEN p.same_kyc || ' parties with this KYC identifier' END
    ) AS detail
FROM (
    SELECT
        n.id,
        CASE WHEN n.email IS NOT NULL THEN count(*) OVER (PARTITION BY lower(n.email)) END AS same_email,
        CASE WHEN n.kyc_identifier IS NOT NULL THEN count(*) OVER (PARTITION BY upper(btrim(n.kyc_identifier))) END AS same_kyc
    FROM public.party AS n
) AS p
WHERE p.same_email > 1 OR p.same_kyc > 1;
