"""Results as JUnit XML, which every CI server shows."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from rently_db.operations.validation.checks import Check, Outcome


def junit(outcome: Outcome) -> str:
    """The run as one test suite, a test case a rule: what fails is a failure, what warns is told in the case's output."""
    suite = ET.Element(
        "testsuite",
        name=f"rently-db validate {outcome.database}",
        tests=str(len(outcome.checks)),
        failures=str(sum(check.status == "FAIL" and "error" not in check.details for check in outcome.checks)),
        errors=str(sum("error" in check.details for check in outcome.checks)),
        time=str(sum(check.seconds for check in outcome.checks)),
    )
    for check in outcome.checks:
        _case(suite, check)
    root = ET.Element("testsuites")
    root.append(suite)
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _case(suite: ET.Element, check: Check) -> None:
    case = ET.SubElement(suite, "testcase", classname=check.type, name=check.rule, time=str(check.seconds))
    if check.status == "PASS":
        return
    found = "\n".join(f"{one['id']}: {one['detail']}" for one in check.rows_found())
    if check.status != "FAIL":
        ET.SubElement(case, "system-out").text = f"{check.status}: {check.message}\n{found}".strip()
        return
    kind = "error" if "error" in check.details else "failure"
    ET.SubElement(case, kind, message=check.message, type=check.status).text = found
