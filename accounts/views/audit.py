"""The audit log and the sign-in log: the same events read in two ways."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts import actions
from accounts.access import require_in_tenant
from accounts.activity import changes_in, lines_of
from accounts.enums import Act
from accounts.forms import LogFilterForm
from accounts.queries.search import find_principals
from accounts.requests import SignedInRequest
from audit import checkpoints
from audit import queries as log
from audit.chain import moment
from audit.models import AuditEvent
from audit.queries import Filters
from audit.verifying import verify
from core import clock
from core.csvfiles import written
from core.templatetags.ui.times import utc_offset

VERIFIED_HERE = 10_000  # events; more would keep the browser waiting
OFFERED = 8  # people, where a name fits several
COLUMNS = (
    "Time", "Event", "Activity", "Result", "Reason", "Initiated by", "Target", "Address", "Browser", "Session",
    "Request", "Detail",
)  # fmt: skip


@dataclass(frozen=True)
class Log:
    """One of the two logs: which events, and its pages."""

    name: str
    is_sign_in: bool | None
    template: str


AUDIT = Log("audit", None, "accounts/audit.html")
SIGN_INS = Log("sign_ins", True, "accounts/sign_ins.html")  # noqa: FBT003  fields of a table


@require_safe
def audit(request: SignedInRequest) -> HttpResponse:
    """Show what was done; find some of it; verify the chain."""
    return render(request, AUDIT.template, _page(request, AUDIT))


@require_safe
def sign_ins(request: SignedInRequest) -> HttpResponse:
    """Show who signed in and who could not, with the true reasons."""
    return render(request, SIGN_INS.template, _page(request, SIGN_INS))


@require_safe
def audit_event(request: SignedInRequest, event_id: int) -> HttpResponse:
    """Show one event over the audit log."""
    return _event(request, AUDIT, event_id)


@require_safe
def sign_in(request: SignedInRequest, event_id: int) -> HttpResponse:
    """Show one event over the sign-in log."""
    return _event(request, SIGN_INS, event_id)


@require_safe
def audit_csv(request: SignedInRequest) -> HttpResponseBase:
    """Hand over the audit log as it is filtered, line by line."""
    return _csv(request, AUDIT)


@require_safe
def sign_ins_csv(request: SignedInRequest) -> HttpResponseBase:
    """Hand over the sign-in log as it is filtered, line by line."""
    return _csv(request, SIGN_INS)


def _page(request: SignedInRequest, shown: Log) -> dict[str, Any]:
    """Return what the page of a log needs; one event's panel is drawn over it."""
    require_in_tenant(request.actor, Act.AUDIT_VIEW)
    tenant_id = request.user.tenant_id
    form, wanted, people = _asked(request, shown)
    page = None if people is not None else log.page(tenant_id, wanted, cursor=request.GET.get("page", ""))
    kept = {name: value for name, value in request.GET.items() if name not in ("verify", "page")}
    return {
        "nav": shown.name,
        "form": form,
        "page": page,
        "lines": lines_of(page.rows) if page else [],
        "people": people,
        "is_filtered": any(form.data.get(name) for name in ("event", "outcome", "person", "request")),
        "query": urlencode(kept),
        "oldest": None if form.chosen("person") else log.first_of(tenant_id),
        "now": clock.now(),
        "offset": utc_offset(timezone.localtime(clock.now())),
        "verdict": _verdict(tenant_id) if request.GET.get("verify") and shown is AUDIT else None,
    }


def _event(request: SignedInRequest, shown: Log, event_id: int) -> HttpResponse:
    context = _page(request, shown)
    event = log.event_of(request.user.tenant_id, event_id)
    (line,) = lines_of([event])
    opened = {
        "line": line,
        "changes": changes_in(event),
        "has_old": any(change.old is not None for change in changes_in(event)),
        "json": json.dumps(_public(event), indent=2, ensure_ascii=False),
        "close_url": f"{reverse(f'accounts:{shown.name}')}?{urlencode(request.GET)}#event-{event.id}",
    }
    return render(request, f"accounts/{shown.name}_event.html", context | opened)


def _csv(request: SignedInRequest, shown: Log) -> HttpResponseBase:
    _form, wanted, people = _asked(request, shown)
    events = actions.export_log(request.actor, wanted=wanted)
    response = StreamingHttpResponse(
        _written([] if people is not None else events), content_type="text/csv; charset=utf-8"
    )
    name = f"{shown.name.replace('_', '-')}-{clock.now():%Y-%m-%d}.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _asked(request: SignedInRequest, shown: Log) -> tuple[LogFilterForm, Filters, list[dict[str, str]] | None]:
    """Return the form, the filters, and where a name does not say which person: those who could be meant."""
    form = LogFilterForm(request.GET.dict(), is_sign_in=shown.is_sign_in is True)
    person, people = _person(request.user.tenant_id, form.chosen("person"))
    wanted = Filters(
        begins=form.begins(now=clock.now()),
        event=form.chosen("event"),
        outcome=form.chosen("outcome"),
        person=person,
        request_id=form.chosen("request"),
        is_sign_in=shown.is_sign_in,
    )
    return form, wanted, people


def _person(tenant_id: UUID, typed: str) -> tuple[UUID | None, list[dict[str, str]] | None]:
    if not typed:
        return None, None
    try:
        return UUID(typed), None  # from a link; of another organisation it finds nothing here
    except ValueError:
        found = find_principals(tenant_id, typed, only="user", limit=OFFERED)
    exact = [one for one in found if one["detail"].casefold() == typed.casefold()] or found
    if len(exact) == 1:
        return UUID(exact[0]["id"]), None
    return None, [{"id": one["id"], "name": one["name"], "detail": one["detail"]} for one in found]


def _verdict(tenant_id: UUID) -> dict[str, Any]:
    verdict = verify(tenant_id, checkpoints=checkpoints.kept_ones(), newest=VERIFIED_HERE)
    return {"verdict": verdict, "findings": [str(finding) for finding in verdict.findings[:5]]}


def _written(events: Iterable[AuditEvent]) -> Iterator[str]:
    """Write CSV a line at a time."""
    yield written([COLUMNS])
    for event in events:
        row = (
            moment(event.at), event.event, event.activity, event.outcome, event.reason, event.actor_name,
            event.target_name, event.address, event.user_agent, event.session_id or "", event.request_id,
            json.dumps(event.detail, ensure_ascii=False) if event.detail else "",
        )  # fmt: skip
        yield written([row])


def _public(event: AuditEvent) -> dict[str, Any]:
    return {
        "id": event.id,
        "at": moment(event.at),
        "event": event.event,
        "activity": event.activity,
        "outcome": event.outcome,
        "reason": event.reason,
        "actor": {"id": str(event.actor_id or "") or None, "name": event.actor_name},
        "target": {"id": str(event.target_id or "") or None, "name": event.target_name},
        "session": str(event.session_id or "") or None,
        "address": event.address,
        "browser": event.user_agent,
        "request": event.request_id,
        "detail": event.detail,
    }
