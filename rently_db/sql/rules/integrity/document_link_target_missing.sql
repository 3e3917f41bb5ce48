-- owner: compliance
-- severity: fail
-- tags: preflight, validation
-- table: document_link
-- column: entity_id
-- description: Link of a document to something that does not exist
-- protects: evidence: a contract or a receipt that is attached to nothing is not found when it is asked for
-- mend: point the link to what the document belongs to, or delete it with the document
-- exempt: yes: of documents that must be kept longer than what they belonged to, until the day on which they may be deleted
CREATE VIEW ops.rule_document_link_target_missing AS
SELECT
    k.id::text AS id,
    k.entity_type || ' ' || k.entity_id || ' does not exist' AS detail
FROM public.document_link AS k
WHERE
    NOT CASE k.entity_type
        WHEN 'application'
            THEN
                EXISTS (
                    SELECT FROM public.application AS t
                    WHERE t.id = k.entity_id
                )
        WHEN 'loan'
            THEN
                EXISTS (
                    SELECT FROM public.loan AS t
                    WHERE t.id = k.entity_id
                )
        WHEN 'party'
            THEN
                EXISTS (
                    SELECT FROM public.party AS t
                    WHERE t.id = k.entity_id
                )
        WHEN 'payment'
            THEN
                EXISTS (
                    SELECT FROM public.payment AS t
                    WHERE t.id = k.entity_id
                )
        WHEN 'disbursement'
            THEN
                EXISTS (
                    SELECT FROM public.disbursement AS t
                    WHERE t.id = k.entity_id
                )
        WHEN 'collections_event'
            THEN
                EXISTS (
                    SELECT FROM public.collections_event AS t
                    WHERE t.id = k.entity_id
                )
        WHEN 'security_interest'
            THEN
                EXISTS (
                    SELECT FROM public.security_interest AS t
                    WHERE t.id = k.entity_id
                )
        ELSE FALSE
    END;
