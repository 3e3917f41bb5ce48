-- owner: finance
-- tier: T0
-- grain: payment instrument in use
-- key: id
-- refresh: live
-- personal: account_name, account_number
-- description: Payment instruments that are not switched off, with the account number masked
-- column id: Instrument
-- column party_id: Party that pays or is paid with it
-- column instrument_type: bank_account, credit_card, debit_card or e_wallet
-- column currency_code: Currency, ISO 4217
-- column bank_name: Bank
-- column account_name: Name of the account
-- column account_number: The last 4 letters and digits after ****; **** alone if it has 4 or fewer; NULL: none known. Blanks and signs do not count
-- column provider_ref: Reference at the payment provider
-- column is_default: Whether the party's payments in the currency use it unless told otherwise; NULL: not said
-- column is_active: Whether it is in use; instruments from before v1, of which that is unknown (NULL), are listed
-- column created_at: Moment when it was recorded; NULL: before v1
-- column updated_at: Moment of its last change; NULL: before v1
CREATE VIEW analytics.active_payment_instruments AS
WITH instrument AS (
    SELECT
        i.id,
        i.party_id,
        i.instrument_type,
        i.currency_code,
        i.bank_name,
        i.account_name,
        regexp_replace(i.account_number, '[^[:alnum:]]', '', 'g') AS account_number,
        i.provider_ref,
        i.is_default,
        i.is_active,
        i.created_at,
        i.updated_at
    FROM public.payment_instrument AS i
    WHERE i.is_active IS NOT FALSE
)

SELECT
    i.id,
    i.party_id,
    i.instrument_type,
    i.currency_code,
    i.bank_name,
    i.account_name,
    CASE
        WHEN i.account_number IS NOT NULL THEN '****' || CASE WHEN length(i.account_number) > 4 THEN right(i.account_number, 4) ELSE '' END
    END AS account_number,
    i.provider_ref,
    i.is_default,
    i.is_active,
    i.created_at,
    i.updated_at
FROM instrument AS i;
