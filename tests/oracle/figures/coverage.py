"""Views that the oracle gives no rows of, and why; every other view is in ``registry``."""

from __future__ import annotations

SEEN_THROUGH: dict[str, str] = {
    "application_outcome": "v_origination_funnel",
    "bucket_scheme": "v_dpd_analysis",
    "collections_action": "v_legal_action_tracker",
    "collections_count_by_day": "v_ml_features_default_prediction",
    "currency_rate": "v_consolidated_multi_currency_report",
    "dated_allocation": "v_loan_balance",
    "dated_disbursement": "v_loan_balance",
    "default_label": "v_ml_training_set",
    "default_signoff": "v_default_rate_analysis",
    "entity_day": "loan_position",
    "entity_month": "v_executive_trend",
    "exposure_by_dimension": "v_concentration_index",
    "fx_volatility": "v_currency_risk_analysis",
    "guarantee_given": "v_obligor_exposure",
    "line_receipt": "v_collection_efficiency",
    "live_instalment": "v_instalment_status",
    "loan_agent": "v_portfolio_concentration_analysis",
    "loan_exposure": "v_collateral_coverage",
    "loan_feature_by_day": "v_ml_features_default_prediction",
    "loan_limit": "v_product_limit_breaches",
    "loan_modification": "v_loan_modification_analysis",
    "loan_provision": "v_regulatory_compliance_report",
    "loan_provision_by_day": "v_provisioning_schedule",
    "loan_risk_by_day": "loan_risk",
    "loan_state_live": "loan_position_live",
    "obligor_share": "v_product_limit_breaches",
    "overdue_entry": "v_cure_rate",
    "overdue_spell": "v_recovery_analysis",
    "owed_line": "v_monthly_cash_flow_analysis",
    "plan_timeline": "v_instalment_status",
    "principal_movement": "v_recovery_analysis",
    "provisional_setting": "v_obligor_exposure",
    "risk_input": "loan_risk",
    "rules_by_day": "loan_risk",
    "snapshot_risk": "v_portfolio_rollforward",
}
"""A building block -> a view of the registry that stands on it, whose cells would be wrong with it."""

NO_FIGURES: dict[str, str] = {
    "loan_waiting": "lists the loans that wait in the queue, which a worker at its leisure leaves empty; tests of the live state hold it",
    "refresh_order": "orders the names of materialized views; says nothing of a loan",
    "relation_use": "lists which relation reads which, from the server's own catalogue; says nothing of a loan",
    "view_catalogue": "repeats the headers of the views and is generated from them; says nothing of a loan",
    "view_dependencies": "lists views with owner and tables; says nothing of a loan",
}
"""A view without figures -> why it has none."""
