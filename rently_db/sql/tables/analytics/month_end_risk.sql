-- owner: risk
-- tier: T3
-- grain: loan x published month-end
-- key: day, loan_id
-- refresh: daily
-- kept: yes
-- description: Class, stage and provision of each loan as they were when a month-end was published, by the rules of that day. Never rewritten
-- column day: Month-end
-- column loan_id: Loan
-- column is_default: Whether the loan was non-performing
-- column reason: Why: dpd, obligor, unlikely_to_pay or probation; NULL: it was performing
-- column class: Class by the rules of the country; normal below all of them
-- column stage: 3 non-performing, 2 significantly worse, 1 else
-- column obligor_dpd: Highest days past due among the obligor's loans on the book
-- column rule_version: First day on which the youngest of the rules applied held; NULL: no rule
-- column ead: Exposure at default, in the loan's currency; NULL: not on the book, as the next four columns
-- column eligible_collateral: Active security after haircut, in the loan's currency; NULL also if a rate is missing
-- column base: Exposure that no security covers
-- column rate: Rate of provision of the class; NULL also if the class has none
-- column provision: base times rate; NULL also if the class has no rate
-- column needs_signoff: Whether the rate was a placeholder
CREATE TABLE analytics.month_end_risk (
    day date NOT NULL,
    loan_id uuid NOT NULL,
    is_default boolean NOT NULL,
    reason text,
    class text NOT NULL,
    stage integer NOT NULL,
    obligor_dpd integer NOT NULL,
    rule_version date,
    ead numeric,
    eligible_collateral numeric,
    base numeric,
    rate numeric,
    provision numeric,
    needs_signoff boolean NOT NULL,
    CONSTRAINT pk_month_end_risk PRIMARY KEY (day, loan_id)
);
CREATE INDEX ix_month_end_risk_loan_id ON analytics.month_end_risk (loan_id);
