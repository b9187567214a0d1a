"""The panel that says what a draft of the policy would change, before anything is saved."""

from typing import Any

from django.utils.translation import gettext as _

from accounts.queries import find_principals
from accounts.requests import SignedInRequest
from accounts.views.policy_changing import kept_of
from core import clock
from tap import wording
from tap.effects import Draft, Outlook, PersonPreview, person_preview, preview_of

SHORTEST_QUERY = 2
LONGEST_QUERY = 256


def preview_context(request: SignedInRequest, draft: Draft) -> dict[str, Any]:
    """Return what the panel shows: for everybody, or for the one person that was chosen."""
    now = clock.now()
    context: dict[str, Any] = {"is_previewed": True, "kept": kept_of(request)}
    if request.POST.get("person"):
        return context | {"one": _one(person_preview(request.actor, draft, request.POST["person"], now=now))}
    query = request.POST.get("who", "")[:LONGEST_QUERY].replace("\x00", "").strip()
    if len(query) >= SHORTEST_QUERY:
        found = find_principals(request.user.tenant_id, query, only="user")
        nobody = _("No users match “%(query)s”. Check the spelling.") % {"query": query}
        return context | {"is_searched": True, "who": query, "results": found, "status": "" if found else nobody}
    preview = preview_of(request.actor, draft, now=now)
    stops = [(stop.issued, wording.pill(stop.before), str(stop.after.block.label)) for stop in preview.listed]
    said = wording.effect_of_change(preview.effect, is_about_use=False)
    return context | {"preview": preview, "stops": stops, "stops_said": said}


def _one(found: PersonPreview) -> dict[str, Any]:
    outlooks = [(_("Now"), found.before), (_("With your changes"), found.after)]
    return {
        "person": found.reached.user,
        "is_changed": found.before.is_in != found.after.is_in or found.before.first_stop != found.after.first_stop,
        "rows": [_row(label, outlook) for label, outlook in outlooks],
    }


def _row(label: str, outlook: Outlook) -> dict[str, Any]:
    stop = outlook.first_stop
    works = (
        "" if outlook.findings is None else wording.found(stop, outlook.case) if stop else _("It works at this moment.")
    )
    pill = (_("Can use a pass"), "ok") if outlook.is_in else (_("Can't use a pass"), "bad")
    return {"label": label, "pill": pill, "line": wording.reached_by(outlook.case), "works": works}
