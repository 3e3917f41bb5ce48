-- owner: collections
-- tier: T1
-- grain: legal entity x step
-- key: legal_entity_id, step
-- refresh: daily
-- description: How far collections came with the delinquency episodes (runs of days with dpd > 0) that began in the 12 months up to the business date.
--     Each step counts among those of the step before; who pays without being reached is only in the first
-- column legal_entity_id: Company that lends
-- column legal_entity_name: Its name
-- column functional_ccy: Currency of its books, ISO 4217
-- column step: Became overdue; Borrower reached: an event call_successful, payment_arrangement or settlement_accepted in the episode; Promise made: a
--     promise to pay (mv_promise) in the episode; Promise, then resolved: the episode has ended by payment, re-plan or closing
-- column step_sort: Position of the step, from 1
-- column episodes: Episodes
-- column pct_of_first: episodes / those of the first step, in percent, rounded to 2 places
CREATE VIEW analytics.dash_collections_funnel AS
WITH entity AS (
    SELECT
        e.legal_entity_id,
        e.legal_entity_name,
        e.functional_ccy,
        e.business_date
    FROM analytics.entity_day AS e
),

episode AS MATERIALIZED (
    SELECT
        d.loan_id,
        d.episode_from,
        d.entered_on,
        coalesce(d.ended_on, e.business_date) AS until_day,
        d.is_cured,
        s.legal_entity_id
    FROM analytics.mv_delinquency_entry AS d
    INNER JOIN analytics.loan_state AS s ON d.loan_id = s.loan_id
    INNER JOIN entity AS e ON s.legal_entity_id = e.legal_entity_id
    WHERE d.bucket_sort = 0 AND d.entered_on > (e.business_date - interval '12 months')::date
),

reached AS (
    SELECT DISTINCT
        o.loan_id,
        o.episode_from
    FROM episode AS o
    INNER JOIN analytics.collections_action AS a ON o.loan_id = a.loan_id AND o.entered_on <= a.event_on AND o.until_day >= a.event_on
    WHERE a.is_contact
),

promised AS (
    SELECT DISTINCT
        o.loan_id,
        o.episode_from
    FROM episode AS o
    INNER JOIN analytics.mv_promise AS p ON o.loan_id = p.loan_id AND o.entered_on <= p.promised_on AND o.until_day >= p.promised_on
),

total AS (
    SELECT
        o.legal_entity_id,
        count(*) AS overdue,
        count(r.loan_id) AS reached,
        count(p.loan_id) AS promised,
        count(p.loan_id) FILTER (WHERE o.is_cured) AS resolved
    FROM episode AS o
    LEFT JOIN reached AS r ON o.loan_id = r.loan_id AND o.episode_from = r.episode_from
    LEFT JOIN promised AS p ON o.loan_id = p.loan_id AND o.episode_from = p.episode_from
    GROUP BY o.legal_entity_id
)

SELECT
    e.legal_entity_id,
    e.legal_entity_name,
    e.functional_ccy,
    v.step,
    v.step_sort,
    v.episodes,
    analytics.percentage(v.episodes, t.overdue) AS pct_of_first
FROM total AS t
INNER JOIN entity AS e ON t.legal_entity_id = e.legal_entity_id
CROSS JOIN
    LATERAL (
        VALUES
        ('Became overdue', 1, t.overdue),
        ('Borrower reached', 2, t.reached),
        ('Promise made', 3, t.promised),
        ('Promise, then resolved', 4, t.resolved)
    ) AS v (step, step_sort, episodes);
