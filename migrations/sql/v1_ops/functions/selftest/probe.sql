-- owner: platform
-- description: Tries statements in a subtransaction on a small book of its own, and takes everything back. Returns what the last one gave, or the name of the
--     constraint, else the message, of the error. :entity :product :party :instrument :application :loan :plan :line :line2 :payment :account stand for the
--     book's ids
CREATE FUNCTION ops.probe(statements text[]) RETURNS text
LANGUAGE plpgsql VOLATILE AS $function$
DECLARE
    names CONSTANT text[] := '{entity,product,party,instrument,application,loan,plan,line2,line,payment,account}';
    ids CONSTANT uuid[] := ARRAY(SELECT public.uuidv7() FROM unnest(names));
    book CONSTANT text[] := ARRAY[
        $s$INSERT INTO public.legal_entity (id, name, country_code, functional_ccy, time_zone)
            VALUES (:entity, 'Self-test', 'SG', 'SGD', 'Asia/Singapore')$s$,
        $s$INSERT INTO public.product (id, code, name, category, business_unit)
            VALUES (:product, 'SELFTEST ' || :product, 'Self-test', 'rently_care_d2c', 'residential')$s$,
        $s$INSERT INTO public.party (id, kind, display_name) VALUES (:party, 'individual', 'Self-test')$s$,
        $s$INSERT INTO public.payment_instrument (id, party_id, instrument_type, currency_code, is_default)
            VALUES (:instrument, :party, 'bank_account', 'SGD', true)$s$,
        $s$INSERT INTO public.application (id, application_number, product_id, legal_entity_id, applicant_party_id, requested_amount,
            requested_currency, tenor_months, status)
            VALUES (:application, 'SELFTEST ' || :application, :product, :entity, :party, 1200, 'SGD', 12, 'approved')$s$,
        $s$INSERT INTO public.loan (id, loan_number, application_id, product_id, legal_entity_id, borrower_party_id, currency_code,
            principal_amount, rc_fee_rate, interest_rate, start_date, end_date, status)
            VALUES (:loan, 'SELFTEST ' || :loan, :application, :product, :entity, :party, 'SGD', 1200, 0, 0, '2020-01-01', '2021-01-01', 'active')$s$,
        $s$INSERT INTO public.amortisation_plan (id, loan_id, version, status, effective_from)
            VALUES (:plan, :loan, 1, 'active', '2020-01-01')$s$,
        $s$INSERT INTO public.amortisation_line (id, plan_id, seq_no, due_date, currency_code, amount_principal, amount_rc_fee)
            VALUES (:line, :plan, 1, '2020-02-01', 'SGD', 600, 10), (:line2, :plan, 2, '2020-03-01', 'SGD', 600, 10)$s$,
        $s$INSERT INTO public.disbursement (loan_id, legal_entity_id, instrument_id, currency_code, amount, disbursed_at, status)
            VALUES (:loan, :entity, :instrument, 'SGD', 1200, '2020-01-01', 'completed')$s$,
        $s$INSERT INTO public.payment (id, legal_entity_id, currency_code, amount, direction, payer_party_id, received_at, status)
            VALUES (:payment, :entity, 'SGD', 100, 'inbound', :party, '2020-02-01', 'completed')$s$,
        $s$INSERT INTO public.ledger_account (id, legal_entity_id, code, name, type)
            VALUES (:account, :entity, '1000', 'Self-test', 'asset')$s$
    ];
    one text;
    answer text;
    violated text;
BEGIN
    PERFORM ops.require_read_committed('payment_allocation', 'run_all_tests', 'for self-tests');
    BEGIN
        FOREACH one IN ARRAY book || statements LOOP
            FOR at IN 1 .. cardinality(names) LOOP
                one := regexp_replace(one, ':' || names[at] || '\M', quote_literal(ids[at]) || '::uuid', 'g');
            END LOOP;
            IF one ~* '^\s*(SELECT|WITH)\M' THEN
                EXECUTE one INTO answer;
            ELSE
                EXECUTE one;
            END IF;
        END LOOP;
        -- What is checked at the end of a transaction is checked now: there will be no end.
        SET CONSTRAINTS ALL IMMEDIATE;
        RAISE EXCEPTION USING ERRCODE = 'RD002', DETAIL = coalesce(answer, '');
    EXCEPTION
        WHEN SQLSTATE 'RD002' THEN
            GET STACKED DIAGNOSTICS answer = PG_EXCEPTION_DETAIL;
            RETURN answer;
        WHEN OTHERS THEN
            GET STACKED DIAGNOSTICS violated = CONSTRAINT_NAME;
            RETURN 'refused: ' || coalesce(nullif(violated, ''), SQLSTATE || ' ' || SQLERRM);
    END;
END
$function$;
