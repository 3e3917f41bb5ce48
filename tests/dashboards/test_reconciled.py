"""The dashboards' views say what the analytics say: each is held against the views that it is made from, added up another way."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import compress
from typing import Any

import pytest
from psycopg2.extensions import connection as PgConnection  # noqa: N812
from sqlalchemy import URL

from rently_db.sql.catalog import load_catalogue
from tests.support.migrations import connect

Row = tuple[Any, ...]

TODAY = """JOIN (SELECT legal_entity_id, currency_code, functional_rate AS rate, group_rate FROM currency_rate) AS r USING (legal_entity_id,
    currency_code)"""
ENTITY = "JOIN entity_day AS e USING (legal_entity_id)"
OF_LOAN = "JOIN loan_state AS s USING (loan_id)"
YEAR = "(e.business_date - interval '12 months')::date"


def rated(day: str) -> str:
    """Today's company, and the rate of a day to the currency of its books."""
    return f"{ENTITY} CROSS JOIN LATERAL fx_rate(currency_code, e.functional_ccy, ({day})::date) AS f"


LENT = "least(month_start + interval '1 month - 1 day', e.business_date)"
FEATURES = "v_ml_features_default_prediction"
TRAINED = f"""SELECT t.*, s.legal_entity_id, CASE WHEN current_dpd > 90 OR legal_actions_count > 0 THEN 'High' WHEN current_dpd > 30 OR
    avg_days_late > 10 THEN 'Medium' WHEN max_dpd_reached > 0 OR avg_days_late > 0 THEN 'Low' ELSE 'Minimal' END AS score FROM
    v_ml_training_set AS t {OF_LOAN}"""
JOURNEY = """SELECT a.legal_entity_id, count(*) AS n1, count(*) FILTER (WHERE outcome = 'approved') AS n2, count(*) FILTER (WHERE n > 0) AS
    n3, count(*) FILTER (WHERE is_off OR is_half) AS n4, count(*) FILTER (WHERE is_off) AS n5 FROM application_outcome AS a LEFT JOIN
    (SELECT l.application_id, count(*) AS n, sum(principal_paid) / sum(disbursed) >= 0.5 AS is_half, count(*) FILTER (WHERE loan_status <>
    'closed' OR principal_written_off > 0) = 0 AS is_off FROM v_loan_balance AS b JOIN loan AS l ON b.loan_id = l.id WHERE disbursed > 0
    GROUP BY 1 ) AS x ON a.application_id = x.application_id AND outcome = 'approved' GROUP BY 1"""
REACHED = """SELECT p.legal_entity_id, p.loan_id, date_trunc('month', p.first_disbursed_on)::date AS born, d.day, bool_or(h.max_dpd > 30) AS
    over30, bool_or(h.max_dpd > 90) AS over90 FROM loan_position AS p JOIN published_day AS d ON d.is_month_end AND d.day >=
    date_trunc('month', p.first_disbursed_on) LEFT JOIN loan_daily_snapshot AS h ON h.loan_id = p.loan_id AND h.snapshot_date <= d.day AND
    h.snapshot_date IN (SELECT o.day FROM published_day AS o WHERE o.is_month_end) GROUP BY 1, 2, 3, 4"""
AGE = "12 * (extract(YEAR FROM day) - extract(YEAR FROM born)) + extract(MONTH FROM day) - extract(MONTH FROM born)"

SAME = {
    "dash_ageing": f"""legal_entity_id, dpd_bucket, arrears, arrears_pct, loans, instalments == SELECT legal_entity_id, dpd_bucket,
    sum(arrears * rate), 100 * sum(arrears * rate) / sum(sum(arrears * rate)) OVER (PARTITION BY legal_entity_id), sum(loans),
    sum(instalments) FROM v_arrears_ageing {TODAY} GROUP BY 1, 2""",
    "dash_calibration": f"""legal_entity_id, dpd_bucket, labelled, defaults, observed_pct, predicted_pct == WITH t AS MATERIALIZED
    ({TRAINED}) SELECT t.legal_entity_id, b.label, count(t.label), sum(t.label), 100 * avg(t.label), 100 * max(x.pd) FROM t JOIN dpd_bucket
    AS b ON b.scheme = 'standard' AND b.days @> t.current_dpd LEFT JOIN (SELECT dpd_bucket, max(pd) AS pd FROM v_expected_loss WHERE stage <
    3 GROUP BY 1) AS x ON x.dpd_bucket = b.label WHERE month_end IN (SELECT DISTINCT m.month_end FROM t AS m WHERE m.label_observed ORDER BY
    1 DESC LIMIT 12) GROUP BY 1, 2""",
    "dash_cases_by_stage": f"""legal_entity_id, stage, dpd_bucket, cases, outstanding, arrears == SELECT legal_entity_id, collections_stage,
    dpd_bucket, count(*), sum(outstanding_principal * rate), sum(arrears * rate) FROM v_collections_worklist {TODAY} GROUP BY 1, 2, 3""",
    "dash_cash_month": f"""month_end, legal_entity_id, collected, disbursed, refunded, net_flow == SELECT day, legal_entity_id, t.value,
    sum(disbursed * rate), sum(refunded * rate), t.value - sum((disbursed + refunded) * rate) FROM (SELECT *, (month + interval
    '1 month - 1 day')::date AS day FROM v_portfolio_rollforward) AS p {rated("day")} JOIN v_executive_trend AS t USING (month,
    legal_entity_id) WHERE t.kpi = 'collections' GROUP BY 1, 2, 3""",
    "dash_classification": f"""legal_entity_id, class, is_default, loans, outstanding_fn, provision_fn == SELECT s.legal_entity_id, n.class,
    n.is_default, count(*), sum(n.outstanding_principal * functional_rate), sum(provision * functional_rate) FROM v_npl_classification AS n
    {OF_LOAN} JOIN v_provisioning_schedule AS v USING (loan_id) JOIN currency_rate AS r ON s.legal_entity_id = r.legal_entity_id AND
    n.currency_code = r.currency_code GROUP BY 1, 2, 3""",
    "dash_collections_funnel": f"""legal_entity_id, step, episodes, pct_of_first == WITH o AS (SELECT s.legal_entity_id, d.is_cured, EXISTS
    (SELECT FROM collections_action AS a WHERE a.loan_id = d.loan_id AND a.is_contact AND a.event_on BETWEEN d.entered_on AND
    coalesce(d.ended_on, e.business_date)) AS reached, EXISTS (SELECT FROM mv_promise AS p WHERE p.loan_id = d.loan_id AND p.promised_on
    BETWEEN d.entered_on AND coalesce(d.ended_on, e.business_date)) AS promised FROM mv_delinquency_entry AS d {OF_LOAN} {ENTITY} WHERE
    d.bucket_sort = 0 AND d.entered_on > {YEAR}) SELECT legal_entity_id, step, sum(n), 100 * avg(n) FROM o CROSS JOIN LATERAL (VALUES
    ('Became overdue', 1), ('Borrower reached', reached::integer), ('Promise made', promised::integer), ('Promise, then resolved', (promised
    AND is_cured)::integer) ) AS v (step, n) GROUP BY 1, 2""",
    "dash_collector": f"""SELECT 'promise', collector_party_id, NULL, sum(promises), sum(promises_kept) FROM dash_collector GROUP BY 2
    HAVING sum(promises) > 0 UNION ALL SELECT 'kept', collector_party_id, legal_entity_id, promises_kept, kept_pct FROM dash_collector WHERE
    kept_pct >= 0 UNION ALL SELECT 'call', collector_party_id, legal_entity_id, calls, call_success_pct FROM dash_collector WHERE calls > 0
    UNION ALL SELECT 'case', collector_party_id, legal_entity_id, cases_open, cases_resolved FROM dash_collector WHERE cases_open +
    cases_resolved > 0 == SELECT 'promise', collector_party_id, NULL, sum(promised), sum(kept) FROM v_promise_to_pay_performance WHERE month
    > (SELECT max({YEAR}) FROM entity_day AS e) GROUP BY 2 UNION ALL SELECT 'kept', collector_party_id, legal_entity_id, count(*) FILTER
    (WHERE outcome = 'kept'), 100 * avg((outcome = 'kept')::integer) FROM mv_promise {OF_LOAN} {ENTITY} WHERE promised_on > {YEAR} AND
    outcome <> 'open' GROUP BY 2, 3 UNION ALL SELECT 'call', actor_party_id, legal_entity_id, count(*), 100 * avg((event_type =
    'call_successful')::integer) FROM collections_action {OF_LOAN} {ENTITY} WHERE event_type LIKE 'call%' AND event_on > {YEAR} GROUP BY 2,
    3 UNION ALL SELECT 'case', a.actor_party_id, legal_entity_id, count(*) FILTER (WHERE ended_on IS NULL), count(ended_on) FROM
    mv_delinquency_entry AS d {OF_LOAN} {ENTITY} CROSS JOIN LATERAL (SELECT c.actor_party_id FROM collections_action AS c WHERE c.loan_id =
    d.loan_id AND c.actor_party_id IS NOT NULL AND c.event_on >= d.entered_on AND (d.ended_on IS NULL OR c.event_on <= d.ended_on) ORDER BY
    c.event_at DESC, c.event_id DESC LIMIT 1) AS a WHERE bucket_sort = 0 AND (ended_on IS NULL OR is_cured AND ended_on > {YEAR}) GROUP BY
    2, 3""",
    "dash_concentration": """legal_entity_id, dimension, members, loans, exposure, largest_pct, top_5_pct, top_10_pct, top_20_pct, 100 *
    hhi, effective_n == SELECT legal_entity_id, CASE dimension WHEN 'product_category' THEN 'product' ELSE replace(dimension, '_', ' ') END,
    members, loan_count, exposure, 100 * top1_share, 100 * top5_share, 100 * top10_share, 100 * top20_share, 100 * hhi, effective_n FROM
    v_concentration_index""",
    "dash_concentration_limit": """legal_entity_id, series, product_pct, borrower_pct, country_pct, currency_pct == SELECT legal_entity_id,
    'book', 100 * max(top1_share) FILTER (WHERE dimension = 'product_category'), 100 * max(top10_share) FILTER (WHERE dimension =
    'borrower'), (SELECT 100 * max(y.part) / sum(y.part) FROM (SELECT sum(m.outstanding_group_ccy) AS part FROM
    v_consolidated_multi_currency_report AS m GROUP BY m.legal_entity_id) AS y), (SELECT max(k.currency_exposure_pct) FROM
    v_currency_risk_analysis AS k WHERE k.legal_entity_id = c.legal_entity_id AND k.loan_currency <> k.entity_functional_currency) FROM
    v_concentration_index AS c GROUP BY 1 UNION ALL SELECT legal_entity_id, 'limit', max(n) FILTER (WHERE key ~ 'product'), max(n) FILTER
    (WHERE key ~ 'top_10'), max(n) FILTER (WHERE key ~ 'country'), max(n) FILTER (WHERE key ~ 'fx') FROM entity_day, (SELECT key, (value ->>
    'below')::numeric AS n FROM analytics_setting WHERE key ~ 'target_(largest_.*_share|top_10_|fx_exp)') AS k GROUP BY 1""",
    "dash_efficiency": f"""month_start, legal_entity_id, due, received, current_due_ce_pct, total_ce_pct, ce_ex_npl_pct == SELECT
    month_start, legal_entity_id, sum(due * rate), sum(received * rate), 100 * sum(paid_on_current_due * rate) / nullif(sum(due * rate), 0),
    100 * sum(received * rate) / nullif(sum(due * rate), 0), CASE WHEN bool_and(due_ex_npl IS NOT NULL) THEN 100 * sum(paid_ex_npl * rate) /
    nullif(sum(due_ex_npl * rate), 0) END FROM v_collection_efficiency AS c {rated(LENT)} GROUP BY 1, 2""",
    "dash_exception": """SELECT legal_entity_id, kind, limit_name, subject_id, what, 1, limit_value, actual_value FROM dash_exception WHERE
    kind_sort < 3 UNION ALL SELECT legal_entity_id, kind, limit_name, NULL, NULL, count(*), NULL, NULL FROM dash_exception WHERE kind_sort =
    3 GROUP BY 1, 2, 3 == SELECT legal_entity_id, CASE WHEN is_rate_missing THEN 'Rate missing' ELSE 'Limit breach' END, limit_name,
    subject_id, loan_number, 1, limit_value, actual_value FROM v_product_limit_breaches JOIN entity_day USING (legal_entity_name) UNION ALL
    SELECT legal_entity_id, 'Needs sign-off', 'Setting', NULL, NULL, count(*), NULL, NULL FROM provisional_setting, entity_day GROUP BY 1
    UNION ALL SELECT legal_entity_id, 'Needs sign-off', k.kind, NULL, NULL, count(*), NULL, NULL FROM entity_day JOIN ( SELECT
    'Classification rule', country_code, needs_signoff, valid_from, valid_through FROM classification_rule UNION ALL SELECT
    'Provision rate', country_code, needs_signoff, valid_from, valid_through FROM provision_rate UNION ALL SELECT 'Product limit',
    country_code, needs_signoff, valid_from, valid_through FROM product_limit ) AS k (kind, country_code, open, since, until) USING
    (country_code) WHERE k.open AND daterange(k.since, k.until) @> business_date GROUP BY 1, 3""",
    "dash_expected_loss": f"""legal_entity_id, product_category, stage_name, loans, signoff_loans, ead_fn, el_fn == SELECT legal_entity_id,
    product_category, CASE WHEN stage = 3 THEN '3 non-performing' WHEN stage = 2 THEN '2 worse' ELSE '1 performing' END, count(*),
    sum(needs_signoff::integer), sum(ead * rate), sum(el * rate) FROM v_expected_loss {TODAY} GROUP BY 1, 2, 3""",
    "dash_feature_drift": """feature, month_end, month, stability, 100 * psi == SELECT feature, month_end, left(month_end::text, 7),
    stability, 100 * psi FROM v_feature_population_stability""",
    "dash_fx_pair": """SELECT 'rate', legal_entity_id, pair, round(rate, 9)::text, method, age_days, missing_days, NULL, NULL FROM
    dash_fx_pair UNION ALL SELECT 'lent', legal_entity_id, currency_code, NULL, NULL, loans, exposure_fn, exposure_pct, volatility_pct FROM
    dash_fx_pair WHERE loans > 0 == SELECT 'rate', legal_entity_id, d.from_currency || '/' || functional_ccy, round(d.rate, 9)::text,
    d.method, d.age_days, (SELECT count(*) FROM v_fx_rate_daily AS b WHERE b.is_missing AND b.from_currency = d.from_currency AND
    b.to_currency = d.to_currency AND b.rate_day > business_date - 90), NULL, NULL FROM v_fx_rate_daily AS d JOIN entity_day ON to_currency
    = functional_ccy AND rate_day = business_date UNION ALL SELECT 'lent', legal_entity_id, loan_currency, NULL, NULL, active_loans,
    outstanding_functional_ccy, currency_exposure_pct, volatility_pct FROM v_consolidated_multi_currency_report WHERE loan_currency <>
    functional_ccy AND active_loans > 0""",
    "dash_fx_rate": """SELECT rate_day::text, legal_entity_id, currency_code, round(rate, 9)::text, rate_index FROM dash_fx_rate UNION ALL
    SELECT 'volatility', legal_entity_id, currency_code, NULL, volatility_pct FROM dash_fx_rate WHERE days_ago = 0 AND (legal_entity_id,
    currency_code) IN (SELECT v.legal_entity_id, v.currency_code FROM fx_volatility AS v) == SELECT rate_day::text, legal_entity_id,
    from_currency, round(rate, 9)::text, 100 * rate / (array_agg(rate) FILTER (WHERE rate > 0) OVER (PARTITION BY from_currency, to_currency
    ORDER BY rate_day))[1] FROM v_fx_rate_daily JOIN entity_day ON to_currency = functional_ccy UNION ALL SELECT 'volatility',
    legal_entity_id, currency_code, NULL, volatility_pct FROM fx_volatility WHERE currency_code <> functional_ccy""",
    "dash_growth": """legal_entity_id, month_end, actual, projected == WITH glp AS (SELECT legal_entity_id, value, (month + interval
    '1 month - 1 day')::date AS day, row_number() OVER w AS n FROM v_executive_trend WHERE kpi = 'glp' WINDOW w AS (PARTITION BY
    legal_entity_id ORDER BY month DESC)) SELECT legal_entity_id, day, value, CASE WHEN n = 1 THEN value END FROM glp WHERE n <= 12 UNION
    ALL SELECT legal_entity_id, (max(day) + 1 + (a + 1) * interval '1 month' - interval '1 month 1 day')::date, NULL, greatest(avg(value) +
    (a + 2.5) * sum((3.5 - n) * value) / 17.5, 0) FROM glp CROSS JOIN generate_series(1, 3) AS a WHERE n <= 6 GROUP BY 1, a""",
    "dash_income_month": f"""month_start, legal_entity_id, product_code, part, is_income, amount == SELECT month_start, legal_entity_id,
    product_code, part, amount.sign > 0, sum(amount.sign * amount.value * rate) FROM v_product_profitability AS p {rated(LENT)} CROSS JOIN
    LATERAL (VALUES ('Interest', 1, interest_income), ('Fees', 1, fee_income), ('Other income', 1, income - interest_income - fee_income),
    ('Provisions', -1, provision_charge), ('Losses', -1, income - provision_charge - net)) AS amount (part, sign, value) GROUP BY 1, 2, 3,
    4, 5""",
    "dash_journey": f"""SELECT legal_entity_id, step, applications, pct_of_applied FROM dash_journey UNION ALL SELECT legal_entity_id,
    'funnel', max(applications) FILTER (WHERE step = 'Approved'), max(applications) FILTER (WHERE step = 'Paid out') FROM dash_journey GROUP
    BY 1 == SELECT legal_entity_id, step, n, 100.0 * n / n1 FROM ({JOURNEY}) AS j CROSS JOIN LATERAL (VALUES ('Applied', n1), ('Approved',
    n2), ('Paid out', n3), ('Half repaid', n4), ('Paid off', n5)) AS v (step, n) UNION ALL SELECT legal_entity_id, 'funnel', sum(approved),
    sum(disbursed) FROM v_origination_funnel GROUP BY 1""",
    "dash_legal_action": """loan_id, legal_entity_name, borrower_name, loan_status, legal_action, legal_action_since, first_notice,
    latest_action, latest_action_on, notices, lawyer_letters, court_filings, outstanding, arrears, dpd, days_in_legal == SELECT w.loan_id,
    legal_entity_name, borrower_name, w.loan_status, legal_action, legal_action_since, first_notice, latest_action, latest_action_on,
    count(*) FILTER (WHERE event_type = 'legal_notice'), count(*) FILTER (WHERE event_type = 'lawyer_letter'), count(*) FILTER (WHERE
    event_type = 'court_filing'), principal_outstanding, arrears, dpd, days_in_legal FROM v_legal_action_tracker AS w JOIN v_loan_balance AS
    b USING (loan_id) JOIN entity_day AS e ON b.legal_entity_id = e.legal_entity_id LEFT JOIN collections_action AS a ON a.loan_id =
    w.loan_id GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 13, 14, 15, 16""",
    "dash_migration": f"""SELECT month_end, legal_entity_id, direction, loans, balance, pct_of_loans, pct_of_balance FROM dash_migration
    WHERE loans > 0 UNION ALL SELECT month_end, legal_entity_id, 'directions', count(*), NULL, NULL, NULL FROM dash_migration GROUP BY 1, 2
    == WITH m AS (SELECT *, coalesce((ARRAY['better', 'same', 'worse'])[2 + CASE WHEN to_stage ~ '[123]' THEN sign(to_stage::integer -
    from_stage::integer) WHEN to_stage = 'written_off' THEN 1 ELSE 9 END], 'left') AS direction FROM v_stage_migration WHERE from_stage ~
    '[123]') SELECT month_end, legal_entity_id, direction, sum(loans), sum(opening_balance * rate), 100 * sum(loans) / sum(sum(loans)) OVER
    w, 100 * sum(opening_balance * rate) / sum(sum(opening_balance * rate)) OVER w FROM m {rated("month_end")} GROUP BY 1, 2, 3 WINDOW w AS
    (PARTITION BY month_end, legal_entity_id) UNION ALL SELECT month_end, legal_entity_id, 'directions', 4, NULL, NULL, NULL FROM m GROUP BY
    1, 2""",
    "dash_mix": f"""legal_entity_id, country_code, product_category, business_unit, currency_code, loans, outstanding_fn, outstanding_group
    == SELECT legal_entity_id, country_code, product_category, business_unit, currency_code, active_loans, outstanding_principal * rate,
    outstanding_principal * group_rate FROM v_loan_portfolio_overview {TODAY} WHERE loan_status = 'active'""",
    "dash_month": """SELECT to_char(month_end, 'YYYY-MM'), legal_entity_id, v.* FROM dash_month CROSS JOIN LATERAL (VALUES ('active_loans',
    active_loans), ('glp', glp), ('loans_originated', new_loans), ('amount_originated', originated), ('collections', collections),
    ('losses', losses), ('par30', par30_pct), ('npl', default_pct), ('ce', efficiency_pct)) AS v == SELECT to_char(month, 'YYYY-MM'),
    legal_entity_id, kpi, value FROM v_executive_trend WHERE kpi <> 'cnl'""",
    "dash_newly_overdue": """loan_id, legal_entity_id, product_category, dpd_bucket, has_broken_promise, dpd, arrears, outstanding == SELECT
    d.loan_id, d.legal_entity_id, d.product_category, d.dpd_bucket, coalesce(w.is_broken_promise, false), d.current_dpd, d.arrears,
    d.outstanding_principal FROM v_dpd_analysis AS d LEFT JOIN v_early_warning AS w USING (loan_id) WHERE d.current_dpd > 0 AND d.loan_id
    NOT IN (SELECT h.loan_id FROM loan_daily_snapshot AS h WHERE h.dpd > 0 AND h.snapshot_date = (SELECT max(p.day) FROM published_day AS p
    WHERE p.is_month_end AND p.day < d.business_date))""",
    "dash_obligor": f"""SELECT 'owes', obligor_id, NULL, sum(loans), max(dpd), NULL FROM dash_obligor GROUP BY 2 UNION ALL SELECT 'share',
    obligor_id, legal_entity_id, pct_of_book, loans, rank FROM dash_obligor == SELECT 'owes', obligor_id, NULL, loans, dpd_obligor, NULL
    FROM v_obligor_exposure WHERE loans > 0 UNION ALL SELECT 'share', obligor_id, legal_entity_id, 100 * sum(outstanding_principal * rate) /
    sum(sum(outstanding_principal * rate)) OVER (PARTITION BY legal_entity_id), count(*), rank() OVER (PARTITION BY legal_entity_id ORDER BY
    sum(outstanding_principal * rate) DESC, obligor_id) FROM loan_position {TODAY} WHERE is_on_book AND outstanding_principal > 0 GROUP BY
    2, 3""",
    "dash_origination_month": """legal_entity_id, cohort_month, submitted, decided, approved, contracted, disbursed, approval_pct,
    conversion_pct, days_to_disburse == SELECT legal_entity_id, cohort_month, sum(submitted), sum(decided), sum(approved), sum(contracted),
    sum(disbursed), 100 * sum(approved) / nullif(sum(decided), 0), 100 * sum(contracted) / nullif(sum(approved), 0), (SELECT
    avg(extract(EPOCH FROM a.disbursed_at - a.decided_at) / 86400) FROM application_outcome AS a WHERE a.legal_entity_id = v.legal_entity_id
    AND a.submitted_month = v.cohort_month AND a.submitted_at < a.decided_at AND a.decided_at <= a.disbursed_at) FROM v_origination_funnel
    AS v WHERE cohort_month IS NOT NULL GROUP BY 1, 2""",
    "dash_origination_step": f"""legal_entity_id, product_category, step, applications == SELECT legal_entity_id, product_category, v.step,
    sum(v.n) FROM v_origination_funnel {ENTITY} CROSS JOIN LATERAL (VALUES ('1 submitted', submitted), ('2 decided', decided),
    ('3 approved', approved), ('4 contracted', contracted), ('5 disbursed', disbursed) ) AS v (step, n) WHERE cohort_month >
    date_trunc('month', e.business_date) - interval '1 year' GROUP BY 1, 2, 3""",
    "dash_overdue_loan": f"""SELECT loan_id, legal_entity_id, product_category, dpd_bucket, outstanding, arrears, outstanding_fn, dpd FROM
    dash_overdue_loan UNION ALL SELECT NULL, legal_entity_id, product_category, currency_code, sum(outstanding), NULL, NULL, NULL FROM
    dash_overdue_loan WHERE dpd > 1 GROUP BY 2, 3, 4 == SELECT loan_id, legal_entity_id, product_category, dpd_bucket,
    outstanding_principal, arrears, outstanding_principal * rate, current_dpd FROM v_dpd_analysis {TODAY} WHERE current_dpd > 0 UNION ALL
    SELECT NULL, legal_entity_id, product_category, currency_code, sum(par1_amount), NULL, NULL, NULL FROM v_portfolio_at_risk GROUP BY 2,
    3, 4 HAVING sum(par1_amount) > 0""",
    "dash_par_by_dimension": f"""SELECT legal_entity_id, member, measure, loans, outstanding_fn, at_risk_fn, pct FROM dash_par_by_dimension
    UNION ALL SELECT legal_entity_id, 'all', measure, NULL, sum(outstanding_fn), sum(at_risk_fn), NULL FROM dash_par_by_dimension WHERE
    dimension = 'currency' GROUP BY 1, 3 == SELECT legal_entity_id, member, 'PAR' || days, count(*), sum(d.outstanding_principal * rate),
    sum(CASE WHEN current_dpd > days THEN d.outstanding_principal * rate ELSE 0 END), 100 * sum(CASE WHEN current_dpd > days THEN
    d.outstanding_principal ELSE 0 END * rate) / sum(d.outstanding_principal * rate) FROM {FEATURES} AS d {TODAY} LEFT JOIN (SELECT loan_id,
    first_disbursed_on FROM loan_position) AS p USING (loan_id) CROSS JOIN LATERAL (VALUES ('product: ' || product_category),
    ('business unit: ' || business_unit), ('borrower: ' || borrower_type), ('currency: ' || d.currency_code), ('lent in: ' ||
    coalesce(to_char(first_disbursed_on, 'YYYY'), 'unknown'))) AS m (member) CROSS JOIN (VALUES (30), (60), (90)) AS k (days) WHERE d.status
    = 'active' AND d.outstanding_principal > 0 GROUP BY 1, 2, 3 UNION ALL SELECT legal_entity_id, 'all', measure, NULL, sum(glp * rate),
    sum(amount * rate), NULL FROM v_portfolio_at_risk {TODAY} CROSS JOIN LATERAL (VALUES ('PAR30', par30_amount), ('PAR60', par60_amount),
    ('PAR90', par90_amount) ) AS x (measure, amount) GROUP BY 1, 3""",
    "dash_product_matrix": f"""legal_entity_id, product_code, months, avg_glp, income, provision_charge, loss, net, yield_pct, net_yield_pct
    == WITH m AS (SELECT legal_entity_id, product_code, month_start, sum(avg_glp * rate) AS glp, sum(income * rate) AS income,
    sum(provision_charge * rate) AS charge, sum(loss * rate) AS loss, sum(net * rate) AS net FROM v_product_profitability {rated(LENT)}
    WHERE month_start IN (SELECT DISTINCT t.month FROM v_executive_trend AS t ORDER BY 1 DESC LIMIT 12) GROUP BY 1, 2, 3) SELECT
    legal_entity_id, product_code, count(*), avg(glp), sum(income), sum(charge), sum(loss), sum(net), 1200 * sum(income) FILTER (WHERE glp
    IS NOT NULL) / nullif(sum(glp), 0), 1200 * sum(net) FILTER (WHERE glp IS NOT NULL) / nullif(sum(glp), 0) FROM m GROUP BY 1, 2""",
    "dash_product_quality": f"""legal_entity_id, product_category, month_end, loans, outstanding_fn, default_pct, par30_pct, new_loans,
    originated_fn == WITH h AS (SELECT h.legal_entity_id, p.category, h.snapshot_date AS day, h.dpd, h.outstanding_principal * rate AS owed,
    h.status, h.approved_principal * rate AS lent, h.first_disbursed_on > (h.snapshot_date + 1 - interval '1 month')::date - 1 AS is_new,
    max(h.snapshot_date) OVER () AS newest, EXISTS (SELECT FROM mv_month_end_default AS d WHERE d.loan_id = h.loan_id AND d.day =
    h.snapshot_date) AS is_bad FROM loan_daily_snapshot AS h JOIN product AS p ON h.product_id = p.id {rated("h.snapshot_date")} WHERE
    h.is_month_end) SELECT legal_entity_id, category, newest, count(*) FILTER (WHERE now), sum(owed) FILTER (WHERE now), 100 * sum(owed)
    FILTER (WHERE now AND is_bad) / sum(owed) FILTER (WHERE now), 100 * coalesce(sum(owed) FILTER (WHERE now AND dpd > 30), 0) / sum(owed)
    FILTER (WHERE now), count(*) FILTER (WHERE is_new), sum(lent) FILTER (WHERE is_new) FROM h CROSS JOIN LATERAL (SELECT day = newest AND
    status = 'active' AS now) AS n WHERE day > newest - interval '364 days' GROUP BY 1, 2, 3""",
    "dash_rating": f"""SELECT rating, NULL, sum(loans), NULL FROM dash_rating GROUP BY 1 HAVING sum(loans) > 0 UNION ALL SELECT rating,
    legal_entity_id, borrowers, outstanding_fn FROM dash_rating WHERE borrowers > 0 UNION ALL SELECT 'ratings', legal_entity_id, count(*),
    NULL FROM dash_rating GROUP BY 2 == SELECT risk_rating, NULL, sum(active_loans), NULL FROM v_counterparty_risk_assessment WHERE
    active_loans > 0 GROUP BY 1 UNION ALL SELECT risk_rating, legal_entity_id, count(DISTINCT borrower_id), sum(outstanding_principal *
    rate) FROM loan_position {TODAY} JOIN (SELECT borrower_id, risk_rating FROM v_counterparty_risk_assessment) AS c ON borrower_id =
    borrower_party_id WHERE is_on_book GROUP BY 1, 2 UNION ALL SELECT 'ratings', legal_entity_id, 5, NULL FROM entity_day""",
    "dash_recovery_bucket": f"""SELECT dpd_bucket, NULL, sum(cases), sum(resolved), sum(open), NULL, NULL, NULL FROM dash_recovery_bucket
    GROUP BY 1 UNION ALL SELECT dpd_bucket, legal_entity_id, cases, NULL, principal, resolved_principal, resolved_pct, recovered_pct FROM
    dash_recovery_bucket == SELECT dpd_bucket, NULL, sum(total_collections_cases), sum(resolved_cases), sum(open_cases), NULL, NULL, NULL
    FROM v_collections_resolution_analysis GROUP BY 1 UNION ALL SELECT bucket, legal_entity_id, count(*), NULL, sum(fn), sum(fn * cured),
    100 * avg(cured), 100 * sum(fn * cured) / sum(fn) FROM (SELECT d.bucket, s.legal_entity_id, d.outstanding * rate AS fn,
    d.is_cured::integer AS cured FROM mv_delinquency_entry AS d {OF_LOAN} {TODAY}) AS d GROUP BY 1, 2""",
    "dash_renewal_month": f"""lease_end_month, legal_entity_id, ending, renewed, moved, churned, pending, renewed_pct == SELECT
    lease_end_month, legal_entity_id, sum(ending), sum(renewed), sum(moved), sum(churned), sum(pending), 100 * sum(renewed) /
    nullif(sum(renewed + moved + churned), 0) FROM v_lease_renewal_analysis {ENTITY} WHERE lease_end_month BETWEEN date_trunc('month',
    e.business_date) - interval '1 year' AND e.business_date + interval '3 months' GROUP BY 1, 2""",
    "dash_resolution_month": f"""SELECT month_start, legal_entity_id, opened, resolved, lost, resolved_days, avg_days, median_days FROM
    dash_resolution_month UNION ALL SELECT month_start, NULL, sum(opened), NULL, NULL, NULL, NULL, NULL FROM dash_resolution_month GROUP BY
    1 HAVING sum(opened) > 0 == WITH d AS (SELECT * FROM mv_delinquency_entry {OF_LOAN} WHERE bucket_sort = 0), m AS (SELECT
    date_trunc('month', entered_on)::date AS month_start, legal_entity_id FROM d UNION SELECT date_trunc('month', ended_on)::date,
    legal_entity_id FROM d WHERE ended_on IS NOT NULL) SELECT month_start, legal_entity_id, count(*) FILTER (WHERE begun), count(*) FILTER
    (WHERE done AND is_cured), count(*) FILTER (WHERE done AND NOT is_cured), coalesce(sum(ended_on - entered_on) FILTER (WHERE done AND
    is_cured), 0), avg(ended_on - entered_on) FILTER (WHERE done AND is_cured), percentile_cont(0.5) WITHIN GROUP (ORDER BY ended_on -
    entered_on) FILTER (WHERE done AND is_cured) FROM m JOIN d USING (legal_entity_id) CROSS JOIN LATERAL (SELECT entered_on >= month_start
    AND entered_on < month_start + interval '1 month' AS begun, ended_on >= month_start AND ended_on < month_start + interval '1 month' AS
    done) AS k GROUP BY 1, 2 UNION ALL SELECT month, NULL, sum(entered), NULL, NULL, NULL, NULL, NULL FROM v_cure_rate WHERE bucket_sort = 0
    GROUP BY 1""",
    "dash_risk_factor": f"""legal_entity_id, factor, labelled, defaults, labelled_pct, default_rate_pct, rate_without_pct, lift == SELECT
    legal_entity_id, factor, count(*) FILTER (WHERE has), coalesce(sum(label) FILTER (WHERE has), 0), 100 * avg(has::integer), 100 *
    avg(label) FILTER (WHERE has), 100 * avg(label) FILTER (WHERE NOT has), avg(label) FILTER (WHERE has) / nullif(avg(label), 0) FROM
    ({TRAINED}) AS t CROSS JOIN LATERAL (VALUES ('forborne', is_forborne = 1), ('over 30 days past due before', max_dpd_reached > 30),
    ('past due at the month-end', current_dpd > 0), ('on time below 80 %', on_time_payment_rate_pct < 80), ('over 10 days late on average',
    avg_days_late > 10), ('was reminded', reminder_count > 0), ('was called', call_attempts > 0), ('legal action taken', legal_actions_count
    > 0), ('company, not a person', borrower_type <> 'individual'), ('first loan of the borrower', customer_relationship_days <=
    loan_age_days)) AS f (factor, holds) CROSS JOIN LATERAL (SELECT holds IS TRUE AS has) AS h WHERE label_observed GROUP BY 1, 2""",
    "dash_risk_mix": f"""SELECT legal_entity_id, product_category, dpd_bucket, risk_class, loans, outstanding, loans_pct, outstanding_pct,
    pct_of_product FROM dash_risk_mix UNION ALL SELECT NULL, product_category, dpd_bucket, risk_class, sum(loans), NULL, NULL, NULL, NULL
    FROM dash_risk_mix GROUP BY 2, 3, 4 == SELECT legal_entity_id, product_category, dpd_bucket, risk_category, count(*), sum(fn), 100.0 *
    count(*) / sum(count(*)) OVER c, 100 * sum(fn) / sum(sum(fn)) OVER c, 100 * sum(fn) / sum(sum(fn)) OVER (PARTITION BY legal_entity_id,
    product_category) FROM (SELECT *, outstanding_principal * rate AS fn FROM v_dpd_analysis {TODAY}) AS d GROUP BY 1, 2, 3, 4 WINDOW c AS
    (PARTITION BY legal_entity_id) UNION ALL SELECT NULL, product_category, dpd_bucket, risk_category, sum(loan_count), NULL, NULL, NULL,
    NULL FROM v_payment_health_summary GROUP BY 2, 3, 4""",
    "dash_score_history": f"""legal_entity_id, score, observations, labelled, defaults, default_rate_pct, lift, labelled_pct, defaults_pct
    == SELECT legal_entity_id, score, count(*), count(label), sum(label), 100 * avg(label), avg(label) / (sum(sum(label)) OVER c /
    sum(count(label)) OVER c), 100 * count(label) / sum(count(label)) OVER c, 100.0 * sum(label) / sum(sum(label)) OVER c FROM ({TRAINED})
    AS t GROUP BY 1, 2 WINDOW c AS (PARTITION BY legal_entity_id)""",
    "dash_score_loan": f"""loan_id, legal_entity_id, product_category, score, is_forborne, outstanding, outstanding_fn, dpd, max_dpd,
    avg_days_late, on_time_pct, legal_actions == SELECT loan_id, legal_entity_id, product_category, current_risk_score, is_forborne > 0,
    outstanding_principal, outstanding_principal * rate, current_dpd, max_dpd_reached, avg_days_late, on_time_payment_rate_pct,
    legal_actions_count FROM {FEATURES} {TODAY} WHERE status = 'active'""",
    "dash_score_now": f"""legal_entity_id, product_category, score, sort::text, loans, outstanding_fn == SELECT legal_entity_id,
    product_category, current_risk_score, CASE current_risk_score WHEN 'High' THEN '1' WHEN 'Medium' THEN '2' WHEN 'Low' THEN '3' ELSE '4'
    END, count(*), sum(outstanding_principal * rate) FROM {FEATURES} {TODAY} WHERE status = 'active' GROUP BY 1, 2, 3""",
    "dash_score_trend": f"""legal_entity_id, month_end, score, loans, share_pct, labelled, defaults, default_rate_pct == SELECT
    legal_entity_id, month_end, score, count(*), 100.0 * count(*) / sum(count(*)) OVER (PARTITION BY legal_entity_id, month_end),
    count(label), coalesce(sum(label), 0), 100 * avg(label) FROM ({TRAINED}) AS t GROUP BY 1, 2, 3""",
    "dash_segment": f"""segment, borrower_type, customers, repeat_customers, repeat_rate_pct, loans, lifetime_income, lifetime_value, glp,
    par30_pct == SELECT segment, borrower_type, c.customers, c.repeated, 100.0 * c.repeated / c.customers, sum(loans), sum(lifetime_income *
    rate), sum(lifetime_income * rate) / c.customers, sum(glp * rate), 100 * sum(par30_amount * rate) / sum(glp * rate) FROM
    v_customer_segment_performance JOIN entity_day USING (country_code) {TODAY} JOIN (SELECT legal_entity_id, borrower_type, count(*) AS
    customers, count(*) FILTER (WHERE n > 1) AS repeated FROM (SELECT p.legal_entity_id, f.kind AS borrower_type, count(*) AS n FROM
    v_loan_balance AS p JOIN loan AS l ON p.loan_id = l.id JOIN party AS f ON l.borrower_party_id = f.id WHERE p.disbursed > 0 OR
    p.transferred_in > 0 GROUP BY p.legal_entity_id, f.id) AS o GROUP BY 1, 2 ) AS c USING (legal_entity_id, borrower_type) GROUP BY 1, 2,
    3, 4""",
    "dash_timing": """currency_code, left(band, 5), payments, pct_of_payments, pct_of_amount == SELECT currency_code, CASE
    payment_timing_category WHEN 'early' THEN '1 ear' WHEN 'on_time' THEN '2 on ' WHEN 'late_1_week' THEN '3 lat' WHEN 'late_1_month' THEN
    '4 lat' WHEN 'late_over_month' THEN '5 lat' ELSE '6 not' END, payment_count, 100 * payment_count / sum(payment_count) OVER c, 100 *
    total_amount / sum(total_amount) OVER c FROM v_payment_timing_analysis WINDOW c AS (PARTITION BY currency_code)""",
    "dash_unallocated_cash": """payment_id, legal_entity_name, loan_id, currency_code, value_date, unapplied, age_days == SELECT payment_id,
    legal_entity_name, loan_id, currency_code, value_date, amount - allocated, business_date - value_date FROM v_unallocated_cash""",
    "dash_vintage": f"""legal_entity_id, cohort, mob::text, loans, ever30, ever90, ever30_pct, ever90_pct == SELECT legal_entity_id,
    to_char(born, 'YYYY "Q"Q'), ({AGE})::text, count(*), sum(over30::integer), sum(over90::integer), 100 * avg(over30::integer), 100 *
    avg(over90::integer) FROM ({REACHED}) AS v WHERE date_trunc('quarter', born) IN (SELECT date_trunc('quarter', max(d.day) + 1) - q *
    interval '3 months' FROM published_day AS d CROSS JOIN generate_series(1, 8) AS q WHERE d.is_month_end GROUP BY q) GROUP BY 1, 2, 3
    HAVING count(DISTINCT born) = (SELECT count(DISTINCT date_trunc('month', p.first_disbursed_on)) FROM loan_position AS p WHERE
    p.legal_entity_id = v.legal_entity_id AND date_trunc('quarter', p.first_disbursed_on) = date_trunc('quarter', min(v.born)))""",
    "dash_week": """week_start, weeks_ahead::text, needs_signoff, contractual_due, expected_inflow == SELECT week_start, (row_number() OVER
    (ORDER BY week_start) - 1)::text, bool_or(needs_signoff), sum(contractual_due * rate), sum(expected_inflow * rate) FROM
    v_weekly_cash_flow_projections JOIN (SELECT currency_code, max(group_rate) AS rate FROM currency_rate GROUP BY 1) AS r USING
    (currency_code) GROUP BY 1""",
    "dash_worklist": f"""loan_id, legal_entity_name, borrower_name, borrower_phone, dpd_bucket, last_contact, next_action_date,
    promise_status, split_part(stage_label, ' ', 2), dpd, arrears, outstanding_principal, promise_amount, promise_paid, priority == SELECT
    loan_id, legal_entity_name, borrower_name, borrower_phone, dpd_bucket, last_contact, next_action_date, promise_status,
    coalesce(split_part(label, ' ', 1), 'No'), dpd, arrears, outstanding_principal, promise_amount, promise_paid, priority FROM
    v_collections_worklist {ENTITY} LEFT JOIN status_value ON status_type = 'collections_stage' AND status_value = collections_stage AND
    collections_stage <> 'current'""",
    "mv_dash_classification": f"""legal_entity_id, currency_code, class, is_default, loans, outstanding, provision == SELECT
    s.legal_entity_id, n.currency_code, n.class, n.is_default, count(*), sum(n.outstanding_principal), sum(provision) FROM
    v_npl_classification AS n {OF_LOAN} JOIN v_provisioning_schedule AS v USING (loan_id) GROUP BY 1, 2, 3, 4""",
    "mv_dash_concentration": """legal_entity_id, dimension, members, loan_count, exposure, 100 * top1_share, 100 * top5_share, 100 * hhi,
    effective_n == SELECT legal_entity_id, dimension, count(*), sum(loan_count), sum(fn), 100 * max(fn) / sum(fn), 100 * sum(fn) FILTER
    (WHERE n <= 5) / sum(fn), 100 * sum(fn * fn) / (sum(fn) * sum(fn)), sum(fn) * sum(fn) / sum(fn * fn) FROM (SELECT legal_entity_id,
    dimension, loan_count, exposure_fn AS fn, row_number() OVER (PARTITION BY legal_entity_id, dimension ORDER BY exposure_fn DESC) AS n
    FROM exposure_by_dimension) AS x GROUP BY 1, 2""",
    "mv_dash_expected_loss": """legal_entity_id, product_category, currency_code, stage::text, loans, ead, el, signoff_loans == SELECT
    legal_entity_id, product_category, currency_code, stage::text, count(*), sum(ead), sum(el), sum(needs_signoff::integer) FROM
    v_expected_loss GROUP BY 1, 2, 3, 4""",
    "mv_dash_fx_rate": """rate_day, from_currency, to_currency, rate::text, 1 == SELECT rate_day, from_currency, to_currency, rate::text, 1
    FROM v_fx_rate_daily JOIN entity_day ON to_currency = functional_ccy""",
    "mv_dash_journey": f"""legal_entity_id, applied, approved, paid_out, half_repaid, paid_off == {JOURNEY}""",
    "mv_dash_limit_breach": """legal_entity_id, subject_type, subject_id, limit_name, limit_source, limit_value, actual_value, breach ==
    SELECT legal_entity_id, subject_type, subject_id, limit_name, limit_source, limit_value, actual_value, breach FROM
    v_product_limit_breaches JOIN entity_day USING (legal_entity_name)""",
    "mv_dash_origination": """SELECT cohort_month, legal_entity_id, product_id, submitted, decided, approved, contracted, disbursed FROM
    mv_dash_origination UNION ALL SELECT cohort_month, NULL, product_id, sum(submitted), NULL, NULL, NULL, sum(paid_out) FROM
    mv_dash_origination GROUP BY 1, 3 == SELECT cohort_month, legal_entity_id, product_id, submitted, decided, approved, contracted,
    disbursed FROM v_origination_funnel WHERE cohort_month IS NOT NULL UNION ALL SELECT month_start, NULL, product_id, applications, NULL,
    NULL, NULL, disbursements FROM v_time_to_decision""",
    "mv_dash_rating": f"""legal_entity_id, risk_rating, borrowers, loans, outstanding_fn == SELECT legal_entity_id, risk_rating,
    count(DISTINCT l.borrower_party_id), count(*), sum(s.outstanding_principal * rate) FROM (SELECT loan_id, legal_entity_id, currency_code,
    outstanding_principal FROM v_dpd_analysis) AS s {TODAY} JOIN (SELECT id AS loan_id, borrower_party_id FROM loan) AS l USING (loan_id)
    JOIN (SELECT borrower_id, risk_rating FROM v_counterparty_risk_assessment) AS c ON borrower_id = l.borrower_party_id GROUP BY 1, 2""",
    "mv_dash_score_month": f"""SELECT legal_entity_id, month_end, score, is_past_due, is_forborne, sum(observations), sum(labelled),
    sum(defaults) FROM mv_dash_score_month GROUP BY 1, 2, 3, 4, 5 == SELECT legal_entity_id, month_end, score, current_dpd > 0, is_forborne
    > 0, count(*), count(label), coalesce(sum(label), 0) FROM ({TRAINED}) AS t GROUP BY 1, 2, 3, 4, 5""",
    "mv_dash_segment": f"""SELECT country_code, borrower_type, loans, income, glp, past_due_30 FROM mv_dash_segment JOIN entity_day USING
    (legal_entity_id) == SELECT country_code, borrower_type, sum(loans), sum(lifetime_income * rate), sum(glp * rate), sum(par30_amount *
    rate) FROM v_customer_segment_performance JOIN entity_day USING (country_code) {TODAY} GROUP BY 1, 2""",
    "mv_dash_vintage": f"""SELECT legal_entity_id, cohort_month, mob::text, originated_n, ever30, ever90 FROM mv_dash_vintage UNION ALL
    SELECT NULL, cohort_month, mob::text, sum(originated_n), sum(ever30), sum(ever90) FROM mv_dash_vintage GROUP BY 2, 3 == SELECT
    legal_entity_id, born, ({AGE})::text, count(*), sum(over30::integer), sum(over90::integer) FROM ({REACHED}) AS v GROUP BY 1, 2, 3 UNION
    ALL SELECT NULL, cohort_month, mob::text, sum(originated_n), sum(ever30), sum(ever90) FROM v_vintage_curve GROUP BY 2, 3""",
}
"""A view of a dashboard: what it says == what the views say that it is made from, the row named by all that is no number."""
RECONCILED = {
    view: (shown if shown.startswith("SELECT") else f"SELECT {shown} FROM {view}", said)
    for view, (shown, said) in ((view, " ".join(text.split()).split(" == ")) for view, text in SAME.items())
}


@pytest.fixture
def opened(demonstration: URL) -> Iterator[PgConnection]:
    """A connection whose transaction is rolled back."""
    connection = connect(demonstration)
    connection.autocommit = False
    connection.cursor().execute("SET search_path = analytics, public")
    yield connection
    connection.rollback()
    connection.close()


def ask(connection: PgConnection, query: str) -> dict[Row, Row]:
    """The rows of a query: the numbers, and NULLs among them, by what else stands in the row."""
    with connection.cursor() as cursor:
        cursor.execute(query)
        rows = cursor.fetchall()
    numeric = [any(type(cell) in {int, float, Decimal} for cell in column) for column in zip(*rows, strict=True)]
    said = {tuple(compress(row, [not one for one in numeric])): tuple(compress(row, numeric)) for row in rows}
    assert len(said) == len(rows), "two rows with one key"
    return said


def differ(shown: Row, said: Row) -> bool:
    """Whether two rows differ by more than what rounding to two places makes."""
    return len(shown) != len(said) or any(
        (one is None) != (other is None) or (one is not None and abs(Decimal(one) - Decimal(other)) > Decimal("0.01"))
        for one, other in zip(shown, said, strict=True)
    )


@pytest.mark.parametrize("view", RECONCILED)
def test_a_view_of_a_dashboard_says_what_the_analytics_say(opened: PgConnection, view: str):
    """Whoever looks at a chart and whoever asks the analytics read the same."""
    shown, said = (ask(opened, query) for query in RECONCILED[view])
    pairs = {key: (shown.get(key, ()), said.get(key, ())) for key in shown | said}
    assert {key: pair for key, pair in pairs.items() if differ(*pair)} == {}


@pytest.mark.parametrize("view", RECONCILED)
def test_there_is_something_to_reconcile(opened: PgConnection, view: str):
    """Two empty lists would agree."""
    assert all(ask(opened, query) for query in RECONCILED[view])


def test_every_view_of_the_dashboards_is_reconciled():
    """A view that nobody compares may say anything."""
    names = {entity.name for entity in load_catalogue() if entity.kind in {"view", "matview"}}
    assert {name for name in names if name.startswith(("dash_", "mv_dash_"))} == set(RECONCILED)
