-- owner: platform
-- description: Repairs what v0 applications write; silent while the migration itself writes
-- generated: python -m rently_db.migrate.freeze bridges
CREATE TRIGGER bridge BEFORE INSERT OR UPDATE ON public.document
FOR EACH ROW WHEN ((
    (NEW.kind NOT IN (
        'application_form', 'identity_document', 'income_proof', 'lease_agreement', 'property_valuation',
        'legal_notice', 'court_document', 'payment_receipt', 'contract', 'correspondence', 'other'
    ))
    OR (nullif(btrim(NEW.title), '') IS NULL)
) AND coalesce(current_setting('rently.bridge', TRUE), '') <> 'off')
EXECUTE FUNCTION ops.bridge_document();
