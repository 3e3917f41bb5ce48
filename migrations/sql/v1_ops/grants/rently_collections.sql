-- owner: platform
-- description: Reads what collections need, with names and telephone numbers, and records what was done
-- generated: python -m rently_db.sql.grants
GRANT USAGE ON SCHEMA public, analytics TO rently_collections;
GRANT SELECT ON analytics.current_loan_status, analytics.mv_collections_summary_detailed, analytics.mv_current_loan_status_cache,
analytics.mv_current_loan_status_realtime, analytics.v_arrears_ageing, analytics.v_collections_performance,
analytics.v_collections_resolution_analysis, analytics.v_collections_worklist, analytics.v_cure_rate,
analytics.v_current_loan_status_summary, analytics.v_dispute_analysis, analytics.v_dpd_analysis, analytics.v_early_warning,
analytics.v_instalment_status, analytics.v_legal_action_tracker, analytics.v_loan_balance, analytics.v_payment_health_summary,
analytics.v_portfolio_at_risk, analytics.v_promise_to_pay_performance, analytics.v_recovery_analysis,
analytics.v_roll_rate_matrix, analytics.v_unallocated_cash TO rently_collections;
GRANT SELECT ON public.analytics_setting, public.classification_rule, public.collections_event, public.currency,
public.dpd_bucket, public.fx_rate, public.legal_entity, public.loan, public.loan_flag, public.loan_status_history, public.party,
public.party_role, public.payment_disputes, public.product, public.product_limit, public.provision_rate, public.schema_version,
public.status_transition, public.status_value TO rently_collections;
GRANT INSERT, UPDATE ON public.collections_event, public.payment_disputes TO rently_collections;
GRANT INSERT ON public.loan_status_history TO rently_collections;
