"""The cards of a dashboard's big figures: what they read, and how they look.

A card shows what the view ``dashboard_figure`` says, no more.
"""

from __future__ import annotations

COLUMNS = (
    "legal_entity_name",
    "sort",
    "label",
    "value_text",
    "target_text",
    "status",
    "business_date",
)

_TEMPLATE = (
    "{{#if data.length}}"
    '<div class="rently-cards">{{#each data}}'
    '<div class="rently-card rently-{{status}}">'
    '<div class="rently-label">{{label}}</div>'
    '<div class="rently-value">{{value_text}}</div>'
    '<div class="rently-target">{{target_text}}</div>'
    "</div>{{/each}}</div>"
    '<div class="rently-more"><a href="%s">The loans behind these figures</a></div>'
    '{{else}}<div class="rently-empty">No figures: choose a company on the left, or ask whether your role sees one.</div>{{/if}}'
)
"""One line: Superset reads the outcome as Markdown, in which a line that begins with blanks is code."""


def template(dashboard: str, loans: str) -> str:
    """The template of a dashboard's cards, with the link to the panel that lists the loans; ``dashboard.panel`` is one of another page."""
    other, _, panel = loans.rpartition(".")
    return _TEMPLATE % (f"/superset/dashboard/{other or dashboard}/#CHART-{panel}")


STYLE = """\
.rently-cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(200px, 1fr)); gap: 12px; }
.rently-card {
  padding: 8px 14px; border-radius: 8px;
  background: #f7f8fa; border-left: 5px solid #9aa5b1;
}
.rently-label { font-size: 13px; color: #4a5560; }
.rently-value { font-size: 24px; font-weight: 600; line-height: 1.3; color: #1b1f24; white-space: nowrap; }
.rently-target { font-size: 12px; min-height: 17px; color: #4a5560; }
.rently-met { border-left-color: #2e9e5b; }
.rently-met .rently-target { color: #1f7a44; }
.rently-missed { border-left-color: #d0342c; background: #fdf1f0; }
.rently-missed .rently-target { color: #b0221b; font-weight: 600; }
.rently-unknown .rently-value { color: #8a949e; font-size: 20px; }
.rently-more { margin-top: 8px; font-size: 12px; }
.rently-empty { padding: 24px; color: #4a5560; }
"""
"""Stands in the dashboard's own style sheet: in the template Superset would show it as text."""
