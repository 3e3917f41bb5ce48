-- owner: platform
-- description: Reads the analytics without the columns that say who somebody is
-- generated: python -m rently_db.sql.grants
GRANT USAGE ON SCHEMA public, analytics TO rently_analyst;
GRANT SELECT ON analytics.application_outcome, analytics.bucket_scheme, analytics.collections_action,
analytics.collections_count_by_day, analytics.currency_rate, analytics.current_loan_status, analytics.dash_ageing,
analytics.dash_calibration, analytics.dash_cases_by_stage, analytics.dash_cash_month, analytics.dash_classification,
analytics.dash_collections_funnel, analytics.dash_concentration, analytics.dash_concentration_limit, analytics.dash_efficiency,
analytics.dash_exception, analytics.dash_expected_loss, analytics.dash_feature_drift, analytics.dash_fx_pair,
analytics.dash_fx_rate, analytics.dash_growth, analytics.dash_income_month, analytics.dash_journey, analytics.dash_migration,
analytics.dash_mix, analytics.dash_month, analytics.dash_newly_overdue, analytics.dash_obligor, analytics.dash_origination_month,
analytics.dash_origination_step, analytics.dash_overdue_loan, analytics.dash_par_by_dimension, analytics.dash_product_matrix,
analytics.dash_product_quality, analytics.dash_rating, analytics.dash_recovery_bucket, analytics.dash_renewal_month,
analytics.dash_resolution_month, analytics.dash_risk_factor, analytics.dash_risk_mix, analytics.dash_score_history,
analytics.dash_score_loan, analytics.dash_score_now, analytics.dash_score_trend, analytics.dash_segment, analytics.dash_timing,
analytics.dash_unallocated_cash, analytics.dash_vintage, analytics.dash_week, analytics.dashboard_figure,
analytics.dated_allocation, analytics.dated_disbursement, analytics.default_label, analytics.default_signoff, analytics.due_task,
analytics.entity_day, analytics.entity_month, analytics.exposure_by_dimension, analytics.figure_all, analytics.figure_business,
analytics.figure_cash_flow, analytics.figure_collections, analytics.figure_compliance, analytics.figure_currency,
analytics.figure_executive, analytics.figure_payment_health, analytics.figure_performance, analytics.figure_portfolio,
analytics.figure_predictive, analytics.figure_risk, analytics.figure_target, analytics.fx_volatility, analytics.guarantee_given,
analytics.instalment_state, analytics.ledger_loan_balance, analytics.line_receipt, analytics.live_instalment,
analytics.loan_agent, analytics.loan_daily_snapshot, analytics.loan_exposure, analytics.loan_feature_by_day, analytics.loan_limit,
analytics.loan_modification, analytics.loan_portfolio_summary, analytics.loan_position, analytics.loan_position_live,
analytics.loan_provision, analytics.loan_provision_by_day, analytics.loan_risk, analytics.loan_risk_by_day,
analytics.loan_snapshot_restatement, analytics.loan_state, analytics.loan_state_check, analytics.loan_state_live,
analytics.loan_state_queue, analytics.loan_waiting, analytics.month_end_risk, analytics.mv_bucket_efficiency,
analytics.mv_collection_efficiency, analytics.mv_collections_effort, analytics.mv_collections_summary_detailed,
analytics.mv_collections_total, analytics.mv_current_loan_status_cache, analytics.mv_current_loan_status_realtime,
analytics.mv_dash_classification, analytics.mv_dash_concentration, analytics.mv_dash_expected_loss, analytics.mv_dash_fx_rate,
analytics.mv_dash_journey, analytics.mv_dash_limit_breach, analytics.mv_dash_origination, analytics.mv_dash_rating,
analytics.mv_dash_score_month, analytics.mv_dash_segment, analytics.mv_dash_vintage, analytics.mv_default_rate_by_bucket,
analytics.mv_delinquency_entry, analytics.mv_due_month, analytics.mv_early_warning, analytics.mv_entity_total,
analytics.mv_expected_inflow, analytics.mv_feature_population_stability, analytics.mv_first_instalment,
analytics.mv_first_payment_default, analytics.mv_foreign_turnover, analytics.mv_ledger_subledger_reconciliation,
analytics.mv_ledger_trial_balance, analytics.mv_legal_action, analytics.mv_loan_default, analytics.mv_loan_modification,
analytics.mv_loss_given_default, analytics.mv_ml_features_cache, analytics.mv_month_end_default, analytics.mv_monthly_cash_flow,
analytics.mv_payment_lag, analytics.mv_payment_summary_cache, analytics.mv_payment_summary_detailed, analytics.mv_payment_timing,
analytics.mv_portfolio_month_end, analytics.mv_portfolio_summary_realtime, analytics.mv_portfolio_total, analytics.mv_prepayment,
analytics.mv_product_glp, analytics.mv_product_result, analytics.mv_promise, analytics.mv_receipt, analytics.mv_recovery,
analytics.mv_roll_rate, analytics.mv_stage_migration, analytics.mv_unallocated_payment, analytics.mv_vintage_curve,
analytics.mv_vintage_loss, analytics.mv_weekly_cash_flow, analytics.mv_year_dpd, analytics.obligor_share, analytics.overdue_entry,
analytics.overdue_spell, analytics.owed_line, analytics.plan_timeline, analytics.principal_movement,
analytics.provisional_setting, analytics.published_day, analytics.refresh_log, analytics.refresh_order, analytics.relation_use,
analytics.restatement_queue, analytics.risk_input, analytics.rules_by_day, analytics.snapshot_risk, analytics.v_arrears_ageing,
analytics.v_collateral_coverage, analytics.v_collection_efficiency, analytics.v_collections_performance,
analytics.v_collections_resolution_analysis, analytics.v_concentration_index, analytics.v_consolidated_multi_currency_report,
analytics.v_cure_rate, analytics.v_currency_risk_analysis, analytics.v_customer_segment_performance,
analytics.v_default_rate_analysis, analytics.v_disbursement_pipeline, analytics.v_dispute_analysis,
analytics.v_executive_summary_dashboard, analytics.v_executive_trend, analytics.v_expected_loss,
analytics.v_feature_population_stability, analytics.v_fx_rate_daily, analytics.v_fx_revaluation, analytics.v_instalment_status,
analytics.v_lease_renewal_analysis, analytics.v_ledger_subledger_reconciliation, analytics.v_ledger_trial_balance,
analytics.v_loan_balance, analytics.v_loan_modification_analysis, analytics.v_loan_portfolio_overview,
analytics.v_ml_features_default_prediction, analytics.v_ml_training_set, analytics.v_monthly_cash_flow_analysis,
analytics.v_npl_classification, analytics.v_origination_funnel, analytics.v_origination_performance,
analytics.v_payment_health_summary, analytics.v_payment_timing_analysis, analytics.v_portfolio_at_risk,
analytics.v_portfolio_quality_metrics, analytics.v_portfolio_rollforward, analytics.v_prepayment_analysis,
analytics.v_product_limit_breaches, analytics.v_product_profitability, analytics.v_provisioning_schedule,
analytics.v_recovery_analysis, analytics.v_regulatory_compliance_report, analytics.v_roll_rate_matrix,
analytics.v_stage_migration, analytics.v_time_to_decision, analytics.v_vintage_curve, analytics.v_vintage_loss,
analytics.v_weekly_cash_flow_projections, analytics.view_catalogue, analytics.view_dependencies TO rently_analyst;
GRANT SELECT (id, party_id, instrument_type, currency_code, bank_name, provider_ref, is_default, is_active, created_at,
updated_at) ON analytics.active_payment_instruments TO rently_analyst;
GRANT SELECT (legal_entity_id, legal_entity_name, functional_ccy, collector_party_id, calls, calls_answered, call_success_pct,
cases_resolved, cases_open, promises, promises_kept, kept_pct) ON analytics.dash_collector TO rently_analyst;
GRANT SELECT (loan_id, loan_number, legal_entity_id, legal_entity_name, currency_code, loan_status, legal_action,
legal_action_since, first_notice, latest_action, latest_action_on, notices, lawyer_letters, court_filings, outstanding, arrears,
dpd, days_in_legal, business_date) ON analytics.dash_legal_action TO rently_analyst;
GRANT SELECT (loan_id, loan_number, legal_entity_id, legal_entity_name, currency_code, dpd, dpd_bucket, bucket_sort,
overdue_since, arrears, outstanding_principal, collections_stage, last_contact, next_action_date, promise_amount, promise_until,
promise_paid, promise_status, priority, business_date, stage_label) ON analytics.dash_worklist TO rently_analyst;
GRANT SELECT (party_id, role, currency_code, loans, active_loans, first_loan_on, last_loan_on, originated, disbursed, outstanding,
requested, amount_approval_pct, fpd_observed, fpd_loans, fpd_pct, outstanding_over_30, par30_pct, loans_in_default,
written_off_loans, needs_signoff, as_of) ON analytics.v_agent_performance TO rently_analyst;
GRANT SELECT (loan_id, loan_number, legal_entity_id, currency_code, dpd, dpd_bucket, bucket_sort, overdue_since, arrears,
outstanding_principal, collections_stage, last_contact, next_action_date, promise_amount, promise_until, promise_paid,
promise_status, priority, business_date) ON analytics.v_collections_worklist TO rently_analyst;
GRANT SELECT (borrower_id, party_type, total_loans, active_loans, written_off_loans, total_exposure, active_exposure,
avg_interest_rate_pct, relationship_start, relationship_days, has_current_default, legal_actions_count, total_payments,
avg_days_late, on_time_payment_rate_pct, max_dpd_reached, risk_rating, rating_sort, max_dpd_12m, obligor_id, currency_code,
needs_signoff, business_date) ON analytics.v_counterparty_risk_assessment TO rently_analyst;
GRANT SELECT (loan_id, loan_number, currency_code, principal_amount, loan_status, product_category, business_unit,
current_risk_level, risk_level_since, current_collections_stage, collections_stage_since, current_legal_action,
legal_action_since, legal_entity_id, dpd, dpd_bucket, bucket_sort, arrears, outstanding_principal, business_date) ON
analytics.v_current_loan_status_summary TO rently_analyst;
GRANT SELECT (loan_id, loan_number, currency_code, principal_amount, product_category, business_unit, current_dpd, dpd_bucket,
risk_status, collections_status, last_collections_event, risk_category, bucket_sort, legal_entity_id, overdue_since, days_late,
overdue_instalments, arrears, outstanding_principal, max_dpd, last_collections_event_type, business_date) ON
analytics.v_dpd_analysis TO rently_analyst;
GRANT SELECT (loan_id, loan_number, legal_entity_id, currency_code, signal, days_since, prev_bucket, dpd_bucket, bucket_sort, dpd,
arrears, outstanding_principal, is_broken_promise, is_newly_past_due, is_payment_slipping, is_grace_rising, needs_signoff,
business_date) ON analytics.v_early_warning TO rently_analyst;
GRANT SELECT (month, product_id, product_code, product_category, agent_party_id, loans, fpd_observed, fpd_loans, fpd_rate,
epd_observed, epd_loans, epd_rate, immature, needs_signoff) ON analytics.v_first_payment_default TO rently_analyst;
GRANT SELECT (loan_id, loan_number, legal_entity_id, currency_code, loan_status, legal_action, legal_action_since, first_notice,
latest_action, latest_action_on, notices, lawyer_letters, court_filings, outstanding, arrears, dpd, days_in_legal, business_date)
ON analytics.v_legal_action_tracker TO rently_analyst;
GRANT SELECT (obligor_id, members, loans, currency_code, exposure, guaranteed_loans, guaranteed, total_exposure, dpd_obligor,
is_default, loans_in_default, cross_default_loans, is_cross_default, pct_of_book, total_pct_of_book, is_large_exposure,
needs_signoff) ON analytics.v_obligor_exposure TO rently_analyst;
GRANT SELECT (concentration_type, concentration_value, currency_code, loan_count, total_exposure, avg_loan_size,
portfolio_concentration_pct, concentration_risk_level, needs_signoff) ON analytics.v_portfolio_concentration_analysis TO
rently_analyst;
GRANT SELECT (month, collector_party_id, currency_code, promised, kept, broken, open, kept_pct, promised_amount, received_amount,
needs_signoff) ON analytics.v_promise_to_pay_performance TO rently_analyst;
GRANT SELECT (payment_id, legal_entity_id, legal_entity_name, loan_id, payer_party_id, currency_code, amount, allocated,
unapplied, value_date, age_days, provider, external_reference, business_date) ON analytics.v_unallocated_cash TO rently_analyst;
GRANT SELECT ON public.analytics_setting, public.classification_rule, public.currency, public.dpd_bucket, public.fx_rate,
public.legal_entity, public.loan_flag, public.product, public.product_limit, public.provision_rate, public.schema_version,
public.status_transition, public.status_value TO rently_analyst;
