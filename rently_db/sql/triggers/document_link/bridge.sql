-- owner: platform
-- description: Repairs what v0 applications write; silent while the migration itself writes
-- generated: python -m rently_db.migrate.freeze bridges
CREATE TRIGGER bridge BEFORE INSERT OR UPDATE ON public.document_link
FOR EACH ROW WHEN ((
    (NEW.entity_type NOT IN (
        'application', 'loan', 'party', 'payment', 'disbursement', 'collections_event', 'security_interest'
    ))
) AND coalesce(current_setting('rently.bridge', TRUE), '') <> 'off')
EXECUTE FUNCTION ops.bridge_document_link();
