-- owner: platform
-- description: Repairs what v0 applications write; silent while the migration itself writes
-- generated: python -m rently_db.migrate.freeze bridges
CREATE TRIGGER bridge BEFORE INSERT OR UPDATE ON public.collections_event
FOR EACH ROW WHEN ((
    (NEW.event_type NOT IN (
        'first_overdue', 'reminder_sent', 'call_attempt', 'call_successful', 'payment_arrangement', 'legal_notice',
        'lawyer_letter', 'court_filing', 'asset_recovery', 'write_off', 'settlement_offer', 'settlement_accepted'
    ))
    OR (NEW.currency_code <> upper(NEW.currency_code))
    OR (NEW.dpd_snapshot IS NULL)
    OR (NEW.amount_involved = 0)
) AND coalesce(current_setting('rently.bridge', TRUE), '') <> 'off')
EXECUTE FUNCTION ops.bridge_collections_event();
