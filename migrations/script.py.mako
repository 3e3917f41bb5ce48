<%
    generated = context.get("generated", None)
%>\
"""${(message or "A change").rstrip(".")}.

Why: ...
% if generated is None:
Locks: ...
Back: ...
% else:
${generated.locks}
${generated.back}
% endif
"""

from __future__ import annotations

from collections.abc import Sequence

from rently_db.migrate import revision as run
% if generated is None:
from rently_db.migrate.steps import Step
% else:
${generated.head}
% endif

revision = ${'"%s"' % up_revision}
down_revision = ${'"%s"' % down_revision if down_revision else None}
branch_labels = ${repr(branch_labels)}
depends_on = ${repr(depends_on)}
% if generated is None or generated.folder:

FROZEN = run.frozen(__file__)
% endif


% if generated is None:
def steps() -> Sequence[Step]:
    """What this revision deploys, in order."""
    return []
% else:
${generated.body}
% endif


def upgrade() -> None:
    """Carry out the steps."""
    run.upgrade(revision, steps())


def downgrade() -> None:
    """Take them back."""
    run.downgrade(revision, steps())
