-- owner: portfolio
-- severity: fail
-- tags: preflight, validation, quality
-- table: loan
-- description: Loan that ends on or before its first day, or begins more than ten years ahead
-- protects: schedules, terms and vintages, which count from these dates
-- mend: UPDATE public.loan SET start_date = ..., end_date = ... as the contract says
-- constraint: loan_dates_check
-- exempt: yes: of a lease that really begins more than ten years ahead; never of one that ends before it begins
CREATE VIEW ops.rule_loan_date_ranges AS
SELECT
    l.id::text AS id,
    format('from %s to %s', l.start_date, l.end_date) AS detail
FROM public.loan AS l
WHERE l.end_date <= l.start_date OR l.start_date > (now() + interval '10 years')::date;
