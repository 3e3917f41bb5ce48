-- owner: compliance
-- tier: T2
-- grain: entity x currency
-- key: legal_entity_id, currency_code
-- refresh: minute
-- description: Classification, non-performing ratio, provisions and coverage of each company and currency by the rules of its country
-- column legal_entity_name: Company that lends
-- column country_code: Its country, whose rules apply
-- column currency_code: Currency of all amounts, ISO 4217
-- column active_loans: Loans on the book (status active)
-- column outstanding_principal: Principal owed by them
-- column performing_loans: Those that are not non-performing (loan_risk.is_default)
-- column substandard_loans: Non-performing ones of a class other than doubtful and loss
-- column doubtful_loans: Non-performing ones of class doubtful
-- column loss_loans: Non-performing ones of class loss
-- column performing_amount: Outstanding principal of performing_loans
-- column substandard_amount: Outstanding principal of substandard_loans
-- column doubtful_amount: Outstanding principal of doubtful_loans
-- column loss_amount: Outstanding principal of loss_loans
-- column required_provisions: Sum of loan_provision.provision today; NULL where a loan's class has no rate
-- column legal_action_loans: Loans on the book whose open status legal_action is other than none
-- column legal_action_amount: Outstanding principal of them
-- column performing_ratio_pct: performing_amount in percent of outstanding_principal
-- column npl_ratio_pct: substandard, doubtful and loss amounts in percent of outstanding_principal
-- column provisioning_ratio_pct: required_provisions in percent of outstanding_principal
-- column charge_off_ratio_pct: Principal written off so far in percent of principal disbursed so far, all loans, whatever their status
-- column npl_compliance_status: High NPL - Review Required if npl_ratio_pct is over setting npl_ratio_limit_pct, else Within Limits
-- column provisioning_status: High Provisioning Required if provisioning_ratio_pct is over setting provisioning_ratio_limit_pct, else Normal; NULL
--     where required_provisions is
-- column legal_entity_id: Company that lends
-- column business_date: Day for which it holds
-- column npl_loans: Non-performing loans
-- column npl_amount: Outstanding principal of them
-- column coverage_ratio_pct: required_provisions in percent of npl_amount; NULL: nothing is non-performing
-- column exposure_at_default: Sum of loan_provision.ead
-- column eligible_collateral: Sum of loan_provision.eligible_collateral; NULL where a rate is missing
-- column needs_signoff: Whether a provision rate used, or a classification rule of the country that holds today, is a placeholder
CREATE VIEW analytics.v_regulatory_compliance_report AS
WITH legal AS (
    SELECT h.loan_id
    FROM public.loan_status_history AS h
    WHERE h.status_type = 'legal_action' AND h.effective_through IS NULL AND h.status_value <> 'none'
),

rule AS (
    SELECT
        e.legal_entity_id,
        bool_or(k.needs_signoff) AS needs_signoff
    FROM analytics.entity_day AS e
    INNER JOIN public.classification_rule AS k
        ON
            e.country_code = k.country_code AND e.business_date >= k.valid_from
            AND (k.valid_through IS NULL OR e.business_date < k.valid_through)
    GROUP BY e.legal_entity_id
),

total AS (
    SELECT
        p.legal_entity_id,
        p.legal_entity_name,
        p.country_code,
        p.currency_code,
        p.business_date,
        count(v.loan_id) AS active_loans,
        coalesce(sum(v.outstanding_principal), 0) AS outstanding_principal,
        count(*) FILTER (WHERE NOT v.is_default) AS performing_loans,
        count(*) FILTER (WHERE v.is_default AND v.class NOT IN ('doubtful', 'loss')) AS substandard_loans,
        count(*) FILTER (WHERE v.is_default AND v.class = 'doubtful') AS doubtful_loans,
        count(*) FILTER (WHERE v.is_default AND v.class = 'loss') AS loss_loans,
        coalesce(sum(v.outstanding_principal) FILTER (WHERE NOT v.is_default), 0) AS performing_amount,
        coalesce(sum(v.outstanding_principal) FILTER (WHERE v.is_default AND v.class NOT IN ('doubtful', 'loss')), 0) AS substandard_amount,
        coalesce(sum(v.outstanding_principal) FILTER (WHERE v.is_default AND v.class = 'doubtful'), 0) AS doubtful_amount,
        coalesce(sum(v.outstanding_principal) FILTER (WHERE v.is_default AND v.class = 'loss'), 0) AS loss_amount,
        CASE WHEN count(v.loan_id) = count(v.provision) THEN coalesce(sum(v.provision), 0) END AS required_provisions,
        CASE WHEN count(v.loan_id) = count(v.eligible_collateral) THEN coalesce(sum(v.eligible_collateral), 0) END AS eligible_collateral,
        coalesce(sum(v.ead), 0) AS exposure_at_default,
        count(v.loan_id) FILTER (WHERE a.loan_id IS NOT NULL) AS legal_action_loans,
        coalesce(sum(v.outstanding_principal) FILTER (WHERE a.loan_id IS NOT NULL), 0) AS legal_action_amount,
        sum(p.principal_written_off) AS written_off,
        sum(p.disbursed_principal) AS disbursed,
        coalesce(bool_or(v.needs_signoff), FALSE) AS needs_signoff
    FROM analytics.loan_position AS p
    LEFT JOIN analytics.loan_provision AS v ON p.loan_id = v.loan_id AND v.period = 'infinity'
    LEFT JOIN legal AS a ON p.loan_id = a.loan_id
    GROUP BY p.legal_entity_id, p.legal_entity_name, p.country_code, p.currency_code, p.business_date
)

SELECT
    t.legal_entity_name,
    t.country_code,
    t.currency_code,
    t.active_loans,
    t.outstanding_principal,
    t.performing_loans,
    t.substandard_loans,
    t.doubtful_loans,
    t.loss_loans,
    t.performing_amount,
    t.substandard_amount,
    t.doubtful_amount,
    t.loss_amount,
    t.required_provisions,
    t.legal_action_loans,
    t.legal_action_amount,
    analytics.percentage(t.performing_amount, t.outstanding_principal) AS performing_ratio_pct,
    r.npl_ratio_pct,
    r.provisioning_ratio_pct,
    analytics.percentage(t.written_off, t.disbursed) AS charge_off_ratio_pct,
    CASE
        WHEN r.npl_ratio_pct > (SELECT analytics.setting_number('npl_ratio_limit_pct')) THEN 'High NPL - Review Required'
        ELSE 'Within Limits'
    END AS npl_compliance_status,
    CASE
        WHEN t.required_provisions IS NULL THEN NULL
        WHEN r.provisioning_ratio_pct > (SELECT analytics.setting_number('provisioning_ratio_limit_pct')) THEN 'High Provisioning Required'
        ELSE 'Normal'
    END AS provisioning_status,
    t.legal_entity_id,
    t.business_date,
    t.active_loans - t.performing_loans AS npl_loans,
    t.outstanding_principal - t.performing_amount AS npl_amount,
    analytics.percentage(t.required_provisions, t.outstanding_principal - t.performing_amount) AS coverage_ratio_pct,
    t.exposure_at_default,
    t.eligible_collateral,
    t.needs_signoff OR coalesce(k.needs_signoff, FALSE) AS needs_signoff
FROM total AS t
LEFT JOIN rule AS k ON t.legal_entity_id = k.legal_entity_id
CROSS JOIN LATERAL (
    SELECT
        analytics.percentage(t.outstanding_principal - t.performing_amount, t.outstanding_principal) AS npl_ratio_pct,
        analytics.percentage(t.required_provisions, t.outstanding_principal) AS provisioning_ratio_pct
) AS r;
