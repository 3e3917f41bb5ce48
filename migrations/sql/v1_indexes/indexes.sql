-- Frozen for v1_indexes: python -m rently_db.migrate.freeze v1

--: index payment_instrument one_default_instrument
CREATE UNIQUE INDEX CONCURRENTLY one_default_instrument ON public.payment_instrument (party_id, currency_code) WHERE is_default AND is_active IS DISTINCT FROM false;

--: index party_role one_current_party_role
CREATE UNIQUE INDEX CONCURRENTLY one_current_party_role ON public.party_role (party_id, loan_id, role) WHERE effective_through IS NULL;

--: index amortisation_plan one_active_plan_per_loan
CREATE UNIQUE INDEX CONCURRENTLY one_active_plan_per_loan ON public.amortisation_plan (loan_id) WHERE status = 'active';

--: index payment one_payment_per_reference
CREATE UNIQUE INDEX CONCURRENTLY one_payment_per_reference ON public.payment (coalesce(provider, ''), external_reference) WHERE external_reference IS NOT NULL;
