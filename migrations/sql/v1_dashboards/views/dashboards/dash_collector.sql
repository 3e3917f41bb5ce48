-- owner: collections
-- tier: T1
-- grain: legal entity x collector
-- key: legal_entity_id, collector_party_id
-- refresh: daily
-- personal: collector_name
-- description: What each collector did in the 12 months up to the business date. A case is a delinquency episode (run of days with dpd > 0); it is
--     the collector's who acted last in it
-- column legal_entity_id: Company that lends
-- column legal_entity_name: Its name
-- column functional_ccy: Currency of its books, ISO 4217
-- column collector_party_id: Who acted; NULL: unknown
-- column collector_name: Name; NULL: unknown
-- column calls: Events call_attempt and call_successful
-- column calls_answered: Events call_successful
-- column call_success_pct: calls_answered / calls in percent, rounded to 2 places; NULL: no call
-- column cases_resolved: Cases that ended in the 12 months by payment, re-plan or closing
-- column cases_open: Cases that are open today
-- column promises: Promises to pay taken
-- column promises_kept: Those that were kept, as v_promise_to_pay_performance has it
-- column kept_pct: promises_kept / promises kept or broken, in percent, rounded to 2 places; NULL: none is decided
CREATE VIEW analytics.dash_collector AS
WITH entity AS (
    SELECT
        e.legal_entity_id,
        e.legal_entity_name,
        e.functional_ccy,
        e.business_date,
        (e.business_date - interval '12 months')::date AS after_day
    FROM analytics.entity_day AS e
),

act AS MATERIALIZED (
    SELECT
        s.legal_entity_id,
        a.loan_id,
        a.event_id,
        a.event_type,
        a.event_at,
        a.event_on,
        a.actor_party_id,
        a.event_on > e.after_day AS is_recent
    FROM analytics.collections_action AS a
    INNER JOIN analytics.loan_state AS s ON a.loan_id = s.loan_id
    INNER JOIN entity AS e ON s.legal_entity_id = e.legal_entity_id
    WHERE a.actor_party_id IS NOT NULL OR (a.event_type IN ('call_attempt', 'call_successful') AND a.event_on > e.after_day)
),

owned AS (
    SELECT DISTINCT ON (d.loan_id, d.episode_from)
        a.legal_entity_id,
        a.actor_party_id,
        d.ended_on
    FROM analytics.mv_delinquency_entry AS d
    INNER JOIN act AS a ON d.loan_id = a.loan_id AND d.entered_on <= a.event_on AND coalesce(d.ended_on, 'infinity') >= a.event_on
    INNER JOIN entity AS e ON a.legal_entity_id = e.legal_entity_id
    WHERE d.bucket_sort = 0 AND a.actor_party_id IS NOT NULL AND (d.ended_on IS NULL OR (d.is_cured AND d.ended_on > e.after_day))
    ORDER BY d.loan_id ASC, d.episode_from ASC, a.event_at DESC, a.event_id DESC
),

part AS (
    SELECT
        a.legal_entity_id,
        a.actor_party_id AS collector_party_id,
        CASE a.event_type WHEN 'call_successful' THEN 'answered' ELSE 'unanswered' END AS kind
    FROM act AS a
    WHERE a.is_recent AND a.event_type IN ('call_attempt', 'call_successful')
    UNION ALL
    SELECT
        o.legal_entity_id,
        o.actor_party_id,
        CASE WHEN o.ended_on IS NULL THEN 'case_open' ELSE 'case_resolved' END AS kind
    FROM owned AS o
    UNION ALL
    SELECT
        s.legal_entity_id,
        p.collector_party_id,
        'promise_' || p.outcome AS kind
    FROM analytics.mv_promise AS p
    INNER JOIN analytics.loan_state AS s ON p.loan_id = s.loan_id
    INNER JOIN entity AS e ON s.legal_entity_id = e.legal_entity_id
    WHERE p.promised_on > e.after_day
),

total AS (
    SELECT
        p.legal_entity_id,
        p.collector_party_id,
        count(*) FILTER (WHERE p.kind IN ('answered', 'unanswered')) AS calls,
        count(*) FILTER (WHERE p.kind = 'answered') AS calls_answered,
        count(*) FILTER (WHERE p.kind = 'case_resolved') AS cases_resolved,
        count(*) FILTER (WHERE p.kind = 'case_open') AS cases_open,
        count(*) FILTER (WHERE p.kind LIKE 'promise%') AS promises,
        count(*) FILTER (WHERE p.kind = 'promise_kept') AS kept,
        count(*) FILTER (WHERE p.kind = 'promise_broken') AS broken
    FROM part AS p
    GROUP BY p.legal_entity_id, p.collector_party_id
)

SELECT
    t.legal_entity_id,
    e.legal_entity_name,
    e.functional_ccy,
    t.collector_party_id,
    c.display_name AS collector_name,
    t.calls,
    t.calls_answered,
    analytics.percentage(t.calls_answered, t.calls) AS call_success_pct,
    t.cases_resolved,
    t.cases_open,
    t.promises,
    t.kept AS promises_kept,
    analytics.percentage(t.kept, t.kept + t.broken) AS kept_pct
FROM total AS t
INNER JOIN entity AS e ON t.legal_entity_id = e.legal_entity_id
LEFT JOIN public.party AS c ON t.collector_party_id = c.id;
