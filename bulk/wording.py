"""The sentences of batches."""

from django.utils.translation import gettext as _

from accounts.authority import Reason
from bulk.enums import RowProblem
from bulk.models import Batch, BatchRow
from bulk.queries import Counts
from core.wording import duration, number, when
from tap.models import TapPolicy
from tap.rules import PassProblem
from tap.wording import problem_message


def problem(row: BatchRow, policy: TapPolicy) -> str:
    """Return why somebody gets no pass, in the words a single issue has for it."""
    if row.problem in RowProblem.values:
        return str(RowProblem(row.problem).label)
    if row.problem in set(PassProblem):
        return problem_message(PassProblem(row.problem), policy)
    return str(Reason(row.problem).message) if row.problem in set(Reason) else row.problem


def facts(batch: Batch) -> list[tuple[str, str]]:
    """Return what everybody in the batch gets, as pairs of name and value."""
    start = when(batch.starts_at) if batch.starts_at else _("As soon as it is made")
    return [
        (_("People"), batch.source),
        (_("Works for"), duration(batch.lifetime_in_minutes)),
        (_("Starts"), start),
        (_("Use"), _("One-time") if batch.is_usable_once else _("Multiple use")),
        (_("Reason"), batch.reason or _("None given")),
    ]


def progress(counts: Counts) -> str:
    """Return how far it is."""
    return _("%(done)s of %(total)s people dealt with") % {"done": number(counts.done), "total": number(counts.total)}
