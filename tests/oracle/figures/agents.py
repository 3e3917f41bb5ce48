"""Dashboard 5: what became of the loans that each agent brought and each landlord is part of."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from tests.oracle.figures.executive import converted, rounded
from tests.oracle.figures.look import Look, Row, grouped, percent
from tests.oracle.figures.risk import agent_of
from tests.oracle.instalments import Instalment
from tests.oracle.plans import in_force
from tests.oracle.risk import Risk


def _links(look: Look) -> list[tuple[str, str, Risk]]:
    """Party, role and loan: the one agent of the loan, and every landlord of it."""
    found = [(agent, "agent", risk) for risk in look.all if (agent := agent_of(look, risk))]
    for risk in look.all:
        roles = look.book.of("party_role", "loan_id", risk.state.loan.id)
        found += [(party, "landlord", risk) for party in sorted({role.party_id for role in roles if role.role == "landlord"})]
    return found


def first_instalment(risk: Risk) -> Instalment | None:
    """The first instalment that asked for something and fell due while its plan was in force and the loan on the book."""
    state = risk.state
    due = []
    for item in state.every:
        plan = in_force(state.plans, item.line.due_date)
        is_owed = plan is not None and plan.id == item.line.plan_id and item.total_due > 0
        if is_owed and item.line.due_date <= state.day and (state.exited_on is None or item.line.due_date < state.exited_on):
            due.append(item)
    return min(due, key=lambda item: (item.line.due_date, item.line.seq_no), default=None)


def _judged(risk: Risk, wait: int) -> bool | None:
    """Whether the first instalment was unsettled so many days after its due date; None: that day has not come."""
    item = first_instalment(risk)
    if item is None or item.line.due_date + timedelta(days=wait) > risk.state.day:
        return None
    return not item.is_settled(item.line.due_date + timedelta(days=wait))


def _asked(look: Look, risks: list[Risk]) -> tuple[Decimal | None, Decimal | None]:
    """What the applications of loans asked for, each once, and what was lent on them; unknown where one names another currency."""
    group, applied = look.setting("group_currency"), [risk for risk in risks if risk.state.loan.application_id]
    lent = converted(look, ((risk.state.loan.currency_code, risk.state.loan.principal_amount) for risk in applied), group)
    parts = []
    for (application_id,), loans in grouped(applied, lambda risk: (risk.state.loan.application_id,)).items():
        application = look.book.applications[application_id]
        if any(risk.state.loan.currency_code != application.requested_currency for risk in loans):
            return None, lent
        parts.append((application.requested_currency, application.requested_amount))
    return (converted(look, parts, group) if parts else None), lent


def v_agent_performance(look: Look) -> list[Row]:
    """Volume and conduct of the loans of each agent and landlord, in the group's currency."""
    group, wait, found = look.setting("group_currency"), int(look.number("first_payment_default_days")), []
    for (party, role), links in grouped(_links(look), lambda link: link[:2]).items():
        risks = [risk for _, _, risk in links]
        active = [risk for risk in risks if risk.state.status == "active"]
        starts: list[date] = [risk.state.loan.start_date for risk in risks]
        judged = [bad for risk in risks if (bad := _judged(risk, wait)) is not None]
        requested, applied = _asked(look, risks)

        def summed(amounts: list[tuple[Risk, Decimal]]) -> Decimal | None:
            return converted(look, ((risk.state.loan.currency_code, amount) for risk, amount in amounts), group)

        outstanding = summed([(risk, risk.state.outstanding) for risk in active])
        late = summed([(risk, risk.state.outstanding) for risk in active if risk.state.dpd > 30])
        found.append(
            {
                "party_id": party,
                "party_name": look.book.parties[party].display_name,
                "role": role,
                "currency_code": group,
                "loans": len(risks),
                "active_loans": len(active),
                "first_loan_on": min(starts),
                "last_loan_on": max(starts),
                "originated": rounded(summed([(risk, risk.state.loan.principal_amount) for risk in risks])),
                "disbursed": rounded(summed([(risk, risk.state.disbursed) for risk in risks])),
                "outstanding": rounded(outstanding),
                "requested": rounded(requested),
                "amount_approval_pct": percent(applied, requested),
                "fpd_observed": len(judged),
                "fpd_loans": sum(judged),
                "fpd_pct": percent(sum(judged), len(judged)),
                "outstanding_over_30": rounded(late),
                "par30_pct": percent(late, outstanding),
                "loans_in_default": sum(risk.is_default for risk in risks),
                "written_off_loans": sum(risk.state.status == "written_off" for risk in risks),
                "needs_signoff": look.is_unsigned("first_payment_default_days"),
                "as_of": look.day,
            }
        )
    return found


VIEWS = (v_agent_performance,)
