"""The events of one pass, for the line of its life."""

from uuid import UUID

from accounts.models import User
from audit.enums import Event
from audit.models import AuditEvent
from audit.queries import NEWEST_FIRST, happened_to

PASSES_LOOKED_THROUGH = 50
EVENTS_AT_MOST = 300


def events_of_pass(person: User, wanted: str) -> tuple[str, list[AuditEvent]]:
    """Return the id of the pass asked for (else the latest one) and what happened to the person since, oldest first.

    Of very many events, as wrong tries by the hundred make them, the first EVENTS_AT_MOST.
    """
    issues = happened_to(person.tenant_id, person.id, kinds=[Event.PASS_ISSUED]).order_by(*NEWEST_FIRST)
    found = list(issues[:PASSES_LOOKED_THROUGH])
    issued = next((one for one in found if one.detail.get("pass") == _plain(wanted)), found[0] if found else None)
    if issued is None:
        return "", []
    since = happened_to(person.tenant_id, person.id).filter(at__gte=issued.at).order_by("at", "id")
    return str(issued.detail["pass"]), list(since[:EVENTS_AT_MOST])


def _plain(wanted: str) -> str:
    try:
        return str(UUID(wanted))
    except ValueError:
        return ""
