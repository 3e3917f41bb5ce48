-- owner: risk
-- severity: fail
-- tags: preflight, validation, quality
-- table: loan
-- column: interest_rate
-- description: Interest per year that is not between 0 and 1 (100 %)
-- protects: against rates written in percent instead of as a fraction: 7 means 700 %
-- mend: UPDATE public.loan SET interest_rate = interest_rate / 100 where percent was written
-- constraint: loan_interest_rate_is_rate
-- exempt: yes: of a contract with more than 100 % a year that the credit committee approved; below 0 it is refused
CREATE VIEW ops.rule_interest_rate_range AS
SELECT
    l.id::text AS id,
    l.interest_rate || ' a year' AS detail
FROM public.loan AS l
WHERE l.interest_rate < 0 OR l.interest_rate > 1;
