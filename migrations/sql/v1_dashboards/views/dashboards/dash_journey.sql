-- owner: product
-- tier: T2
-- grain: legal entity x step of the customer journey
-- key: legal_entity_id, step
-- refresh: quarter_hour
-- description: How many of all applications got how far, from the application to the last payment; each step counts only those that passed the step before
-- column legal_entity_id: Company that the application went to
-- column legal_entity_name: Its name
-- column functional_ccy: Currency of its books, ISO 4217
-- column sort: Place of the step
-- column step: Applied; Approved: the latest decision is approved; Paid out: with a loan that was disbursed; Half repaid: at least half of the principal paid out
--     is paid back, all loans of the application together; Paid off: none of these loans is open, and nothing was written off
-- column applications: Applications that got there
-- column pct_of_applied: applications in percent of those of the first step, rounded to 2 places
CREATE VIEW analytics.dash_journey AS
SELECT
    t.legal_entity_id,
    e.legal_entity_name,
    e.functional_ccy,
    v.sort,
    v.step,
    v.applications,
    analytics.percentage(v.applications, t.applied) AS pct_of_applied
FROM analytics.mv_dash_journey AS t
INNER JOIN analytics.entity_day AS e ON t.legal_entity_id = e.legal_entity_id
CROSS JOIN
    LATERAL (
        VALUES
        (1, 'Applied', t.applied),
        (2, 'Approved', t.approved),
        (3, 'Paid out', t.paid_out),
        (4, 'Half repaid', t.half_repaid),
        (5, 'Paid off', t.paid_off)
    ) AS v (sort, step, applications);
